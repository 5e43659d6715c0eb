//! Decodes a file directly into a buffer of the crate `image`, and saves that as PNG: `cargo run -p
//! jxl-arena --example to_image -- FILE.jxl OUT.png`.

use std::error::Error;

use image::RgbaImage;
use jxl_arena::{Decoder, Layout};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(input), Some(output)) = (arguments.next(), arguments.next()) else {
        return Err("arguments: FILE.jxl OUT.png".into());
    };
    let file = std::fs::read(input)?;
    let picture = Decoder::default().read(&file)?;
    let mut image = RgbaImage::new(picture.info().width, picture.info().height);
    let samples = image.as_flat_samples_mut();
    let report = picture.decode_into(Layout::Rgba, samples.samples)?;
    println!("{} bytes at most in the frame", report.peak_bytes);
    image.save(output)?;
    Ok(())
}
