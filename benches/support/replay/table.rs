use std::process::{Command, ExitCode};

use super::loads::{LOADS, Load};
use super::measure::{self, Figures, Plan, Strategy};
use super::options::{Options, wanted};
use super::{pattern, pools, pressure};

/// Replays what the command line asks for with each strategy and prints a table. The exit code is
/// not 0 if a strategy gave back a wrong byte.
pub(crate) fn run(strategies: &[Strategy]) -> ExitCode {
    let done = Options::parse(std::env::args().skip(1)).and_then(|options| {
        match (options.smoke, options.measure) {
            (true, _) => smoke(&options, strategies),
            (_, true) => measure_here(&options, strategies),
            _ if !options.ceilings.is_empty() => pressure::print_table(&options, strategies),
            _ => print_tables(&options, strategies),
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

pub(super) fn loads<'o>(options: &'o Options) -> impl Iterator<Item = &'static Load> + use<'o> {
    (LOADS.iter()).filter(|load| wanted(&options.loads, load.name))
}

pub(super) fn asked<'s>(
    options: &'s Options,
    strategies: &'s [Strategy],
) -> impl Iterator<Item = &'s Strategy> {
    (strategies.iter()).filter(|strategy| wanted(&options.strategies, strategy.name))
}

/// Every load but the largest twice with every strategy, on two threads.
fn smoke(options: &Options, strategies: &[Strategy]) -> Result<(), String> {
    pattern::assert_that_it_shows();
    let plan = Plan {
        threads: 2,
        warm_up: 0,
        rounds: 2,
        ceiling_bytes: None,
    };
    for load in loads(options).filter(|load| !load.is_large) {
        let unclean = measure::strategy("unclean", |_| pools::Unclean::new());
        if unclean.measure(load, &plan)?.wrong == 0 {
            return Err(format!("{}: no zeros are checked", load.name));
        }
        for strategy in asked(options, strategies) {
            check(load, strategy, &strategy.measure(load, &plan)?)?;
        }
        println!("{}: no wrong byte", load.name);
    }
    Ok(())
}

pub(super) fn check(load: &Load, strategy: &Strategy, figures: &Figures) -> Result<(), String> {
    match figures.wrong {
        0 => Ok(()),
        wrong => Err(format!(
            "{}, {}: {wrong} buffers with wrong bytes",
            load.name, strategy.name
        )),
    }
}

fn measure_here(options: &Options, strategies: &[Strategy]) -> Result<(), String> {
    let load = loads(options).next().ok_or("no such load")?;
    let strategy = asked(options, strategies).next();
    let strategy = strategy.ok_or("no such strategy")?;
    let plan = Plan {
        threads: options.threads[0],
        warm_up: 3,
        rounds: options.rounds,
        ceiling_bytes: options.ceiling_bytes,
    };
    println!("{}", strategy.measure(load, &plan)?);
    Ok(())
}

fn print_tables(options: &Options, strategies: &[Strategy]) -> Result<(), String> {
    println!(
        "| load | threads | strategy | CPU us | faults | allocations | last grown | live KiB | peak / live | retained / live |\n\
         |---|---:|---|---:|---:|---:|---:|---:|---:|---:|"
    );
    let mut wrong = Ok(());
    for load in loads(options) {
        for &threads in &options.threads {
            let asked: Vec<&Strategy> = asked(options, strategies).collect();
            let mut worst = vec![Figures::default(); asked.len()];
            for turn in 0..options.processes {
                for (strategy, worst) in asked.iter().zip(&mut worst) {
                    let figures = measure_apart(options, load, strategy, threads, None)?;
                    wrong = wrong.and(check(load, strategy, &figures));
                    worst.join(&figures, turn == 0);
                }
            }
            for (strategy, figures) in asked.iter().zip(&worst) {
                print_line(load, threads, strategy, figures);
            }
        }
    }
    wrong
}

/// Measures in a process of its own, which nobody used memory of before.
pub(super) fn measure_apart(
    options: &Options,
    load: &Load,
    strategy: &Strategy,
    threads: usize,
    ceiling_bytes: Option<usize>,
) -> Result<Figures, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(program)
        .env("RUST_BACKTRACE", "0")
        .args(["--measure", "--loads", load.name])
        .args(["--strategies", strategy.name])
        .args(["--threads", &threads.to_string()])
        .args(["--rounds", &options.rounds.to_string()])
        .args(ceiling_bytes.map(|bytes| format!("--ceiling-bytes={bytes}")))
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    match output.status.success() {
        true => said.trim().parse(),
        false => Err(format!(
            "{}, {}: {}",
            load.name,
            strategy.name,
            String::from_utf8_lossy(&output.stderr)
        )),
    }
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
