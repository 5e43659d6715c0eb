//! A baseline JPEG decoder that holds whole planes: coefficients, then samples, then pixels.
//!
//! Huffman decoding fills one plane of coefficients per component, on one thread. The inverse DCT
//! turns them into planes of samples, row of blocks by row of blocks, on all threads, and the
//! coefficients are not needed any more. Upsampling and color conversion write the pixels into the
//! caller's buffer, with two rows of working memory per task.

mod arena;
mod bumps;
mod color;
mod entropy;
mod header;
mod huffman;
mod idct;
pub mod picture;
mod vectors;

use std::path::PathBuf;

use anyhow::{Context, Result};
use frame_arena::Arena;

pub use header::{Component, Image};

use crate::checksum::Checksum;
use crate::figures::Outcome;
use crate::meter::Meter;
use crate::strategy::{Kind, Strategy};

/// Memory that holds the planes of a decode.
pub trait Memory {
    /// Decodes `image` into `rgb`, three bytes per pixel.
    ///
    /// # Errors
    /// If the file is corrupt or memory is refused.
    fn decode(&mut self, image: &Image<'_>, rgb: &mut [u8]) -> Result<()>;
}

/// Options of a measurement.
#[derive(Clone, Debug)]
pub struct Options {
    /// The JPEG file.
    pub file: PathBuf,
    /// Threads of the decoder.
    pub threads: usize,
    /// Measured decodes.
    pub repeat: u32,
}

/// Decodes that warm up, before the measured ones.
const WARM_UP: u32 = 3;

/// Returns empty memory of a strategy.
pub fn memory(strategy: Strategy) -> Box<dyn Memory + Send> {
    match strategy.kind() {
        Kind::Arena => Box::new(Arena::new()),
        Kind::Fresh => Box::new(vectors::Fresh),
        Kind::Kept => Box::<vectors::Kept>::default(),
        Kind::Bumpalo => Box::new(bumpalo::Bump::new()),
        Kind::BumpScope => Box::new(bump_scope::Bump::<bump_scope::alloc::Global>::new()),
    }
}

/// Decodes the file again and again in this process.
///
/// # Errors
/// If the file cannot be read or decoded.
pub fn measure(strategy: Strategy, options: &Options) -> Result<Outcome> {
    let file = std::fs::read(&options.file).with_context(|| options.file.display().to_string())?;
    let image = Image::parse(&file)?;
    let mut rgb = vec![1; image.rgb_bytes()];
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads);
    let pool = pool.build()?;
    let mut meter = Meter::new()?;
    let mut memory = memory(strategy);
    let mut decode = || pool.install(|| memory.decode(&image, &mut rgb));
    for _ in 0..WARM_UP {
        decode()?;
    }
    meter.start()?;
    for _ in 0..options.repeat {
        decode()?;
        meter.lap(1)?;
    }
    let figures = meter.stop()?;
    Ok(Outcome {
        figures,
        answers: vec![Some(checksum(&image, &rgb))],
    })
}

/// Returns the checksum of a decoded picture.
pub fn checksum(image: &Image<'_>, rgb: &[u8]) -> u64 {
    let mut sum = Checksum::default();
    for row in rgb.chunks_exact(3 * image.width) {
        sum.add_row(row);
    }
    sum.value()
}

/// Makes a value for each component of `image`, up to the first error.
fn for_components<T>(
    image: &Image<'_>,
    make: impl FnMut(&Component) -> Result<T>,
) -> Result<[T; 3]> {
    let mut make = make;
    let [luma, blue, red] = &image.components;
    Ok([make(luma)?, make(blue)?, make(red)?])
}
