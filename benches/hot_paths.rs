//! What the shortest operations cost in warm memory. Each is a function of its own, so that `valgrind --tool=callgrind
//! --toggle-collect=hot_paths::NAME` counts its instructions; the time on the clock is printed without it.

use std::hint::black_box;
use std::time::Instant;

use frame_arena::{Arena, PlaneAlloc};

const PLANES_IN_SCOPE: u32 = 100;

#[inline(never)]
fn frame_open_close(arena: &Arena, times: u32) {
    for _ in 0..times {
        black_box(arena.frame());
    }
}

#[inline(never)]
fn stage_open_close(arena: &Arena, times: u32) {
    let frame = arena.frame();
    for _ in 0..times {
        black_box(frame.stage("stage"));
    }
}

#[inline(never)]
fn stage_plane_set(arena: &Arena, times: u32) {
    let frame = arena.frame();
    for _ in 0..times {
        let stage = frame.stage("stage");
        black_box(stage.stale_planes::<f32>(3, 256, 256).unwrap());
    }
}

#[inline(never)]
fn scratch_slice(arena: &Arena, times: u32) {
    let frame = arena.frame();
    for _ in 0..times {
        let scratch = frame.scratch();
        black_box(scratch.stale_slice::<f32>(64).unwrap());
    }
}

#[inline(never)]
fn small_plane(arena: &Arena, times: u32) {
    for _ in 0..times / PLANES_IN_SCOPE {
        let frame = arena.frame();
        for _ in 0..PLANES_IN_SCOPE {
            black_box(frame.stale_plane::<f32>(8, 8).unwrap());
        }
    }
}

#[inline(never)]
fn medium_plane(arena: &Arena, times: u32) {
    for _ in 0..times / PLANES_IN_SCOPE {
        let frame = arena.frame();
        for _ in 0..PLANES_IN_SCOPE {
            black_box(frame.stale_plane::<f32>(64, 64).unwrap());
        }
    }
}

#[inline(never)]
fn plane_set(arena: &Arena, times: u32) {
    for _ in 0..times / PLANES_IN_SCOPE {
        let frame = arena.frame();
        for _ in 0..PLANES_IN_SCOPE {
            black_box(frame.stale_planes::<f32>(3, 256, 256).unwrap());
        }
    }
}

type Named = (&'static str, fn(&Arena, u32));

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--test");
    let times = if smoke { PLANES_IN_SCOPE * 10 } else { 200_000 };
    let arena = Arena::new();
    let operations: [Named; 7] = [
        ("frame_open_close", frame_open_close),
        ("stage_open_close", stage_open_close),
        ("stage_plane_set", stage_plane_set),
        ("scratch_slice", scratch_slice),
        ("small_plane", small_plane),
        ("medium_plane", medium_plane),
        ("plane_set", plane_set),
    ];
    println!("| operation | ns |\n|---|---|");
    for (name, operation) in operations {
        operation(&arena, PLANES_IN_SCOPE);
        let start = Instant::now();
        operation(&arena, times);
        println!(
            "| {name} | {:.0} |",
            start.elapsed().as_nanos() as f64 / f64::from(times)
        );
    }
}
