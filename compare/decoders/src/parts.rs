//! The table of parts of pictures: what the first bytes of a file show, reduced sizes, rectangles.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use compare_decoders::decoder::Peer;
use compare_decoders::difference::rms;
use compare_decoders::djxl;
use compare_decoders::figures::Figures;
use compare_decoders::image::{Buffer, Layout};
use compare_decoders::instructions;
use compare_decoders::measure::Task;
use compare_decoders::part::Part;
use compare_decoders::probe::probe;

use crate::Arguments;
use crate::apart::{Measured, Outcome, measure_apart};
use crate::measure_djxl;

const HEADING: &str = "\
| file | part | decoder | bytes | of the file | CPU ms | over its whole decode | M instructions | peak MiB, resident | heap | RMS off |
|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|";

const LEGEND: &str = "\
First: the fewest bytes, in hundredths of the file, that show a picture within 24/255 of the whole
one; they are fed in one piece, and shown once. Eighth: 1:8, compared with averages of the whole
picture. Region: 1024 x 768 pixels in the middle, or half the width and height if that is less.
CPU: least of the measured decodes. Peak: beyond file and output. RMS: root of the mean square of
differences from that decoder's whole picture, in steps of 8 bits.";

/// Largest RMS, in steps of 8 bits, of the first picture.
const FIRST_RMS: f64 = 24.0;

/// Largest RMS of a reduced picture. Averages are compared after the conversion to the samples of
/// the output, in which they differ more than in the space in which a file is coded.
const REDUCED_RMS: f64 = 3.0;

/// Prints the table. Returns `false` if a decoder failed or a part is not what it should be.
pub(crate) fn compare_all(arguments: &Arguments) -> Result<bool> {
    let mut out = io::stdout().lock();
    writeln!(out, "{HEADING}")?;
    let mut agreed = true;
    for file in &arguments.files {
        for &peer in &arguments.decoders {
            let told = || format!("{} by {}", file.display(), peer.name());
            agreed &= compare_file(arguments, file, peer, &mut out).with_context(told)?;
        }
    }
    writeln!(out, "\n{LEGEND}")?;
    Ok(agreed)
}

/// One file and decoder.
struct Subject<'a> {
    arguments: &'a Arguments,
    path: &'a Path,
    bytes: Vec<u8>,
    peer: Peer,
    whole: Layout,
}

fn compare_file(
    arguments: &Arguments,
    path: &Path,
    peer: Peer,
    out: &mut impl Write,
) -> Result<bool> {
    let bytes = std::fs::read(path)?;
    let whole = probe(&bytes)?.layout;
    ensure!(
        whole.frames == 1,
        "parts of files of several frames are not compared"
    );
    let subject = Subject {
        arguments,
        path,
        bytes,
        peer,
        whole,
    };
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let reference = match subject.measure(Part::Whole)? {
        Outcome::Measured(measured) => measured,
        Outcome::Refused(message) | Outcome::Failed(message) => {
            writeln!(out, "| {name} | whole | {} | {message} |", peer.name())?;
            return Ok(false);
        }
    };
    let mut agreed = true;
    let row = subject.row(Part::Whole, &reference, &reference, 0.0)?;
    writeln!(out, "| {name} {row}")?;
    let first = subject.first(&reference.samples)?;
    for part in [first, Some(Part::Eighth), Some(Part::middle(&whole))] {
        let Some(part) = part.filter(|&part| peer.decodes(part)) else {
            continue;
        };
        let measured = match subject.measure(part)? {
            Outcome::Measured(measured) => measured,
            Outcome::Refused(message) | Outcome::Failed(message) => {
                agreed = false;
                writeln!(
                    out,
                    "| {name} | {part} | {} | FAILED: {message} |",
                    peer.name()
                )?;
                continue;
            }
        };
        let expected = part.of(&whole, &reference.samples);
        let off = rms(&whole, &expected, &measured.samples);
        let most = match part {
            Part::Whole | Part::Region(_) => 0.0,
            Part::Prefix { .. } => FIRST_RMS,
            Part::Eighth => REDUCED_RMS,
        };
        agreed &= off <= most || peer != Peer::JxlArena;
        let row = subject.row(part, &measured, &reference, off)?;
        writeln!(out, "| {name} {row}")?;
    }
    Ok(agreed)
}

impl Subject<'_> {
    fn task(&self, part: Part) -> Task<'_> {
        Task {
            peer: self.peer,
            file: self.path,
            part,
            layout: part.layout(&self.whole),
            threads: self.arguments.threads.into(),
            warm_up: self.arguments.warm_up.into(),
            repeat: self.arguments.repeat.into(),
        }
    }

    fn measure(&self, part: Part) -> Result<Outcome> {
        let mut outcome: Option<Outcome> = None;
        for _ in 0..self.arguments.rounds {
            let next = match self.peer {
                Peer::Djxl => measure_djxl(&self.task(part)),
                _ => measure_apart(&self.task(part))?,
            };
            match &mut outcome {
                None => outcome = Some(next),
                Some(earlier) => earlier.add(next),
            }
        }
        outcome.context("no round")
    }

    /// Searches the fewest hundredths of the file that show nearly the picture.
    fn first(&self, whole: &[u8]) -> Result<Option<Part>> {
        let prefix = |hundredths: usize| Part::Prefix {
            bytes: self.bytes.len() * hundredths / 100,
        };
        let (mut too_few, mut enough) = (0, 100_usize);
        while enough - too_few > 1 {
            let middle = too_few.midpoint(enough);
            let shown = self.show(prefix(middle))?;
            match shown.is_some_and(|shown| rms(&self.whole, whole, &shown) <= FIRST_RMS) {
                true => enough = middle,
                false => too_few = middle,
            }
        }
        Ok((enough < 100).then(|| prefix(enough)))
    }

    /// The picture that a part of the file shows, or `None` if it shows nothing.
    fn show(&self, part: Part) -> Result<Option<Vec<u8>>> {
        if self.peer == Peer::Djxl {
            let task = djxl::Task {
                file: self.path,
                part,
                layout: &self.whole,
                threads: 1,
                warm_up: 1,
                repeat: 1,
            };
            return Ok(match djxl::measure(&task) {
                Ok(djxl::Outcome::Measured(_, samples)) => Some(samples),
                _ => None,
            });
        }
        let mut output = Buffer::new(&self.whole);
        let mut decoder = self.peer.open(1)?;
        let shown = decoder.decode(&self.bytes, part, &self.whole, output.bytes_mut());
        Ok(shown.is_ok().then(|| output.bytes().to_vec()))
    }

    fn row(&self, part: Part, measured: &Measured, whole: &Measured, off: f64) -> Result<String> {
        let (name, bytes) = match part {
            Part::Whole => ("whole", self.bytes.len()),
            Part::Prefix { bytes } => ("first", bytes),
            Part::Eighth => ("eighth", self.bytes.len()),
            Part::Region(_) => ("region", self.bytes.len()),
        };
        let of_command = self.peer == Peer::Djxl;
        let instructions = match self.arguments.instructions && !of_command {
            true => {
                let task = Task {
                    warm_up: 1,
                    repeat: 1,
                    ..self.task(part)
                };
                let count = instructions::of_warm_decode(&std::env::current_exe()?, &task)?;
                format!("{:.1}", count as f64 / 1e6)
            }
            false => "-".to_owned(),
        };
        let cpu = |of: &Measured| of.work().cpu.as_secs_f64();
        let most = |figure: fn(&Figures) -> u64| match of_command {
            true => "-".to_owned(),
            false => {
                let most = measured.rounds.iter().map(figure).max().unwrap_or_default();
                format!("{:.2}", most as f64 / f64::from(1 << 20))
            }
        };
        Ok(format!(
            "| {name} | {} | {bytes} | {:.0} % | {:.2} | {:.2} | {instructions} | {} | {} | {off:.2} |",
            self.peer.name(),
            100.0 * bytes as f64 / self.bytes.len() as f64,
            1e3 * cpu(measured),
            cpu(measured) / cpu(whole),
            most(|r| r.peak_resident_bytes),
            most(|r| r.peak_heap_bytes),
        ))
    }
}
