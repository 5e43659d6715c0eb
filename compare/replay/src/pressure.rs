use anyhow::Result;

use crate::arguments::Arguments;
use crate::asked::{check, loads, measure_apart};
use crate::loads::Load;
use crate::measure::{Figures, Strategy};

/// Parts of the messages with which the standard library, `bumpalo` and an arena refuse memory.
const REFUSALS: [&str; 3] = ["memory allocation of", "out of memory", "LimitExceeded"];

/// Prints the costs of a round under each ceiling: CPU microseconds and page faults. `refused`
/// stands for a process that ended because its strategy could not go on without more memory.
///
/// # Errors
/// If a byte is wrong, or a process ends for another reason.
pub(crate) fn print_table(arguments: &Arguments, strategies: &[Strategy]) -> Result<()> {
    let heads = arguments.ceilings.iter().map(|ratio| format!(" {ratio} |"));
    let lines = arguments.ceilings.iter().map(|_| "---:|");
    println!(
        "| load | threads | live KiB | strategy |{}",
        heads.collect::<String>()
    );
    println!("|---|---:|---:|---|{}", lines.collect::<String>());
    let mut wrong = Ok(());
    for load in loads(arguments) {
        for &threads in &arguments.threads {
            let live_bytes = live_bytes(arguments, load, strategies, threads)?;
            for strategy in strategies {
                let mut cells = String::new();
                for ratio in &arguments.ceilings {
                    let ceiling = (live_bytes as f64 * ratio) as usize;
                    let figures = least(arguments, load, strategy, threads, ceiling)?;
                    if let Some(figures) = &figures {
                        wrong = wrong.and(check(load, strategy, figures));
                    }
                    cells += &cell(figures);
                }
                let live = live_bytes >> 10;
                println!(
                    "| {} | {threads} | {live} | {} |{cells}",
                    load.name, strategy.name
                );
            }
        }
    }
    wrong
}

/// Returns the most bytes that are live at once with any strategy: this varies with the tasks that
/// happen to run at once.
fn live_bytes(
    arguments: &Arguments,
    load: &Load,
    strategies: &[Strategy],
    threads: usize,
) -> Result<usize> {
    let mut most = 0;
    for strategy in strategies {
        let figures = measure_apart(arguments, load, strategy, threads, None)?;
        most = most.max(figures.live_bytes);
    }
    Ok(most)
}

/// Returns the joined figures of several processes, or `None` if one was refused memory.
fn least(
    arguments: &Arguments,
    load: &Load,
    strategy: &Strategy,
    threads: usize,
    ceiling: usize,
) -> Result<Option<Figures>> {
    let mut all = Figures::default();
    for turn in 0..arguments.processes {
        match measure_apart(arguments, load, strategy, threads, Some(ceiling)) {
            Ok(figures) => all.join(&figures, turn == 0),
            Err(error) if is_refusal(&error) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(all))
}

fn is_refusal(error: &anyhow::Error) -> bool {
    let said = error.to_string();
    REFUSALS.iter().any(|refusal| said.contains(refusal))
}

fn cell(figures: Option<Figures>) -> String {
    figures.map_or(" refused |".into(), |figures| {
        format!(" {:.0}, {:.0} |", figures.cpu_us, figures.faults)
    })
}
