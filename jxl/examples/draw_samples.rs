//! Draws the pictures of the sample files into a folder and prints the commands that encode them:
//! `cargo run -p jxl-arena --example draw_samples -- FOLDER | sh`

#[path = "../tests/support/pictures.rs"]
mod pictures;
#[path = "../tests/support/samples.rs"]
mod samples;

use std::io::Write;
use std::path::Path;

use pictures::{Picture, Samples};

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).unwrap_or_else(|| ".".into());
    let folder = Path::new(&folder);
    for sample in samples::LOSSLESS.iter().chain(samples::LOSSY) {
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
    for sample in samples::LOSSY {
        let reference = if sample.name.starts_with("xyb") {
            "ref.pfm"
        } else {
            "ref.png"
        };
        let path = folder.join(sample.name);
        println!(
            "djxl {} {} >/dev/null 2>&1",
            path.with_extension("jxl").display(),
            path.with_extension(reference).display()
        );
    }
    Ok(())
}

fn extension(picture: &Picture) -> &'static str {
    match (&picture.samples, picture.channels) {
        (Samples::Floats(_), _) => "pfm",
        (_, 1) => "pgm",
        (_, 3) => "ppm",
        _ => "pam",
    }
}

fn write(picture: &Picture, path: &Path) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let (width, height) = (picture.width, picture.height);
    match &picture.samples {
        Samples::Integers { max, values } => {
            match picture.channels {
                1 => write!(file, "P5\n{width} {height}\n{max}\n")?,
                3 => write!(file, "P6\n{width} {height}\n{max}\n")?,
                channels => write!(
                    file,
                    "P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {channels}\nMAXVAL {max}\nTUPLTYPE {}\nENDHDR\n",
                    if channels == 2 {
                        "GRAYSCALE_ALPHA"
                    } else {
                        "RGB_ALPHA"
                    }
                )?,
            }
            for value in values {
                match max {
                    ..=255 => file.write_all(&[*value as u8])?,
                    _ => file.write_all(&value.to_be_bytes())?,
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
