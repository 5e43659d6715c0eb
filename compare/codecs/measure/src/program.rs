//! The command line that the programs of all codecs share.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use frame_arena::{Arena, ArenaBuilder, Retention};

use crate::figures::Figures;
use crate::meter::Meter;

/// Decodes a stream once. Without an arena, with the decoder's own memory.
pub type Decode<'d> = &'d dyn Fn(&Path, Option<&Arena>, &mut Meter) -> Result<()>;

/// Frames after which memory of [`arena`] decays. A stream takes its largest number of pictures
/// once per group of pictures, of 16 or 32 in these streams, so memory may stay unused that long.
const DECAY_FRAMES: u32 = 128;

/// How long a process rests.
const REST: Duration = Duration::from_secs(1);

/// Most bytes that an arena holds after a rest: tables that a decoder keeps for its next picture.
const MOST_RESTED_BYTES: usize = 1 << 20;

/// Returns an arena for pictures of streams.
pub fn arena() -> Arena {
    decaying(1).build()
}

/// An arena that decays as [`arena`] does, for pictures of `streams` at once, which count together.
pub(crate) fn decaying(streams: u32) -> ArenaBuilder {
    let frames = streams * DECAY_FRAMES;
    Arena::builder().retention(Retention::Decay { frames })
}

/// Rests for a second after the last picture of `streams`, and then lets an arena decay: by one
/// call if it retains by time, and else by one for each frame that its retention counts.
///
/// # Panics
/// If the arena holds more than [`MOST_RESTED_BYTES`] then.
pub(crate) fn rest(arena: Option<&Arena>, is_idle: bool, streams: u32) {
    thread::sleep(REST);
    let Some(arena) = arena else {
        return;
    };
    let calls = if is_idle {
        1
    } else {
        streams * DECAY_FRAMES + 1
    };
    for _ in 0..calls {
        arena.decay_now();
    }
    let snapshot = arena.snapshot();
    let held_bytes = snapshot.in_use_bytes + snapshot.retained_bytes;
    assert!(
        held_bytes <= MOST_RESTED_BYTES,
        "{held_bytes} bytes held after a rest"
    );
}

/// Runs a program: `PROGRAM FILE...` prints a table, with a process for each row. `PROGRAM --one
/// own|arena|idle|quiet-own|quiet-arena LAPS FILE` measures in this process; quiet ones read no
/// samples, and idle is an arena that retains memory for a second.
///
/// # Errors
/// A decode fails, or the samples differ.
pub fn main(codec: &str, decode: Decode<'_>) -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match &arguments[..] {
        [flag, memory, laps, file] if flag == "--one" => {
            println!("{}", one(decode, memory, laps.parse()?, file.as_ref())?);
            Ok(())
        }
        [] => bail!("usage: {codec} FILE..."),
        files => table(codec, &env::current_exe()?, files),
    }
}

fn one(decode: Decode<'_>, memory: &str, laps: u32, file: &Path) -> Result<Figures> {
    let (is_quiet, memory) = match memory.strip_prefix("quiet-") {
        Some(memory) => (true, memory),
        None => (false, memory),
    };
    let arena = match memory {
        "own" => None,
        "arena" => Some(arena()),
        "idle" => {
            let retention = Retention::Idle { after: REST };
            Some(Arena::builder().retention(retention).build())
        }
        _ => bail!("memory is own or arena, not {memory}"),
    };
    let mut meter = Meter::new(!is_quiet);
    for _ in 0..=laps {
        decode(file, arena.as_ref(), &mut meter)?;
        meter.end_stream();
    }
    Ok(meter.stop(|| {
        if !is_quiet {
            rest(arena.as_ref(), memory == "idle", 1);
        }
    }))
}

/// Measures in a process of its own, with additions to its environment.
///
/// # Errors
/// The process fails.
pub fn apart(
    program: &Path,
    memory: &str,
    laps: u32,
    file: &Path,
    environment: &[(&str, &str)],
) -> Result<Figures> {
    let laps = laps.to_string();
    let file = file.to_str().context("a file name that is no text")?;
    figures_of(program, &["--one", memory, &laps, file], environment)
}

/// Returns the figures that a process prints.
///
/// # Errors
/// The process fails.
pub(crate) fn figures_of(
    program: &Path,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<Figures> {
    let output = Command::new(program)
        .envs(environment.iter().copied())
        .args(arguments)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{arguments:?}: {errors}");
    let line = text.lines().find(|line| line.starts_with("figures "));
    line.context("no figures")?.parse()
}

fn table(codec: &str, program: &Path, files: &[String]) -> Result<()> {
    println!(
        "| stream | {codec} with | CPU us | faults | warm faults | allocations | peak KiB | after KiB | rested KiB |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|");
    for file in files {
        let file = PathBuf::from(file);
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let mut digests = Vec::new();
        for memory in ["own", "arena"] {
            let figures = apart(program, memory, 4, &file, &[])?;
            digests.push((figures.pictures, figures.digest));
            println!(
                "| {name} | {memory} | {:.0} | {:.1} | {:.2} | {:.1} | {} | {} | {} |",
                figures.cpu_micros,
                figures.faults,
                figures.warm_faults,
                figures.allocations,
                figures.peak_kib,
                figures.after_kib,
                figures.rested_kib
            );
        }
        ensure!(digests[0] == digests[1], "{name}: samples differ");
    }
    Ok(())
}
