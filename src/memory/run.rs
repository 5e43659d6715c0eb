#![allow(unsafe_code)]

use std::ptr::NonNull;

use super::chain::Linked;
use super::pages::{Pages, Source};
use super::poison::{HANDED_BACK, RED_ZONE_BYTES, poison, unpoison};
use super::{Granted, touch_pages};
use crate::AllocError;
use crate::epoch::Epoch;
use crate::layout::{ROW_ALIGN_BYTES, SYSTEM_HEADER_BYTES, align_offset, round_up, run_bytes};
use crate::recorder::MemoryTag;

/// Memory of any size that serves one large request, or several medium ones.
///
/// It comes zeroed from the system at an alignment at which that costs nothing (a larger alignment would be served by
/// allocating and clearing), and is aligned inside.
///
/// Invariants: `memory` is an allocation of `layout`, owned by this run; `start` is its first row-aligned byte, and `room`
/// bytes from `start` lie in it; all of it is initialised, and zero from `start + dirty` on. Grants are bumped upwards and lie
/// in the `used` bytes from `start`; the first is of `first_bytes` from there.
pub(crate) struct Run {
    /// What `start` is in.
    _pages: Pages,
    start: NonNull<u8>,
    room: usize,
    dirty: usize,
    used: usize,
    first_bytes: usize,
    grants: usize,
    /// Bytes taken from the system.
    pub(crate) total_bytes: usize,
    /// Epoch of the arena when the run was last handed back.
    pub(crate) last_used: Epoch,
    pub(crate) tag: MemoryTag,
    /// Place among the runs that the scope took.
    pub(crate) order: u64,
    next: Option<Box<Run>>,
}

// SAFETY: a run owns its memory; nothing else refers to it but grants, whose users are bound by `Granted::into_slice`.
unsafe impl Send for Run {}
// SAFETY: `&Run` gives access to plain numbers, and to bytes that nobody writes meanwhile.
unsafe impl Sync for Run {}

impl Linked for Run {
    fn next(&mut self) -> &mut Option<Box<Self>> {
        &mut self.next
    }
}

impl Run {
    /// Bytes to take from the system for a request of `bytes`, or `None` on overflow.
    pub(crate) fn total_bytes_for(bytes: usize) -> Option<usize> {
        run_bytes(bytes.checked_add(RED_ZONE_BYTES)?)
    }

    /// Bytes that a new run of `total_bytes` grants at least.
    pub(crate) fn least_room_bytes(total_bytes: usize) -> usize {
        (total_bytes - ROW_ALIGN_BYTES).saturating_sub(RED_ZONE_BYTES)
    }

    /// How much smaller its room is after a grant of `bytes`.
    pub(crate) fn grant_room_bytes(bytes: usize) -> Option<usize> {
        round_up(bytes, ROW_ALIGN_BYTES)?.checked_add(RED_ZONE_BYTES)
    }

    /// Takes a run of `total_bytes` (from [`Self::total_bytes_for`]) from the system.
    pub(crate) fn new(total_bytes: usize, source: Source) -> Result<Box<Self>, AllocError> {
        let bytes = total_bytes - SYSTEM_HEADER_BYTES;
        let pages = Pages::zeroed(bytes, source).ok_or(AllocError::System {
            asked_bytes: total_bytes,
        })?;
        let skipped = align_offset(pages.start().addr().get());
        // As much wherever it starts.
        let room = total_bytes - ROW_ALIGN_BYTES;
        // SAFETY: `skipped` and the room are less than `bytes`, as addresses are aligned to what the header is long.
        let start = unsafe { pages.start().add(skipped) };
        poison(start.as_ptr(), room);
        Ok(Box::new(Self {
            _pages: pages,
            start,
            room,
            dirty: 0,
            used: 0,
            first_bytes: 0,
            grants: 0,
            total_bytes,
            last_used: Epoch::FIRST,
            tag: MemoryTag::NONE,
            order: 0,
            next: None,
        }))
    }

    /// Has the system map all pages of a new run, of which nothing was granted yet.
    pub(crate) fn touch(&mut self) {
        unpoison(self.start.as_ptr(), self.room);
        // SAFETY: the room is all zeros, and this run's alone.
        unsafe { touch_pages(self.start, self.room) };
        poison(self.start.as_ptr(), self.room);
    }

    /// Bytes that the run can still grant.
    pub(crate) fn remaining_bytes(&self) -> usize {
        let next = (self.used + RED_ZONE_BYTES).min(self.room);
        (self.room - next) / ROW_ALIGN_BYTES * ROW_ALIGN_BYTES
    }

    /// Grants `bytes` behind what was granted before, if they fit.
    pub(crate) fn grant(&mut self, bytes: usize) -> Option<Granted> {
        if bytes > self.remaining_bytes() {
            return None;
        }
        let offset = self.used;
        let end = offset + bytes;
        let padded_end = round_up(end, ROW_ALIGN_BYTES)?;
        // SAFETY: `remaining_bytes` counted the bytes from here on, in the room.
        let start = unsafe { self.start.add(offset) };
        unpoison(start.as_ptr(), bytes);
        let stale = self.dirty.clamp(offset, end) - offset;
        if self.grants == 0 {
            self.first_bytes = bytes;
        }
        self.grants += 1;
        self.used = padded_end + RED_ZONE_BYTES;
        Some(Granted {
            start,
            bytes,
            stale: 0..stale,
            place: self.tag.place(offset),
            fresh: stale < bytes,
        })
    }

    /// Bytes of the first grant.
    pub(crate) fn granted_bytes(&self) -> usize {
        self.first_bytes
    }

    /// Whether the only grant of this run is the one that starts at `start`, and fills at least a quarter of it.
    pub(crate) fn serves_only(&self, start: *const u8) -> bool {
        self.grants == 1
            && std::ptr::eq(self.start.as_ptr(), start)
            && self.first_bytes >= self.total_bytes / 4
    }

    /// The granted bytes of a run that its holder owns together with its only grant.
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: the granted bytes are initialised, and who borrows the run by itself holds its only grant.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.first_bytes) }
    }

    /// The granted bytes of a run that its holder owns together with its only grant.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.first_bytes) }
    }

    /// Takes back what was granted. The caller holds no grant of this run any more.
    pub(crate) fn hand_back(&mut self) {
        let used = self.used;
        if cfg!(debug_assertions) {
            unpoison(self.start.as_ptr(), used);
            // SAFETY: the used bytes lie in the room and no grant on them is left.
            unsafe { self.start.as_ptr().write_bytes(HANDED_BACK, used) };
        }
        self.dirty = self.dirty.max(used);
        self.used = 0;
        self.first_bytes = 0;
        self.grants = 0;
        poison(self.start.as_ptr(), self.room);
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
        run.hand_back();
        let grant = run.grant(500_000).unwrap();
        assert!(grant.stale == (0..500_000) && !grant.fresh);
        run.hand_back();
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
}
