//! The process has no memory: every function returns an error, and nothing aborts.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;
use std::sync::Mutex;

use fa_status::{FA_OK, FA_SYSTEM_REFUSED};
use frame_arena_capi::*;

thread_local! {
    /// Allocations that this thread still gets; `None` for any number.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Tests take turns, as they share the records of closed handles.
static TURN: Mutex<()> = Mutex::new(());

struct Refusing;

#[global_allocator]
static GLOBAL: Refusing = Refusing;

// SAFETY: the system's allocator, or null.
unsafe impl GlobalAlloc for Refusing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if LEFT.get() == Some(0) {
            return ptr::null_mut();
        }
        LEFT.set(LEFT.get().map(|left| left - 1));
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(start, layout) };
    }
}

/// What a call made, to be ended whatever the other calls return.
struct Made {
    arena: *mut fa_arena,
    share: *mut fa_arena,
    frame: *mut fa_scope,
    stage: *mut fa_scope,
    hooks: [*mut fa_hook; 4],
    piece: *mut c_void,
    buffer: *mut c_void,
    picture: fa_picture,
}

/// Calls what takes memory, until something is refused.
///
/// # Safety
/// `made` is empty, or its fields are null or handles.
unsafe fn make(made: &mut Made) -> Result<(), fa_status> {
    let checked = |status| match status {
        FA_OK => Ok(()),
        refused => Err(refused),
    };
    let [dav1d, buffers, ffmpeg, heap] = &mut made.hooks;
    // SAFETY: as the caller promises.
    unsafe {
        checked(fa_arena_new(ptr::null(), &mut made.arena))?;
        checked(fa_arena_share(made.arena, FA_NO_LIMIT, &mut made.share))?;
        checked(fa_frame_open(made.share, &mut made.frame))?;
        checked(fa_stage_open(made.frame, &mut made.stage))?;
        for (scope, width) in [(made.frame, 1000), (made.stage, 10)] {
            let mut memory = ptr::null_mut();
            checked(fa_scope_alloc(scope, width * 2000, 0, &mut memory))?;
        }
        checked(fa_dav1d_hook(made.arena, dav1d))?;
        checked(fa_frame_buffer_hook(made.arena, 0, buffers))?;
        checked(fa_ffmpeg_hook(made.arena, FA_STALE, ffmpeg))?;
        checked(fa_heap_hook(made.arena, heap))?;
        made.piece = fa_heap_alloc((*heap).cast(), 1000);
        if made.piece.is_null() {
            let mut refusal = std::mem::zeroed();
            checked(fa_hook_take_refusal(*heap, &mut refusal))?;
            checked(refusal.status)?;
        }
        let align = 4096;
        checked(fa_buffer_alloc(
            made.arena,
            100,
            align,
            0,
            0,
            &mut made.buffer,
        ))?;
        let mut layout = std::mem::zeroed();
        checked(fa_picture_layout_init(&mut layout, 100, 100, 1, FA_YUV420))?;
        checked(fa_picture_alloc(made.arena, &layout, 0, &mut made.picture))
    }
}

/// Makes everything with `count` allocations, and ends it.
fn result_of(count: usize) -> Result<(), fa_status> {
    // SAFETY: null pointers and zeros.
    let mut made: Made = unsafe { std::mem::zeroed() };
    LEFT.set(Some(count));
    // SAFETY: nothing was made yet.
    let result = unsafe { make(&mut made) };
    LEFT.set(None);
    // SAFETY: what was made is ended once, and what was not is null.
    unsafe {
        fa_picture_unref(&mut made.picture);
        fa_buffer_free(made.buffer);
        fa_heap_free(made.hooks[3].cast(), made.piece);
        for hook in &mut made.hooks {
            assert_eq!(fa_hook_destroy(hook), FA_OK);
        }
        assert_eq!(fa_scope_close(&mut made.stage), FA_OK);
        assert_eq!(fa_scope_close(&mut made.frame), FA_OK);
        assert_eq!(fa_arena_destroy(&mut made.share), FA_OK);
        if !made.arena.is_null() {
            let mut stats = fa_stats::default();
            assert_eq!(fa_arena_stats(made.arena, &mut stats), FA_OK);
            assert_eq!(stats.in_use_bytes, 0);
        }
        assert_eq!(fa_arena_destroy(&mut made.arena), FA_OK);
    }
    result
}

/// In the first round, records of handles are refused. They stay, so that only the second round
/// makes the same allocations for every count.
#[test]
fn every_refusal_is_an_error() {
    let _turn = TURN.lock();
    for _ in 0..2 {
        let refused = (0..1000).take_while(|&count| match result_of(count) {
            Ok(()) => false,
            Err(status) => {
                assert_eq!(status, FA_SYSTEM_REFUSED);
                true
            }
        });
        let allocations = refused.count();
        assert!((5..500).contains(&allocations), "{allocations}");
    }
}

#[test]
fn warm_frames_allocate_nothing() {
    let _turn = TURN.lock();
    let mut arena = ptr::null_mut();
    // SAFETY: the handles are those that the calls make.
    unsafe {
        assert_eq!(fa_arena_new(ptr::null(), &mut arena), FA_OK);
        for round in 0..4 {
            LEFT.set((round > 0).then_some(0));
            let (mut frame, mut stage) = (ptr::null_mut(), ptr::null_mut());
            let (mut memory, mut plane) = (ptr::null_mut(), std::mem::zeroed());
            let statuses = [
                fa_frame_open(arena, &mut frame),
                fa_scope_plane(frame, 640, 360, 1, FA_STALE, &mut plane),
                fa_stage_open(frame, &mut stage),
                fa_scope_alloc(stage, 1000, 0, &mut memory),
                fa_scope_close(&mut stage),
                fa_scope_close(&mut frame),
            ];
            LEFT.set(None);
            assert_eq!(statuses, [FA_OK; 6], "round {round}");
        }
        assert_eq!(fa_arena_destroy(&mut arena), FA_OK);
    }
}
