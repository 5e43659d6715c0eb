//! A load of pieces of all sizes.

#![allow(unsafe_code, reason = "calls functions of C")]

use std::ffi::c_void;
use std::time::{Duration, Instant};
use std::{fs, thread};

use frame_arena::Arena;
use frame_arena_hooks::heap::ZstdCustomMem;

/// Functions that allocate and free.
#[derive(Clone, Copy)]
pub(crate) struct Functions {
    alloc: unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void,
    free: unsafe extern "C" fn(*mut c_void, *mut c_void),
    opaque: *mut c_void,
}

// SAFETY: the functions may be called on any thread.
unsafe impl Send for Functions {}
// SAFETY: as above.
unsafe impl Sync for Functions {}

impl Functions {
    pub(crate) fn of(functions: ZstdCustomMem) -> Self {
        Self {
            alloc: functions.custom_alloc.expect("a function"),
            free: functions.custom_free.expect("a function"),
            opaque: functions.opaque,
        }
    }
}

unsafe extern "C" fn malloc(_opaque: *mut c_void, bytes: usize) -> *mut c_void {
    // SAFETY: any size is valid.
    unsafe { libc::malloc(bytes) }
}

unsafe extern "C" fn free(_opaque: *mut c_void, start: *mut c_void) {
    // SAFETY: as the caller promises.
    unsafe { libc::free(start) }
}

/// The C library's functions.
pub(crate) const MALLOC: Functions = Functions {
    alloc: malloc,
    free,
    opaque: std::ptr::null_mut(),
};

/// Pieces of up to `1 << most_log2` bytes, as many of each power of two as of any other. Each
/// thread keeps 1,000 of them, and replaces one after the other.
pub(crate) struct Load {
    pub(crate) most_log2: u32,
    pub(crate) threads: usize,
    /// Pieces that a thread replaces in one frame.
    pub(crate) of_frame: usize,
}

/// What a load takes.
pub(crate) struct Measured {
    /// Time in which a thread allocates a piece and releases one.
    pub(crate) nanos: f64,
    /// Bytes requested and not freed at the end.
    pub(crate) live_bytes: usize,
    pub(crate) resident_bytes: usize,
}

const KEPT: usize = 1000;

const ROUNDS: usize = 300_000;

impl Load {
    /// `resident` is read when all threads have done their work and still have their pieces.
    /// The arena, if there is one, has a frame open on each thread.
    pub(crate) fn run(
        &self,
        functions: Functions,
        arena: Option<&Arena>,
        resident: impl FnOnce() -> usize,
    ) -> Measured {
        let work = |index: usize| {
            let functions = &functions;
            let mut random = index as u64 + 1;
            let mut next = || {
                const FACTOR: u64 = 6_364_136_223_846_793_005;
                random = random.wrapping_mul(FACTOR).wrapping_add(1);
                (random >> 33) as usize
            };
            let mut pieces = vec![(0usize, 0usize); KEPT];
            let mut time = Duration::ZERO;
            for rounds in [KEPT * 10, ROUNDS] {
                let start = Instant::now();
                let mut frame = arena.map(Arena::frame);
                for round in 0..rounds {
                    if round % self.of_frame == 0 {
                        drop(frame);
                        frame = arena.map(Arena::frame);
                    }
                    let most = 1usize << (4 + next() % (self.most_log2 as usize - 3));
                    let bytes = most / 2 + next() % (most / 2) + 1;
                    let index = next() % KEPT;
                    let (old, _) = pieces[index];
                    // SAFETY: a piece is freed once, and its first and last byte are its own.
                    unsafe {
                        let old = std::ptr::with_exposed_provenance_mut::<c_void>(old);
                        (functions.free)(functions.opaque, old);
                        let piece = (functions.alloc)(functions.opaque, bytes).cast::<u8>();
                        piece.write(1);
                        piece.add(bytes - 1).write(1);
                        pieces[index] = (piece.expose_provenance(), bytes);
                    }
                }
                drop(frame);
                time = start.elapsed();
            }
            // Writes all pages, so that what is resident can be compared with what is requested.
            for &(piece, bytes) in &pieces {
                let piece = std::ptr::with_exposed_provenance_mut::<u8>(piece);
                // SAFETY: the piece has these bytes.
                unsafe { piece.write_bytes(1, bytes) };
            }
            (time, pieces)
        };
        let results: Vec<_> = thread::scope(|scope| {
            let threads = (0..self.threads).map(|index| scope.spawn(move || work(index)));
            let threads: Vec<_> = threads.collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("a thread that ends"))
                .collect()
        });
        let resident_bytes = resident();
        let pieces = results.iter().flat_map(|(_, pieces)| pieces);
        let live_bytes = pieces.clone().map(|&(_, bytes)| bytes).sum();
        for &(piece, _) in pieces {
            let piece = std::ptr::with_exposed_provenance_mut::<c_void>(piece);
            // SAFETY: each piece is freed once.
            unsafe { (functions.free)(functions.opaque, piece) };
        }
        let time: Duration = results.iter().map(|(time, _)| *time).sum();
        Measured {
            nanos: time.as_nanos() as f64 / (ROUNDS * self.threads) as f64,
            live_bytes,
            resident_bytes,
        }
    }
}

/// Bytes of this process in memory.
pub(crate) fn resident_bytes() -> usize {
    let text = fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Rss:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    kib.unwrap_or(0) << 10
}
