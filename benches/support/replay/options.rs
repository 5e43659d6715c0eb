/// What the command line asks for.
pub(crate) struct Options {
    /// Replay each load twice in this process, to check contents only.
    pub(crate) smoke: bool,
    /// Measure the one load and strategy in this process.
    pub(crate) measure: bool,
    pub(crate) loads: Vec<String>,
    pub(crate) strategies: Vec<String>,
    pub(crate) threads: Vec<usize>,
    pub(crate) rounds: usize,
    /// Processes for each line, by turns.
    pub(crate) processes: usize,
    /// Memory that there is, in multiples of what is live at most; where that is asked for, only
    /// costs at these ceilings are shown.
    pub(crate) ceilings: Vec<f64>,
    /// Memory that there is for the measurement in this process.
    pub(crate) ceiling_bytes: Option<usize>,
}

const USAGE: &str = "options: --loads NAMES, --strategies NAMES, --threads NUMBERS (separated by `;`), \
                     --rounds NUMBER, --processes NUMBER, --ceilings RATIOS, --test";

impl Options {
    /// # Errors
    /// A word that is no option, or an option's value that is missing or no number.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            smoke: false,
            measure: false,
            loads: Vec::new(),
            strategies: Vec::new(),
            threads: vec![1, 2],
            rounds: 30,
            processes: 1,
            ceilings: Vec::new(),
            ceiling_bytes: None,
        };
        while let Some(word) = words.next() {
            let (word, joined) = match word.split_once('=') {
                Some((word, value)) => (word.to_owned(), Some(value.to_owned())),
                None => (word, None),
            };
            let mut value = || joined.clone().or_else(|| words.next()).ok_or(USAGE);
            match &*word {
                // Cargo's.
                "--bench" => {}
                "--test" => options.smoke = true,
                "--measure" => options.measure = true,
                "--loads" => options.loads = list(&value()?),
                "--strategies" => options.strategies = list(&value()?),
                "--threads" => options.threads = numbers(&value()?)?,
                "--rounds" => options.rounds = number(&value()?)?.max(2),
                "--processes" => options.processes = number(&value()?)?,
                "--ceilings" => options.ceilings = ratios(&value()?)?,
                "--ceiling-bytes" => options.ceiling_bytes = Some(number(&value()?)?),
                _ => return Err(USAGE.into()),
            }
        }
        Ok(options)
    }
}

fn list(value: &str) -> Vec<String> {
    value.split(';').map(str::to_owned).collect()
}

fn number(value: &str) -> Result<usize, String> {
    let parsed = value.parse::<usize>().ok().filter(|&number| number > 0);
    parsed.ok_or(format!("{value} is no number"))
}

fn numbers(value: &str) -> Result<Vec<usize>, String> {
    value.split(';').map(number).collect()
}

fn ratios(value: &str) -> Result<Vec<f64>, String> {
    let ratio = |word: &str| word.parse().ok().filter(|&ratio: &f64| ratio > 0.0);
    let ratios = value.split(';').map(ratio).collect::<Option<_>>();
    ratios.ok_or(format!("{value} are no ratios"))
}

/// Whether a list of names, that may be empty for all, has `name`.
pub(crate) fn wanted(names: &[String], name: &str) -> bool {
    names.is_empty() || names.iter().any(|wanted| wanted == name)
}
