use std::env;
use std::fs;
use std::hint::black_box;

use anyhow::{Context, Result};

/// Calls `decode` as often as the command line says, each time with the bytes of the file that it
/// names and the same buffer for pixels. Prints a sum of the last pixels.
///
/// # Errors
/// If the command line is wrong, the file cannot be read, or `decode` fails.
pub fn run(mut decode: impl FnMut(&[u8], &mut Vec<u8>) -> Result<()>) -> Result<()> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().context("arguments: FILE [TIMES]")?;
    let times = arguments.next().map_or(Ok(1), |times| times.parse())?;
    let file = fs::read(path)?;
    let mut pixels = Vec::new();
    for _ in 0..times {
        decode(black_box(&file), &mut pixels)?;
    }
    println!("{}", pixels.iter().copied().map(u64::from).sum::<u64>());
    Ok(())
}
