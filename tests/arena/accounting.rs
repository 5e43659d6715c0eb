//! Statistics that must stay true in unusual cases.

use frame_arena::{AllocError, Arena, PlaneAlloc};

#[test]
fn a_size_that_no_run_can_have_is_an_overflow_whatever_the_limit() {
    for limit in [1 << 20, usize::MAX] {
        let arena = Arena::builder().limit_bytes(limit).build();
        let frame = arena.frame();
        for len in [isize::MAX as usize, isize::MAX as usize - 4096, usize::MAX] {
            let refused = frame.slice::<u8>(len).map(|_| ());
            assert!(
                matches!(refused, Err(AllocError::SizeOverflow { .. })),
                "{refused:?}"
            );
        }
    }
}
