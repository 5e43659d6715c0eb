//! Measures JPEG XL decoders on the same files: `compare-decoders --help`.

mod apart;
mod goals;
mod parts;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use self::apart::{Measured, Outcome, measure_apart};
use anyhow::{Context, Result, bail};
use clap::Parser;
use compare_decoders::counting::CountingAllocator;
use compare_decoders::decoder::{Peer, refusal};
use compare_decoders::difference::{Difference, difference};
use compare_decoders::djxl;
use compare_decoders::image::Layout;
use compare_decoders::instructions;
use compare_decoders::measure::{self, Task};
use compare_decoders::part::Part;
use compare_decoders::probe::{Probe, probe};
use compare_decoders::table::{self, Row};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Decodes each file with each decoder, every pair in a separate process, checks that the samples
/// agree and prints a table of the costs.
#[derive(Parser)]
struct Arguments {
    /// JPEG XL files.
    #[arg(required_unless_present = "goals")]
    files: Vec<PathBuf>,
    /// Decoders; the samples of all others are compared with those of the first.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "jxl-oxide,jxl-rs,jxl-arena-nothing-kept,jxl-arena"
    )]
    decoders: Vec<Peer>,
    /// Threads each decoder may use.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
    /// Measured decodes per process.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    repeat: u16,
    /// Decodes before the measured ones, the first included.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..))]
    warm_up: u16,
    /// Processes per decoder and file; decoders take turns, so that a busy machine disturbs all
    /// alike.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Largest difference, in steps of 8 bits, that passes for files in the XYB color space and
    /// for float samples; other samples must be equal.
    #[arg(long, default_value_t = 1.0)]
    tolerance: f64,
    /// Count the instructions of a warm decode too, on one thread. Needs valgrind.
    #[arg(long)]
    instructions: bool,
    /// Measure parts of the pictures instead: what the first bytes show, an eighth of the size, and
    /// a rectangle in the middle.
    #[arg(long)]
    parts: bool,
    /// Compare jxl-arena with jxl-rs by the goals whose class or file contains this text; all of
    /// them without a text. Needs valgrind.
    #[arg(long, num_args = 0..=1, default_missing_value = "")]
    goals: Option<String>,
    /// Measure this layout in this process, and write figures and samples to standard output.
    #[arg(long, hide = true)]
    measure: Option<Layout>,
    /// With `--measure`, what is decoded.
    #[arg(long, hide = true, default_value = "whole")]
    part: Part,
    /// With `--measure`, only decode this many times, and write nothing.
    #[arg(long, hide = true)]
    only_decode: Option<usize>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match (arguments.measure, &arguments.goals) {
        (Some(layout), _) => measure_here(&arguments, layout).map(|()| true),
        (None, Some(wanted)) => goals::compare(wanted, &mut io::stdout().lock()),
        (None, None) if arguments.parts => parts::compare_all(&arguments),
        (None, None) => compare_all(&arguments),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            match refusal(&error) {
                Some(_) => ExitCode::from(apart::REFUSED),
                None => ExitCode::FAILURE,
            }
        }
    }
}

/// Measures in this process, and writes one line of figures, then the samples.
fn measure_here(arguments: &Arguments, layout: Layout) -> Result<()> {
    let ([file], [peer]) = (&arguments.files[..], &arguments.decoders[..]) else {
        bail!("--measure takes one file and one decoder");
    };
    let task = Task {
        peer: *peer,
        file,
        part: arguments.part,
        layout,
        threads: arguments.threads.into(),
        warm_up: arguments.warm_up.into(),
        repeat: arguments.repeat.into(),
    };
    if let Some(count) = arguments.only_decode {
        return measure::decode(&task, count);
    }
    let (figures, output) = measure::measure(&task)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{figures}")?;
    out.write_all(output.bytes())?;
    Ok(out.flush()?)
}

/// Prints the table. Returns `false` if a decoder failed or samples differ.
fn compare_all(arguments: &Arguments) -> Result<bool> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", table::HEADING)?;
    let mut agreed = true;
    for file in &arguments.files {
        let name = file
            .file_name()
            .unwrap_or(file.as_os_str())
            .to_string_lossy();
        let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
        let probe = probe(&bytes).with_context(|| file.display().to_string())?;
        agreed &= compare_file(arguments, file, &name, &probe, &mut out)?;
    }
    writeln!(out, "\n{}", table::LEGEND)?;
    Ok(agreed)
}

/// Prints the rows of one file. Returns `false` if a decoder failed or samples differ.
fn compare_file(
    arguments: &Arguments,
    file: &Path,
    name: &str,
    probe: &Probe,
    out: &mut impl Write,
) -> Result<bool> {
    let mut reference: Option<&[u8]> = None;
    let mut agreed = true;
    let outcomes = measure_all(arguments, file, &probe.layout)?;
    let rival = arguments
        .decoders
        .iter()
        .zip(&outcomes)
        .find_map(|pair| match pair {
            (Peer::JxlRs, Outcome::Measured(measured)) => Some(measured.work()),
            _ => None,
        });
    for (&peer, outcome) in arguments.decoders.iter().zip(&outcomes) {
        match outcome {
            Outcome::Measured(measured) => {
                let compared = reference.map(|r| difference(&probe.layout, r, &measured.samples));
                reference = reference.or(Some(&measured.samples));
                agreed &= compared.is_none_or(|d| passes(&d, probe, arguments.tolerance));
                let samples = verdict(compared, probe, arguments.tolerance);
                let row = Row {
                    file: name,
                    peer,
                    layout: &probe.layout,
                    rounds: &measured.rounds,
                    work: measured.work(),
                    rival,
                    samples: &samples,
                };
                writeln!(out, "{row}")?;
            }
            Outcome::Refused(message) => {
                writeln!(out, "{}", table::row_without_figures(name, peer, message))?;
            }
            Outcome::Failed(message) => {
                agreed = false;
                let message = format!("FAILED: {message}");
                writeln!(out, "{}", table::row_without_figures(name, peer, &message))?;
            }
        }
    }
    Ok(agreed)
}

/// Measures all decoders on one file, `rounds` times in turn.
fn measure_all(arguments: &Arguments, file: &Path, layout: &Layout) -> Result<Vec<Outcome>> {
    let task = |peer| Task {
        peer,
        file,
        part: Part::Whole,
        layout: *layout,
        threads: arguments.threads.into(),
        warm_up: arguments.warm_up.into(),
        repeat: arguments.repeat.into(),
    };
    let mut outcomes: Vec<Outcome> = Vec::new();
    for _ in 0..arguments.rounds {
        for (index, &peer) in arguments.decoders.iter().enumerate() {
            let outcome = match peer {
                Peer::Djxl => measure_djxl(&task(peer)),
                _ => measure_apart(&task(peer))?,
            };
            match outcomes.get_mut(index) {
                None => outcomes.push(outcome),
                Some(earlier) => earlier.add(outcome),
            }
        }
    }
    if arguments.instructions {
        let program = std::env::current_exe()?;
        for (&peer, outcome) in arguments.decoders.iter().zip(&mut outcomes) {
            if let (Outcome::Measured(measured), true) = (outcome, peer != Peer::Djxl) {
                let counted = instructions::of_warm_decode(&program, &task(peer))?;
                measured.instructions = Some(counted);
            }
        }
    }
    Ok(outcomes)
}

/// Measures djxl. A file that it is not compared on counts as refused.
fn measure_djxl(task: &Task<'_>) -> Outcome {
    let measured = djxl::measure(&djxl::Task {
        file: task.file,
        part: task.part,
        layout: &task.layout,
        threads: task.threads,
        warm_up: task.warm_up,
        repeat: task.repeat,
    });
    match measured {
        Ok(djxl::Outcome::Measured(figures, samples)) => Outcome::Measured(Measured {
            rounds: vec![figures],
            samples,
            instructions: None,
        }),
        Ok(djxl::Outcome::Refused(message)) => Outcome::Refused(message.to_owned()),
        Err(error) => Outcome::Failed(format!("{error:#}")),
    }
}

fn passes(found: &Difference, probe: &Probe, tolerance: f64) -> bool {
    found.is_none() || probe.rounds() && found.largest_steps <= tolerance
}

fn verdict(compared: Option<Difference>, probe: &Probe, tolerance: f64) -> String {
    match compared {
        None => "reference".to_owned(),
        Some(found) if passes(&found, probe, tolerance) => found.to_string(),
        Some(found) => {
            let (frame, y, x, channel) = found.place(&probe.layout);
            format!("MISMATCH {found}, worst at frame {frame} x {x} y {y} channel {channel}")
        }
    }
}
