use std::env;
use std::fs;
use std::hint::black_box;

use anyhow::{Context, Result};

/// Calls `decode` with the bytes of the file that the command line names, as often as it says, and
/// a buffer that it may use again. Prints a sum of the last pixels.
///
/// # Errors
/// A wrong command line, files that cannot be read, errors of the decoder.
pub fn run(mut decode: impl FnMut(&[u8], &mut Vec<u8>) -> Result<()>) -> Result<()> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().context("FILE [TIMES]")?;
    let times = arguments.next().map_or(Ok(1), |times| times.parse())?;
    let file = fs::read(path)?;
    let mut pixels = Vec::new();
    for _ in 0..times {
        decode(black_box(&file), &mut pixels)?;
    }
    println!("{}", pixels.iter().copied().map(u64::from).sum::<u64>());
    Ok(())
}
