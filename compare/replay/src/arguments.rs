use clap::Parser;
use clap::builder::{PossibleValuesParser, RangedU64ValueParser};

use crate::{loads, strategies};

/// Replays the memory requests of recorded decodes with several strategies, each in a separate
/// process, and prints a table of their costs. Lists are separated by `;`.
#[derive(Parser)]
pub(crate) struct Arguments {
    /// Loads to replay; all by default.
    #[arg(long, value_delimiter = ';', value_parser = PossibleValuesParser::new(load_names()))]
    pub(crate) loads: Vec<String>,
    /// Memory strategies; all by default.
    #[arg(long, value_delimiter = ';', value_parser = PossibleValuesParser::new(strategy_names()))]
    pub(crate) strategies: Vec<String>,
    /// Numbers of threads.
    #[arg(long, value_delimiter = ';', default_value = "1;2", value_parser = at_least(1))]
    pub(crate) threads: Vec<usize>,
    /// Rounds per process after the warm-up. The last one only checks contents.
    #[arg(long, default_value_t = 30, value_parser = at_least(2))]
    pub(crate) rounds: usize,
    /// Processes per line; strategies take turns. The table has the least CPU and the worst of all
    /// other figures.
    #[arg(long, default_value_t = 1, value_parser = at_least(1))]
    pub(crate) processes: usize,
    /// Ceilings of memory, in multiples of the peak of live bytes. Prints CPU and page faults for
    /// each ceiling instead of the table.
    #[arg(long, value_delimiter = ';', value_parser = ratio)]
    pub(crate) ceilings: Vec<f64>,
    /// Replay each load but the largest twice with every strategy in this process, and check
    /// contents only.
    #[arg(long)]
    pub(crate) test: bool,
    /// Measure the one load and strategy in this process, and print the bare figures.
    #[arg(long, hide = true)]
    pub(crate) measure: bool,
    /// Ceiling of memory for the measurement in this process.
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
