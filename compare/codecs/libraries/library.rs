//! Decodes by C libraries, through the C code of this folder.

#![allow(unsafe_code, reason = "calls C code")]

use std::ffi::{c_long, c_void};
use std::fs;
use std::ptr;

use codecs_measure::streams;
use frame_arena::Arena;
use frame_arena_capi::{
    fa_arena, fa_arena_destroy, fa_heap_alloc, fa_heap_free, fa_heap_hook, fa_heap_trim, fa_hook,
    fa_hook_destroy, fa_status,
};

/// Functions that only the C code calls, so that the linker keeps them.
#[used]
static FOR_C: (
    unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void,
    unsafe extern "C" fn(*mut c_void, *mut c_void),
) = (fa_heap_alloc, fa_heap_free);

/// The result of the C code if there is no memory.
#[allow(dead_code, reason = "for tests")]
pub(crate) const NO_MEMORY: i64 = -1;

/// Room for the results of all decodes here.
pub(crate) const ROOM: usize = 4 << 20;

type Code = unsafe extern "C" fn(
    heap: *mut c_void,
    start: *const u8,
    bytes: usize,
    out: *mut u8,
    room: usize,
) -> c_long;

macro_rules! code {
    ($($name:ident),+) => {
        unsafe extern "C" {
            $(fn $name(
                heap: *mut c_void, start: *const u8, bytes: usize, out: *mut u8, room: usize,
            ) -> c_long;)+
        }
    };
}
code!(
    decode_zstd,
    decode_brotli,
    decode_png,
    decode_exr,
    encode_zstd,
    encode_brotli
);

/// A heap of the C interface.
pub(crate) struct Heap(*mut fa_hook);

impl Heap {
    pub(crate) fn new(arena: &Arena) -> Self {
        let mut arena = fa_arena::from_arena(arena).unwrap();
        let mut hook = ptr::null_mut();
        // SAFETY: the arena is a handle until it is destroyed.
        unsafe {
            assert_eq!(fa_heap_hook(arena, &mut hook), fa_status::FA_OK);
            assert_eq!(fa_arena_destroy(&mut arena), fa_status::FA_OK);
        }
        Self(hook)
    }

    #[allow(dead_code, reason = "for tests")]
    pub(crate) fn trim(&self) {
        // SAFETY: the hook is a handle until it is dropped.
        unsafe { fa_heap_trim(self.0) };
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        // SAFETY: what was allocated in the heap was freed.
        unsafe { fa_hook_destroy(&mut self.0) };
    }
}

const PNG: &str = "still-640x480.png";

/// A library with a decoder.
#[derive(Clone, Copy)]
pub(crate) struct Library {
    pub(crate) name: &'static str,
    decode: Code,
    source: Source,
}

/// Where files of a format come from.
#[derive(Clone, Copy)]
enum Source {
    /// A PNG file is compressed.
    Encoder(Code),
    /// A file of this name is among the streams.
    File(&'static str),
}

pub(crate) const LIBRARIES: [Library; 4] = [
    Library {
        name: "zstd",
        decode: decode_zstd,
        source: Source::Encoder(encode_zstd),
    },
    Library {
        name: "brotli",
        decode: decode_brotli,
        source: Source::Encoder(encode_brotli),
    },
    Library {
        name: "png",
        decode: decode_png,
        source: Source::File(PNG),
    },
    Library {
        name: "openexr",
        decode: decode_exr,
        source: Source::File("still-640x480.exr"),
    },
];

impl Library {
    /// Decodes with the memory of a heap, or with the library's own. The result has at most `room`
    /// bytes.
    ///
    /// # Errors
    /// A result of the C code.
    pub(crate) fn decode(
        &self,
        heap: Option<&Heap>,
        file: &[u8],
        room: usize,
    ) -> Result<Vec<u8>, i64> {
        call(self.decode, heap, file, room)
    }

    /// Returns a file of the format, or `None`, with a message, if there is none.
    pub(crate) fn file(&self) -> Option<Vec<u8>> {
        let named = |name| Some(fs::read(streams::starting_with(name).first()?).unwrap());
        match self.source {
            Source::File(name) => named(name),
            Source::Encoder(encode) => {
                let data = named(PNG)?;
                Some(call(encode, None, &data, data.len() + 10_000).unwrap())
            }
        }
    }
}

fn call(code: Code, heap: Option<&Heap>, file: &[u8], room: usize) -> Result<Vec<u8>, i64> {
    let mut out = vec![0u8; room];
    let heap = heap.map_or(ptr::null_mut(), |heap| heap.0.cast());
    // SAFETY: the lengths passed are those of both slices, and the heap is a handle or null.
    let done = unsafe { code(heap, file.as_ptr(), file.len(), out.as_mut_ptr(), room) };
    let bytes = usize::try_from(done).map_err(|_| done)?;
    out.truncate(bytes);
    Ok(out)
}
