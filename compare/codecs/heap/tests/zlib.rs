//! zlib with the heap's functions.

#![allow(unsafe_code, reason = "calls a C library")]

use std::ffi::{c_char, c_int, c_uint, c_ulong};
use std::mem::MaybeUninit;
use std::ptr;

use frame_arena::{AllocError, Arena};
use frame_arena_hooks::heap::{HeapHook, ZlibFunctions};

/// The C struct `z_stream` (zlib 1.2.13, `zlib.h` lines 86 to 106).
#[repr(C)]
struct Stream {
    next_in: *const u8,
    avail_in: c_uint,
    total_in: c_ulong,
    next_out: *mut u8,
    avail_out: c_uint,
    total_out: c_ulong,
    message: *const c_char,
    state: *mut u8,
    functions: ZlibFunctions,
    data_type: c_int,
    adler: c_ulong,
    reserved: c_ulong,
}

const FINISH: c_int = 4;
const STREAM_END: c_int = 1;
const MEMORY_ERROR: c_int = -4;

unsafe extern "C" {
    fn zlibVersion() -> *const c_char;
    fn compress(out: *mut u8, out_bytes: *mut c_ulong, data: *const u8, bytes: c_ulong) -> c_int;
    fn inflateInit_(stream: *mut Stream, version: *const c_char, stream_bytes: c_int) -> c_int;
    fn inflate(stream: *mut Stream, flush: c_int) -> c_int;
    fn inflateEnd(stream: *mut Stream) -> c_int;
}

/// Inflates `data`, whose result has `bytes` bytes.
fn inflated(functions: ZlibFunctions, data: &[u8], bytes: usize) -> Result<Vec<u8>, c_int> {
    let mut out = vec![0u8; bytes];
    let mut stream = MaybeUninit::<Stream>::zeroed();
    // SAFETY: zeros are valid in all fields. The lengths passed are those of the slices.
    unsafe {
        let stream = stream.assume_init_mut();
        stream.functions = functions;
        stream.next_in = data.as_ptr();
        stream.avail_in = data.len() as c_uint;
        stream.next_out = out.as_mut_ptr();
        // Less than all at first, so that the library allocates its window.
        stream.avail_out = bytes as c_uint / 2;
        let begun = inflateInit_(stream, zlibVersion(), size_of::<Stream>() as c_int);
        if begun != 0 {
            return Err(begun);
        }
        let mut done = inflate(stream, 0);
        if done == 0 {
            stream.avail_out += bytes as c_uint - bytes as c_uint / 2;
            done = inflate(stream, FINISH);
        }
        inflateEnd(stream);
        if done == STREAM_END {
            Ok(out)
        } else {
            Err(done)
        }
    }
}

#[test]
fn a_stream_inflates_and_a_limit_is_the_library_s_error() {
    let text: Vec<u8> = (0..200_000u32).map(|at| ((at * at) >> 7) as u8).collect();
    let mut packed = vec![0u8; 300_000];
    let mut packed_bytes = packed.len() as c_ulong;
    // SAFETY: the lengths passed are those of both vectors.
    let done = unsafe {
        compress(
            packed.as_mut_ptr(),
            &mut packed_bytes,
            text.as_ptr(),
            text.len() as c_ulong,
        )
    };
    assert_eq!(done, 0);
    packed.truncate(packed_bytes as usize);

    let arena = Arena::new();
    let hook = HeapHook::new(&arena);
    for _ in 0..3 {
        let unpacked = inflated(hook.zlib(), &packed, text.len());
        assert!(unpacked.is_ok_and(|unpacked| unpacked == text));
    }
    // The state and the window, each in a slab that stays for the next stream.
    assert_eq!(arena.snapshot().runs_made, 2);

    for (limit_bytes, fits) in [(8 << 10, false), (100 << 10, false), (1 << 20, true)] {
        let arena = Arena::builder().limit_bytes(limit_bytes).build();
        let hook = HeapHook::new(&arena);
        for _ in 0..2 {
            let unpacked = inflated(hook.zlib(), &packed, text.len());
            let refusal = hook.take_refusal();
            match fits {
                true => assert!(unpacked.is_ok() && refusal.is_none()),
                false => {
                    assert_eq!(unpacked, Err(MEMORY_ERROR));
                    assert!(matches!(refusal, Some(AllocError::LimitExceeded { .. })));
                }
            }
        }
        hook.trim();
        assert_eq!(arena.snapshot().in_use_bytes, 0);
    }
    // Without functions, zlib allocates by itself.
    let own = ZlibFunctions {
        zalloc: None,
        zfree: None,
        opaque: ptr::null_mut(),
    };
    assert_eq!(inflated(own, &packed, text.len()), Ok(text));
}
