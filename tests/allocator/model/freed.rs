//! The system's allocator, with a record of the memory that the calling thread freed: later memory
//! at the same address is not the same memory.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::RefCell;
use std::ops::Range;

pub(crate) struct Recording;

/// Smaller memory is never a block or a run.
const SMALLEST: usize = 2048;
const ENTRIES: usize = 1024;

struct Record {
    entries: [(usize, usize); ENTRIES],
    len: usize,
}

thread_local! {
    static RECORD: RefCell<Record> = const {
        RefCell::new(Record {
            entries: [(0, 0); ENTRIES],
            len: 0,
        })
    };
}

/// Addresses that were returned since the last call.
pub(crate) fn take() -> Vec<Range<usize>> {
    let mut taken = Vec::with_capacity(ENTRIES);
    RECORD.with_borrow_mut(|record| {
        assert!(record.len <= ENTRIES, "the record is too short");
        let entries = record.entries[..record.len].iter();
        taken.extend(entries.map(|&(start, end)| start..end));
        record.len = 0;
    });
    taken
}

/// Clears the record.
pub(crate) fn clear() {
    RECORD.with_borrow_mut(|record| record.len = 0);
}

fn note(start: *mut u8, bytes: usize) {
    if bytes < SMALLEST {
        return;
    }
    // Threads that end, and `take` itself, free memory too; that is not recorded.
    let _ = RECORD.try_with(|record| {
        if let Ok(mut record) = record.try_borrow_mut() {
            let len = record.len;
            if let Some(entry) = record.entries.get_mut(len) {
                *entry = (start.addr(), start.addr() + bytes);
            }
            record.len = len + 1;
        }
    });
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Recording {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        note(start, layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(start, layout) }
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        note(start, layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.realloc(start, layout, bytes) }
    }
}
