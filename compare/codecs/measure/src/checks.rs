//! What the tests of every decoder check.
//!
//! # Panics
//! Every function, if its check fails or a program cannot be run.

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use frame_arena::{AllocError, Arena, ArenaSnapshot};

use crate::figures::Figures;
use crate::{instructions, program, scenarios};

/// The samples are the same with the decoder's own memory and with an arena's. Returns the figures
/// of both.
pub fn same_samples(
    program: &Path,
    laps: u32,
    file: &Path,
    environment: &[(&str, &str)],
) -> [Figures; 2] {
    let [own, arena] = ["own", "arena"]
        .map(|memory| program::apart(program, memory, laps, file, environment).unwrap());
    eprintln!("{}: own {own:?}, arena {arena:?}", file.display());
    assert_eq!((own.pictures, own.digest), (arena.pictures, arena.digest));
    [own, arena]
}

/// A second after the last picture, one call of `decay_now` leaves little in an arena that retains
/// memory by time: the process fails otherwise.
fn memory_is_back(program: &Path, file: &Path) {
    let idle = program::apart(program, "idle", 1, file, &[]).unwrap();
    eprintln!("{}: idle {idle:?}", file.display());
}

/// The samples of each scenario are the same with the decoder's own memory and with an arena's. The
/// files are the first three of `files`. A second after the last picture, memory is back with the
/// system.
pub fn same_samples_in_scenarios(program: &Path, files: &[PathBuf]) {
    let Some(files) = files.get(..3) else {
        return;
    };
    let files: Vec<String> = files
        .iter()
        .map(|file| file.to_str().unwrap().into())
        .collect();
    for (name, figures) in scenarios::all(program, &files).unwrap() {
        eprintln!("{name}: {figures:?}");
    }
    memory_is_back(program, Path::new(&files[0]));
}

/// Lap `lap` of a decode takes at most one percent more instructions than with the decoder's own
/// memory.
pub fn instructions(program: &Path, lap: u32, file: &Path) {
    let file = file.to_str().unwrap();
    let of_lap = |memory: &str| {
        let of = |laps: u32| {
            let arguments = ["--one", memory, &laps.to_string(), file];
            instructions::of(program, &arguments).unwrap()
        };
        of(lap) - of(lap - 1)
    };
    let [own, arena] = ["quiet-own", "quiet-arena"].map(of_lap);
    eprintln!("{file}: own {own}, arena {arena} instructions");
    assert!(arena as f64 <= own as f64 * 1.01);
}

/// From the second decode of a stream on, all pictures are in memory that `arena` retained, whose
/// pages were faulted in before.
pub fn no_runs_when_warm(arena: &Arena, files: &[PathBuf], decode: impl Fn(&Path)) {
    for file in files {
        decode(file);
        let made = arena.snapshot().runs_made;
        for _ in 0..2 {
            decode(file);
        }
        let snapshot = arena.snapshot();
        assert_eq!(snapshot.runs_made, made, "{}", file.display());
        assert_eq!(snapshot.in_use_bytes, 0, "{}", file.display());
    }
}

/// A decoder with a hook of type `H`.
pub struct Hooked<H, T> {
    /// Makes a hook on an arena without a limit, by which the need is measured.
    pub unlimited: fn(&Arena) -> H,
    /// Makes a hook on an arena with a limit.
    pub limited: fn(&Arena) -> H,
    /// Decodes a stream, and returns what identifies its pictures or the decoder's error.
    pub decode: fn(&Path, &H) -> Result<T, i32>,
    /// Takes the hook's last refusal.
    pub take_refusal: fn(&H) -> Option<AllocError>,
    /// The decoder's own error for memory.
    pub out_of_memory: i32,
}

/// A limit that is met in the middle of the last of `files` is the decoder's error for memory, and
/// the next stream decodes.
pub fn limit_in_the_middle<H, T: PartialEq + Debug>(files: &[PathBuf], hooked: &Hooked<H, T>) {
    let (Some(small), Some(large)) = (files.first(), files.last()) else {
        return;
    };
    let unlimited = Arena::new();
    let hook = (hooked.unlimited)(&unlimited);
    let expected = (hooked.decode)(small, &hook);
    assert!(expected.is_ok(), "{expected:?}");
    (hooked.decode)(large, &hook).unwrap();
    let limit_bytes = unlimited.snapshot().peak_held_bytes / 2;

    let arena = Arena::builder().limit_bytes(limit_bytes).build();
    let hook = (hooked.limited)(&arena);
    for _ in 0..3 {
        let refused = (hooked.decode)(large, &hook);
        assert_eq!(refused, Err(hooked.out_of_memory));
        let refusal = (hooked.take_refusal)(&hook);
        assert!(matches!(refusal, Some(AllocError::LimitExceeded { .. })));
        assert_eq!((hooked.decode)(small, &hook), expected);
        assert_eq!((hooked.take_refusal)(&hook), None);
    }
    drop(hook);
    let snapshot = arena.snapshot();
    assert_eq!(snapshot.in_use_bytes, 0);
    assert!(snapshot.peak_held_bytes <= limit_bytes);
}

/// Prints and returns how much an arena held at its peak, over what was live at its peak.
pub fn held_over_live(snapshot: &ArenaSnapshot) -> f64 {
    let (live_bytes, held_bytes) = (snapshot.peak_bytes, snapshot.peak_held_bytes);
    let ratio = held_bytes as f64 / live_bytes as f64;
    eprintln!(
        "{} KiB live, {} KiB held, {ratio:.3}",
        live_bytes >> 10,
        held_bytes >> 10
    );
    ratio
}

/// 16 of `files` are open at once, and each is replaced by another one when it ends. The arena
/// holds at most 1.1 times what they need.
///
/// `step` decodes a picture, or some of a stream, and returns whether there is more. `trim` makes
/// the hook return what it retains without a decoder.
pub fn mixed_streams<D>(
    arena: &Arena,
    files: &[PathBuf],
    mut open: impl FnMut(&Path) -> D,
    mut step: impl FnMut(&mut D) -> bool,
    trim: impl FnOnce(),
) {
    const STREAMS: usize = 16;
    if files.is_empty() {
        return;
    }
    let mut opened = 0;
    let mut next = |opened: &mut usize| {
        *opened += 1;
        open(&files[(*opened * 7) % files.len()])
    };
    let mut decoders = Vec::new();
    let mut pictures = 0;
    for at in 0..100 * STREAMS {
        if at % 3 == 0 && decoders.len() < STREAMS {
            decoders.push(next(&mut opened));
        }
        let index = at % decoders.len();
        match step(&mut decoders[index]) {
            true => pictures += 1,
            false => decoders[index] = next(&mut opened),
        }
    }
    eprintln!("{pictures} pictures of {opened} streams");
    let ratio = held_over_live(&arena.snapshot());
    assert!(opened >= 2 * STREAMS && pictures > 40 * STREAMS && ratio <= 1.1);
    drop(decoders);
    trim();
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}
