//! Decodes many tiles one after the other, as those of a DNG file, with one decoder: `tiles
//! --help`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Parser;
use compare_decoders::counting::{self, CountingAllocator};
use compare_decoders::decoder::{Decode, Peer};
use compare_decoders::image::{Buffer, Layout};
use compare_decoders::part::Part;
use compare_decoders::probe::probe;
use compare_decoders::process;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Decodes all tiles with each decoder, each decoder in a process of its own and on one thread.
/// Prints the costs of a warm tile, and fails if samples differ.
#[derive(Parser)]
struct Arguments {
    /// Tiles, JPEG XL files of the same size and format.
    #[arg(required = true)]
    tiles: Vec<PathBuf>,
    /// Decoders; the samples of all others are compared with those of the first.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "jxl-oxide,jxl-rs,jxl-arena-nothing-kept,jxl-arena"
    )]
    decoders: Vec<Peer>,
    /// How often all tiles are decoded and measured, after once to warm up.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..))]
    repeat: u16,
    /// Measure in this process, and print a line of figures.
    #[arg(long, hide = true)]
    measure: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.measure {
        return measure(&arguments);
    }
    println!("| decoder | CPU µs | faults | allocations |");
    println!("|---|---:|---:|---:|");
    let mut expected = None;
    for &peer in &arguments.decoders {
        let output = Command::new(std::env::current_exe()?)
            .arg("--measure")
            .arg(format!("--decoders={}", peer.name()))
            .arg(format!("--repeat={}", arguments.repeat))
            .arg("--")
            .args(&arguments.tiles)
            .output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}: {errors}", peer.name());
        let line = String::from_utf8(output.stdout)?;
        let (digest, figures) = line.trim().split_once(' ').context("no figures")?;
        println!("| {} | {figures} |", peer.name());
        let expected = expected.get_or_insert_with(|| digest.to_owned());
        ensure!(digest == expected, "{}: other samples", peer.name());
    }
    Ok(())
}

/// Prints a digest of all samples, and the costs of a tile.
fn measure(arguments: &Arguments) -> Result<()> {
    let tiles = arguments.tiles.iter().map(std::fs::read);
    let tiles: Vec<Vec<u8>> = tiles.collect::<Result<_, _>>()?;
    let layout = probe(&tiles[0])?.layout;
    let mut output = Buffer::new(&layout);
    let mut decoder = arguments.decoders[0].open(1)?;
    let digest = decode_all(&mut *decoder, &tiles, &layout, &mut output)?;
    let (faults, allocations) = (process::minor_faults()?, counting::calls());
    let cpu = process::cpu_time()?;
    for _ in 0..arguments.repeat {
        for tile in &tiles {
            decoder.decode(tile, Part::Whole, &layout, output.bytes_mut())?;
        }
    }
    let cpu = process::cpu_time()? - cpu;
    let faults = process::minor_faults()? - faults;
    let allocations = counting::calls() - allocations;
    ensure!(process::threads()? == 1, "other threads run");
    let again = decode_all(&mut *decoder, &tiles, &layout, &mut output)?;
    ensure!(again == digest, "two decodes of a tile differ");
    let count = f64::from(arguments.repeat) * tiles.len() as f64;
    println!(
        "{digest} {:.1} | {:.2} | {:.2}",
        cpu.as_secs_f64() * 1e6 / count,
        faults as f64 / count,
        allocations as f64 / count
    );
    Ok(())
}

/// Decodes each tile once. Returns a digest of their samples.
fn decode_all(
    decoder: &mut dyn Decode,
    tiles: &[Vec<u8>],
    layout: &Layout,
    output: &mut Buffer,
) -> Result<u64> {
    tiles.iter().try_fold(0u64, |digest, tile| {
        output.spoil();
        decoder.decode(tile, Part::Whole, layout, output.bytes_mut())?;
        Ok(digest.rotate_left(7) ^ output.digest())
    })
}
