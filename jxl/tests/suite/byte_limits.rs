//! Byte limits: a refusal is an error, and the arena stays usable.

use frame_arena::{AllocError, Arena, Retention};
use jxl_arena::{Decoder, Error, Layout};

use super::support::sample_bytes;
use super::tier::is_slow_wanted;

/// One file for each way in which a decode holds memory.
const NAMES: [&str; 8] = [
    "rgb8_e3_g0",
    "squeeze_g0",
    "palette_groups",
    "xyb_groups",
    "rgba16",
    "vardct_patches",
    "lf_frames_nested",
    "layers_lossless",
];

#[test]
fn a_limit_ends_a_decode_and_leaves_the_arena_usable() {
    let small = sample_bytes("one_pixel");
    for name in NAMES {
        let file = sample_bytes(name);
        let unlimited = Decoder::default();
        let picture = unlimited.read(&file).unwrap();
        let layout = picture.info().layout();
        let expected: Vec<u16> = picture.decode(layout).unwrap();
        let needed_bytes = unlimited.arena().snapshot().peak_held_bytes;
        let (mut refusals, mut successes) = (0, 0);
        for sixteenths in 1..=32 {
            let limit_bytes = needed_bytes * sixteenths / 16;
            let arena = Arena::builder().limit_bytes(limit_bytes).build();
            let decoder = Decoder::new(arena);
            let picture = decoder.read(&file).unwrap();
            match picture.decode::<u16>(layout) {
                Ok(pixels) => {
                    assert!(pixels == expected, "{name} within {limit_bytes} bytes");
                    successes += 1;
                }
                Err(Error::Memory(AllocError::LimitExceeded {
                    limit_bytes: said, ..
                })) => {
                    assert_eq!(said, limit_bytes);
                    refusals += 1;
                }
                Err(error) => panic!("{name} within {limit_bytes} bytes: {error}"),
            }
            let after = decoder.arena().snapshot();
            assert_eq!((after.live_bytes, after.charged_bytes), (0, 0), "{name}");
            assert!(
                after.peak_held_bytes <= limit_bytes,
                "{name}: limit exceeded"
            );
            if sixteenths >= 16 {
                let again = decoder.read(&small).unwrap();
                again.decode::<u8>(again.info().layout()).expect(name);
            }
        }
        assert!(
            refusals > 0 && successes > 0,
            "{name}: {refusals} refused, {successes} done"
        );
    }
}

#[test]
fn a_refused_arena_decodes_what_fits() {
    let arena = Arena::builder().limit_bytes(8 << 20).build();
    let decoder = Decoder::new(arena);
    let small = sample_bytes("rgb8_container");
    let expected: Vec<u8> = {
        let picture = Decoder::default()
            .read(&small)
            .map(|p| p.decode(p.info().layout()));
        picture.unwrap().unwrap()
    };
    let large = sample_bytes("rgb8_e3_g0");
    let large = decoder.read(&large).unwrap();
    for _ in 0..3 {
        let held = decoder.arena().frame();
        let _others = held.charge((8 << 20) - 4096).unwrap();
        assert!(matches!(
            large.decode::<u8>(large.info().layout()),
            Err(Error::Memory(_))
        ));
        drop(_others);
        let picture = decoder.read(&small).unwrap();
        assert!(picture.decode::<u8>(picture.info().layout()).unwrap() == expected);
    }
}

#[test]
fn the_vector_of_a_decode_counts_and_the_callers_buffer_does_not() {
    let file = sample_bytes("rgb8_e3_g0");
    let held = |decode: &(dyn Fn(&jxl_arena::Picture<'_>) + Sync)| {
        let decoder = Decoder::default();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
        let picture = decoder.read(&file).unwrap();
        pool.unwrap().install(|| decode(&picture));
        decoder.arena().snapshot().peak_held_bytes
    };
    let output_bytes = 390 * 265 * 3;
    let with_vector = held(&|picture| drop(picture.decode::<u8>(Layout::Rgb).unwrap()));
    let with_buffer = held(&|picture| {
        let mut pixels = vec![0u8; output_bytes];
        picture.decode_into(Layout::Rgb, &mut pixels).unwrap();
    });
    assert_eq!(with_vector, with_buffer + output_bytes);
}

/// Decodes on one thread: with several, the memory of a decode depends on their order.
#[test]
fn what_fits_a_new_arena_fits_after_any_other_picture() {
    let reserving = |arena: &Arena, file: &[u8]| {
        let decoder = Decoder::new(arena.clone()).reserving();
        let picture = decoder.read(file)?;
        picture.decode::<u16>(picture.info().layout()).map(drop)
    };
    let is_slow = is_slow_wanted("one of two ways to retain, for each pair of pictures");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    pool.unwrap().install(|| {
        let files = NAMES.map(|name| {
            let file = sample_bytes(name);
            let arena = Arena::new();
            reserving(&arena, &file).expect(name);
            (name, file, arena.snapshot().peak_held_bytes)
        });
        let mut pairs = 0;
        for (row, (first_name, first, first_peak)) in files.iter().enumerate() {
            for (column, (name, file, peak)) in files.iter().enumerate() {
                let limit_bytes = first_peak.max(peak) * 103 / 100;
                let limited = || Arena::builder().limit_bytes(limit_bytes);
                let fits = |file| reserving(&limited().build(), file).is_ok();
                if !fits(first) || !fits(file) {
                    continue;
                }
                let ways = [Retention::default(), Retention::KeepAll];
                for (place, retention) in ways.into_iter().enumerate() {
                    if !is_slow && (row + column) % 2 != place {
                        continue;
                    }
                    let arena = limited().retention(retention).build();
                    reserving(&arena, first).unwrap();
                    if let Err(error) = reserving(&arena, file) {
                        panic!("{name} after {first_name}, {retention:?}: {error}");
                    }
                    pairs += 1;
                }
            }
        }
        let least = if is_slow { 98 } else { 49 };
        assert!(pairs >= least, "only {pairs} pairs were compared");
    });
}
