//! Raw buffers, used as foreign code does.
#![allow(unsafe_code)]

use std::ptr::NonNull;
use std::sync::mpsc;
use std::thread;

use frame_arena::{AllocError, Arena, Kind, PlaneAlloc, RawBuffer, RawLayout};

/// Writes the whole buffer and its padding, and reads them back, as C code would.
fn use_all(start: *mut u8, bytes: usize, salt: usize) {
    let value = |i: usize| (i * 7 + salt) as u8;
    for i in 0..bytes {
        // SAFETY: the callers' buffers and their padding have so many bytes.
        unsafe { start.add(i).write(value(i)) };
    }
    for i in 0..bytes {
        // SAFETY: as above.
        assert_eq!(unsafe { start.add(i).read() }, value(i));
    }
}

#[test]
fn buffers_are_aligned_and_do_not_meet() {
    let arena = Arena::new();
    let mut buffers = Vec::new();
    for align in (0..=21).map(|bits| 1 << bits) {
        for (bytes, padding) in [(0, 0), (1, 63), (5000, 0), (70_001, 32), (3 << 20, 64)] {
            let layout = RawLayout::new(bytes)
                .align_bytes(align)
                .padding_bytes(padding);
            let buffer = arena.raw_buffer(layout).unwrap();
            assert_eq!(buffer.as_ptr().addr() % align.max(64), 0);
            assert_eq!((buffer.len(), buffer.padding_bytes()), (bytes, padding));
            assert_eq!(buffer.is_empty(), bytes == 0);
            assert!(buffer.as_slice().iter().all(|&byte| byte == 0));
            buffers.push(buffer);
        }
    }
    for (salt, buffer) in buffers.iter_mut().enumerate() {
        let all = buffer.len() + buffer.padding_bytes();
        use_all(buffer.as_mut_ptr(), all, salt);
    }
    for (salt, buffer) in buffers.iter().enumerate() {
        let value = |i: usize| (i * 7 + salt) as u8;
        let mut bytes = buffer.as_slice().iter().enumerate();
        assert!(bytes.all(|(i, &byte)| byte == value(i)));
    }
    drop(buffers);
    let snapshot = arena.snapshot();
    assert_eq!((snapshot.live_bytes, snapshot.in_use_bytes), (0, 0));
}

#[test]
fn a_buffer_comes_back_by_its_pointer_from_any_thread() {
    let arena = Arena::new();
    let (sender, receiver) = mpsc::channel::<usize>();
    let foreign = thread::spawn(move || {
        for address in receiver {
            let start = NonNull::new(std::ptr::with_exposed_provenance_mut::<u8>(address));
            // SAFETY: the address of a buffer that was reduced to its pointer, whose provenance is
            // exposed.
            let mut buffer = unsafe { RawBuffer::from_raw(start.unwrap()) };
            assert_eq!(buffer.as_slice(), [1, 2, 3]);
            assert_eq!(buffer.padding_bytes(), 5);
            buffer.as_mut_slice()[0] = 9;
        }
    });
    for _ in 0..100 {
        let layout = RawLayout::new(3).align_bytes(256).padding_bytes(5);
        let mut buffer = arena.raw_buffer(layout).unwrap();
        buffer.as_mut_slice().copy_from_slice(&[1, 2, 3]);
        let start = buffer.into_raw();
        sender.send(start.as_ptr().expose_provenance()).unwrap();
    }
    drop(sender);
    foreign.join().unwrap();
    let snapshot = arena.snapshot();
    assert_eq!((snapshot.live_bytes, snapshot.in_use_bytes), (0, 0));
    let raw = snapshot
        .kinds
        .iter()
        .find(|report| report.kind == Kind::Raw);
    assert_eq!(raw.unwrap().requests, 100);
}

#[test]
fn buffers_are_counted_limited_and_recycled() {
    let arena = Arena::builder().limit_bytes(4 << 20).build();
    let layout = RawLayout::new(1 << 20).align_bytes(4096);
    let first = arena.raw_buffer(layout).unwrap();
    let snapshot = arena.snapshot();
    assert!((1 << 20..(1 << 20) + 8192).contains(&snapshot.live_bytes));
    let kinds: Vec<_> = snapshot.kinds.iter().map(|report| report.kind).collect();
    assert_eq!(kinds, [Kind::Raw]);
    let refused = arena.raw_buffer(RawLayout::new(4 << 20)).unwrap_err();
    assert!(matches!(refused, AllocError::LimitExceeded { .. }));
    let start = first.as_ptr();
    drop(first);
    for _ in 0..10 {
        let again = arena.stale_raw_buffer(layout).unwrap();
        assert_eq!(again.as_ptr(), start);
    }
    let snapshot = arena.snapshot();
    assert_eq!((snapshot.runs_made, snapshot.runs_reused), (1, 10));
    for (bytes, align) in [(usize::MAX, 64), (usize::MAX / 2, 1)] {
        let refused = arena.raw_buffer(RawLayout::new(bytes).align_bytes(align));
        assert!(matches!(refused, Err(AllocError::SizeOverflow { .. })));
    }
    for align_bytes in [0, 48, 4 << 20] {
        let refused = arena.raw_buffer(RawLayout::new(1).align_bytes(align_bytes));
        let most_bytes = 2 << 20;
        let expected = AllocError::UnsupportedAlignment {
            align_bytes,
            most_bytes,
        };
        assert_eq!(refused.unwrap_err(), expected);
    }
    assert_eq!(arena.snapshot().live_bytes, 0);
}

#[test]
fn what_foreign_code_had_is_zeroed_before_it_is_stale() {
    let arena = Arena::new();
    let layout = RawLayout::new(3 << 20).padding_bytes(64);
    let mut buffer = arena.raw_buffer(layout).unwrap();
    let bytes = buffer.len() + buffer.padding_bytes();
    use_all(buffer.as_mut_ptr(), bytes, 1);
    drop(buffer);
    let plane = arena.stale_detached_plane::<u64>(512, 768).unwrap();
    assert_eq!(arena.snapshot().runs_reused, 1);
    // Debug builds mark stale samples after that.
    let untouched = if cfg!(debug_assertions) {
        0xa5a5_a5a5_a5a5_a5a5
    } else {
        0
    };
    let mut samples = plane.view().rows().flatten();
    assert!(samples.all(|&sample| sample == untouched));
}

#[test]
fn what_its_user_vouches_for_stays_stale() {
    let arena = Arena::new();
    let layout = RawLayout::new(3 << 20);
    let mut buffer = arena.raw_buffer(layout).unwrap();
    let bytes = buffer.len();
    use_all(buffer.as_mut_ptr(), bytes, 1);
    // SAFETY: bytes were written.
    unsafe { buffer.assume_initialized() };
    drop(buffer);
    let stale = arena.stale_raw_buffer(layout).unwrap();
    let nonzero = stale.as_slice().iter().filter(|&&byte| byte != 0).count();
    assert!(nonzero > (3 << 20) * 9 / 10);
    drop(stale);
    // A buffer without a pointer to write is initialized anyway.
    arena.raw_buffer(layout).unwrap().as_mut_slice().fill(7);
    let stale = arena.stale_raw_buffer(layout).unwrap();
    assert!(stale.as_slice().iter().all(|&byte| byte != 0));
    drop(stale);
    let zeroed = arena.raw_buffer(layout).unwrap();
    assert!(zeroed.as_slice().iter().all(|&byte| byte == 0));
}

#[test]
fn a_buffer_keeps_its_arena() {
    let arena = Arena::new();
    let mut buffer = arena.raw_buffer(RawLayout::new(100_000)).unwrap();
    let start = arena.raw_buffer(RawLayout::new(100)).unwrap().into_raw();
    drop(arena);
    buffer.as_mut_slice().fill(1);
    use_all(start.as_ptr(), 100, 3);
    // SAFETY: a buffer that was reduced to its pointer.
    let other = unsafe { RawBuffer::from_raw(start) };
    thread::spawn(move || drop((other, buffer))).join().unwrap();
}

#[test]
fn frames_and_buffers_share_memory() {
    let arena = Arena::new();
    let layout = RawLayout::new(100_000);
    for round in 0..50usize {
        let frame = arena.frame();
        let mut buffer = arena.stale_raw_buffer(layout).unwrap();
        use_all(buffer.as_mut_ptr(), 100_000, round);
        let first = frame.plane_from_fn::<u16>(200, 200, |x, y| (x ^ y) as u16);
        drop(buffer);
        let _ = frame.stale_plane::<u16>(300, 200).unwrap();
        let zeroed = frame.plane::<u16>(300, 200).unwrap();
        assert!(zeroed.rows().flatten().all(|&sample| sample == 0));
        assert_eq!(first.unwrap().row(100)[57], 100 ^ 57);
    }
    assert_eq!(arena.snapshot().live_bytes, 0);
}

#[test]
fn uninitialized_buffers_are_neither_zeroed_nor_granted_as_they_are() {
    let arena = Arena::builder().limit_bytes(4 << 20).build();
    let layout = RawLayout::new(1 << 20).align_bytes(4096).padding_bytes(100);
    let first = arena.uninit_raw_buffer(layout).unwrap();
    for round in 0..5 {
        let start = arena.uninit_raw_buffer(layout).unwrap();
        assert_eq!(start.addr().get() % 4096, 0);
        use_all(start.as_ptr(), (1 << 20) + 100, round);
        // SAFETY: a buffer that was reduced to its pointer, now all initialized.
        let mut buffer = unsafe { RawBuffer::from_raw(start) };
        assert_eq!((buffer.len(), buffer.padding_bytes()), (1 << 20, 100));
        assert_eq!(buffer.as_slice()[1], (7 + round) as u8);
        // SAFETY: as above.
        unsafe { buffer.assume_initialized() };
        drop(buffer);
        // The arena cannot know that another user of the memory did the same.
        let stale = arena.stale_raw_buffer(layout).unwrap();
        let untouched = if cfg!(debug_assertions) { 0xa5 } else { 0 };
        assert!(stale.as_slice().iter().all(|&byte| byte == untouched));
        drop(stale);
        let zeroed = arena.raw_buffer(layout).unwrap();
        assert!(zeroed.as_slice().iter().all(|&byte| byte == 0));
    }
    assert_eq!(arena.snapshot().runs_made, 2);
    let refused = arena.uninit_raw_buffer(RawLayout::new(3 << 20));
    assert!(matches!(refused, Err(AllocError::LimitExceeded { .. })));
    // SAFETY: as above.
    drop(unsafe { RawBuffer::from_raw(first) });
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}
