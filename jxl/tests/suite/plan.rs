//! Plans from headers, compared with the memory that decodes take.

use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use frame_arena::Arena;
use frame_arena_trace::{Level, Trace};
use jxl_arena::{Decoder, Error, Picture};
use rayon::ThreadPool;

use super::support::{corpus, pool, sample_bytes, sample_names};
use super::tier::is_slow_wanted;

const LARGE_PIXELS: f64 = 1e6;

/// Largest plan over what is taken, for large pictures.
const MOST_OVER_TAKEN: f64 = 1.25;

/// The same for [`SPARSE`]. Their headers allow 33,536 varblocks in an LF group, each with memory
/// of the weighted predictor; the files have few (two kilobytes for two megapixels).
const MOST_OVER_TAKEN_SPARSE: f64 = 1.5;
const SPARSE: [&str; 2] = ["has_permutation.jxl", "has_permutation_with_container.jxl"];

/// Samples of a decode into memory of the caller's.
fn decode(picture: &Picture<'_>, pool: &ThreadPool) -> Result<Vec<u16>, Error> {
    let info = picture.info();
    let samples = info.width as usize * info.height as usize * info.layout().channels();
    let mut pixels = vec![0; samples];
    pool.install(|| picture.decode_into(info.layout(), &mut pixels))?;
    Ok(pixels)
}

/// Most bytes of blocks and runs that a decode in a new arena holds, in use or not.
fn most_held(file: &[u8], pool: &ThreadPool) -> (usize, Vec<u16>) {
    let arena = Arena::builder().record().build();
    let decoder = Decoder::new(arena.clone());
    let picture = decoder.read(file).unwrap();
    // What an ICC profile was read in would serve the decode without being counted for it.
    arena.trim();
    let levels = || {
        Trace::from(arena.recording().unwrap().unwrap())
            .levels()
            .unwrap()
    };
    let before = levels();
    let pixels = decode(&picture, pool).unwrap();
    let levels = levels();
    let held = |level: &Level| level.in_use_bytes + level.retained_bytes;
    let most = levels[before.len()..].iter().map(held).max().unwrap_or(0);
    // The codestream of a container is held by the picture.
    (most.saturating_sub(before.last().map_or(0, held)), pixels)
}

/// Bytes planned and bytes held.
pub(crate) fn check(name: &str, file: &[u8], threads: usize) -> (usize, usize) {
    let pool = pool(threads);
    let decoder = Decoder::default();
    let picture = decoder.read(file).unwrap();
    let plan = picture.plan(NonZeroUsize::new(threads).unwrap()).unwrap();
    let (held, pixels) = most_held(file, &pool);
    let planned = plan.held_bytes();
    let arena = Arena::new();
    let reserving = Decoder::new(arena.clone()).reserving();
    let picture = reserving.read(file).unwrap();
    let before = arena.snapshot().live_bytes;
    assert!(
        decode(&picture, &pool).unwrap() == pixels,
        "{name}: other samples in a reserve"
    );
    let snapshot = arena.snapshot();
    assert_eq!(snapshot.live_bytes, before, "{name}");
    assert_eq!(snapshot.beyond_plan_bytes, 0, "{name}, {threads} threads");
    (planned, held)
}

#[test]
fn samples_take_at_most_what_is_planned() {
    let is_slow = is_slow_wanted("plans of each sample for other numbers of threads");
    for (index, name) in sample_names().enumerate() {
        let file = sample_bytes(name);
        for (place, threads) in [1, 2, 8].into_iter().enumerate() {
            if is_slow || index % 3 == place {
                check(name, &file, threads);
            }
        }
    }
}

#[test]
fn the_corpus_takes_at_most_what_is_planned() {
    let Some(folder) = corpus() else { return };
    let mut far = Vec::new();
    let most_pixels = match is_slow_wanted("plans of pictures of more than a megapixel") {
        true => f64::INFINITY,
        false => LARGE_PIXELS,
    };
    for folder in ["conformance", "features", "photos"].map(|name| folder.join(name)) {
        let mut paths: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        for path in paths
            .iter()
            .filter(|path| path.extension().is_some_and(|ext| ext == "jxl"))
        {
            far.extend(check_file(path, most_pixels));
        }
    }
    assert!(
        far.is_empty(),
        "plans of more than {MOST_OVER_TAKEN} of what is taken: {far:#?}"
    );
}

/// Checks a file that can be decoded and has at most `most_pixels`; its name and figures if it is
/// large and its plan far from what it takes.
fn check_file(path: &Path, most_pixels: f64) -> Option<String> {
    let name = path.file_name().unwrap().to_string_lossy();
    let file = fs::read(path).unwrap();
    let decoder = Decoder::default();
    let picture = decoder.read(&file).ok()?;
    let info = picture.info();
    let pixels = f64::from(info.width) * f64::from(info.height);
    if pixels > most_pixels {
        return None;
    }
    if matches!(decode(&picture, &pool(1)), Err(Error::Unsupported { .. })) {
        return None;
    }
    let is_large = pixels > LARGE_PIXELS;
    let mut far = None;
    for threads in [1, 2] {
        let (planned, held) = check(&name, &file, threads);
        let ratio = planned as f64 / held.max(1) as f64;
        let line =
            format!("{name}: {planned} bytes planned for {held}, {ratio:.2}, {threads} threads");
        eprintln!("{line}");
        let most = match SPARSE.contains(&&*name) {
            true => MOST_OVER_TAKEN_SPARSE,
            false => MOST_OVER_TAKEN,
        };
        // What two threads hold at once depends on when they come.
        if threads == 1 && is_large && ratio > most {
            far = Some(line);
        }
    }
    far
}
