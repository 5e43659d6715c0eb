//! Measures JPEG XL decoders on the same files: `decoders --help`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use compare_decoders::counting::CountingAllocator;
use compare_decoders::decoder::Peer;
use compare_decoders::difference::{Difference, difference};
use compare_decoders::figures::Figures;
use compare_decoders::image::Layout;
use compare_decoders::measure::{Task, measure};
use compare_decoders::probe::{Probe, probe};
use compare_decoders::table;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Decodes each file with each decoder, every pair in a process of its own, checks that the samples agree and prints a
/// table of what each spent.
#[derive(Parser)]
struct Arguments {
    /// JPEG XL files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Decoders, the first being the one that the others' samples are compared with.
    #[arg(long, value_delimiter = ',', default_value = "jxl-oxide,jxl-rs")]
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
    /// Processes per decoder and file; decoders take turns, so that a busy machine disturbs all alike.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Largest difference, in steps of 8 bits, that passes for files in the XYB colour space and for float samples; other
    /// samples must be equal.
    #[arg(long, default_value_t = 1.0)]
    tolerance: f64,
    /// Measure this layout in this process, and write figures and samples to standard output.
    #[arg(long, hide = true)]
    measure: Option<Layout>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.measure {
        Some(layout) => measure_here(&arguments, layout).map(|()| true),
        None => compare_all(&arguments),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("decoders: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The measured process: one line of figures, then the samples.
fn measure_here(arguments: &Arguments, layout: Layout) -> Result<()> {
    let ([file], [peer]) = (&arguments.files[..], &arguments.decoders[..]) else {
        bail!("--measure takes one file and one decoder");
    };
    let (figures, output) = measure(&Task {
        peer: *peer,
        file,
        layout,
        threads: arguments.threads.into(),
        warm_up: arguments.warm_up.into(),
        repeat: arguments.repeat.into(),
    })?;
    let mut out = io::stdout().lock();
    writeln!(out, "{figures}")?;
    out.write_all(output.bytes())?;
    Ok(out.flush()?)
}

/// Prints the table; `false` if a decoder failed or samples differ.
fn compare_all(arguments: &Arguments) -> Result<bool> {
    println!("{}", table::HEADING);
    let mut agreed = true;
    for file in &arguments.files {
        let name = file
            .file_name()
            .unwrap_or(file.as_os_str())
            .to_string_lossy();
        let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
        let probe = probe(&bytes).with_context(|| file.display().to_string())?;
        agreed &= compare_file(arguments, file, &name, &probe)?;
    }
    println!("\n{}", table::LEGEND);
    Ok(agreed)
}

fn compare_file(arguments: &Arguments, file: &Path, name: &str, probe: &Probe) -> Result<bool> {
    let mut outcomes: Vec<Result<Measured>> = Vec::new();
    for round in 0..arguments.rounds {
        for (index, &peer) in arguments.decoders.iter().enumerate() {
            let outcome = measure_apart(arguments, file, peer, &probe.layout);
            match outcomes.get_mut(index) {
                None => outcomes.push(outcome),
                Some(Ok(earlier)) => earlier.add(outcome?, round)?,
                Some(Err(_)) => {}
            }
        }
    }
    let mut reference: Option<&[u8]> = None;
    let mut agreed = true;
    for (&peer, outcome) in arguments.decoders.iter().zip(&outcomes) {
        match outcome {
            Err(error) => {
                println!("| {name} | {} | failed: {error:#} |||||||||||", peer.name());
                agreed = false;
            }
            Ok(measured) => {
                let compared = reference.map(|r| difference(&probe.layout, r, &measured.samples));
                reference = reference.or(Some(&measured.samples));
                agreed &= compared.is_none_or(|d| passes(&d, probe, arguments.tolerance));
                let samples = verdict(compared, probe, arguments.tolerance);
                let row = table::row(name, peer, &probe.layout, &measured.rounds, &samples);
                println!("{row}");
            }
        }
    }
    Ok(agreed)
}

struct Measured {
    rounds: Vec<Figures>,
    samples: Vec<u8>,
}

impl Measured {
    fn add(&mut self, other: Measured, round: u16) -> Result<()> {
        ensure!(
            self.samples == other.samples,
            "round {round} gave other samples"
        );
        self.rounds.extend(other.rounds);
        Ok(())
    }
}

/// Runs this program again to measure one decoder on one file.
fn measure_apart(
    arguments: &Arguments,
    file: &Path,
    peer: Peer,
    layout: &Layout,
) -> Result<Measured> {
    let output = Command::new(std::env::current_exe()?)
        .arg(format!("--measure={layout}"))
        .arg(format!("--decoders={}", peer.name()))
        .arg(format!("--threads={}", arguments.threads))
        .arg(format!("--warm-up={}", arguments.warm_up))
        .arg(format!("--repeat={}", arguments.repeat))
        .arg("--")
        .arg(file)
        .stdin(Stdio::null())
        .output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    let last_words = stderr
        .trim()
        .lines()
        .last()
        .unwrap_or("no message")
        .to_owned();
    ensure!(output.status.success(), "{last_words}");
    let line_end = output.stdout.iter().position(|&b| b == b'\n');
    let (line, samples) = output.stdout.split_at(line_end.context("no figures")? + 1);
    ensure!(
        samples.len() == layout.output_bytes(),
        "{} bytes of samples",
        samples.len()
    );
    Ok(Measured {
        rounds: vec![str::from_utf8(line)?.parse()?],
        samples: samples.to_vec(),
    })
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
