//! What servers and players do with decoders, measured.

use std::env;
use std::path::{Path, PathBuf};
use std::slice;

use anyhow::{Context, Result, bail, ensure};

use crate::codec::{Codec, Stream, error};
use crate::figures::Figures;
use crate::meter::Meter;
use crate::program;

/// The scenarios: name, threads of a decoder, and laps that are measured after one that warms up.
const SCENARIOS: [(&str, i32, u32); 5] = [
    ("one stream", 1, 2),
    ("8 threads", 8, 2),
    ("sizes change", 1, 2),
    ("16 streams", 1, 1),
    ("1,000 opens", 1, 1000),
];

/// Streams that are decoded at once.
const STREAMS: usize = 16;

/// The limit of an arena for these.
const LIMIT_BYTES: usize = 256 << 20;

/// Runs a program of one decoder: that of [`program::main`], and `PROGRAM --scenarios FILE...`,
/// which prints a table of all scenarios with three files or more, from small to large. The
/// environment's `CODECS_THREADS` is the number of threads of the former.
///
/// # Errors
/// A decode fails, or the samples differ.
pub fn main<H>(codec: &Codec<H>) -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments[..] {
        [flag, files @ ..] if flag == "--scenarios" => table(codec.name, files),
        [flag, name, memory, files @ ..] if flag == "--scenario" => {
            let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
            println!("{}", measure(codec, name, memory, &files)?);
            Ok(())
        }
        _ => {
            let threads = env::var("CODECS_THREADS").map_or(Ok(1), |threads| threads.parse())?;
            program::main(codec.name, &|file, arena, meter| {
                codec.decode(file, threads, arena, meter)
            })
        }
    }
}

/// Measures a scenario in this process.
fn measure<H>(codec: &Codec<H>, name: &str, memory: &str, files: &[PathBuf]) -> Result<Figures> {
    let scenario = SCENARIOS.iter().find(|scenario| scenario.0 == name);
    let &(_, threads, laps) = scenario.context("no such scenario")?;
    let [small, middle, .., large] = files else {
        bail!("a scenario needs three files");
    };
    let streams = if name == "16 streams" {
        STREAMS as u32
    } else {
        1
    };
    let arena = match memory {
        "own" => None,
        "arena" if name == "16 streams" => {
            Some(program::decaying(streams).limit_bytes(LIMIT_BYTES).build())
        }
        "arena" => Some(program::arena()),
        _ => bail!("memory is own or arena, not {memory}"),
    };
    let hook = arena.as_ref().map(codec.hook);
    let open = |files: &[PathBuf]| codec.open(files, threads, hook.as_ref());
    let mut meter = Meter::new(true);
    for _ in 0..=laps {
        match name {
            "1,000 opens" => first_picture(&mut *open(slice::from_ref(small))?, &mut meter)?,
            "16 streams" => mixed(files, codec.steps, open, &mut meter)?,
            "sizes change" => {
                let sizes = [small, large, middle, large, small].map(PathBuf::clone);
                whole(&mut *open(&sizes)?, &mut meter)?;
            }
            _ => whole(&mut *open(slice::from_ref(large))?, &mut meter)?,
        }
        meter.end_stream();
    }
    Ok(meter.stop(|| {
        drop(hook);
        program::rest(arena.as_ref(), false, streams);
    }))
}

fn whole(stream: &mut dyn Stream, meter: &mut Meter) -> Result<()> {
    while stream.step(meter).map_err(error)? {}
    Ok(())
}

fn first_picture(stream: &mut dyn Stream, meter: &mut Meter) -> Result<()> {
    while meter.pictures_of_stream() == 0 {
        ensure!(stream.step(meter).map_err(error)?, "no picture");
    }
    Ok(())
}

/// 16 streams of all files at once, each of which is replaced by the next when it ends.
fn mixed<'h>(
    files: &[PathBuf],
    steps: usize,
    open: impl Fn(&[PathBuf]) -> Result<Box<dyn Stream + 'h>>,
    meter: &mut Meter,
) -> Result<()> {
    let mut opened = 0;
    let mut next = || {
        opened += 1;
        open(slice::from_ref(&files[opened * 7 % files.len()]))
    };
    let mut streams = Vec::new();
    for at in 0..steps * STREAMS {
        if at % 3 == 0 && streams.len() < STREAMS {
            streams.push(next()?);
        }
        let index = at % streams.len();
        if !streams[index].step(meter).map_err(error)? {
            streams[index] = next()?;
        }
    }
    Ok(())
}

/// Prints a row for each scenario: figures with the decoder's own memory, and with an arena.
fn table(codec: &str, files: &[String]) -> Result<()> {
    println!(
        "| decoder | scenario | CPU us | faults | allocations | peak KiB | after KiB | rested KiB |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|");
    for (name, [own, arena]) in all(&env::current_exe()?, files)? {
        println!(
            "| {codec} | {name} | {:.0} / {:.0} | {:.1} / {:.1} | {:.1} / {:.1} | {} / {} | {} / {} | {} / {} |",
            own.cpu_micros,
            arena.cpu_micros,
            own.faults,
            arena.faults,
            own.allocations,
            arena.allocations,
            own.peak_kib,
            arena.peak_kib,
            own.after_kib,
            arena.after_kib,
            own.rested_kib,
            arena.rested_kib
        );
    }
    Ok(())
}

/// Measures all scenarios of a program, with the decoder's own memory and with an arena, in a
/// process each. The files are from small to large.
///
/// # Errors
/// A process fails, or the samples differ.
pub fn all(program: &Path, files: &[String]) -> Result<Vec<(&'static str, [Figures; 2])>> {
    let mut measured = Vec::new();
    for (name, ..) in SCENARIOS {
        let [own, arena] = ["own", "arena"].map(|memory| apart(program, name, memory, files));
        let (own, arena) = (own?, arena?);
        let is_same = (own.pictures, own.digest) == (arena.pictures, arena.digest);
        ensure!(is_same && own.pictures > 0, "{name}: samples differ");
        measured.push((name, [own, arena]));
    }
    Ok(measured)
}

/// Measures a scenario in a process of its own.
fn apart(program: &Path, name: &str, memory: &str, files: &[String]) -> Result<Figures> {
    let mut arguments = vec!["--scenario", name, memory];
    arguments.extend(files.iter().map(String::as_str));
    program::figures_of(program, &arguments, &[])
}
