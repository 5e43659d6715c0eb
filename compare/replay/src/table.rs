use anyhow::{Context, Result, ensure};

use crate::arguments::Arguments;
use crate::asked::{check, loads, measure_apart, wanted};
use crate::loads::Load;
use crate::measure::{self, Figures, Plan, Strategy};
use crate::{pattern, pools, pressure, strategies};

/// Replays the selected loads with each selected strategy and prints a table.
///
/// # Errors
/// If a buffer has a wrong byte, a process fails, or a trace cannot be read.
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

/// Replays every load but the largest twice with every strategy, on two threads.
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
            "{}: the check does not detect buffers that are not cleared",
            load.name
        );
        for strategy in strategies {
            check(load, strategy, &strategy.measure(load, &plan)?)?;
        }
        println!("{}: no wrong byte", load.name);
    }
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
