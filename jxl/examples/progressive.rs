//! Shows a picture while its file arrives: `cargo run -p jxl-arena --example progressive --
//! FILE.jxl FOLDER`. Reads the file in pieces of 4 KiB, and writes what there is to see after each
//! twentieth of it to a PNG file of the folder.

use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use image::RgbaImage;
use jxl_arena::{Decoder, Event, Layout};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(input), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("arguments: FILE.jxl FOLDER".into());
    };
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let mut file = File::open(input)?;
    let length = file.metadata()?.len();

    let mut decoder = Decoder::default().push();
    let mut image = RgbaImage::default();
    let (mut received, mut shown) = (0, 0);
    let mut piece = [0; 4096];
    loop {
        let count = file.read(&mut piece)?;
        received += count as u64;
        let mut bytes = &piece[..count];
        loop {
            let event = match count {
                0 => decoder.finish()?,
                _ => decoder.feed(&mut bytes)?,
            };
            match event {
                Event::Headers => {
                    let info = decoder.info().ok_or("no headers")?;
                    image = RgbaImage::new(info.width, info.height);
                }
                Event::Picture => {
                    let pixels = image.as_flat_samples_mut().samples;
                    decoder.decode_into(Layout::Rgba, pixels)?;
                    return Ok(image.save(folder.join("picture.png"))?);
                }
                Event::Progress if received * 20 / length > shown => {
                    shown = received * 20 / length;
                    let pixels = image.as_flat_samples_mut().samples;
                    if decoder.flush_into(Layout::Rgba, pixels)?.is_some() {
                        image.save(folder.join(format!("{shown:02}.png")))?;
                        println!("a picture from {received} of {length} bytes");
                    }
                    break;
                }
                Event::NeedsBytes | Event::Progress => break,
                Event::End => return Err("the file has no picture".into()),
                _ => {}
            }
        }
    }
}
