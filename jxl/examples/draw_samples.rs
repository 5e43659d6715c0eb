//! Draws the pictures of the sample files into a folder and prints the commands that encode them:
//! `cargo run -p jxl-arena --example draw_samples -- FOLDER | sh`

#[path = "../tests/suite/pictures.rs"]
mod pictures;
#[path = "../tests/suite/sample_table.rs"]
mod sample_table;

use std::io::Write;
use std::path::Path;

use pictures::{Layer, Picture, Samples};

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    let folder = Path::new(&folder);
    let vardct = || sample_table::VARDCT.iter().chain(sample_table::LARGE);
    let lossy = || sample_table::LOSSY.iter().chain(vardct());
    let exact = || {
        sample_table::LOSSLESS
            .iter()
            .chain(sample_table::DEEP_ALPHA)
    };
    for sample in exact().chain(lossy()) {
        let picture = (sample.draw)();
        let path = folder.join(sample.name).with_extension(extension(&picture));
        write(&picture, &path)?;
        let encoded = folder.join(sample.name).with_extension("jxl");
        println!(
            "cjxl --quiet {} {} {} || echo failed: {}",
            sample.cjxl,
            path.display(),
            encoded.display(),
            sample.name
        );
    }
    for sample in sample_table::JPEG {
        let picture = (sample.draw)();
        let path = folder.join(sample.name);
        let drawn = path.with_extension(extension(&picture));
        write(&picture, &drawn)?;
        println!(
            "cjpeg -quality 85 -sample {} -outfile {jpeg} {} && cjxl --quiet {jpeg} {} || echo failed: {}",
            sample.sampling,
            drawn.display(),
            path.with_extension("jxl").display(),
            sample.name,
            jpeg = path.with_extension("jpg").display(),
        );
    }
    for sample in sample_table::LAYERED.iter().chain(sample_table::ANIMATED) {
        let path = folder.join(sample.name).with_extension("apng");
        write_layers(&(sample.draw)(), std::fs::File::create(&path)?)?;
        println!(
            "cjxl --quiet {} {} {} || echo failed: {}",
            sample.cjxl,
            path.display(),
            path.with_extension("jxl").display(),
            sample.name
        );
    }
    let jpeg = sample_table::JPEG.iter().map(|sample| sample.name);
    let layered = sample_table::LAYERED.iter().chain(sample_table::ANIMATED);
    let layered = layered.map(|sample| sample.name);
    for name in lossy().map(|sample| sample.name).chain(jpeg).chain(layered) {
        let path = folder.join(name);
        println!(
            "djxl {} {} >/dev/null 2>&1 || echo failed: {}",
            path.with_extension("jxl").display(),
            path.with_extension("ref.png").display(),
            name
        );
    }
    Ok(())
}

fn extension(picture: &Picture) -> &'static str {
    match (&picture.samples, picture.channels) {
        (Samples::Floats(_), _) => "pfm",
        (_, 1) => "pgm",
        (_, 3) => "ppm",
        _ => "png",
    }
}

fn write(picture: &Picture, path: &Path) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let (width, height) = (picture.width, picture.height);
    match &picture.samples {
        Samples::Integers { max, values } if matches!(picture.channels, 2 | 4) => {
            write_png(picture, *max, values, file)?;
            return Ok(());
        }
        Samples::Integers { max, values } => {
            // cjxl 0.7 takes PNM samples as of the full range of a byte or two; the override of the
            // depth scales them back.
            let full: u64 = if *max <= 255 { 255 } else { 65535 };
            let magic = if picture.channels == 1 { "P5" } else { "P6" };
            write!(file, "{magic}\n{width} {height}\n{full}\n")?;
            for value in values {
                let max = u64::from(*max);
                let value = (u64::from(*value) * full + max / 2) / max;
                match full {
                    255 => file.write_all(&[value as u8])?,
                    _ => file.write_all(&(value as u16).to_be_bytes())?,
                }
            }
        }
        Samples::Floats(values) => {
            let magic = if picture.channels == 1 { "Pf" } else { "PF" };
            write!(file, "{magic}\n{width} {height}\n-1.0\n")?;
            for row in values.chunks_exact(width * picture.channels).rev() {
                for value in row {
                    file.write_all(&value.to_le_bytes())?;
                }
            }
        }
    }
    file.flush()
}

/// PNG keeps the depth of alpha, which cjxl 0.7 loses from PAM. The drawn alpha pictures have 8 or
/// 16 bits.
fn write_png(
    picture: &Picture,
    max: u16,
    values: &[u16],
    file: impl Write,
) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(file, picture.width as u32, picture.height as u32);
    encoder.set_color(match picture.channels {
        2 => png::ColorType::GrayscaleAlpha,
        _ => png::ColorType::Rgba,
    });
    let bytes: Vec<u8> = if max == 255 {
        values.iter().map(|&value| value as u8).collect()
    } else {
        encoder.set_depth(png::BitDepth::Sixteen);
        values
            .iter()
            .flat_map(|value| value.to_be_bytes())
            .collect()
    };
    encoder.write_header()?.write_image_data(&bytes)
}

/// An animated PNG. Frames that are shown for no time are layers.
fn write_layers(layers: &[Layer], file: impl Write) -> Result<(), png::EncodingError> {
    let canvas = &layers[0].picture;
    let mut encoder = png::Encoder::new(file, canvas.width as u32, canvas.height as u32);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_animated(layers.len() as u32, 0)?;
    let mut writer = encoder.write_header()?;
    for (index, layer) in layers.iter().enumerate() {
        let Samples::Integers { values, .. } = &layer.picture.samples else {
            continue;
        };
        writer.set_frame_delay(layer.hundredths, 100)?;
        writer.set_blend_op(match layer.is_blended {
            true => png::BlendOp::Over,
            false => png::BlendOp::Source,
        })?;
        if index > 0 {
            let (x, y) = layer.place;
            let (width, height) = (layer.picture.width as u32, layer.picture.height as u32);
            writer.set_frame_position(0, 0)?;
            writer.set_frame_dimension(width, height)?;
            writer.set_frame_position(x, y)?;
        }
        let bytes: Vec<u8> = values.iter().map(|&value| value as u8).collect();
        writer.write_image_data(&bytes)?;
    }
    writer.finish()
}
