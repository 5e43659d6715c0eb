//! Instructions of decodes on one thread, counted by callgrind. Each process that is counted only
//! decodes ([`measure::decode`](crate::measure::decode)), so that the checks of a measurement do
//! not count.

#[path = "../../../benches/support/callgrind.rs"]
mod callgrind;

use std::path::Path;

use anyhow::{Error, Result};

use crate::measure::Task;

/// Counts the instructions of one decode of the task by a decoder that decoded the file twice
/// before. `program` is the program of this package.
///
/// # Errors
/// If Valgrind is not installed, or the decoder fails.
pub fn of_warm_decode(program: &Path, task: &Task<'_>) -> Result<u64> {
    Ok(of_decodes(program, task, 3)? - of_decodes(program, task, 2)?)
}

/// As [`of_warm_decode`], of the first decode in a new process.
///
/// # Errors
/// As [`of_warm_decode`].
pub fn of_first_decode(program: &Path, task: &Task<'_>) -> Result<u64> {
    Ok(of_decodes(program, task, 1)? - of_decodes(program, task, 0)?)
}

/// Instructions of a process that decodes `count` times.
fn of_decodes(program: &Path, task: &Task<'_>, count: usize) -> Result<u64> {
    let task = Task {
        threads: 1,
        ..*task
    };
    callgrind::instructions(&task.command(program, Some(count))).map_err(Error::msg)
}
