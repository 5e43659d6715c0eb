//! Measures each strategy in a separate process.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::allocator;
use crate::figures::Outcome;
use crate::strategy::Strategy;

/// A client on the command line: its name and its options.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The name of the client.
    pub client: &'static str,
    /// Options that the measured process gets.
    pub options: Vec<String>,
}

impl Invocation {
    /// Runs this program again to measure `strategy` and nothing else, and returns what it prints.
    ///
    /// # Errors
    /// If the process cannot be started, or fails.
    pub fn measure(&self, strategy: Strategy) -> Result<String> {
        let output = Command::new(program(strategy)?)
            .env(allocator::VARIABLE, strategy.allocator().name())
            .arg(self.client)
            .arg("--measure")
            .arg(format!("--strategies={}", strategy.argument()))
            .args(&self.options)
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            bail!("{}, {strategy}: {}", self.client, errors.trim());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Measures each strategy once per round, in `rounds` rounds, and checks that their answers
    /// agree.
    ///
    /// # Errors
    /// If a process fails, or two answers differ.
    pub fn compare(
        &self,
        strategies: &[Strategy],
        rounds: u32,
    ) -> Result<Vec<(Strategy, Outcome)>> {
        let mut joined: Vec<(Strategy, Outcome)> = Vec::new();
        for _ in 0..rounds {
            for (index, &strategy) in strategies.iter().enumerate() {
                let outcome: Outcome = self.measure(strategy)?.parse()?;
                match joined.get_mut(index) {
                    None => joined.push((strategy, outcome)),
                    Some((_, earlier)) => join(earlier, &outcome)?,
                }
            }
        }
        agree(&joined)?;
        Ok(joined)
    }
}

/// Joins the outcome of a further process. An item that either process refused counts as refused.
fn join(earlier: &mut Outcome, later: &Outcome) -> Result<()> {
    ensure!(
        earlier.answers.len() == later.answers.len(),
        "two processes of one strategy gave different numbers of answers"
    );
    earlier.figures.join(&later.figures);
    for (earlier, later) in earlier.answers.iter_mut().zip(&later.answers) {
        ensure!(
            earlier.is_none() || later.is_none() || earlier == later,
            "two processes of one strategy gave different answers"
        );
        if later.is_none() {
            *earlier = None;
        }
    }
    Ok(())
}

/// Checks that all strategies gave the same answer to each item that they did not refuse.
///
/// # Errors
/// If two answers differ, or there are none.
pub fn agree(outcomes: &[(Strategy, Outcome)]) -> Result<()> {
    let Some((reference, first)) = outcomes.first() else {
        return Ok(());
    };
    ensure!(!first.answers.is_empty(), "{reference} gave no answers");
    for (strategy, outcome) in outcomes {
        ensure!(
            outcome.answers.len() == first.answers.len(),
            "{strategy} gave {} answers, {reference} {}",
            outcome.answers.len(),
            first.answers.len()
        );
    }
    for item in 0..first.answers.len() {
        let given = outcomes
            .iter()
            .filter_map(|(strategy, outcome)| Some((strategy, outcome.answers[item]?)));
        let mut reference = None;
        for (strategy, answer) in given {
            let &mut (named, expected) = reference.get_or_insert((strategy, answer));
            ensure!(
                answer == expected,
                "item {item}: {strategy} answers {answer:x}, {named} {expected:x}"
            );
        }
    }
    Ok(())
}

/// Returns the program to measure `strategy` with: this one, or another build of it
/// for mimalloc 2.
fn program(strategy: Strategy) -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    if strategy.is_of_this_program() {
        return Ok(this);
    }
    ensure!(
        strategy == Strategy::VecMimalloc2,
        "{strategy} needs a program built without the feature mimalloc-2"
    );
    let target = this
        .parent()
        .context("the program is in no folder")?
        .join("mimalloc-2");
    let status = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["build", "--locked", "--release", "--quiet"])
        .args(["--features", "mimalloc-2", "--bin", "compare-clients"])
        .args(["--manifest-path", env!("CARGO_MANIFEST_PATH")])
        .arg("--target-dir")
        .arg(&target)
        .status()
        .context("cannot run cargo to build the program with mimalloc 2")?;
    ensure!(
        status.success(),
        "the program could not be built with mimalloc 2"
    );
    Ok(target.join("release").join("compare-clients"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(answers: [&[Option<u64>]; 2]) -> Vec<(Strategy, Outcome)> {
        let outcome = |answers: &[Option<u64>]| Outcome {
            answers: answers.to_vec(),
            ..Outcome::default()
        };
        vec![
            (Strategy::FrameArena, outcome(answers[0])),
            (Strategy::Vec, outcome(answers[1])),
        ]
    }

    #[test]
    fn refused_items_do_not_disagree() {
        agree(&outcomes([
            &[Some(1), None, None],
            &[Some(1), Some(2), None],
        ]))
        .unwrap();
    }

    #[test]
    fn different_answers_are_found() {
        let error = agree(&outcomes([&[Some(1), Some(2)], &[Some(1), Some(3)]])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "item 1: Vec, glibc answers 3, frame-arena 2"
        );
        agree(&outcomes([&[Some(1)], &[Some(1), Some(2)]])).unwrap_err();
        agree(&outcomes([&[], &[]])).unwrap_err();
    }

    #[test]
    fn processes_of_a_strategy_must_agree() {
        let outcomes = outcomes([&[Some(1), Some(2)], &[Some(1), None]]);
        let [mut first, second] = [0, 1].map(|index| outcomes[index].1.clone());
        join(&mut first, &second).unwrap();
        assert_eq!(first.answers, [Some(1), None]);
        first.answers[0] = Some(7);
        join(&mut first, &second).unwrap_err();
    }
}
