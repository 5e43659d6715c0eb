#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::mpsc;
use std::thread;

use frame_arena::{AllocError, Arena};
use frame_arena_hooks::heap::{HeapHook, JxlMemoryManager};

/// A piece that its user fills with a value of its own.
struct Piece {
    start: *mut u8,
    bytes: usize,
    value: u8,
}

// SAFETY: a piece is used on one thread at a time.
unsafe impl Send for Piece {}

impl Piece {
    fn new(manager: &JxlMemoryManager, bytes: usize, value: u8) -> Option<Self> {
        // SAFETY: the hook lives.
        let start = unsafe { manager.alloc.unwrap()(manager.opaque, bytes) }.cast::<u8>();
        if start.is_null() {
            return None;
        }
        assert_eq!(start.addr() % 16, 0);
        // SAFETY: the piece has `bytes` bytes.
        unsafe { start.write_bytes(value, bytes) };
        Some(Self {
            start,
            bytes,
            value,
        })
    }

    /// Frees the piece, which nobody else wrote.
    fn free(self, manager: &JxlMemoryManager) {
        // SAFETY: the piece has `bytes` bytes, and is freed once.
        unsafe {
            let bytes = std::slice::from_raw_parts(self.start, self.bytes);
            assert!(bytes.iter().all(|&byte| byte == self.value));
            manager.free.unwrap()(manager.opaque, self.start.cast());
        }
    }
}

/// The hook's functions, to be sent to threads.
#[derive(Clone, Copy)]
struct Manager(JxlMemoryManager);

// SAFETY: the functions may be called on any thread.
unsafe impl Send for Manager {}

struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        const FACTOR: u64 = 6_364_136_223_846_793_005;
        self.0 = self.0.wrapping_mul(FACTOR).wrapping_add(1);
        (self.0 >> 33) as usize % most
    }

    /// A size of up to 256 KiB, most of them small.
    fn size(&mut self) -> usize {
        let most = 1 << self.below(19);
        self.below(most)
    }
}

#[test]
fn pieces_are_apart_and_come_back() {
    let arena = Arena::new();
    let hook = HeapHook::new(&arena);
    let manager = hook.jxl();
    let mut random = Random(1);
    let mut pieces: Vec<Piece> = Vec::new();
    for round in 0..30_000usize {
        if pieces.len() > 300 || (round > 25_000 && !pieces.is_empty()) {
            pieces
                .swap_remove(random.below(pieces.len()))
                .free(&manager);
        }
        if round <= 25_000 {
            pieces.push(Piece::new(&manager, random.size(), round as u8).unwrap());
        }
    }
    pieces.into_iter().for_each(|piece| piece.free(&manager));
    let idle_bytes = arena.snapshot().in_use_bytes;
    assert!(idle_bytes > 0 && idle_bytes < 4 << 20, "{idle_bytes}");
    hook.trim();
    assert_eq!(arena.snapshot().in_use_bytes, 0);
    // SAFETY: null is allowed.
    unsafe { manager.free.unwrap()(manager.opaque, std::ptr::null_mut()) };
    assert_eq!(hook.take_refusal(), None);
}

#[test]
fn pieces_are_freed_on_other_threads() {
    const THREADS: usize = 4;
    let arena = Arena::new();
    let hook = HeapHook::new(&arena);
    let manager = Manager(hook.jxl());
    let (senders, receivers): (Vec<_>, Vec<_>) =
        (0..THREADS).map(|_| mpsc::channel::<Piece>()).unzip();
    thread::scope(|scope| {
        for (index, receiver) in receivers.into_iter().enumerate() {
            let senders = senders.clone();
            scope.spawn(move || {
                let manager = manager;
                let mut random = Random(index as u64);
                for round in 0..5000 {
                    let piece = Piece::new(&manager.0, random.size(), round as u8).unwrap();
                    senders[random.below(THREADS)].send(piece).unwrap();
                    receiver
                        .try_iter()
                        .take(2)
                        .for_each(|piece| piece.free(&manager.0));
                }
                drop(senders);
                receiver.iter().for_each(|piece| piece.free(&manager.0));
            });
        }
        drop(senders);
    });
    drop(hook);
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}

#[test]
fn small_pieces_hold_little_more_than_their_bytes() {
    let arena = Arena::new();
    let hook = HeapHook::new(&arena);
    let manager = hook.jxl();
    for bytes in [64, 500, 3000, 20_000, 100_000] {
        let count = (16 << 20) / bytes;
        let pieces: Vec<_> = (0..count)
            .map(|_| Piece::new(&manager, bytes, 1).unwrap())
            .collect();
        let held = arena.snapshot().in_use_bytes as f64 / (count * bytes) as f64;
        // The header of 16 bytes, the rest of a class, the rest of slabs.
        let most = 1.0 + 16.0 / bytes as f64 + 0.25;
        assert!(held < most, "{bytes}: {held}");
        pieces.into_iter().for_each(|piece| piece.free(&manager));
        hook.trim();
    }
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}

#[test]
fn refused_pieces_are_null() {
    let arena = Arena::builder().limit_bytes(1 << 20).build();
    let hook = HeapHook::new(&arena);
    let manager = hook.jxl();
    for bytes in [100, 10_000, 200_000] {
        let mut pieces = Vec::new();
        while let Some(piece) = Piece::new(&manager, bytes, 5) {
            pieces.push(piece);
        }
        assert!(pieces.len() * bytes > (1 << 20) / 2);
        let refusal = hook.take_refusal();
        assert!(matches!(refusal, Some(AllocError::LimitExceeded { .. })));
        pieces.into_iter().for_each(|piece| piece.free(&manager));
        hook.trim();
    }
    for bytes in [usize::MAX, usize::MAX - 63, isize::MAX as usize] {
        assert!(Piece::new(&manager, bytes, 0).is_none());
    }
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}

#[test]
fn slabs_without_pieces_make_room() {
    let limit_bytes = 1 << 20;
    let arena = Arena::builder().limit_bytes(limit_bytes).build();
    let hook = HeapHook::new(&arena);
    let manager = hook.jxl();
    let pieces: Vec<_> = [16, 300, 3000, 20_000]
        .map(|bytes| Piece::new(&manager, bytes, 1).unwrap())
        .into();
    pieces.into_iter().for_each(|piece| piece.free(&manager));
    assert!(arena.snapshot().in_use_bytes > limit_bytes / 8);
    let most = Piece::new(&manager, limit_bytes - 8192, 2).unwrap();
    assert_eq!(hook.take_refusal(), None);
    most.free(&manager);
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}

#[test]
fn every_library_has_its_functions() {
    let arena = Arena::new();
    let hook = HeapHook::new(&arena);
    let (zlib, zstd, brotli) = (hook.zlib(), hook.zstd(), hook.brotli());
    let mut allocated: Vec<*mut c_void> = Vec::new();
    // SAFETY: the hook lives, and each allocation is freed once.
    unsafe {
        allocated.push(zlib.zalloc.unwrap()(zlib.opaque, 100, 300));
        allocated.push(zlib.zalloc.unwrap()(zlib.opaque, 1, 0));
        allocated.push(zstd.custom_alloc.unwrap()(zstd.opaque, 30_000));
        allocated.push(brotli.alloc_func.unwrap()(brotli.opaque, 30_000));
        assert!(allocated.iter().all(|start| !start.is_null()));
        // 16 EiB less a few bytes.
        assert!(zlib.zalloc.unwrap()(zlib.opaque, u32::MAX, u32::MAX).is_null());
        zlib.zfree.unwrap()(zlib.opaque, allocated[0]);
        zstd.custom_free.unwrap()(zstd.opaque, allocated[1]);
        brotli.free_func.unwrap()(brotli.opaque, allocated[2]);
        brotli.free_func.unwrap()(brotli.opaque, allocated[3]);
    }
    hook.trim();
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}
