//! Counts the instructions of a process with callgrind.

use std::process::Command;

/// Instructions of `program`, which runs to its end.
///
/// # Errors
/// Valgrind is not installed, or the program fails.
pub(crate) fn instructions(program: &Command) -> Result<u64, String> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program.get_program())
        .args(program.get_args())
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let messages = String::from_utf8_lossy(&output.stderr);
    let lines = messages.lines();
    let mut counts = lines.filter_map(|line| line.split_once("Collected :"));
    let figure = counts
        .next_back()
        .and_then(|(_, figure)| figure.trim().parse().ok());
    match figure {
        Some(figure) if output.status.success() => Ok(figure),
        _ => Err(format!("valgrind says no count:\n{messages}")),
    }
}
