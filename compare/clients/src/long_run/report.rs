//! The long run as a Markdown table.

use super::LongRun;
use crate::strategy::Strategy;

/// Explanation of the columns.
pub const LEGEND: &str = "\
Need: most bytes of planes that were live at once, of all threads. Resident bytes are those beyond
what the process had before the first picture: the most, those at the end with no picture open, and
those after two idle seconds. Mean: the sum of resident bytes over the sum of live bytes, of all
samples. CPU: of all pictures.";

const HEADINGS: [&str; 9] = [
    "need MiB",
    "most MiB",
    "most / need",
    "mean",
    "end MiB",
    "end / need",
    "idle MiB",
    "CPU s",
    "of it system",
];

/// Returns the table.
pub fn table(runs: &[(Strategy, LongRun)]) -> String {
    let mut lines = vec![
        format!("| strategy | {} |", HEADINGS.join(" | ")),
        format!("|---|{}", "---:|".repeat(HEADINGS.len())),
    ];
    for (strategy, run) in runs {
        let figures = &run.outcome.figures;
        let need = run.curve.need_bytes();
        let sum =
            |bytes: fn(&super::Sample) -> u64| run.curve.samples.iter().map(bytes).sum::<u64>();
        let ratio = |bytes: u64, of: u64| format!("{:.2}", bytes as f64 / of.max(1) as f64);
        let mebibytes = |bytes: u64| format!("{:.0}", bytes as f64 / f64::from(1 << 20));
        let seconds = figures.cpu.as_secs_f64() * figures.items as f64;
        let share = figures.system.as_secs_f64() / figures.cpu.as_secs_f64().max(1e-9);
        let cells = [
            strategy.to_string(),
            mebibytes(need),
            mebibytes(figures.peak_bytes),
            ratio(figures.peak_bytes, need),
            ratio(sum(|s| s.resident_bytes), sum(|s| s.live_bytes)),
            mebibytes(figures.after_bytes),
            ratio(figures.after_bytes, need),
            mebibytes(run.curve.idle_bytes),
            format!("{seconds:.1}"),
            format!("{:.0} %", share * 100.0),
        ];
        lines.push(format!("| {} |", cells.join(" | ")));
    }
    lines.join("\n")
}
