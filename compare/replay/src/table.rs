use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::arguments::Arguments;
use crate::loads::{LOADS, Load};
use crate::measure::{self, Figures, Plan, Strategy};
use crate::{pattern, pools, pressure, strategies};

/// Replays what the command line asks for with each strategy and prints a table.
///
/// # Errors
/// A strategy gave back a wrong byte, a process failed, or a trace cannot be read.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut strategies = strategies::all();
    strategies.retain(|strategy| wanted(&arguments.strategies, strategy.name));
    match arguments {
        Arguments { test: true, .. } => smoke(arguments, &strategies),
        Arguments { measure: true, .. } => measure_here(arguments, &strategies),
        Arguments { ceilings, .. } if !ceilings.is_empty() => {
            pressure::print_table(arguments, &strategies)
        }
        _ => print_tables(arguments, &strategies),
    }
}

pub(crate) fn loads<'a>(arguments: &'a Arguments) -> impl Iterator<Item = &'static Load> + use<'a> {
    (LOADS.iter()).filter(|load| wanted(&arguments.loads, load.name))
}

/// Whether a list of names, which stands for all names where it is empty, has `name`.
fn wanted(names: &[String], name: &str) -> bool {
    names.is_empty() || names.iter().any(|wanted| wanted == name)
}

/// Every load but the largest twice with every strategy, on two threads.
fn smoke(arguments: &Arguments, strategies: &[Strategy]) -> Result<()> {
    pattern::assert_that_it_shows();
    let plan = Plan {
        threads: 2,
        warm_up: 0,
        rounds: 2,
        ceiling_bytes: None,
    };
    for load in loads(arguments).filter(|load| !load.is_large) {
        let unclean = measure::strategy("unclean", |_| pools::Unclean::new());
        ensure!(
            unclean.measure(load, &plan)?.wrong > 0,
            "{}: no zeros are checked",
            load.name
        );
        for strategy in strategies {
            check(load, strategy, &strategy.measure(load, &plan)?)?;
        }
        println!("{}: no wrong byte", load.name);
    }
    Ok(())
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

fn measure_here(arguments: &Arguments, strategies: &[Strategy]) -> Result<()> {
    let load = loads(arguments).next().context("no load")?;
    let strategy = strategies.first().context("no strategy")?;
    let plan = Plan {
        threads: arguments.threads[0],
        warm_up: 3,
        rounds: arguments.rounds,
        ceiling_bytes: arguments.ceiling_bytes,
    };
    println!("{}", strategy.measure(load, &plan)?);
    Ok(())
}

fn print_tables(arguments: &Arguments, strategies: &[Strategy]) -> Result<()> {
    println!(
        "| load | threads | strategy | CPU us | faults | allocations | last grown | live KiB | peak / live | retained / live |\n\
         |---|---:|---|---:|---:|---:|---:|---:|---:|---:|"
    );
    let mut wrong = Ok(());
    for load in loads(arguments) {
        for &threads in &arguments.threads {
            let mut worst = vec![Figures::default(); strategies.len()];
            for turn in 0..arguments.processes {
                for (strategy, worst) in strategies.iter().zip(&mut worst) {
                    let figures = measure_apart(arguments, load, strategy, threads, None)?;
                    wrong = wrong.and(check(load, strategy, &figures));
                    worst.join(&figures, turn == 0);
                }
            }
            for (strategy, figures) in strategies.iter().zip(&worst) {
                print_line(load, threads, strategy, figures);
            }
        }
    }
    wrong
}

/// Measures in a process of its own, which nobody used memory of before.
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

fn print_line(load: &Load, threads: usize, strategy: &Strategy, figures: &Figures) {
    let live = figures.live_bytes as f64;
    println!(
        "| {} | {threads} | {} | {:.0} | {:.1} | {:.1} | {} | {} | {:.2} | {:.2} |",
        load.name,
        strategy.name,
        figures.cpu_us,
        figures.faults,
        figures.calls,
        figures.last_grown,
        figures.live_bytes >> 10,
        figures.peak_bytes as f64 / live,
        figures.retained_bytes as f64 / live,
    );
}
