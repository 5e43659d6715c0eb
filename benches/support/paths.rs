//! The shortest operations on warm memory, each repeated.

use std::hint::black_box;

use frame_arena::{Arena, PlaneAlloc};

/// Requests per scope in operations that measure one request of many. Repetitions are multiples of
/// it.
pub(crate) const PLANES_IN_SCOPE: u32 = 100;

pub(crate) type Path = fn(&Arena, u32);

pub(crate) const PATHS: [(&str, Path); 8] = [
    ("frame_open_close", frame_open_close),
    ("stage_open_close", stage_open_close),
    ("stage_plane_set", stage_plane_set),
    ("scratch_open_close", scratch_open_close),
    ("scratch_slice", scratch_slice),
    ("small_plane", small_plane),
    ("medium_plane", medium_plane),
    ("plane_set", plane_set),
];

#[inline(never)]
fn frame_open_close(arena: &Arena, times: u32) {
    for _ in 0..times {
        drop(black_box(arena.frame()));
    }
}

#[inline(never)]
fn stage_open_close(arena: &Arena, times: u32) {
    let frame = arena.frame();
    for _ in 0..times {
        drop(black_box(frame.stage("stage")));
    }
}

#[inline(never)]
fn stage_plane_set(arena: &Arena, times: u32) {
    let frame = arena.frame();
    for _ in 0..times {
        let stage = frame.stage("stage");
        let _ = black_box(stage.stale_planes::<f32>(3, 256, 256).unwrap());
    }
}

#[inline(never)]
fn scratch_open_close(arena: &Arena, times: u32) {
    let frame = arena.frame();
    for _ in 0..times {
        drop(black_box(frame.scratch()));
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
            let _ = black_box(frame.stale_plane::<f32>(8, 8).unwrap());
        }
    }
}

#[inline(never)]
fn medium_plane(arena: &Arena, times: u32) {
    for _ in 0..times / PLANES_IN_SCOPE {
        let frame = arena.frame();
        for _ in 0..PLANES_IN_SCOPE {
            let _ = black_box(frame.stale_plane::<f32>(64, 64).unwrap());
        }
    }
}

#[inline(never)]
fn plane_set(arena: &Arena, times: u32) {
    for _ in 0..times / PLANES_IN_SCOPE {
        let frame = arena.frame();
        for _ in 0..PLANES_IN_SCOPE {
            let _ = black_box(frame.stale_planes::<f32>(3, 256, 256).unwrap());
        }
    }
}
