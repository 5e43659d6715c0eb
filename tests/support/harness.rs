//! A test harness without threads of its own. libtest's own thread allocates when a test has run
//! for a minute, which disturbs tests that count or refuse all requests of their process.

use std::env;

/// Runs those of `tests` that the command line selects, in order, on the calling thread. Takes
/// libtest's filters, `--exact`, `--skip` and `--list`; its other options change nothing.
///
/// # Panics
/// If a test panics.
pub(crate) fn run(tests: &[(&str, fn())]) {
    let arguments = Arguments::parse(env::args().skip(1));
    let selected: Vec<_> = tests
        .iter()
        .filter(|(name, _)| arguments.select(name))
        .collect();
    if arguments.list {
        for (name, _) in selected {
            println!("{name}: test");
        }
        return;
    }
    println!("\nrunning {} tests", selected.len());
    for (name, test) in &selected {
        test();
        println!("test {name} ... ok");
    }
    println!(
        "\ntest result: ok. {} passed; {} filtered out\n",
        selected.len(),
        tests.len() - selected.len()
    );
}

#[derive(Default)]
struct Arguments {
    filters: Vec<String>,
    skipped: Vec<String>,
    exact: bool,
    list: bool,
    /// No test here is ignored, so none runs with `--ignored`.
    only_ignored: bool,
}

impl Arguments {
    fn parse(mut words: impl Iterator<Item = String>) -> Self {
        let mut arguments = Self::default();
        while let Some(word) = words.next() {
            match &*word {
                "--exact" => arguments.exact = true,
                "--list" => arguments.list = true,
                "--ignored" => arguments.only_ignored = true,
                "--skip" => arguments.skipped.extend(words.next()),
                "--test-threads" | "--format" | "--color" | "--logfile" => drop(words.next()),
                _ if word.starts_with('-') => {}
                _ => arguments.filters.push(word),
            }
        }
        arguments
    }

    fn select(&self, name: &str) -> bool {
        let matches = |filter: &String| match self.exact {
            true => name == filter,
            false => name.contains(&**filter),
        };
        let wanted = self.filters.is_empty() || self.filters.iter().any(matches);
        wanted && !self.only_ignored && !self.skipped.iter().any(matches)
    }
}
