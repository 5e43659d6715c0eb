//! A decode of a still picture by libjxl, through the C code of this folder.

#![allow(unsafe_code, reason = "calls C code")]

use std::ffi::{c_int, c_void};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use frame_arena::{AllocError, Arena, Frame};
use frame_arena_hooks::heap::{HeapHook, JxlMemoryManager};

/// `JXL_DEC_ERROR`, the library's only error.
pub(crate) const ERROR: c_int = 1;

/// `JXL_DEC_NEED_MORE_INPUT`.
const NEED_MORE_INPUT: c_int = 2;

/// Parts in which a file arrives, so that several pictures can be half decoded at once.
const PARTS: usize = 8;

type Each = unsafe extern "C" fn(
    user: *mut c_void,
    x: usize,
    y: usize,
    pixels: usize,
    start: *const c_void,
);

unsafe extern "C" {
    fn decode_open(memory: *const JxlMemoryManager, threads: usize) -> *mut c_void;
    #[allow(dead_code, reason = "for the program")]
    fn decode_restart(decode: *mut c_void) -> c_int;
    fn decode_step(
        decode: *mut c_void,
        file: *const u8,
        available: usize,
        bytes: usize,
        each: Each,
        user: *mut c_void,
    ) -> c_int;
    fn decode_close(decode: *mut c_void);
}

/// The heap of decoders, and its arena.
pub(crate) struct Hook {
    heap: HeapHook,
    arena: Arena,
}

impl Hook {
    pub(crate) fn new(arena: &Arena) -> Self {
        Self {
            heap: HeapHook::new(arena),
            arena: arena.clone(),
        }
    }

    #[allow(dead_code, reason = "for tests")]
    pub(crate) fn take_refusal(&self) -> Option<AllocError> {
        self.heap.take_refusal()
    }

    #[allow(dead_code, reason = "for tests")]
    pub(crate) fn trim(&self) {
        self.heap.trim();
    }
}

/// A decoder. `decode` is one of `decode_open`.
pub(crate) struct Decoder<'h> {
    decode: *mut c_void,
    /// Bytes of the file that arrived.
    available: usize,
    /// The sum over all pixels, which come in any order.
    sum: Box<AtomicU64>,
    hook: Option<&'h Hook>,
    /// Open while a picture is decoded. Memory decays by frames.
    frame: Option<Frame>,
}

impl<'h> Decoder<'h> {
    pub(crate) fn open(threads: usize, hook: Option<&'h Hook>) -> Result<Self, c_int> {
        let frame = hook.map(|hook| hook.arena.frame());
        let manager = hook.map(|hook| hook.heap.jxl());
        let pointer = manager.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: the pointer is null or that of a manager, which the library copies. Its heap
        // outlives the decoder by the lifetime of the hook.
        let decode = unsafe { decode_open(pointer, threads) };
        if decode.is_null() {
            return Err(ERROR);
        }
        Ok(Self {
            decode,
            available: 0,
            sum: Box::default(),
            hook,
            frame,
        })
    }

    /// Decodes the next part of a file. Returns the sum of the picture if it is complete; 0 if
    /// samples are not read.
    pub(crate) fn step(&mut self, file: &[u8], is_reading: bool) -> Result<Option<u64>, c_int> {
        if self.available == 0 {
            self.frame = self.hook.map(|hook| hook.arena.frame());
        }
        self.available = (self.available + file.len().div_ceil(PARTS)).min(file.len());
        let sum = ptr::from_ref::<AtomicU64>(&self.sum).cast_mut();
        let user = if is_reading { sum } else { ptr::null_mut() };
        // SAFETY: the decoder is open, the lengths are those of the file, and `user` is valid
        // until the decoder is dropped.
        let status = unsafe {
            decode_step(
                self.decode,
                file.as_ptr(),
                self.available,
                file.len(),
                add,
                user.cast(),
            )
        };
        match status {
            0 => Ok(Some(self.sum.swap(0, Relaxed))),
            NEED_MORE_INPUT if self.available < file.len() => Ok(None),
            _ => Err(ERROR),
        }
    }

    /// Makes ready for the next file.
    #[allow(dead_code, reason = "for the program")]
    pub(crate) fn restart(&mut self) -> Result<(), c_int> {
        self.available = 0;
        // SAFETY: the decoder is open.
        match unsafe { decode_restart(self.decode) } {
            0 => {}
            error => return Err(error),
        }
        self.frame = None;
        Ok(())
    }
}

impl Drop for Decoder<'_> {
    fn drop(&mut self) {
        // SAFETY: the decoder is open, and not used any more.
        unsafe { decode_close(self.decode) };
    }
}

/// # Safety
/// `user` is null or an `AtomicU64`, and `start` has `pixels` pixels of 3 bytes.
unsafe extern "C" fn add(
    user: *mut c_void,
    x: usize,
    y: usize,
    pixels: usize,
    start: *const c_void,
) {
    // SAFETY: as the caller promises.
    let Some(sum) = (unsafe { user.cast::<AtomicU64>().as_ref() }) else {
        return;
    };
    // SAFETY: as the caller promises.
    let row = unsafe { std::slice::from_raw_parts(start.cast::<u8>(), 3 * pixels) };
    let mut row_sum = 0u64;
    for (x, pixel) in (x..).zip(row.as_chunks::<3>().0) {
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        let [red, green, blue] = pixel.map(u64::from);
        let value = red | green << 8 | blue << 16;
        let place = ((y << 32 | x) as u64).wrapping_mul(FACTOR);
        row_sum = row_sum.wrapping_add(value.wrapping_mul(place | 1));
    }
    sum.fetch_add(row_sum, Relaxed);
}
