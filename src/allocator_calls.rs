use std::cell::Cell;

thread_local! {
    static IS_CALLING: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether an arena is calling the global allocator on this thread, for memory that may be
/// large: runs, blocks and growing tables.
///
/// A global allocator that serves requests from an arena must serve such calls from elsewhere. Some
/// are made under the arena's locks, and the others would never end.
pub fn is_calling_allocator() -> bool {
    IS_CALLING.get()
}

/// Runs `call`, which calls the global allocator and nothing else that could panic.
pub(crate) fn calling_allocator<R>(call: impl FnOnce() -> R) -> R {
    let before = IS_CALLING.replace(true);
    let result = call();
    IS_CALLING.set(before);
    result
}
