use clap::Parser;
use clap::builder::{PossibleValuesParser, RangedU64ValueParser};

use crate::{loads, strategies};

/// Makes the requests of recorded decodes again of memory of several kinds, each in a process of
/// its own, and prints a table of what each spent. Lists are separated by `;`.
#[derive(Parser)]
pub(crate) struct Arguments {
    /// What to replay; everything by default.
    #[arg(long, value_delimiter = ';', value_parser = PossibleValuesParser::new(load_names()))]
    pub(crate) loads: Vec<String>,
    /// Kinds of memory; all by default.
    #[arg(long, value_delimiter = ';', value_parser = PossibleValuesParser::new(strategy_names()))]
    pub(crate) strategies: Vec<String>,
    /// Numbers of threads.
    #[arg(long, value_delimiter = ';', default_value = "1;2", value_parser = at_least(1))]
    pub(crate) threads: Vec<usize>,
    /// Measured rounds per process.
    #[arg(long, default_value_t = 30, value_parser = at_least(2))]
    pub(crate) rounds: usize,
    /// Processes per line, by turns: the least CPU is shown, and the worst of all else.
    #[arg(long, default_value_t = 1, value_parser = at_least(1))]
    pub(crate) processes: usize,
    /// Memory that there is, in multiples of the most that is live at once. Prints CPU and page
    /// faults for each of these ceilings instead of the table.
    #[arg(long, value_delimiter = ';', value_parser = ratio)]
    pub(crate) ceilings: Vec<f64>,
    /// Replay each load twice with every strategy in this process, and check contents only.
    #[arg(long)]
    pub(crate) test: bool,
    /// Measure the one load and strategy in this process, and print the bare figures.
    #[arg(long, hide = true)]
    pub(crate) measure: bool,
    /// Memory that there is for the measurement in this process.
    #[arg(long, hide = true)]
    pub(crate) ceiling_bytes: Option<usize>,
}

fn load_names() -> impl Iterator<Item = &'static str> {
    loads::LOADS.iter().map(|load| load.name)
}

fn strategy_names() -> impl Iterator<Item = &'static str> {
    strategies::all().into_iter().map(|strategy| strategy.name)
}

fn at_least(least: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(least..)
}

fn ratio(word: &str) -> Result<f64, String> {
    let ratio = word.parse().ok();
    let ratio = ratio.filter(|ratio: &f64| *ratio > 0.0 && ratio.is_finite());
    ratio.ok_or_else(|| "not a positive number".to_owned())
}
