#![allow(unsafe_code)]

use std::ops::Range;
use std::ptr::NonNull;

use super::chain::Linked;
use super::pages::{Pages, Source};
use super::poison::{RED_ZONE_BYTES, RETURNED, poison, unpoison};
use super::{Granted, touch_pages, try_box};
use crate::AllocError;
use crate::epoch::Epoch;
use crate::heap::{Links, Piece};
use crate::layout::{ROW_ALIGN_BYTES, align_offset, round_up, run_bytes, run_room_bytes};
use crate::recorder::{MemoryTag, ScopeTag};
use crate::sync::AtomicUsize;

/// Memory of any size that serves one large request, or several medium ones.
///
/// Its memory comes zeroed from the system, at an alignment for which allocators need not clear it
/// themselves. The start of the run is aligned inside that memory.
///
/// Invariants: `start` is the first row-aligned byte of `pages`, which this run owns, and `room`
/// bytes from `start` lie in them. Bytes from `start + dirty` on are zero, bytes before `start +
/// written` are initialized. Grants are bumped upwards and lie in the `used` bytes from `start`;
/// the first grant is the first `first_bytes` of them.
pub(crate) struct Run {
    pages: Pages,
    start: NonNull<u8>,
    room: usize,
    dirty: usize,
    written: usize,
    used: usize,
    first_bytes: usize,
    grants: usize,
    is_foreign: bool,
    /// Handles that own the run together, while it is shared.
    pub(crate) owners: AtomicUsize,
    /// Bytes of a new run that would grant as much.
    pub(crate) sized_bytes: usize,
    /// Bytes that the run counts for while it is in use.
    pub(crate) total_bytes: usize,
    /// Bytes that the run counts for while it is retained.
    pub(crate) capacity_bytes: usize,
    /// When the run was last returned.
    pub(crate) last_used: Epoch,
    /// When the run was last returned from a use of all its capacity.
    pub(crate) last_filled: Epoch,
    pub(crate) tag: MemoryTag,
    /// Place among the runs that the scope took.
    pub(crate) order: u64,
    /// Place in the table of the store.
    pub(crate) slot: u32,
    /// The record of its use as a piece of a heap.
    pub(crate) piece_tag: Option<ScopeTag>,
    links: Links<Run>,
    next: Option<Box<Run>>,
}

// SAFETY: a run owns its memory; nothing else refers to it but grants, whose users are bound by
// `Granted::into_slice`.
unsafe impl Send for Run {}
// SAFETY: `&Run` gives access to plain numbers, and to bytes that nobody writes meanwhile.
unsafe impl Sync for Run {}

impl Linked for Run {
    fn next(&mut self) -> &mut Option<Box<Self>> {
        &mut self.next
    }
}

impl Run {
    /// Bytes that a run for a request of `bytes` counts for, or `None` on overflow.
    pub(crate) fn total_bytes_for(bytes: usize) -> Option<usize> {
        run_bytes(bytes.checked_add(RED_ZONE_BYTES)?)
    }

    /// Least bytes that a run of `total_bytes` grants.
    pub(crate) fn least_room_bytes(total_bytes: usize) -> usize {
        run_room_bytes(total_bytes).saturating_sub(RED_ZONE_BYTES)
    }

    /// Bytes by which a grant of `bytes` shrinks the room of a run.
    pub(crate) fn grant_room_bytes(bytes: usize) -> Option<usize> {
        round_up(bytes, ROW_ALIGN_BYTES)?.checked_add(RED_ZONE_BYTES)
    }

    /// Takes a run of `total_bytes` (from [`Self::total_bytes_for`]) from the system.
    pub(crate) fn new(total_bytes: usize, source: Source) -> Result<Box<Self>, AllocError> {
        try_box(Self::of_pages(
            total_bytes,
            Pages::of_run(total_bytes, source)?,
        ))
    }

    /// A run of `total_bytes` in pages for it: `dirty` of their bytes were granted before, and the
    /// bytes before `written` are initialized.
    pub(super) fn of_used_pages(
        total_bytes: usize,
        pages: Pages,
        (dirty, written): (usize, usize),
    ) -> Self {
        let mut run = Self::of_pages(total_bytes, pages);
        run.dirty = dirty.min(run.room);
        run.written = written;
        run
    }

    /// A run of `total_bytes` in `pages`.
    fn of_pages(total_bytes: usize, pages: Pages) -> Self {
        let skipped = align_offset(pages.start().addr().get());
        let room = run_room_bytes(total_bytes);
        // SAFETY: `skipped` and the room are at most the bytes of the pages, as less than a row's
        // alignment is skipped.
        let start = unsafe { pages.start().add(skipped) };
        poison(start.as_ptr(), room);
        Self {
            pages,
            start,
            room,
            dirty: 0,
            written: usize::MAX,
            used: 0,
            first_bytes: 0,
            grants: 0,
            is_foreign: false,
            owners: AtomicUsize::new(0),
            sized_bytes: total_bytes,
            total_bytes,
            capacity_bytes: total_bytes,
            last_used: Epoch::FIRST,
            last_filled: Epoch::FIRST,
            tag: MemoryTag::NONE,
            order: 0,
            slot: 0,
            piece_tag: None,
            links: Links::NONE,
            next: None,
        }
    }

    /// Makes the system map all pages of a run that is not in use.
    pub(crate) fn touch(&mut self) {
        let pristine = self.room - self.dirty;
        // SAFETY: the dirty bytes lie in the room.
        let first = unsafe { self.start.add(self.dirty) };
        unpoison(first.as_ptr(), pristine);
        // SAFETY: the rest of the room is all zeros and belongs to this run alone.
        unsafe { touch_pages(first, pristine) };
        poison(first.as_ptr(), pristine);
    }

    /// Moves the pages out of a run that is not in use. Returns them and the number of bytes that
    /// were ever granted.
    pub(super) fn take_pages(&mut self) -> (Pages, usize) {
        unpoison(self.start.as_ptr(), self.room);
        self.room = 0;
        (self.pages.take(), self.dirty.min(self.capacity_bytes))
    }

    /// Whether some of it was never granted before.
    pub(crate) fn is_fresh(&self) -> bool {
        self.dirty < self.room
    }

    /// Shortens the run to `total_bytes`, and returns the pages beyond as a donor for other runs.
    /// The run is not in use, and can be [narrowed](Self::can_be_narrowed_to) to these bytes.
    pub(crate) fn cut(&mut self, total_bytes: usize) -> Option<(Pages, usize)> {
        let tail_bytes = self.capacity_bytes - total_bytes;
        let dirty_bytes = self.dirty.saturating_sub(total_bytes).min(tail_bytes);
        self.narrow(total_bytes);
        let Some(tail) = self.split_tail() else {
            self.narrow(self.capacity_bytes);
            return None;
        };
        self.forget_tail();
        Some((tail, dirty_bytes))
    }

    /// Whether the capacity beyond `total_bytes` can be released separately.
    pub(crate) fn can_be_narrowed_to(&self, total_bytes: usize) -> bool {
        self.pages.can_split_at(total_bytes)
    }

    /// Makes a run that is not in use grant no more than a new one of `total_bytes` would, at most
    /// its capacity. It counts for no more either, if the rest can be
    /// [split off](Self::split_tail).
    pub(crate) fn narrow(&mut self, total_bytes: usize) {
        self.room = run_room_bytes(total_bytes);
        self.sized_bytes = total_bytes;
        self.total_bytes = match self.can_be_narrowed_to(total_bytes) {
            true => total_bytes,
            false => self.capacity_bytes,
        };
    }

    /// Splits off the capacity beyond what the run counts for in use.
    pub(crate) fn split_tail(&mut self) -> Option<Pages> {
        if self.capacity_bytes == self.total_bytes {
            return None;
        }
        let tail = self.pages.split_off(self.total_bytes)?;
        // The next user of these addresses must not find them poisoned.
        unpoison(
            tail.start().as_ptr(),
            self.capacity_bytes - self.total_bytes,
        );
        self.capacity_bytes = self.total_bytes;
        Some(tail)
    }

    /// Joins a tail of `bytes` that was [split off](Self::split_tail).
    pub(crate) fn join_tail(&mut self, tail: Pages, bytes: usize) {
        poison(tail.start().as_ptr(), bytes);
        self.pages.join(tail);
        self.capacity_bytes += bytes;
    }

    /// Notes that the tail was released.
    pub(crate) fn forget_tail(&mut self) {
        self.dirty = self.dirty.min(self.room);
    }

    /// Bytes that the run can still grant.
    pub(crate) fn remaining_bytes(&self) -> usize {
        let next = (self.used + RED_ZONE_BYTES).min(self.room);
        (self.room - next) / ROW_ALIGN_BYTES * ROW_ALIGN_BYTES
    }

    /// Grants `bytes` behind what was granted before, if they fit.
    #[inline]
    pub(crate) fn grant(&mut self, bytes: usize) -> Option<Granted> {
        let offset = self.used;
        let granted = self.grant_as_it_is(bytes)?;
        self.clear_unwritten(offset..round_up(offset + bytes, ROW_ALIGN_BYTES)?);
        unpoison(granted.start().as_ptr(), bytes);
        Some(granted)
    }

    /// Grants `bytes` to foreign code, as [`grant`](Self::grant) does, except that they may be
    /// uninitialized: nobody may make a slice of them.
    pub(crate) fn grant_uninit(&mut self, bytes: usize) -> Option<Granted> {
        self.is_foreign = true;
        self.grant_as_it_is(bytes)
    }

    #[inline]
    fn grant_as_it_is(&mut self, bytes: usize) -> Option<Granted> {
        if bytes > self.remaining_bytes() {
            return None;
        }
        let offset = self.used;
        let end = offset + bytes;
        let padded_end = round_up(end, ROW_ALIGN_BYTES)?;
        let is_fresh = end > self.dirty;
        let stale_end = self.dirty.min(self.written).clamp(offset, end);
        // SAFETY: `remaining_bytes` counted the bytes from here on, in the room.
        let start = unsafe { self.start.add(offset) };
        unpoison(start.as_ptr(), bytes);
        if self.grants == 0 {
            self.first_bytes = bytes;
        }
        self.grants += 1;
        self.used = padded_end + RED_ZONE_BYTES;
        Some(Granted {
            start,
            bytes,
            stale: 0..stale_end - offset,
            place: self.tag.place(offset),
            fresh: is_fresh,
        })
    }

    /// Clears the bytes of `range`, which is not granted, that may be uninitialized.
    fn clear_unwritten(&mut self, range: Range<usize>) {
        let unwritten = range.start.max(self.written)..range.end.min(self.dirty);
        if unwritten.is_empty() {
            return;
        }
        // SAFETY: the bytes lie in the room.
        let first = unsafe { self.start.add(unwritten.start) }.as_ptr();
        unpoison(first, unwritten.len());
        // SAFETY: the bytes lie in the room, and nobody else has them.
        unsafe { first.write_bytes(0, unwritten.len()) };
        poison(first, unwritten.len());
        self.written = unwritten.end;
    }

    /// Notes that foreign code uses the granted bytes, and may leave them uninitialized.
    pub(crate) fn mark_foreign(&mut self) {
        self.is_foreign = true;
    }

    #[cfg_attr(
        not(any(feature = "allocator-api2-02", feature = "allocator-api2-04")),
        allow(dead_code, reason = "collections come with a feature")
    )]
    /// Grants all the room to a heap, as a [`Piece`] that it may leave uninitialized. Nothing may
    /// be granted before. Returns whether some of the room was never granted before.
    pub(crate) fn grant_all(&mut self) -> bool {
        debug_assert_eq!((self.grants, self.used), (0, 0));
        unpoison(self.start.as_ptr(), self.room);
        self.is_foreign = true;
        self.used = self.room;
        self.dirty < self.room
    }

    /// Bytes of the first grant.
    pub(crate) fn granted_bytes(&self) -> usize {
        self.first_bytes
    }

    /// Whether the only grant of this run is the one that starts at `start`, and fills at least a
    /// quarter of it.
    pub(crate) fn serves_only(&self, start: *const u8) -> bool {
        self.grants == 1
            && std::ptr::eq(self.start.as_ptr(), start)
            && self.first_bytes >= self.room / 4
    }

    /// The granted bytes of a run that its holder owns together with its only grant.
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: the granted bytes are initialized, and the holder of the run holds its only
        // grant.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.first_bytes) }
    }

    /// The granted bytes of a run that its holder owns together with its only grant.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.first_bytes) }
    }

    /// Ends all grants. The caller holds no grant of this run any more.
    pub(crate) fn take_back(&mut self) {
        let used = self.used.min(self.room);
        if cfg!(debug_assertions) {
            unpoison(self.start.as_ptr(), used);
            // SAFETY: the used bytes lie in the room and no grant on them is left.
            unsafe { self.start.as_ptr().write_bytes(RETURNED, used) };
        }
        self.dirty = self.dirty.max(used);
        if self.is_foreign {
            self.pages.set_unwritten();
            self.written = 0;
        } else if self.written >= self.dirty {
            self.written = usize::MAX;
        }
        self.is_foreign = false;
        self.used = 0;
        self.first_bytes = 0;
        self.grants = 0;
        poison(self.start.as_ptr(), self.room);
    }
}

// SAFETY: the room lies in pages that the run owns, whose place and size do not change while they
// are granted to a heap, which uses them through `start` alone. Bytes from `dirty` on are zero.
unsafe impl Piece for Run {
    fn start(&self) -> NonNull<u8> {
        self.start
    }

    fn bytes(&self) -> usize {
        self.room
    }

    fn dirty_bytes(&self) -> usize {
        self.dirty.min(self.room)
    }

    fn links(&self) -> &Links<Self> {
        &self.links
    }

    fn links_mut(&mut self) -> &mut Links<Self> {
        &mut self.links
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        unpoison(self.start.as_ptr(), self.room);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYSTEM: Source = Source::System { huge_bytes: 0 };

    #[test]
    fn a_run_is_zero_at_first_and_stale_afterwards() {
        let mut run = Run::new(Run::total_bytes_for(1_000_000).unwrap(), SYSTEM).unwrap();
        assert!(run.remaining_bytes() >= 1_000_000);
        let grant = run.grant(1_000_000).unwrap();
        assert!(grant.stale.is_empty() && grant.fresh);
        assert!(run.bytes().iter().all(|&byte| byte == 0));
        run.bytes_mut()[999_999] = 1;
        run.take_back();
        let grant = run.grant(500_000).unwrap();
        assert!(grant.stale == (0..500_000) && !grant.fresh);
        run.take_back();
        let dirty = 1_000_000usize.next_multiple_of(ROW_ALIGN_BYTES) + RED_ZONE_BYTES;
        let grant = run.grant(dirty + 1).unwrap();
        assert!(grant.stale == (0..dirty) && grant.fresh);
    }

    #[test]
    fn medium_grants_share_a_run() {
        let mut run = Run::new(
            Run::total_bytes_for(100_000).unwrap(),
            Source::GlobalAllocator,
        )
        .unwrap();
        let first = run.grant(60_001).unwrap();
        assert!(run.serves_only(first.start.as_ptr()));
        let second = run.grant(30_000).unwrap();
        assert!(!run.serves_only(first.start.as_ptr()));
        let distance = second.start.addr().get() - first.start.addr().get();
        assert!(distance >= 60_001 && distance.is_multiple_of(ROW_ALIGN_BYTES));
        assert!(run.grant(run.remaining_bytes() + 1).is_none());
        let rest = run.remaining_bytes();
        assert!(run.grant(rest).is_some() && run.remaining_bytes() == 0);
        assert!(run.grant(1).is_none());
    }

    #[test]
    fn lent_memory_is_cleared_before_it_is_granted() {
        let mut run = Run::new(Run::total_bytes_for(100_000).unwrap(), SYSTEM).unwrap();
        run.grant(5000).unwrap();
        run.take_back();
        assert!(run.grant_all());
        // SAFETY: all of the room is granted.
        unsafe { run.start.as_ptr().write_bytes(7, run.room) };
        run.take_back();
        for (bytes, stale, is_fresh) in
            [(1000, 0, false), (1000, 1000, false), (40_000, 1024, false)]
        {
            let grant = run.grant(bytes).unwrap();
            assert_eq!((grant.stale, grant.fresh), (0..stale.min(bytes), is_fresh));
            assert!(
                run.bytes()[stale.min(bytes)..]
                    .iter()
                    .all(|&byte| byte == 0)
            );
            run.bytes_mut().fill(1);
            run.take_back();
        }
        let grant = run.grant(40_000).unwrap();
        assert_eq!(grant.stale, 0..40_000);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_narrow_run_gives_up_its_tail_and_takes_it_back() {
        let (large, small) = (
            Run::total_bytes_for(1_000_000).unwrap(),
            Run::total_bytes_for(300_000).unwrap(),
        );
        let mut run = Run::new(large, SYSTEM).unwrap();
        run.grant(1_000_000).unwrap();
        run.bytes_mut().fill(1);
        run.take_back();
        for is_kept in [true, false] {
            run.narrow(small);
            assert!(run.remaining_bytes() < 320_000);
            let tail = run.split_tail().expect("mapped");
            run.grant(300_000).unwrap();
            run.bytes_mut().fill(2);
            run.take_back();
            match is_kept {
                true => run.join_tail(tail, large - small),
                false => {
                    drop(tail);
                    run.forget_tail();
                }
            }
            let capacity = run.capacity_bytes;
            run.narrow(capacity);
            assert_eq!(capacity, if is_kept { large } else { small });
        }
        let grant = run.grant(300_000).unwrap();
        assert_eq!(grant.stale, 0..300_000);
    }
}
