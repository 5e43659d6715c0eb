#![allow(unsafe_code)]

use std::ptr;

use frame_arena::{AllocError, Arena};
use frame_arena_hooks::ffmpeg::{FfmpegHook, FfmpegPicture, free_picture};

const SIZES: [usize; 4] = [300_000, 75_000, 75_000, 0];

fn free(picture: &FfmpegPicture) {
    // SAFETY: the picture is not used any more.
    unsafe { free_picture(ptr::null_mut(), picture.buffer) };
}

fn plane<'p>(picture: FfmpegPicture, index: usize) -> &'p mut [u8] {
    // SAFETY: the plane has these bytes and the padding.
    unsafe { std::slice::from_raw_parts_mut(picture.planes[index], SIZES[index] + 64) }
}

#[test]
fn planes_are_zeroed_and_recycled() {
    let arena = Arena::new();
    let hook = FfmpegHook::new(&arena);
    for round in 0..20 {
        let pictures = [SIZES; 2].map(|sizes| hook.picture(sizes).unwrap());
        for picture in &pictures {
            assert!(picture.planes[3].is_null());
            for (index, value) in [(0, round + 1), (1, round + 2), (2, round + 3)] {
                assert!(picture.planes[index].addr().is_multiple_of(64));
                assert!(plane(*picture, index).iter().all(|&byte| byte == 0));
                plane(*picture, index).fill(value);
            }
        }
        for picture in &pictures {
            for (index, value) in [(0, round + 1), (1, round + 2), (2, round + 3)] {
                assert!(plane(*picture, index).iter().all(|&byte| byte == value));
            }
            free(picture);
        }
        assert_eq!(arena.snapshot().in_use_bytes, 0);
    }
    assert_eq!(arena.snapshot().runs_made, 2);
}

#[test]
fn stale_planes_are_not_zeroed() {
    let arena = Arena::new();
    let hook = FfmpegHook::stale(&arena);
    // Debug builds mark stale memory.
    let stale = if cfg!(debug_assertions) { 0xa5 } else { 7 };
    for round in 0..3 {
        let picture = hook.picture(SIZES).unwrap();
        let planes = plane(picture, 0);
        assert!(round == 0 || planes.iter().all(|&byte| byte == stale));
        planes.fill(7);
        free(&picture);
    }
}

#[test]
fn a_refused_picture_is_an_error_and_noted() {
    let arena = Arena::builder().limit_bytes(1 << 20).build();
    let hook = FfmpegHook::new(&arena);
    let first = hook.picture([600_000, 0, 0, 0]).unwrap();
    let refused = hook.picture([600_000, 0, 0, 0]).unwrap_err();
    assert!(matches!(refused, AllocError::LimitExceeded { .. }));
    assert_eq!(hook.take_refusal(), Some(refused));
    assert_eq!(hook.take_refusal(), None);
    let overflow = hook.picture([usize::MAX, 0, 0, 0]).unwrap_err();
    assert!(matches!(overflow, AllocError::SizeOverflow { .. }));
    // Pictures may be freed after the hook has ended.
    drop(hook);
    free(&first);
    // SAFETY: null is freed by doing nothing.
    unsafe { free_picture(ptr::null_mut(), ptr::null_mut()) };
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}
