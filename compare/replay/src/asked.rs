//! Loads and strategies that the command line selects, and measurements in separate processes.

use std::process::Command;

use anyhow::{Result, bail, ensure};

use crate::arguments::Arguments;
use crate::loads::{LOADS, Load};
use crate::measure::{Figures, Strategy};

pub(crate) fn loads<'a>(arguments: &'a Arguments) -> impl Iterator<Item = &'static Load> + use<'a> {
    (LOADS.iter()).filter(|load| wanted(&arguments.loads, load.name))
}

/// Tells whether `names` has `name`. An empty list stands for all names.
pub(crate) fn wanted(names: &[String], name: &str) -> bool {
    names.is_empty() || names.iter().any(|wanted| wanted == name)
}

/// Measures in a new process, in which no other measurement has used memory.
pub(crate) fn measure_apart(
    arguments: &Arguments,
    load: &Load,
    strategy: &Strategy,
    threads: usize,
    ceiling_bytes: Option<usize>,
) -> Result<Figures> {
    let program = std::env::current_exe()?;
    let output = Command::new(program)
        .env("RUST_BACKTRACE", "0")
        .args(["--measure", "--loads", load.name])
        .args(["--strategies", strategy.name])
        .args(["--threads", &threads.to_string()])
        .args(["--rounds", &arguments.rounds.to_string()])
        .args(ceiling_bytes.map(|bytes| format!("--ceiling-bytes={bytes}")))
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("{}, {}: {}", load.name, strategy.name, errors.trim());
    }
    said.trim().parse()
}

pub(crate) fn check(load: &Load, strategy: &Strategy, figures: &Figures) -> Result<()> {
    ensure!(
        figures.wrong == 0,
        "{}, {}: {} buffers with wrong bytes",
        load.name,
        strategy.name,
        figures.wrong
    );
    Ok(())
}
