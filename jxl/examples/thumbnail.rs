//! Makes a thumbnail: `cargo run -p jxl-arena --example thumbnail -- FILE.jxl WIDTH HEIGHT
//! OUT.png`. Decodes the smallest size that the file offers and that is not below the thumbnail,
//! then resamples that to fit into `WIDTH` x `HEIGHT`.

use std::error::Error;

use image::{DynamicImage, RgbaImage};
use jxl_arena::{AlphaMode, Decoder, PixelFormat, Reduction};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [input, width, height, output] = &arguments[..] else {
        return Err("arguments: FILE.jxl WIDTH HEIGHT OUT.png".into());
    };
    let fit: (u32, u32) = (width.parse()?, height.parse()?);
    let file = std::fs::read(input)?;
    let picture = Decoder::default().read(&file)?;
    let full = (picture.info().width, picture.info().height);
    let reduction = Reduction::at_least(full, fit);
    let picture = picture.reduced(reduction);

    // Averages of premultiplied colors weigh each color by its alpha.
    let format = PixelFormat::RGBA8.with_alpha(AlphaMode::Premultiplied);
    let mut image = RgbaImage::new(picture.info().width, picture.info().height);
    let stride = 4 * image.width() as usize;
    let pixels = image.as_flat_samples_mut().samples;
    let report = picture.decode_bytes_into(format, pixels, stride)?;
    println!(
        "{reduction:?} of {} x {} pixels, {} bytes at most",
        full.0, full.1, report.peak_bytes
    );
    let mut thumbnail = DynamicImage::ImageRgba8(image)
        .thumbnail(fit.0, fit.1)
        .into_rgba8();
    for pixel in thumbnail.pixels_mut() {
        let [colors @ .., alpha] = &mut pixel.0;
        let straight = |color: u8| 255 * u32::from(color) / u32::from((*alpha).max(1));
        *colors = colors.map(|color| straight(color).min(255) as u8);
    }
    Ok(thumbnail.save(output)?)
}
