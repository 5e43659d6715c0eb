mod raw;
#[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04"))]
mod vectors;

#[cfg(feature = "allocator-api2-02")]
mod maps;

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::{Mutex, MutexGuard};

use super::RawAlloc;
use super::adapters::allocate_by_reference;
use crate::AllocError;
use crate::heap::testing::{TestPiece, TestSource};
use crate::heap::{Heap, HeapSizes, Pieces};

const BLOCK_BYTES: usize = 64 << 10;

/// A heap and the source of its pieces.
struct Memory {
    heap: Heap<TestPiece>,
    source: TestSource,
}

impl Memory {
    fn new(limit_bytes: usize) -> Self {
        Self {
            heap: Heap::new(HeapSizes::new(4 << 10, BLOCK_BYTES, BLOCK_BYTES / 4)),
            source: TestSource::with_limit(limit_bytes),
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.heap.close(&mut self.source);
    }
}

/// Stands for a scope, which any thread may use.
struct SharedScope(Mutex<Memory>);

/// Stands for a scratch, which one thread uses.
struct LocalScope<'s>(RefCell<Memory>, PhantomData<&'s ()>);

impl SharedScope {
    fn new() -> Self {
        Self::with_limit(usize::MAX)
    }

    fn with_limit(limit_bytes: usize) -> Self {
        Self(Mutex::new(Memory::new(limit_bytes)))
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap()
    }

    fn held_bytes(&self) -> usize {
        self.memory().source.held_bytes
    }

    /// Bytes of layouts that are allocated.
    fn live_bytes(&self) -> u64 {
        self.memory().heap.counts().live_bytes()
    }
}

impl LocalScope<'_> {
    fn new() -> Self {
        Self(RefCell::new(Memory::new(usize::MAX)), PhantomData)
    }

    fn live_bytes(&self) -> u64 {
        self.0.borrow().heap.counts().live_bytes()
    }
}

// SAFETY: the heap is closed when the scope is dropped, and used through this alone.
unsafe impl RawAlloc for SharedScope {
    type Piece = TestPiece;

    fn with_heap<R>(
        &self,
        work: impl FnOnce(&mut Heap<TestPiece>, &mut dyn Pieces<TestPiece>) -> R,
    ) -> Result<R, AllocError> {
        let memory = &mut *self.memory();
        Ok(work(&mut memory.heap, &mut memory.source))
    }
}

// SAFETY: as above.
unsafe impl RawAlloc for LocalScope<'_> {
    type Piece = TestPiece;

    fn with_heap<R>(
        &self,
        work: impl FnOnce(&mut Heap<TestPiece>, &mut dyn Pieces<TestPiece>) -> R,
    ) -> Result<R, AllocError> {
        let memory = &mut *self.0.borrow_mut();
        Ok(work(&mut memory.heap, &mut memory.source))
    }
}

allocate_by_reference!([] SharedScope, ['s] LocalScope<'s>);
