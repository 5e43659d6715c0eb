//! The C structs of hooks with `alloc` and `free`, and the functions in them.
#![allow(unsafe_code)]

use std::ffi::{c_uint, c_void};
use std::ptr::{self, NonNull};

use super::HeapHook;
use super::slabs::Heap;

/// Allocates `bytes` bytes, or returns null.
pub type Alloc = unsafe extern "C" fn(opaque: *mut c_void, bytes: usize) -> *mut c_void;

/// Allocates `items` times `bytes` bytes, or returns null.
pub type AllocItems =
    unsafe extern "C" fn(opaque: *mut c_void, items: c_uint, bytes: c_uint) -> *mut c_void;

/// Frees an allocation. Does nothing for null.
pub type Free = unsafe extern "C" fn(opaque: *mut c_void, address: *mut c_void);

/// The C struct `JxlMemoryManager` (libjxl 0.12, `memory_manager.h` lines 51 to 65).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct JxlMemoryManager {
    /// Passed to the functions.
    pub opaque: *mut c_void,
    /// Allocates.
    pub alloc: Option<Alloc>,
    /// Frees.
    pub free: Option<Free>,
}

/// The C struct `ZSTD_customMem` (zstd 1.5.4, `zstd.h` line 1719).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ZstdCustomMem {
    /// Allocates.
    pub custom_alloc: Option<Alloc>,
    /// Frees.
    pub custom_free: Option<Free>,
    /// Passed to the functions.
    pub opaque: *mut c_void,
}

/// The fields `zalloc`, `zfree` and `opaque` of the C struct `z_stream` (zlib 1.2.13, `zlib.h`
/// lines 98 to 100).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ZlibFunctions {
    /// Allocates.
    pub zalloc: Option<AllocItems>,
    /// Frees.
    pub zfree: Option<Free>,
    /// Passed to the functions.
    pub opaque: *mut c_void,
}

/// The arguments of `BrotliDecoderCreateInstance` (brotli 1.0.9, `decode.h` line 177).
#[derive(Clone, Copy, Debug)]
pub struct BrotliFunctions {
    /// Allocates.
    pub alloc_func: Option<Alloc>,
    /// Frees.
    pub free_func: Option<Free>,
    /// Passed to the functions.
    pub opaque: *mut c_void,
}

impl JxlMemoryManager {
    pub(super) fn of(heap: &Heap) -> Self {
        Self {
            opaque: opaque(heap),
            alloc: Some(alloc),
            free: Some(free),
        }
    }
}

impl ZstdCustomMem {
    pub(super) fn of(heap: &Heap) -> Self {
        Self {
            custom_alloc: Some(alloc),
            custom_free: Some(free),
            opaque: opaque(heap),
        }
    }
}

impl ZlibFunctions {
    pub(super) fn of(heap: &Heap) -> Self {
        Self {
            zalloc: Some(alloc_items),
            zfree: Some(free),
            opaque: opaque(heap),
        }
    }
}

impl BrotliFunctions {
    pub(super) fn of(heap: &Heap) -> Self {
        Self {
            alloc_func: Some(alloc),
            free_func: Some(free),
            opaque: opaque(heap),
        }
    }
}

impl HeapHook {
    /// Allocates `bytes` bytes, aligned to 16, which may be uninitialized: for functions of types
    /// that are not listed here. `None` if the arena refuses.
    pub fn alloc(&self, bytes: usize) -> Option<NonNull<u8>> {
        self.heap.alloc(bytes)
    }

    /// Frees an allocation.
    ///
    /// # Safety
    /// It came from this hook or one of its functions, was not freed since, and nobody uses it any
    /// more.
    pub unsafe fn free(&self, start: NonNull<u8>) {
        // SAFETY: as the caller promises.
        unsafe { self.heap.free(start) };
    }
}

fn opaque(heap: &Heap) -> *mut c_void {
    ptr::from_ref(heap).cast_mut().cast()
}

fn pointer(allocated: Option<NonNull<u8>>) -> *mut c_void {
    allocated.map_or(ptr::null_mut(), |start| start.as_ptr().cast())
}

/// # Safety
/// `opaque` points to a [`Heap`].
unsafe extern "C" fn alloc(opaque: *mut c_void, bytes: usize) -> *mut c_void {
    // SAFETY: promised by the caller.
    pointer(unsafe { &*opaque.cast::<Heap>() }.alloc(bytes))
}

/// # Safety
/// `opaque` points to a [`Heap`].
unsafe extern "C" fn alloc_items(opaque: *mut c_void, items: c_uint, bytes: c_uint) -> *mut c_void {
    let Some(bytes) = (items as usize).checked_mul(bytes as usize) else {
        return ptr::null_mut();
    };
    // SAFETY: promised by the caller.
    pointer(unsafe { &*opaque.cast::<Heap>() }.alloc(bytes))
}

/// # Safety
/// `opaque` points to a [`Heap`]. `address` is null, or an allocation of it that was not freed
/// since and that nobody uses any more.
unsafe extern "C" fn free(opaque: *mut c_void, address: *mut c_void) {
    if let Some(start) = NonNull::new(address.cast()) {
        // SAFETY: promised by the caller.
        unsafe { (*opaque.cast::<Heap>()).free(start) };
    }
}
