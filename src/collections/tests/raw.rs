//! The operations under the traits.
#![allow(unsafe_code)]

use std::alloc::Layout;
use std::ptr::NonNull;

use super::{RawAlloc, SharedScope};

fn layout(bytes: usize) -> Layout {
    Layout::from_size_align(bytes, 16).unwrap()
}

fn bytes<'a>(memory: NonNull<[u8]>) -> &'a mut [u8] {
    // SAFETY: callers below pass memory that is allocated, initialized and used by nothing else.
    unsafe { &mut *memory.as_ptr() }
}

#[test]
fn zeroed_memory_is_zero_wherever_it_comes_from() {
    let scope = SharedScope::new();
    for round in 0..if cfg!(miri) { 3 } else { 20 } {
        for size in [1, 50, 5_000, 15_000, 50_000, 300_000] {
            let memory = scope.allocate_zeroed(layout(size)).unwrap();
            assert_eq!(memory.len(), size);
            assert!(
                bytes(memory).iter().all(|&byte| byte == 0),
                "{round} {size}"
            );
            bytes(memory).fill(7);
            // SAFETY: allocated above, with this layout.
            unsafe { scope.deallocate(memory.cast(), layout(size)) };
        }
    }
    assert_eq!(scope.live_bytes(), 0);
}

#[test]
fn growth_keeps_what_was_there_and_zeroes_the_rest() {
    let scope = SharedScope::new();
    let mut size = 24;
    let mut memory = scope.allocate(layout(size)).unwrap();
    bytes(memory).fill(7);
    let most_bytes = if cfg!(miri) { 40_000 } else { 1_000_000 };
    while size < most_bytes {
        let new_size = size + size / 2;
        // SAFETY: allocated with this layout; the old pointer is not used any more.
        let grown = unsafe { scope.grow_zeroed(memory.cast(), layout(size), layout(new_size)) };
        memory = grown.unwrap();
        assert_eq!(memory.len(), new_size);
        let (old, new) = bytes(memory).split_at_mut(size);
        assert!(old.iter().all(|&byte| byte == 7) && new.iter().all(|&byte| byte == 0));
        new.fill(7);
        size = new_size;
    }
    while size > 0 {
        let new_size = size / 2;
        // SAFETY: allocated with this layout; the old pointer is not used any more.
        let shrunk = unsafe { scope.resize(memory.cast(), layout(size), layout(new_size)) };
        memory = shrunk.unwrap();
        assert_eq!(memory.len(), new_size);
        assert!(bytes(memory).iter().all(|&byte| byte == 7));
        size = new_size;
    }
    assert_eq!(scope.live_bytes(), 0);
}
