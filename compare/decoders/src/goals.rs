//! The goals of jxl-arena, class by class: the most that a decode may cost, compared with jxl-rs.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use compare_decoders::decoder::Peer;
use compare_decoders::image::Layout;
use compare_decoders::instructions;
use compare_decoders::measure::Task;
use compare_decoders::part::Part;
use compare_decoders::probe::probe;

use crate::apart::{Outcome, measure_apart};

/// A cost of decodes on one thread, and the most that it may be.
#[derive(Clone, Copy)]
enum Most {
    /// Instructions of a warm decode, as a multiple of those of jxl-rs.
    Warm(f64),
    /// The same of the first decode in a new process.
    First(f64),
    /// Peak of resident bytes per pixel, in addition to file and output.
    Peak(f64),
}
use Most::{First, Peak, Warm};

/// Goals by class and file.
const GOALS: &[(&str, &str, Most)] = &[
    ("lossless", "8-bit-lossless-e3", Warm(0.65)),
    ("lossless", "8-bit-lossless-e7", Warm(0.65)),
    ("lossless", "512px-lossless-e3", Warm(0.65)),
    ("lossless", "16-bit-lossless-e3", Warm(0.65)),
    ("lossless", "16-bit-lossless-e7", Warm(0.65)),
    ("lossless", "screenshot-lossless-e3", Warm(0.65)),
    ("lossless", "screenshot-lossless-e7", Warm(0.65)),
    ("lossless", "palette-lossless-e3", Warm(0.65)),
    ("lossless", "palette-lossless-e7", Warm(0.65)),
    ("distance 1", "512px-d1", Warm(0.75)),
    ("distance 1", "2mp-d1", Warm(0.75)),
    ("distance 1", "4k-d1", Warm(0.75)),
    ("distance 1", "12mp-d1", Warm(0.75)),
    ("progressive", "4k-d1-progressive", Warm(0.75)),
    ("progressive", "progressive_ac", Warm(0.75)),
    ("upsampled", "upsampling", Warm(0.75)),
    ("noise", "noise", Warm(0.75)),
    ("recompressed JPEG", "2mp-jpeg", Warm(0.75)),
    ("alpha", "2mp-alpha-d1", Warm(0.75)),
    ("alpha", "2mp-alpha-unsqueezed-d1", Warm(0.75)),
    ("lossy Modular", "2mp-modular-d1", Warm(0.75)),
    ("animation", "animation-d1", Warm(0.65)),
    ("animation", "animation_icos4d", Warm(0.65)),
    ("animation", "animation_newtons_cradle", Warm(0.65)),
    ("layers", "blendmodes", Warm(0.65)),
    ("layers", "spot", Warm(0.65)),
    ("first decode", "64px-d1", First(0.6)),
    ("first decode", "128px-d1", First(0.6)),
    ("first decode", "256px-d1", First(0.6)),
    ("first decode", "512px-d1", First(0.6)),
    ("peak", "12mp-d1", Peak(0.6)),
    ("peak", "12mp-d1-progressive", Peak(0.8)),
    ("peak", "12mp-alpha-d1", Peak(0.8)),
    ("peak", "12mp-alpha-unsqueezed-d1", Peak(0.8)),
    ("peak", "2mp-modular-d1", Peak(5.0)),
    ("peak", "12mp-lossless-e3", Peak(0.25)),
    ("peak", "animation-d1", Peak(16.0)),
];

/// Folders of the files, from the package's.
const FOLDERS: [&str; 3] = [
    "../photos",
    "../../../shared/corpus/conformance",
    "../../../shared/corpus/features",
];

/// Prints a row for each goal whose class or file contains `wanted`. Returns `false` if one is
/// missed.
pub(crate) fn compare(wanted: &str, out: &mut impl Write) -> Result<bool> {
    writeln!(
        out,
        "| class | file | cost | jxl-rs | jxl-arena | over jxl-rs | goal | |\n\
         |---|---|---|---:|---:|---:|---:|---|"
    )?;
    let mut all_met = true;
    let matching = GOALS
        .iter()
        .filter(|(class, name, _)| class.contains(wanted) || name.contains(wanted));
    for &(class, name, most) in matching {
        let file = find(name)?;
        let layout = probe(&std::fs::read(&file)?)?.layout;
        let [theirs, ours] =
            [Peer::JxlRs, Peer::JxlArena].map(|peer| most.cost(peer, &file, layout));
        let (theirs, ours) = (theirs?, ours?);
        let ratio = ours / theirs;
        let (cost, unit, is_met, goal) = match most {
            Warm(goal) => ("warm decode", "M", ratio <= goal, goal),
            First(goal) => ("first decode", "M", ratio <= goal, goal),
            Peak(goal) => ("peak", " B/px", ours <= goal, goal),
        };
        let verdict = if is_met { "met" } else { "missed" };
        all_met &= is_met;
        writeln!(
            out,
            "| {class} | {name} | {cost} | {theirs:.2}{unit} | {ours:.2}{unit} | {ratio:.3} | \
             {goal} | {verdict} |"
        )?;
        out.flush()?;
    }
    Ok(all_met)
}

impl Most {
    fn cost(self, peer: Peer, file: &Path, layout: Layout) -> Result<f64> {
        let task = Task {
            peer,
            file,
            part: Part::Whole,
            layout,
            threads: 1,
            warm_up: 2,
            repeat: 1,
        };
        let program = std::env::current_exe()?;
        match self {
            Warm(_) => Ok(instructions::of_warm_decode(&program, &task)? as f64 / 1e6),
            First(_) => Ok(instructions::of_first_decode(&program, &task)? as f64 / 1e6),
            Peak(_) => match measure_apart(&task)? {
                Outcome::Measured(measured) => {
                    let bytes = measured.rounds[0].peak_resident_bytes;
                    Ok(bytes as f64 / layout.frame_pixels() as f64)
                }
                Outcome::Refused(message) | Outcome::Failed(message) => bail!(message),
            },
        }
    }
}

fn find(name: &str) -> Result<PathBuf> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut places = FOLDERS.iter().map(|folder| package.join(folder).join(name));
    places
        .find_map(|place| Some(place.with_extension("jxl")).filter(|file| file.exists()))
        .with_context(|| format!("{name}.jxl: make-photos.sh makes it, or it is in the corpus"))
}
