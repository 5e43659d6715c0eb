use super::loads::Load;
use super::measure::{Figures, Strategy};
use super::options::Options;
use super::table::{asked, check, loads, measure_apart};

/// Said by the standard library, `bumpalo`, and in the error of an arena.
const REFUSALS: [&str; 3] = ["memory allocation of", "out of memory", "LimitExceeded"];

/// Prints what rounds cost where the memory is as little as the ceilings say: CPU microseconds and
/// page faults. A process whose strategy asks for more and does not know what to do without it
/// ends, which is shown as `refused`.
///
/// # Errors
/// A wrong byte, a process that ends for another reason.
pub(super) fn print_table(options: &Options, strategies: &[Strategy]) -> Result<(), String> {
    let asked: Vec<&Strategy> = asked(options, strategies).collect();
    let heads = options.ceilings.iter().map(|ratio| format!(" {ratio} |"));
    let lines = options.ceilings.iter().map(|_| "---:|");
    println!(
        "| load | threads | live KiB | strategy |{}",
        heads.collect::<String>()
    );
    println!("|---|---:|---:|---|{}", lines.collect::<String>());
    let mut wrong = Ok(());
    for load in loads(options) {
        for &threads in &options.threads {
            let live_bytes = live_bytes(options, load, &asked, threads)?;
            for strategy in &asked {
                let mut cells = String::new();
                for ratio in &options.ceilings {
                    let ceiling = (live_bytes as f64 * ratio) as usize;
                    let figures = least(options, load, strategy, threads, ceiling)?;
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
    options: &Options,
    load: &Load,
    strategies: &[&Strategy],
    threads: usize,
) -> Result<usize, String> {
    let mut most = 0;
    for strategy in strategies {
        let figures = measure_apart(options, load, strategy, threads, None)?;
        most = most.max(figures.live_bytes);
    }
    Ok(most)
}

/// The figures with the least CPU of several processes; `None` if one was refused memory.
fn least(
    options: &Options,
    load: &Load,
    strategy: &Strategy,
    threads: usize,
    ceiling: usize,
) -> Result<Option<Figures>, String> {
    let mut all = Figures::default();
    for turn in 0..options.processes {
        match measure_apart(options, load, strategy, threads, Some(ceiling)) {
            Ok(figures) => all.join(&figures, turn == 0),
            Err(said) if REFUSALS.iter().any(|refusal| said.contains(refusal)) => return Ok(None),
            Err(said) => return Err(said),
        }
    }
    Ok(Some(all))
}

fn cell(figures: Option<Figures>) -> String {
    figures.map_or(" refused |".into(), |figures| {
        format!(" {:.0}, {:.0} |", figures.cpu_us, figures.faults)
    })
}
