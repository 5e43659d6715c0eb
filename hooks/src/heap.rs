//! Memory of libraries that allocate through a pair of functions: libjxl, zlib, zstd, brotli.
//!
//! Such libraries allocate pieces of all sizes and free them one by one, and `free` is told nothing
//! but the pointer. A run of an arena for each piece would be slow and would waste most of a page.
//! So pieces of up to 32 KiB are blocks of *slabs*: raw buffers that are cut into blocks of one of
//! 40 size classes. A slab without live blocks is returned to the arena, unless it is the only one
//! of its class and the arena refuses nothing. Larger pieces are raw buffers of their own, without
//! huge pages, as libraries touch little of some of them. Each piece has a header of 16 bytes.
//!
//! # The contracts
//!
//! * libjxl 0.12 (`memory_manager.h` lines 22 to 65): `alloc` returns null for failure, and memory
//!   that need be neither initialized nor aligned; `free` does nothing for null.
//! * zlib 1.2.13 (`zlib.h` lines 81 to 150): the same with items and size. In programs with
//!   threads, both functions must be thread-safe.
//! * zstd 1.5.4 (`zstd.h` lines 1714 to 1735), for contexts made by `ZSTD_create*_advanced`.
//! * brotli 1.0.9 (`types.h` lines 55 to 81), for `BrotliDecoderCreateInstance`.
//!
//! Allocations here are aligned to 16 bytes. Functions may be called on any thread, and a piece may
//! be freed on another one. When the arena refuses, `alloc` returns null, and the library returns
//! its own error for memory.
//!
//! # Retention
//!
//! An arena in which no frame is open counts each raw buffer that returns as the end of a frame, so
//! memory of large pieces soon goes back to the system. Whoever decodes one picture after the other
//! opens a [`Frame`](frame_arena::Frame) around each decode.
//!
//! # Other libraries
//!
//! libpng passes its own struct instead of a pointer of the user's, and OpenEXR nothing: a function
//! for these needs a static, which is their user's to choose.
//!
//! # An example
//!
//! ```
//! use frame_arena::Arena;
//! use frame_arena_hooks::heap::HeapHook;
//!
//! let arena = Arena::builder().limit_bytes(64 << 20).build();
//! let hook = HeapHook::new(&arena);
//! let manager = hook.jxl();
//! // JxlDecoderCreate(&manager); ... JxlDecoderDestroy(decoder);
//! # let _ = manager;
//! drop(hook); // after the last decoder
//! ```

mod callbacks;
mod sizes;
mod slabs;

pub use callbacks::{
    Alloc, AllocItems, BrotliFunctions, Free, JxlMemoryManager, ZlibFunctions, ZstdCustomMem,
};
use frame_arena::{AllocError, Arena, try_box};

use slabs::Heap;

/// A heap in an arena for C libraries. It serves any number of contexts of any of them, on any
/// threads.
///
/// It must live until all that was allocated from it was freed. What is not freed by then stays
/// allocated for ever.
#[must_use]
pub struct HeapHook {
    /// Its address is in `opaque`.
    heap: Box<Heap>,
}

impl HeapHook {
    /// Makes a heap in `arena`. It holds nothing yet.
    pub fn new(arena: &Arena) -> Self {
        Self {
            heap: Box::new(Heap::new(arena)),
        }
    }

    /// Makes a heap as [`new`](Self::new) does, which aborts if the process has no memory for it.
    ///
    /// # Errors
    /// [`AllocError::System`] in that case.
    pub fn try_new(arena: &Arena) -> Result<Self, AllocError> {
        Ok(Self {
            heap: try_box(Heap::new(arena))?,
        })
    }

    /// Returns the argument of libjxl's `JxlDecoderCreate`.
    pub fn jxl(&self) -> JxlMemoryManager {
        JxlMemoryManager::of(&self.heap)
    }

    /// Returns the argument of zstd's `ZSTD_createDCtx_advanced`.
    pub fn zstd(&self) -> ZstdCustomMem {
        ZstdCustomMem::of(&self.heap)
    }

    /// Returns fields of zlib's `z_stream`.
    pub fn zlib(&self) -> ZlibFunctions {
        ZlibFunctions::of(&self.heap)
    }

    /// Returns arguments of brotli's `BrotliDecoderCreateInstance`.
    pub fn brotli(&self) -> BrotliFunctions {
        BrotliFunctions::of(&self.heap)
    }

    /// Returns slabs without live pieces to the arena, also the last one of each class.
    pub fn trim(&self) {
        self.heap.trim();
    }

    /// Returns the reason of the last allocation that the arena refused, once.
    pub fn take_refusal(&self) -> Option<AllocError> {
        self.heap.take_refusal()
    }
}
