#![allow(unsafe_code)]

use std::ptr;

use frame_arena::{AllocError, Arena};
use frame_arena_hooks::frame_buffers::{CodecFrameBuffer, FrameBufferFunctions, FrameBufferHook};

/// A buffer that no decoder has got yet.
fn empty() -> CodecFrameBuffer {
    CodecFrameBuffer {
        data: ptr::null_mut(),
        size: 0,
        private: ptr::null_mut(),
    }
}

fn get(functions: &FrameBufferFunctions, bytes: usize, buffer: &mut CodecFrameBuffer) -> i32 {
    // SAFETY: the hook lives.
    unsafe { functions.cb_get.unwrap()(functions.cb_priv, bytes, buffer) }
}

fn release(functions: &FrameBufferFunctions, buffer: &mut CodecFrameBuffer) {
    // SAFETY: the buffer is not used any more.
    let released = unsafe { functions.cb_release.unwrap()(functions.cb_priv, buffer) };
    assert_eq!(released, 0);
}

#[test]
fn buffers_are_zeroed_and_recycled() {
    let arena = Arena::new();
    let hook = FrameBufferHook::new(&arena);
    let functions = hook.functions();
    for round in 0..20 {
        let mut buffers = [empty(), empty()];
        for buffer in &mut buffers {
            assert_eq!(get(&functions, 300_000, buffer), 0);
            assert!(buffer.size >= 300_000 && !buffer.private.is_null());
            // SAFETY: the buffer has these bytes.
            let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.data, buffer.size) };
            assert!(bytes.iter().all(|&byte| byte == 0));
            bytes.fill(round);
        }
        for buffer in &mut buffers {
            // SAFETY: as above.
            let bytes = unsafe { std::slice::from_raw_parts(buffer.data, buffer.size) };
            assert!(bytes.iter().all(|&byte| byte == round));
            release(&functions, buffer);
            release(&functions, buffer);
        }
        assert_eq!(arena.snapshot().in_use_bytes, 0);
    }
    assert_eq!(arena.snapshot().runs_made, 2);
}

#[test]
fn stale_buffers_are_not_zeroed() {
    let arena = Arena::new();
    let hook = FrameBufferHook::stale(&arena);
    let functions = hook.functions();
    let mut buffer = empty();
    // Debug builds mark stale memory.
    let stale = if cfg!(debug_assertions) { 0xa5 } else { 7 };
    for round in 0..3 {
        assert_eq!(get(&functions, 300_000, &mut buffer), 0);
        // SAFETY: the buffer has these bytes.
        let bytes = unsafe { std::slice::from_raw_parts_mut(buffer.data, buffer.size) };
        assert!(round == 0 || bytes.iter().all(|&byte| byte == stale));
        bytes.fill(7);
        release(&functions, &mut buffer);
    }
}

#[test]
fn a_refused_buffer_is_a_failure() {
    let arena = Arena::builder().limit_bytes(1 << 20).build();
    let hook = FrameBufferHook::new(&arena);
    let functions = hook.functions();
    let (mut first, mut second) = (empty(), empty());
    assert_eq!(get(&functions, 600_000, &mut first), 0);
    assert!(get(&functions, 600_000, &mut second) < 0);
    assert!(second.data.is_null());
    let refusal = hook.take_refusal();
    assert!(matches!(refusal, Some(AllocError::LimitExceeded { .. })));
    assert!(get(&functions, usize::MAX, &mut second) < 0);
    release(&functions, &mut second);
    release(&functions, &mut first);
    assert_eq!(get(&functions, 600_000, &mut second), 0);
    release(&functions, &mut second);
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}
