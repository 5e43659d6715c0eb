//! Instructions of a program, counted by callgrind.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Returns the instructions of a process in user space. It writes no profile.
///
/// # Errors
/// Valgrind is not installed, or the program fails.
pub fn of(program: &Path, arguments: &[&str]) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(arguments)
        .output()
        .context("valgrind")?;
    let text = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{text}");
    let collected = text.split("Collected :").nth(1);
    let count = collected.and_then(|rest| rest.split_whitespace().next());
    Ok(count.context("callgrind prints no count")?.parse()?)
}
