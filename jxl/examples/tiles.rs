//! Decodes the tiles of a picture to their places, as a reader of DNG files does: `cargo run -p
//! jxl-arena --example tiles -- COLUMNS TILE.jxl...`. All tiles have the size and the format of the
//! first. One decoder decodes all of them, so from the second on, none takes memory.

use std::error::Error;
use std::sync::Arc;

use jxl_arena::{CallingThread, Decoder, Layout, PixelFormat, SampleFormat};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [columns, tiles @ ..] = &arguments[..] else {
        return Err("arguments: COLUMNS TILE.jxl...".into());
    };
    let columns: usize = columns.parse()?;
    let files = tiles.iter().map(std::fs::read);
    let files: Vec<Vec<u8>> = files.collect::<Result<_, _>>()?;
    let first = files.first().ok_or("no tiles")?;
    // A tile is small. A reader with several threads gives each its own tiles.
    let decoder = Decoder::default().with_runner(Arc::new(CallingThread));
    let info = decoder.read_info(first)?;
    let (width, height) = (info.width as usize, info.height as usize);
    let format = PixelFormat::new(Layout::Gray, SampleFormat::U16 { bits: 16 });
    let stride_bytes = columns * width * format.pixel_bytes();
    let rows = files.len().div_ceil(columns);
    let mut mosaic = vec![0u8; rows * height * stride_bytes];
    for (index, file) in files.iter().enumerate() {
        let (column, row) = (index % columns, index / columns);
        let picture = decoder.read(file)?;
        if (picture.info().width, picture.info().height) != (info.width, info.height) {
            return Err(format!("tile {index} has another size").into());
        }
        let start = row * height * stride_bytes + column * width * format.pixel_bytes();
        picture.decode_bytes_into(format, &mut mosaic[start..], stride_bytes)?;
    }
    let snapshot = decoder.arena().snapshot();
    println!(
        "{} x {} pixels; {} bytes of memory for all tiles",
        columns * width,
        rows * height,
        snapshot.peak_held_bytes
    );
    Ok(())
}
