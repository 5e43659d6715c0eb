//! The outcomes of a client as a Markdown table.

use crate::figures::Outcome;
use crate::strategy::Strategy;

/// A column of the table.
struct Column {
    heading: &'static str,
    cell: fn(&Outcome) -> String,
}

const COLUMNS: [Column; 6] = [
    Column {
        heading: "CPU ms",
        cell: |outcome| format!("{:.3}", outcome.figures.cpu.as_secs_f64() * 1e3),
    },
    Column {
        heading: "of it system",
        cell: |outcome| {
            let figures = &outcome.figures;
            let share = figures.system.as_secs_f64() / figures.cpu.as_secs_f64().max(1e-9);
            format!("{:.0} %", share * 100.0)
        },
    },
    Column {
        heading: "faults",
        cell: |outcome| per_item(outcome.figures.faults, outcome),
    },
    Column {
        heading: "allocations",
        cell: |outcome| per_item(outcome.figures.allocations, outcome),
    },
    Column {
        heading: "peak MiB",
        cell: |outcome| mebibytes(outcome.figures.peak_bytes),
    },
    Column {
        heading: "after MiB",
        cell: |outcome| mebibytes(outcome.figures.after_bytes),
    },
];

const REFUSED: Column = Column {
    heading: "refused",
    cell: |outcome| {
        let refused = outcome.answers.iter().filter(|answer| answer.is_none());
        refused.count().to_string()
    },
};

/// Explains the columns. Figures are per `item`: a decode, a picture or a job.
pub fn legend(item: &str) -> String {
    format!(
        "\
CPU (user and system, all threads), minor faults and calls to the global allocator are per {item},
after a warm-up. Peak and after are resident bytes beyond those before the strategy requested
memory: the largest, and those that remain when all work is done. Strategies take turns in
processes of their own. CPU is the least of all laps and processes, all else the largest of all
processes."
    )
}

/// Returns the table. If `may_refuse`, it has a column for refused items.
pub fn table(outcomes: &[(Strategy, Outcome)], may_refuse: bool) -> String {
    let columns: Vec<&Column> = COLUMNS
        .iter()
        .chain(may_refuse.then_some(&REFUSED))
        .collect();
    let headings: Vec<&str> = columns.iter().map(|column| column.heading).collect();
    let mut lines = vec![
        format!("| strategy | {} |", headings.join(" | ")),
        format!("|---|{}", "---:|".repeat(columns.len())),
    ];
    for (strategy, outcome) in outcomes {
        let cells: Vec<String> = columns
            .iter()
            .map(|column| (column.cell)(outcome))
            .collect();
        lines.push(format!("| {strategy} | {} |", cells.join(" | ")));
    }
    lines.join("\n")
}

fn items(outcome: &Outcome) -> f64 {
    outcome.figures.items.max(1) as f64
}

fn per_item(sum: u64, outcome: &Outcome) -> String {
    format!("{:.1}", sum as f64 / items(outcome))
}

fn mebibytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::figures::Figures;

    #[test]
    fn figures_are_per_item() {
        let outcome = Outcome {
            figures: Figures {
                items: 4,
                cpu: Duration::from_millis(10),
                system: Duration::from_millis(1),
                faults: 6,
                allocations: 0,
                peak_bytes: 3 << 19,
                after_bytes: 0,
            },
            answers: vec![Some(1), None],
        };
        let table = table(&[(Strategy::KeptVec, outcome)], true);
        let row = table.lines().nth(2).unwrap();
        assert_eq!(
            row,
            "| kept Vec | 10.000 | 10 % | 1.5 | 0.0 | 1.5 | 0.0 | 1 |"
        );
    }
}
