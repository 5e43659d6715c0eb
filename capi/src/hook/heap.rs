//! A heap for libraries that take functions to allocate and free.
#![allow(unsafe_code, reason = "exported functions")]

use std::ffi::{c_uint, c_void};
use std::ptr::{self, NonNull};

use frame_arena_hooks::heap::HeapHook;

use super::{Hook, fa_hook, hook_of, make_hook};
use crate::arena::fa_arena;
use crate::status::{fa_status, or_if_panicked};

/// Makes a heap in an arena, which the caller destroys with `fa_hook_destroy`, after everything in
/// it was freed: what is not freed by then stays allocated for ever. For libraries that take
/// functions and a pointer:
///
/// ```c
/// JxlMemoryManager manager = { hook, fa_heap_alloc, fa_heap_free };
/// ZSTD_customMem memory = { fa_heap_alloc, fa_heap_free, hook };
/// stream.zalloc = fa_heap_alloc_items, stream.zfree = fa_heap_free, stream.opaque = hook;
/// BrotliDecoderCreateInstance(fa_heap_alloc, fa_heap_free, hook);
/// ```
///
/// In an arena without open frames, memory of pieces above 32 KiB soon goes back to the system.
/// Whoever decodes one picture after the other opens a frame around each decode.
///
/// Errors: `FA_SYSTEM_REFUSED`, `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`; `*hook` is null then.
///
/// # Safety
/// `arena` is null or a handle. `hook` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_heap_hook(
    arena: *const fa_arena,
    hook: *mut *mut fa_hook,
) -> fa_status {
    // SAFETY: as the caller promises.
    unsafe {
        make_hook(arena, hook, |arena| {
            Ok(Hook::Heap(HeapHook::try_new(arena)?))
        })
    }
}

fn alloc(hook: Option<&HeapHook>, bytes: usize) -> *mut c_void {
    let allocated = hook.and_then(|hook| hook.alloc(bytes));
    allocated.map_or(ptr::null_mut(), |start| start.as_ptr().cast())
}

/// Allocates `bytes` bytes in a heap, aligned to 16 and not zeroed. Returns null if there is no
/// memory. Any thread may call it.
///
/// # Safety
/// `hook` is null or a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_heap_alloc(hook: *mut c_void, bytes: usize) -> *mut c_void {
    or_if_panicked(ptr::null_mut(), || {
        // SAFETY: as the caller promises.
        alloc(unsafe { hook_of!(Heap, hook) }, bytes)
    })
}

/// Allocates `items` times `bytes` bytes as `fa_heap_alloc`, for zlib.
///
/// # Safety
/// `hook` is null or a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_heap_alloc_items(
    hook: *mut c_void,
    items: c_uint,
    bytes: c_uint,
) -> *mut c_void {
    or_if_panicked(ptr::null_mut(), || {
        let Some(bytes) = (items as usize).checked_mul(bytes as usize) else {
            return ptr::null_mut();
        };
        // SAFETY: as the caller promises.
        alloc(unsafe { hook_of!(Heap, hook) }, bytes)
    })
}

/// Frees an allocation of a heap. Does nothing for null. Any thread may call it.
///
/// # Safety
/// `hook` is a handle. `memory` is null, or an allocation of this heap that was not freed before
/// and that nobody uses any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_heap_free(hook: *mut c_void, memory: *mut c_void) {
    or_if_panicked((), || {
        // SAFETY: as the caller promises.
        if let Some(hook) = unsafe { hook_of!(Heap, hook) }
            && let Some(start) = NonNull::new(memory.cast())
        {
            // SAFETY: as the caller promises.
            unsafe { hook.free(start) };
        }
    });
}

/// Returns memory of a heap that has no live allocations to its arena. Does nothing for null. Any
/// thread may call it.
///
/// # Safety
/// `hook` is null or a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_heap_trim(hook: *const fa_hook) {
    or_if_panicked((), || {
        // SAFETY: as the caller promises.
        if let Some(hook) = unsafe { hook_of!(Heap, hook) } {
            hook.trim();
        }
    });
}
