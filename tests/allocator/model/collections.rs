//! Collections of random programs: vectors that are made, grown, shrunk and dropped between planes.

#[path = "pieces.rs"]
mod pieces;

use std::mem::forget;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::api::alloc::Allocator;
use super::api::vec::Vec as List;
use super::driver::World;
use super::tape::Tape;
use pieces::check_refused_list;

/// Counts operations on vectors, and refused ones.
pub(crate) static OPERATIONS: AtomicUsize = AtomicUsize::new(0);
pub(crate) static REFUSED: AtomicUsize = AtomicUsize::new(0);

/// A sample type with padding, and one without.
type Pair = (u8, u64);

enum Items<A: Allocator> {
    Pairs(List<Pair, A>),
    Bytes(List<u8, A>),
}

/// A vector whose contents are computed from `tag`.
struct Tagged<A: Allocator> {
    items: Items<A>,
    tag: u32,
}

/// The vectors of a scope or scratch.
pub(crate) struct Lists<A: Allocator>(Vec<Tagged<A>>);

fn hash(tag: u32, index: usize) -> u64 {
    let mixed = (u64::from(tag) << 32 | index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 29
}

fn pair(tag: u32, index: usize) -> Pair {
    let hash = hash(tag, index);
    (hash as u8, hash.rotate_left(17))
}

fn byte(tag: u32, index: usize) -> u8 {
    hash(tag, index) as u8
}

/// Calls a method of the vector, whatever its item type.
macro_rules! on_list {
    ($items:expr, $list:ident => $call:expr) => {
        match $items {
            Items::Pairs($list) => $call,
            Items::Bytes($list) => $call,
        }
    };
}

impl<A: Allocator> Tagged<A> {
    fn len(&self) -> usize {
        on_list!(&self.items, list => list.len())
    }

    fn capacity(&self) -> usize {
        on_list!(&self.items, list => list.capacity())
    }

    fn item_bytes(&self) -> usize {
        match &self.items {
            Items::Pairs(_) => size_of::<Pair>(),
            Items::Bytes(_) => 1,
        }
    }

    /// Its memory.
    fn range(&self) -> Range<usize> {
        let bytes = self.capacity() * self.item_bytes();
        let start = on_list!(&self.items, list => list.as_ptr().addr());
        start..start + bytes
    }

    fn check(&self) {
        let tag = self.tag;
        let is_right = match &self.items {
            Items::Pairs(list) => list
                .iter()
                .enumerate()
                .all(|(i, &item)| item == pair(tag, i)),
            Items::Bytes(list) => list
                .iter()
                .enumerate()
                .all(|(i, &item)| item == byte(tag, i)),
        };
        assert!(is_right, "contents of vector {tag}");
    }

    /// Makes room for `more` items and pushes them. A refusal changes nothing.
    fn push(&mut self, more: usize, is_exact: bool) -> Result<(), ()> {
        let reserved = on_list!(&mut self.items, list => match is_exact {
            true => list.try_reserve_exact(more),
            false => list.try_reserve(more),
        });
        reserved.map_err(|_| ())?;
        let (tag, len) = (self.tag, self.len());
        match &mut self.items {
            Items::Pairs(list) => list.extend((len..len + more).map(|i| pair(tag, i))),
            Items::Bytes(list) => list.extend((len..len + more).map(|i| byte(tag, i))),
        }
        Ok(())
    }
}

impl<A: Allocator + Copy> Lists<A> {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// Does something with one of the vectors of the scope `id`, whose memory comes from `memory`.
    pub(crate) fn operation(
        &mut self,
        world: &mut World,
        memory: A,
        id: usize,
        tape: &mut Tape<'_>,
    ) {
        if !world.has_collections {
            return;
        }
        OPERATIONS.fetch_add(1, Ordering::Relaxed);
        let index = tape.pick(8);
        if index >= self.0.len() {
            return self.make(world, memory, id, tape);
        }
        self.0[index].check();
        match tape.pick(8) {
            0..4 => self.grow(world, index, id, tape),
            4 | 5 => self.shrink(world, index, id, tape),
            6 => self.remove(world, index, id),
            // Forgotten vectors end with their scope.
            _ => forget(self.0.swap_remove(index)),
        }
    }

    fn make(&mut self, world: &mut World, memory: A, id: usize, tape: &mut Tape<'_>) {
        let items = match tape.pick(2) {
            0 => Items::Pairs(List::new_in(memory)),
            _ => Items::Bytes(List::new_in(memory)),
        };
        let tag = world.tag();
        self.0.push(Tagged { items, tag });
        self.grow(world, self.0.len() - 1, id, tape);
    }

    fn grow(&mut self, world: &mut World, index: usize, id: usize, tape: &mut Tape<'_>) {
        let more = match tape.pick(8) {
            0 => tape.below(40_000),
            1..3 => tape.below(3000),
            _ => tape.pick(100),
        };
        let is_exact = tape.pick(2) == 0;
        let list = &mut self.0[index];
        let (len, capacity, range) = (list.len(), list.capacity(), list.range());
        // The most that `try_reserve` requests.
        let items = (2 * capacity).max(len + more).max(8);
        let before = world.arena.snapshot();
        world.stats.take_list_back(id, &range);
        let outcome = list.push(more, is_exact);
        list.check();
        let after = world.arena.snapshot();
        world.stats.count_pieces(id, &before, &after);
        world.stats.hold_list(id, list.range());
        match outcome {
            Ok(()) => assert_eq!(list.len(), len + more),
            Err(()) => {
                REFUSED.fetch_add(1, Ordering::Relaxed);
                assert_eq!((list.len(), list.range()), (len, range));
                check_refused_list(&before, &after, items * list.item_bytes());
            }
        }
    }

    fn shrink(&mut self, world: &mut World, index: usize, id: usize, tape: &mut Tape<'_>) {
        let list = &mut self.0[index];
        let len = tape.below(list.len() + 1);
        let before = world.arena.snapshot();
        world.stats.take_list_back(id, &list.range());
        on_list!(&mut list.items, list => {
            list.truncate(len);
            list.shrink_to_fit();
        });
        list.check();
        assert_eq!((list.len(), list.capacity()), (len, len));
        let after = world.arena.snapshot();
        world.stats.count_pieces(id, &before, &after);
        world.stats.hold_list(id, list.range());
    }

    /// Drops a vector.
    fn remove(&mut self, world: &mut World, index: usize, id: usize) {
        let list = self.0.swap_remove(index);
        list.check();
        let before = world.arena.snapshot();
        world.stats.take_list_back(id, &list.range());
        drop(list);
        let after = world.arena.snapshot();
        assert!(after.live_bytes <= before.live_bytes);
        world.stats.count_pieces(id, &before, &after);
    }

    /// Checks the contents of all vectors at the end of their scope, and drops or forgets them.
    pub(crate) fn end(mut self, world: &mut World, id: usize, tape: &mut Tape<'_>) {
        self.0.iter().for_each(Tagged::check);
        if tape.pick(3) == 0 {
            return self.0.into_iter().for_each(forget);
        }
        while !self.0.is_empty() {
            self.remove(world, 0, id);
        }
    }
}

/// Vectors that only take memory.
pub(crate) struct Plain<A: Allocator>(Vec<List<u64, A>>);

impl<A: Allocator> Plain<A> {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    /// Makes a vector of `bytes`, or grows the first one by `bytes`. Returns whether that was
    /// granted.
    pub(crate) fn reserve(&mut self, memory: A, bytes: usize) -> bool {
        if bytes.is_multiple_of(3) && !self.0.is_empty() {
            let items = self.0[0].capacity() + bytes / 8;
            return self.0[0].try_reserve_exact(items).is_ok();
        }
        self.0.push(List::new_in(memory));
        let last = self.0.len() - 1;
        self.0[last].try_reserve_exact(bytes / 8).is_ok()
    }
}
