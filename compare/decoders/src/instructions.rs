//! Instructions of a warm decode.

#[path = "../../../benches/support/callgrind.rs"]
mod callgrind;

use std::path::Path;

use anyhow::{Error, Result};

use crate::measure::Task;

/// Instructions of one decode of the task, on one thread, by callgrind. `program` is this
/// package's, and runs twice: with `repeat` measured decodes, and with twice as many. A digest of
/// the samples is in the count, three instructions for every four bytes.
///
/// # Errors
/// Valgrind is not installed, or the decoder fails.
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
