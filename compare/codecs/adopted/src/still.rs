//! Decodes of still pictures.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Result, anyhow};
use codecs_measure::codec::{Codec, Stream};
use codecs_measure::meter::Meter;
use frame_arena::Arena;
use frame_arena_hooks::global::Adopt;

/// Times that each file is decoded, as a stream.
const PICTURES: usize = 4;

/// What a stream returns if the decoder or the arena refuses a picture.
const REFUSED: i32 = -1;

/// Decodes a file, with an arena or with the process's memory, and returns the samples.
///
/// # Errors
/// The decoder's, or the arena's limit.
pub fn decode(path: &Path, file: &[u8], arena: Option<&Arena>) -> Result<Vec<u8>> {
    let decode = || picture(path, file);
    match arena {
        Some(arena) => arena.adopt(decode).map_err(|excess| anyhow!("{excess}"))?,
        None => decode(),
    }
}

/// Decodes a file by the decoder for its extension.
fn picture(path: &Path, file: &[u8]) -> Result<Vec<u8>> {
    match extension(path) {
        "jxl" => {
            let image = jxl_oxide::JxlImage::builder()
                .read(file)
                .map_err(|error| anyhow!("{error}"))?;
            let render = image.render_frame(0).map_err(|error| anyhow!("{error}"))?;
            let mut stream = render.stream();
            let samples = stream.width() as usize * stream.height() as usize;
            let mut pixels = vec![0u8; samples * stream.channels() as usize];
            stream.write_to_buffer(&mut pixels);
            Ok(pixels)
        }
        "jp2" => {
            let settings = hayro_jpeg2000::DecodeSettings::default();
            let image = hayro_jpeg2000::Image::new(file, &settings)?;
            let mut context = hayro_jpeg2000::DecoderContext::default();
            Ok(image.decode(&mut context)?.data_u8())
        }
        _ => Ok(image::load_from_memory(file)?.into_bytes()),
    }
}

fn extension(path: &Path) -> &str {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.unwrap_or_default()
}

/// Decodes of files, several times each.
struct Stills<'h> {
    files: Vec<(PathBuf, Vec<u8>)>,
    threads: usize,
    arena: Option<&'h Arena>,
    done: usize,
    /// The pictures decoded last, which stay until the next ones take their place, as in a viewer.
    shown: Vec<Vec<u8>>,
}

impl Stream for Stills<'_> {
    /// Decodes a file on each thread.
    fn step(&mut self, meter: &mut Meter) -> Result<bool, i32> {
        let Some((path, file)) = self.files.get(self.done / PICTURES) else {
            return Ok(false);
        };
        let decode = || decode(path, file, self.arena);
        let pictures: Result<Vec<_>> = match self.threads {
            1 => decode().map(|picture| vec![picture]),
            threads => thread::scope(|scope| {
                let threads: Vec<_> = (0..threads).map(|_| scope.spawn(decode)).collect();
                let pictures = threads.into_iter().map(|thread| thread.join().unwrap());
                pictures.collect()
            }),
        };
        self.shown = pictures.map_err(|_| REFUSED)?;
        for picture in &self.shown {
            if let Some(digest) = meter.digest() {
                digest.add(picture);
            }
            meter.picture();
        }
        self.done += 1;
        Ok(true)
    }
}

fn open<'h>(
    files: &[PathBuf],
    threads: i32,
    arena: Option<&'h Arena>,
) -> Result<Box<dyn Stream + 'h>, i32> {
    let read = |path: &PathBuf| Some((path.clone(), fs::read(path).ok()?));
    Ok(Box::new(Stills {
        files: files
            .iter()
            .map(read)
            .collect::<Option<_>>()
            .ok_or(REFUSED)?,
        threads: threads as usize,
        arena,
        done: 0,
        shown: Vec::new(),
    }))
}

/// The decoder for files of an extension.
pub fn codec(extension: &str) -> Codec<Arena> {
    Codec {
        name: match extension {
            "jxl" => "jxl-oxide",
            "jp2" => "hayro-jpeg2000",
            "png" => "png",
            "jpg" => "zune-jpeg",
            "webp" => "image-webp",
            "tiff" => "tiff",
            "exr" => "exr",
            _ => "a decoder",
        },
        hook: Arena::clone,
        open,
        steps: 12,
    }
}
