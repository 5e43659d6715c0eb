//! A decoder as the scenarios use it.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use frame_arena::Arena;

use crate::meter::Meter;

/// An open decoder with what is left of its streams.
pub trait Stream {
    /// Decodes a packet or a picture, and tells the meter of each picture that came of it. Returns
    /// whether there is more.
    ///
    /// # Errors
    /// The decoder's own.
    fn step(&mut self, meter: &mut Meter) -> Result<bool, i32>;
}

/// Opens a decoder for files, which it decodes one after the other, on a number of threads. Without
/// a hook, with the decoder's own memory.
pub type Open<H> = for<'h> fn(&[PathBuf], i32, Option<&'h H>) -> Result<Box<dyn Stream + 'h>, i32>;

/// A decoder with a hook of type `H`.
pub struct Codec<H> {
    /// The name of the decoder's library.
    pub name: &'static str,
    /// Makes a hook that zeroes nothing.
    pub hook: fn(&Arena) -> H,
    /// Opens a decoder.
    pub open: Open<H>,
    /// Steps of each of 16 streams that are decoded at once.
    pub steps: usize,
}

impl<H> Codec<H> {
    /// Opens a decoder.
    ///
    /// # Errors
    /// The decoder's own.
    pub fn open<'h>(
        &self,
        files: &[PathBuf],
        threads: i32,
        hook: Option<&'h H>,
    ) -> Result<Box<dyn Stream + 'h>> {
        (self.open)(files, threads, hook).map_err(error)
    }

    /// Decodes a file once.
    ///
    /// # Errors
    /// The decoder's own.
    pub fn decode(
        &self,
        file: &Path,
        threads: i32,
        arena: Option<&Arena>,
        meter: &mut Meter,
    ) -> Result<()> {
        let hook = arena.map(self.hook);
        let mut stream = self.open(&[file.to_owned()], threads, hook.as_ref())?;
        while stream.step(meter).map_err(error)? {}
        Ok(())
    }
}

/// A decoder's error code.
pub(crate) fn error(code: i32) -> anyhow::Error {
    anyhow!("the decoder's error {code}")
}
