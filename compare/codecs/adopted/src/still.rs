//! Decodes of still pictures.

use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use codecs_measure::meter::Meter;
use frame_arena::Arena;
use frame_arena_hooks::global::Adopt;

/// Decodes that are measured as one stream.
const PICTURES: u32 = 20;

/// Decodes a file several times on one thread.
///
/// # Errors
/// The decoder's, or the arena's limit.
pub fn decode(path: &Path, arena: Option<&Arena>, meter: &mut Meter) -> Result<()> {
    let file = fs::read(path)?;
    for _ in 0..PICTURES {
        let mut work = || picture(path, &file, meter);
        match arena {
            Some(arena) => arena.adopt(work).map_err(|excess| anyhow!("{excess}"))??,
            None => work()?,
        }
    }
    Ok(())
}

/// Decodes a file, by jxl-oxide or by the crate `image`, and drops the picture.
fn picture(path: &Path, file: &[u8], meter: &mut Meter) -> Result<()> {
    if path.extension().is_some_and(|extension| extension == "jxl") {
        let image = jxl_oxide::JxlImage::builder()
            .read(file)
            .map_err(|error| anyhow!("{error}"))?;
        let render = image.render_frame(0).map_err(|error| anyhow!("{error}"))?;
        let mut stream = render.stream();
        let samples = stream.width() as usize * stream.height() as usize;
        let mut pixels = vec![0u8; samples * stream.channels() as usize];
        stream.write_to_buffer(&mut pixels);
        add(meter, &pixels);
    } else {
        let pixels = image::load_from_memory(file)?.into_bytes();
        add(meter, &pixels);
    }
    meter.picture();
    Ok(())
}

fn add(meter: &mut Meter, pixels: &[u8]) {
    if let Some(digest) = meter.digest() {
        digest.add(pixels);
    }
}
