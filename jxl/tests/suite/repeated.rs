//! Decodes in one arena, one after another and in parallel.

use frame_arena::Arena;
use jxl_arena::Decoder;
use rayon::prelude::*;

use super::support::{pool, sample_bytes, sample_names};

/// With other numbers of threads, tasks get other groups, and the seam between the groups of two
/// tasks may be finished by a third.
#[test]
fn repeated_decodes_are_identical_on_any_number_of_threads() {
    let pools = [1, 2, 3, 8].map(pool);
    for name in sample_names() {
        let file = sample_bytes(name);
        let mut first: Option<Vec<u32>> = None;
        for pool in &pools {
            let decoder = Decoder::default();
            let picture = decoder.read(&file).unwrap();
            let layout = picture.info().layout();
            // A codestream in pieces is joined in memory of the arena while its picture exists.
            let joined_bytes = decoder.arena().snapshot().live_bytes;
            for round in 0..2 {
                let pixels = pool.install(|| picture.decode::<f32>(layout));
                let pixels: Vec<_> = pixels.expect(name).into_iter().map(f32::to_bits).collect();
                let first = first.get_or_insert_with(|| pixels.clone());
                let threads = pool.current_num_threads();
                assert!(
                    *first == pixels,
                    "{name}: decode {round} on {threads} threads"
                );
            }
            let after = decoder.arena().snapshot();
            assert_eq!(after.live_bytes, joined_bytes, "{name}");
        }
    }
}

#[test]
fn pictures_decode_at_once_in_one_arena() {
    let decoder = Decoder::default();
    let files: Vec<Vec<u8>> = sample_names().map(sample_bytes).collect();
    let decode = |file: &Vec<u8>| {
        let picture = decoder.read(file).unwrap();
        picture.decode::<u16>(picture.info().layout()).unwrap()
    };
    let one_by_one: Vec<_> = files.iter().map(decode).collect();
    let at_once: Vec<_> = pool(8).install(|| files.par_iter().map(decode).collect());
    assert!(one_by_one == at_once);
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
}

#[test]
fn later_decodes_take_no_new_memory() {
    let pool = pool(1);
    for name in [
        "rgb8_e3_g0",
        "squeeze_g0",
        "palette_groups",
        "xyb_groups",
        "float_rgb",
        "vardct_patches",
        "lf_frames_nested",
        "layers_lossless",
    ] {
        let decoder = Decoder::new(Arena::new());
        let file = sample_bytes(name);
        let picture = decoder.read(&file).unwrap();
        let layout = picture.info().layout();
        let (width, height) = (picture.info().width, picture.info().height);
        let mut pixels = vec![0u16; width as usize * height as usize * layout.channels()];
        let made = || {
            let snapshot = decoder.arena().snapshot();
            snapshot.blocks_made + snapshot.runs_made
        };
        let before = made();
        let mut decode = || {
            let decode = || picture.decode_into(layout, &mut pixels);
            pool.install(decode).unwrap();
        };
        decode();
        let first = made();
        assert!(
            first > before,
            "{name}: the first decode made no blocks or runs"
        );
        for _ in 0..3 {
            decode();
            assert_eq!(made(), first, "{name}");
        }
    }
}
