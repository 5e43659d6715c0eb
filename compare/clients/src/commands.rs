//! The commands, one per client. With `--measure`, a command does the work itself; otherwise it
//! starts a process per strategy and prints a table.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use compare_clients::allocator::Allocator;
use compare_clients::apart::{Invocation, agree};
use compare_clients::long_run::LongRun;
use compare_clients::strategy::Strategy;
use compare_clients::table::{legend, table};
use compare_clients::{jpeg, long_run, server, video};
use tempfile::NamedTempFile;

use crate::arguments::{Common, JpegArguments, LongRunArguments, ServerArguments, VideoArguments};

impl Common {
    /// Returns the strategy that this process measures, or `None` without `--measure`.
    fn measured(&self) -> Result<Option<Strategy>> {
        if !self.measure {
            return Ok(None);
        }
        let [strategy] = self.strategies[..] else {
            bail!("--measure takes exactly one strategy");
        };
        ensure!(
            strategy.is_of_this_program() && Allocator::of_this_process() == strategy.allocator(),
            "the process does not run on the allocator of {strategy}"
        );
        Ok(Some(strategy))
    }

    fn strategies<'s>(&'s self, by_default: &'s [Strategy]) -> &'s [Strategy] {
        match &self.strategies[..] {
            [] => by_default,
            chosen => chosen,
        }
    }

    fn print_table(
        &self,
        invocation: &Invocation,
        by_default: &[Strategy],
        item: &str,
    ) -> Result<()> {
        let strategies = self.strategies(by_default);
        let outcomes = invocation.compare(strategies, self.rounds)?;
        println!("{}\n\n{}", table(&outcomes, item == "job"), legend(item));
        Ok(())
    }
}

pub(crate) fn run_jpeg(arguments: &JpegArguments) -> Result<()> {
    let JpegArguments {
        common,
        file,
        threads,
        repeat,
        ..
    } = arguments;
    if let Some(strategy) = common.measured()? {
        let file = file.clone().context("no file to measure on")?;
        let options = jpeg::Options {
            file,
            threads: *threads,
            repeat: *repeat,
        };
        print!("{}", jpeg::measure(strategy, &options)?);
        return Ok(());
    }
    let drawn = match file {
        Some(_) => None,
        None => Some(drawn_file(arguments.width, arguments.height)?),
    };
    let path = drawn.as_ref().map(NamedTempFile::path).or(file.as_deref());
    let path = path.context("no file to measure on")?;
    let options = vec![
        format!("--file={}", path.display()),
        format!("--threads={threads}"),
        format!("--repeat={repeat}"),
    ];
    let invocation = Invocation {
        client: "jpeg",
        options,
    };
    common.print_table(&invocation, &Strategy::DECODERS, "decode")
}

/// Draws a picture and encodes it into a temporary file.
fn drawn_file(width: usize, height: usize) -> Result<NamedTempFile> {
    let rgb = jpeg::picture::draw(width, height);
    let picture = jpeg::picture::encode(&rgb, width, height, true, None)?;
    let mut file = NamedTempFile::new()?;
    file.write_all(&picture)?;
    let bits = picture.len() as f64 * 8.0 / (width * height) as f64;
    println!("{width} x {height} pixels, 4:2:0, {bits:.2} bits per pixel\n");
    Ok(file)
}

pub(crate) fn run_video(arguments: &VideoArguments) -> Result<()> {
    let VideoArguments {
        common,
        width,
        height,
        threads,
        laps,
    } = arguments;
    if let Some(strategy) = common.measured()? {
        let options = video::Options {
            resolutions: [(*width, *height), (width * 2 / 3, height * 2 / 3)],
            threads: *threads,
            laps: *laps,
        };
        print!("{}", video::measure(strategy, &options)?);
        return Ok(());
    }
    let options = vec![
        format!("--width={width}"),
        format!("--height={height}"),
        format!("--threads={threads}"),
        format!("--laps={laps}"),
    ];
    let invocation = Invocation {
        client: "video",
        options,
    };
    common.print_table(&invocation, &Strategy::DECODERS, "picture")
}

pub(crate) fn run_server(arguments: &ServerArguments) -> Result<()> {
    let ServerArguments {
        common,
        workers,
        jobs,
        laps,
        shortest,
        longest,
        limit,
    } = arguments;
    ensure!(
        shortest <= longest,
        "--shortest={shortest} exceeds --longest={longest}"
    );
    if let Some(strategy) = common.measured()? {
        let options = server::Options {
            workers: *workers,
            jobs: *jobs,
            laps: *laps,
            sides: [*shortest, *longest],
            limit_bytes: limit << 20,
        };
        print!("{}", server::measure(strategy, &options)?);
        return Ok(());
    }
    let options = vec![
        format!("--workers={workers}"),
        format!("--jobs={jobs}"),
        format!("--laps={laps}"),
        format!("--shortest={shortest}"),
        format!("--longest={longest}"),
        format!("--limit={limit}"),
    ];
    let invocation = Invocation {
        client: "server",
        options,
    };
    let mut strategies = Strategy::DECODERS.to_vec();
    strategies.push(Strategy::VecUnchecked);
    println!("limit: {limit} MiB\n");
    common.print_table(&invocation, &strategies, "job")
}

pub(crate) fn run_long(arguments: &LongRunArguments) -> Result<()> {
    let LongRunArguments {
        common,
        threads,
        pictures,
        every,
        svg,
    } = arguments;
    if let Some(strategy) = common.measured()? {
        let options = long_run::Options {
            threads: *threads,
            pictures: *pictures,
            every: usize::from(*every),
        };
        print!("{}", long_run::measure(strategy, &options)?);
        return Ok(());
    }
    let options = vec![
        format!("--threads={threads}"),
        format!("--pictures={pictures}"),
        format!("--every={every}"),
    ];
    let invocation = Invocation {
        client: "long-run",
        options,
    };
    let mut runs: Vec<(Strategy, LongRun)> = Vec::new();
    for &strategy in common.strategies(&Strategy::ALLOCATORS) {
        runs.push((strategy, invocation.measure(strategy)?.parse()?));
    }
    let outcomes = runs
        .iter()
        .map(|(strategy, run)| (*strategy, run.outcome.clone()));
    agree(&outcomes.collect::<Vec<_>>())?;
    println!("{}\n\n{}", long_run::table(&runs), long_run::LEGEND);
    if let Some(path) = svg {
        write_svg(path, &long_run::draw(&runs, *threads))?;
    }
    Ok(())
}

fn write_svg(path: &Path, svg: &str) -> Result<()> {
    std::fs::write(path, svg).with_context(|| path.display().to_string())
}
