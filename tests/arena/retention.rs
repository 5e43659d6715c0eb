//! Bytes that an arena retains and holds, over live bytes.

#[path = "../../benches/support/uneven.rs"]
mod uneven;

use frame_arena::{AllocError, Arena, Frame, PlaneAlloc, PlaneSet, TileGrid};
use rayon::prelude::*;
use uneven::{BumpPerThread, MIB, Memory, Numbers};

const FRAMES: usize = 60;

/// Asserts that the bytes retained after frames, and the most ever held, are at most `bound` times
/// the live bytes. Prints them, and those of a `bumpalo::Bump` per thread.
fn assert_retained(name: &str, arena: &Arena, bumps: &BumpPerThread, bound: f64) {
    let snapshot = arena.snapshot();
    assert_eq!((snapshot.live_bytes, snapshot.open_frames), (0, 0));
    let over_live = |bytes: usize| bytes as f64 / snapshot.peak_bytes as f64;
    let retained = over_live(arena.retained_bytes());
    let held = over_live(arena.peak_held_bytes());
    println!(
        "{name}: retained / live {retained:.3}, held / live {held:.3}; bumpalo per thread {:.2}, {:.2}",
        over_live(bumps.retained_bytes()),
        over_live(bumps.peak_held_bytes())
    );
    assert!(retained <= bound, "{name}: {retained:.3} exceeds {bound}");
    assert!(held <= bound, "{name}: held {held:.3}");
}

/// Frames whose groups are stolen, then frames with one thread that gets half.
fn decode_groups<M: Memory>(memory: &M, pool: &rayon::ThreadPool, numbers: &mut Numbers) {
    uneven::decode_stolen(memory, pool, 10, 64 * MIB, numbers);
    uneven::decode_skewed(memory, pool, 10, 64 * MIB, numbers);
}

fn assert_groups(threads: usize, bound: f64) {
    let pool = uneven::pool(threads);
    let arena = Arena::new();
    let bumps = BumpPerThread::new(threads);
    let (mut arena_numbers, mut bump_numbers) = (Numbers(1), Numbers(1));
    for _ in 0..FRAMES / 20 {
        decode_groups(&arena, &pool, &mut arena_numbers);
        decode_groups(&bumps, &pool, &mut bump_numbers);
    }
    assert_retained(&format!("{threads} threads"), &arena, &bumps, bound);
}

#[test]
fn groups_on_two_threads() {
    assert_groups(2, 1.15);
}

#[test]
fn groups_on_sixteen_threads() {
    assert_groups(16, 1.35);
}

/// Frames of 106 MiB, two at once.
fn decode_pairs<M: Memory>(memory: &M, pool: &rayon::ThreadPool) {
    let numbers = &mut Numbers(2);
    uneven::decode_frame_parallel(memory, pool, FRAMES / 2, 212 * MIB, &[1, 1], numbers);
}

#[test]
fn whole_frames_that_move_between_workers() {
    let pool = uneven::pool(16);
    let arena = Arena::new();
    let bumps = BumpPerThread::new(16);
    decode_pairs(&arena, &pool);
    decode_pairs(&bumps, &pool);
    assert_retained("frame-parallel", &arena, &bumps, 1.05);
}

const WIDTH: usize = 3840;
const HEIGHT: usize = 2160;

/// The stages after the coefficients: two filters from plane to plane and back, and 8-bit output.
fn filters_and_output(frame: &Frame, xyb: &mut PlaneSet<'_, f32>) -> Result<(), AllocError> {
    for filter in ["gaborish", "edge-preserving filter"] {
        let stage = frame.stage(filter);
        let mut filtered = stage.copied_planes(xyb)?;
        for (mut plane, mut to) in filtered.planes_mut().zip(xyb.planes_mut()) {
            plane.row_mut(0).fill(1.0);
            to.copy_from(plane.view());
        }
    }
    let stage = frame.stage("output");
    let rgb = stage.stale_planes::<u8>(3, WIDTH, HEIGHT)?;
    assert_eq!(rgb.count(), 3);
    Ok(())
}

fn coefficients_in_planes(frame: &Frame) -> Result<(), AllocError> {
    frame.with_stage("coefficients", |stage| {
        let mut coefficients = stage.planes::<i32>(3, WIDTH, HEIGHT)?;
        coefficients
            .tiles(TileGrid::new(256, 256))
            .into_par_iter()
            .try_for_each(|mut group| {
                let scratch = stage.scratch();
                let block = scratch.slice::<i32>(64)?;
                block.fill(1);
                group
                    .planes_mut()
                    .for_each(|mut plane| plane.fill(block[0]));
                Ok(())
            })
    })
}

fn coefficients_by_group(frame: &Frame) -> Result<(), AllocError> {
    frame.with_stage("coefficients", |stage| {
        (0..WIDTH.div_ceil(256) * HEIGHT.div_ceil(256))
            .into_par_iter()
            .map(|_| stage.planes::<i32>(3, 256, 256))
            .collect::<Result<Vec<_>, _>>()
            .map(|groups| assert_eq!(groups.len(), 135))
    })
}

/// Decodes frames of three stages and compares the blocks and runs in use at the peak with the live
/// bytes at the peak.
fn assert_staged(name: &str, coefficients: fn(&Frame) -> Result<(), AllocError>) {
    let arena = Arena::new();
    for _ in 0..2 {
        let frame = arena.frame();
        let mut xyb = frame.stale_planes(3, WIDTH, HEIGHT).unwrap();
        coefficients(&frame).unwrap();
        filters_and_output(&frame, &mut xyb).unwrap();
        let report = frame.finish();
        let live = report.peak_bytes as f64;
        let taken = report.peak_taken_bytes as f64 / live;
        let held = arena.snapshot().peak_held_bytes as f64 / live;
        let sum = report.requested_bytes as f64 / live;
        println!(
            "{name}: in use / live {taken:.3}, held / live {held:.3}, granted / live {sum:.2}"
        );
        assert!(taken <= 1.1, "{name}: {taken:.3}");
    }
}

#[test]
fn a_frame_cut_into_stages_takes_what_is_alive() {
    assert_staged("coefficient planes", coefficients_in_planes);
    assert_staged("coefficients by group", coefficients_by_group);
}
