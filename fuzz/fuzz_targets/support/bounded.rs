//! Runs work in an arena while the process's allocator counts every byte.

#[expect(dead_code, reason = "tests of the command leave small requests out")]
#[path = "../../../jxl/tests/system/requests.rs"]
pub(crate) mod requests;

use frame_arena::Arena;
use requests::{live_bytes, peak_bytes, restart_peak};

#[global_allocator]
static ALLOCATOR: requests::Counted = requests::Counted;

/// Bytes in addition to those of the arena: its own record, texts of errors.
const FIXED_BYTES: usize = 64 << 10;

/// Runs `work` in a new arena.
///
/// # Panics
/// If the process ever has more than `limit_bytes` and [`FIXED_BYTES`] for it, or has some of them
/// left at the end.
pub(crate) fn bounded(limit_bytes: usize, work: impl FnOnce(&Arena)) {
    let before = restart_peak();
    let builder = Arena::builder().global_allocator().limit_bytes(limit_bytes);
    let arena = builder.build();
    work(&arena);
    let after = arena.snapshot();
    assert_eq!(
        (after.live_bytes, after.in_use_bytes, after.charged_bytes),
        (0, 0, 0)
    );
    drop(arena);
    let peak = peak_bytes() - before;
    assert!(
        peak <= limit_bytes + FIXED_BYTES,
        "{peak} bytes, the limit is {limit_bytes}"
    );
    assert_eq!(live_bytes(), before, "bytes left at the end");
}
