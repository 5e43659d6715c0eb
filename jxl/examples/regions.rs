//! Decodes rectangles of a picture, as an image server does: `cargo run -p jxl-arena --example
//! regions -- FILE.jxl SIZE COUNT [anew]`. `COUNT` squares of `SIZE` pixels are spread over the
//! picture. With `anew`, each is decoded without what the others decoded.

use std::error::Error;
use std::sync::Arc;

use jxl_arena::{CallingThread, Decoder, Layout, Region};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, size, count, how @ ..] = &arguments[..] else {
        return Err("arguments: FILE.jxl SIZE COUNT [anew]".into());
    };
    let file = std::fs::read(file)?;
    let (size, count): (u32, u32) = (size.parse()?, count.parse()?);
    let decoder = Decoder::default().with_runner(Arc::new(CallingThread));
    let picture = decoder.read(&file)?;
    let (width, height) = (picture.info().width, picture.info().height);
    if size > width.min(height) {
        return Err("the picture is smaller than a square".into());
    }
    // As many columns as rows, from the first place to the last.
    let columns = (1..).find(|side| side * side >= count).unwrap_or(1);
    let place =
        |index: u32, length: u32| (length - size) * index / columns.max(2).saturating_sub(1);
    let squares = (0..count).map(|index| {
        let (x, y) = (index % columns, index / columns);
        Region::new(place(x, width), place(y, height), size, size)
    });
    let mut pixels = vec![0u8; size as usize * size as usize * 3];
    let mut sum = 0u64;
    let mut add = |pixels: &[u8]| {
        let samples = pixels.iter().map(|&sample| u64::from(sample));
        sum = samples.fold(sum, |sum, sample| sum.rotate_left(5) ^ sample);
    };
    if how.is_empty() {
        let regions = picture.regions()?;
        let snapshot = decoder.arena().snapshot();
        println!("{} bytes are shared", snapshot.live_bytes);
        for region in squares {
            regions.decode_into(region, Layout::Rgb, &mut pixels)?;
            add(&pixels);
        }
    } else {
        for region in squares {
            picture.decode_region_into(region, Layout::Rgb, &mut pixels)?;
            add(&pixels);
        }
    }
    println!("{count} squares, samples {sum:016x}");
    Ok(())
}
