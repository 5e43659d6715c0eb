use anyhow::Result;

use crate::arguments::Arguments;
use crate::asked::{check, loads, measure_apart};
use crate::loads::Load;
use crate::measure::{Figures, Strategy};

/// Said by the standard library, `bumpalo`, and in the error of an arena.
const REFUSALS: [&str; 3] = ["memory allocation of", "out of memory", "LimitExceeded"];

/// Prints what rounds cost where the memory is as little as the ceilings say: CPU microseconds and
/// page faults. A process whose strategy asks for more and does not know what to do without it
/// ends, which is shown as `refused`.
///
/// # Errors
/// A wrong byte, a process that ends for another reason.
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

/// The most that is live at once with any strategy, which depends on the tasks that meet.
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

/// The figures with the least CPU of several processes; `None` if one was refused memory.
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
