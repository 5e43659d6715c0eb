//! Decay for clients that use only detached memory: their returns count as ends of frames.

use frame_arena::{Arena, PictureLayout, RawLayout, Retention};

use super::{WAITED, arena, request_bytes};

/// Returns before they are counted.
const RETURNS: usize = 64;

const FRAMES: u32 = 4;

/// Memory that is returned once, and never requested again.
const LARGE: usize = 5;

/// Memory that is requested again and again, for which the large memory is too large.
const SMALL: usize = 2;

fn decaying() -> Arena {
    arena(Retention::Decay { frames: FRAMES })
}

fn return_plane(arena: &Arena, index: usize) {
    let plane = arena.detached_plane::<u8>(request_bytes(index), 1);
    drop(plane.expect("memory"));
}

fn has_large(arena: &Arena) -> bool {
    arena.snapshot().retained_bytes >= request_bytes(LARGE)
}

#[test]
fn a_client_that_never_opens_a_frame_decays() {
    let arena = decaying();
    return_plane(&arena, LARGE);
    for _ in 1..RETURNS {
        return_plane(&arena, SMALL);
    }
    assert!(has_large(&arena), "it may open a frame yet");
    for _ in 0..=FRAMES {
        return_plane(&arena, SMALL);
    }
    assert!(!has_large(&arena));
    // Memory that is used again and again stays.
    let made = arena.snapshot().runs_made;
    for _ in 0..100 {
        return_plane(&arena, SMALL);
    }
    assert_eq!(arena.snapshot().runs_made, made);
}

#[test]
fn so_does_one_of_pictures_and_raw_buffers() {
    let arena = decaying();
    return_plane(&arena, LARGE);
    let layout = PictureLayout::yuv420(64, 64).border(16);
    for round in 0..RETURNS + 2 * FRAMES as usize {
        match round % 3 {
            0 => drop(arena.detached_picture::<u8>(&layout).expect("memory")),
            1 => {
                let picture = arena.detached_picture::<u8>(&layout).expect("memory");
                let shared = picture.into_shared();
                drop((shared.clone(), shared));
            }
            _ => drop(arena.raw_buffer(RawLayout::new(9000)).expect("memory")),
        }
    }
    assert!(!has_large(&arena));
}

#[test]
fn so_does_one_of_a_share_or_of_an_allotted_one() {
    for is_allotted in [false, true] {
        let arena = decaying();
        let own = match is_allotted {
            true => arena.allot(64 << 20).expect("room"),
            false => arena.share(64 << 20).expect("room"),
        };
        return_plane(&own, LARGE);
        assert!(has_large(&arena));
        for _ in 0..RETURNS + FRAMES as usize {
            return_plane(&own, SMALL);
        }
        assert!(!has_large(&arena));
    }
}

#[test]
fn while_a_frame_is_open_returns_count_for_nothing() {
    let arena = decaying();
    let frame = arena.frame();
    return_plane(&arena, LARGE);
    for _ in 0..2 * WAITED {
        return_plane(&arena, SMALL);
    }
    assert!(has_large(&arena));
    drop(frame);
    // The count starts again with the frame.
    for _ in 0..RETURNS - 1 {
        return_plane(&arena, SMALL);
    }
    assert!(has_large(&arena));
    for _ in 0..=FRAMES {
        return_plane(&arena, SMALL);
    }
    assert!(!has_large(&arena));
}
