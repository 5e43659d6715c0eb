//! Instructions of a warm decode.

#[path = "../../../benches/support/callgrind.rs"]
mod callgrind;

use std::path::Path;

use anyhow::{Error, Result};

use crate::measure::Task;

/// Counts the instructions of one decode of the task on one thread, with callgrind. `program` is
/// the program of this package. It runs twice: with `repeat` measured decodes, and with twice as
/// many. The count includes a digest of the samples: three instructions for every four bytes.
///
/// # Errors
/// If Valgrind is not installed, or the decoder fails.
pub fn of_warm_decode(program: &Path, task: &Task<'_>) -> Result<u64> {
    let once = Task {
        threads: 1,
        ..*task
    };
    let twice = Task {
        repeat: 2 * task.repeat,
        ..once
    };
    let collected =
        |task: Task<'_>| callgrind::instructions(&task.command(program)).map_err(Error::msg);
    let more = collected(twice)? - collected(once)?;
    Ok(more / task.repeat as u64)
}
