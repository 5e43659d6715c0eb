#![allow(unsafe_code)]

use std::alloc::Layout;
use std::collections::BTreeMap;
use std::ptr::NonNull;

use super::{TestPiece, TestSource};
use crate::AllocError;
use crate::heap::{Heap, HeapSizes, Memory, Resized};

/// A heap whose allocations are filled with patterns, which are checked when they are resized and
/// freed. It checks that no two overlap.
pub(crate) struct PatternedHeap {
    pub(crate) heap: Heap<TestPiece>,
    pub(crate) source: TestSource,
    /// Start and end of each allocation.
    ranges: BTreeMap<usize, usize>,
    next_pattern: u64,
}

/// An allocation of a [`PatternedHeap`], which is freed by it or when it is closed.
///
/// Invariant: the `layout.size()` bytes from `start` are allocated with `layout` in the heap that
/// this came from, and initialized. Only one heap is used with one `Live`.
pub(crate) struct Live {
    start: NonNull<u8>,
    pub(crate) layout: Layout,
    pattern: u64,
}

fn byte(pattern: u64, index: usize) -> u8 {
    let mixed = (pattern << 32 ^ index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 56) as u8
}

impl Live {
    pub(crate) fn address(&self) -> usize {
        self.start.addr().get()
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: by the invariant of the type; a dangling start is aligned and has no bytes.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.layout.size()) }
    }

    fn fill(&mut self, from: usize) {
        for index in from..self.layout.size() {
            // SAFETY: inside the allocation.
            unsafe { self.start.add(index).write(byte(self.pattern, index)) };
        }
    }

    /// Asserts that the first `bytes` bytes are unchanged.
    fn check(&self, bytes: usize) {
        let matching = (self.bytes()[..bytes].iter().enumerate())
            .take_while(|&(index, &found)| found == byte(self.pattern, index));
        assert_eq!(matching.count(), bytes, "{:?} was overwritten", self.layout);
    }
}

impl PatternedHeap {
    pub(crate) fn new(sizes: HeapSizes, source: TestSource) -> Self {
        Self {
            heap: Heap::new(sizes),
            source,
            ranges: BTreeMap::new(),
            next_pattern: 0,
        }
    }

    pub(crate) fn alloc(&mut self, layout: Layout) -> Result<Live, AllocError> {
        let memory = self.heap.alloc(layout, &mut self.source)?;
        self.next_pattern += 1;
        let mut live = Live {
            start: memory.start,
            layout,
            pattern: self.next_pattern,
        };
        self.add_range(&live);
        zero_dirty(&memory, 0);
        assert!(
            live.bytes().iter().all(|&byte| byte == 0),
            "memory called zero is not"
        );
        live.fill(0);
        Ok(live)
    }

    /// Gives `live` another layout. On an error it is as before.
    pub(crate) fn resize(&mut self, live: &mut Live, new: Layout) -> Result<(), AllocError> {
        live.check(live.layout.size());
        let old = live.layout;
        // SAFETY: by the invariant of `Live`.
        let resized = unsafe { self.heap.resize(live.start, old, new, &mut self.source) }?;
        self.remove_range(live);
        let kept_bytes = old.size().min(new.size());
        let memory = match resized {
            Resized::Done(memory) => memory,
            Resized::Copy(memory) => {
                // SAFETY: both have these bytes; the old allocation is not used after this.
                unsafe {
                    memory
                        .start
                        .copy_from_nonoverlapping(live.start, kept_bytes);
                    self.heap.dealloc(live.start, old, &mut self.source);
                }
                memory
            }
        };
        zero_dirty(&memory, kept_bytes);
        (live.start, live.layout) = (memory.start, new);
        self.add_range(live);
        live.check(kept_bytes);
        assert!(
            live.bytes()[kept_bytes..].iter().all(|&byte| byte == 0),
            "memory called zero is not"
        );
        live.fill(kept_bytes);
        Ok(())
    }

    pub(crate) fn free(&mut self, live: Live) {
        live.check(live.layout.size());
        self.remove_range(&live);
        // SAFETY: by the invariant of `Live`, which is consumed.
        unsafe { self.heap.dealloc(live.start, live.layout, &mut self.source) };
    }

    fn add_range(&mut self, live: &Live) {
        let (start, end) = (live.address(), live.address() + live.layout.size());
        assert!(
            start.is_multiple_of(live.layout.align()),
            "{:?}",
            live.layout
        );
        if start == end {
            return;
        }
        let before = self.ranges.range(..end).next_back();
        assert!(
            before.is_none_or(|(_, &end)| end <= start),
            "memory granted twice"
        );
        self.ranges.insert(start, end);
    }

    fn remove_range(&mut self, live: &Live) {
        if live.layout.size() > 0 {
            assert!(self.ranges.remove(&live.address()).is_some());
        }
    }
}

/// Zeroes the dirty bytes of new memory from `from` on.
fn zero_dirty(memory: &Memory, from: usize) {
    let bytes = memory.dirty_bytes.saturating_sub(from);
    if bytes > 0 {
        // SAFETY: the dirty bytes are in what was granted, which is new to the caller.
        unsafe { memory.start.add(from).write_bytes(0, bytes) };
    }
}

impl Drop for PatternedHeap {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.heap.counts().held_bytes, self.source.held_bytes);
            self.heap.close(&mut self.source);
        }
    }
}
