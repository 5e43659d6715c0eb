//! Free chunks by size, and their sorting by address.

use super::chunk::{Chunk, ChunkList};
use super::sizes::{CLASSES, Class, LARGEST_CLASS_BYTES, UNIT_BYTES, padding};

/// Number of chunks of a class that are tried to find one with the alignment of a request.
const ALIGNED_TRIES: usize = 8;

/// Free chunks of a heap, in a list for each size class.
pub(super) struct FreeChunks {
    /// A bit for each list that is not empty.
    filled: u64,
    /// Each chunk is in the list of the largest class that fits in it.
    lists: [ChunkList; CLASSES],
    bytes: usize,
}

impl FreeChunks {
    pub(super) const EMPTY: Self = Self {
        filled: 0,
        lists: [const { ChunkList::EMPTY }; CLASSES],
        bytes: 0,
    };

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.filled == 0
    }

    /// Bytes of all chunks.
    #[inline]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a chunk. One that is empty is dropped.
    #[inline]
    pub(super) fn push(&mut self, chunk: Chunk) {
        if chunk.bytes() == 0 {
            return;
        }
        let index = Class::index_within(chunk.bytes());
        self.filled |= 1 << index;
        self.bytes += chunk.bytes();
        self.lists[index].push(chunk);
    }

    /// Takes a chunk of this class: the first of the smallest class that has one, split.
    #[inline]
    pub(super) fn take(&mut self, class: Class) -> Option<Chunk> {
        let mut chunk = self.take_larger(class.index)?;
        let taken = chunk.split_front(class.bytes);
        self.push(chunk);
        taken
    }

    /// Takes a chunk of this class that starts at a multiple of `align`.
    pub(super) fn take_aligned(&mut self, class: Class, align: usize) -> Option<Chunk> {
        let is_aligned = |address| padding(address, align) == 0;
        let list = &mut self.lists[class.index];
        let found = list.take_where(ALIGNED_TRIES, is_aligned);
        if let Some(mut chunk) = found {
            if list.is_empty() {
                self.filled &= !(1 << class.index);
            }
            self.bytes -= chunk.bytes();
            let taken = chunk.split_front(class.bytes);
            self.push(chunk);
            return taken;
        }
        // Not all chunks of the largest class have so much room.
        let room = (class.bytes + align - UNIT_BYTES).min(LARGEST_CLASS_BYTES);
        let mut chunk = self.take_larger(Class::of(room).index)?;
        let taken = self.split_aligned(&mut chunk, class, align);
        self.push(chunk);
        taken
    }

    /// Splits an aligned chunk of this class off the front, and adds the bytes before it to the
    /// free chunks.
    pub(super) fn split_aligned(
        &mut self,
        chunk: &mut Chunk,
        class: Class,
        align: usize,
    ) -> Option<Chunk> {
        let before = padding(chunk.address(), align);
        if chunk.bytes() < before + class.bytes {
            return None;
        }
        let before = chunk.split_front(before)?;
        self.push(before);
        chunk.split_front(class.bytes)
    }

    /// Takes the first chunk of the smallest class, this one or a larger one, that has any.
    #[inline]
    fn take_larger(&mut self, index: usize) -> Option<Chunk> {
        let at_least = self.filled >> index;
        if at_least == 0 {
            return None;
        }
        let index = index + at_least.trailing_zeros() as usize;
        let list = &mut self.lists[index];
        let chunk = list.pop()?;
        if list.is_empty() {
            self.filled &= !(1 << index);
        }
        self.bytes -= chunk.bytes();
        Some(chunk)
    }

    /// Drops all chunks.
    pub(super) fn clear(&mut self) {
        *self = Self::EMPTY;
    }

    /// Takes all chunks, those at low addresses first.
    pub(super) fn drain_sorted(&mut self) -> ChunkList {
        let mut sorter = Sorter::new();
        for list in &mut self.lists {
            while let Some(chunk) = list.pop() {
                let mut ascending = ChunkList::EMPTY;
                ascending.push(chunk);
                // Chunks that were freed in order of their addresses are sorted already.
                while list.first_address() < ascending.first_address()
                    && let Some(chunk) = list.pop()
                {
                    ascending.push(chunk);
                }
                sorter.add(ascending);
            }
        }
        self.clear();
        sorter.finish()
    }
}

/// A merge sort of lists that needs no memory.
struct Sorter {
    /// Sorted lists: that of index `i` is empty or merged from 2^i of those added. The last one may
    /// be merged from more.
    sorted: [ChunkList; 32],
}

impl Sorter {
    fn new() -> Self {
        Self {
            sorted: [const { ChunkList::EMPTY }; 32],
        }
    }

    /// Adds a list whose addresses ascend.
    fn add(&mut self, mut added: ChunkList) {
        let [lists @ .., last] = &mut self.sorted;
        for list in lists {
            let sorted = std::mem::replace(list, ChunkList::EMPTY);
            if sorted.is_empty() {
                *list = added;
                return;
            }
            added = added.merge(sorted);
        }
        let sorted = std::mem::replace(last, ChunkList::EMPTY);
        *last = added.merge(sorted);
    }

    fn finish(self) -> ChunkList {
        (self.sorted.into_iter()).fold(ChunkList::EMPTY, ChunkList::merge)
    }
}
