#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr::NonNull;

use super::Granted;
use super::chain::Linked;
use super::poison::{HANDED_BACK, RED_ZONE_BYTES, poison, unpoison};
use crate::AllocError;
use crate::layout::{SYSTEM_HEADER_BYTES, align_offset, run_bytes};

/// Memory that serves one large request.
///
/// It comes zeroed from the system at an alignment at which that costs nothing (a larger alignment would be served by
/// allocating and clearing), and is aligned inside.
///
/// Invariants: `memory` is an allocation of `layout`, owned by this run; `start` is its first row-aligned byte, and `room`
/// bytes from `start` lie in it; all of it is initialised, and zero from `start + dirty` on.
pub(crate) struct Run {
    memory: NonNull<u8>,
    layout: Layout,
    start: NonNull<u8>,
    room: usize,
    dirty: usize,
    granted: usize,
    /// Bytes taken from the system.
    pub(crate) total_bytes: usize,
    /// Frame count of the arena when the run was last handed back.
    pub(crate) last_used: u64,
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

    /// Takes a run of `total_bytes` (from [`Self::total_bytes_for`]) from the system.
    pub(crate) fn new(total_bytes: usize) -> Result<Box<Self>, AllocError> {
        let refused = AllocError::System {
            asked_bytes: total_bytes,
        };
        let layout =
            Layout::from_size_align(total_bytes - SYSTEM_HEADER_BYTES, 16).map_err(|_| refused)?;
        // SAFETY: a run is at least a page less the header: the size is not zero.
        let memory = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or(refused)?;
        let skipped = align_offset(memory.addr().get());
        let room = layout.size() - skipped;
        // SAFETY: `skipped` is less than the row alignment, and the allocation at least a page less the header.
        let start = unsafe { memory.add(skipped) };
        poison(start.as_ptr(), room);
        Ok(Box::new(Self {
            memory,
            layout,
            start,
            room,
            dirty: 0,
            granted: 0,
            total_bytes,
            last_used: 0,
            next: None,
        }))
    }

    /// Most bytes that the run can grant.
    pub(crate) fn room_bytes(&self) -> usize {
        self.room - RED_ZONE_BYTES
    }

    /// Grants the first `bytes` of the run. Until it is handed back, it grants nothing else.
    pub(crate) fn grant(&mut self, bytes: usize) -> Granted {
        assert!(self.granted == 0 && bytes <= self.room_bytes());
        unpoison(self.start.as_ptr(), bytes);
        let granted = Granted {
            start: self.start,
            bytes,
            stale: 0..self.dirty.min(bytes),
            fresh: self.dirty < bytes,
        };
        self.granted = bytes;
        granted
    }

    /// Bytes granted at this moment.
    pub(crate) fn granted_bytes(&self) -> usize {
        self.granted
    }

    /// Whether this run serves the grant that starts at `start`.
    pub(crate) fn starts_at(&self, start: *const u8) -> bool {
        std::ptr::eq(self.start.as_ptr(), start)
    }

    /// The granted bytes of a run that its holder owns.
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: the granted bytes are initialised, and who borrows the run by itself holds its only grant.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.granted) }
    }

    /// The granted bytes of a run that its holder owns.
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `bytes`, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.granted) }
    }

    /// Takes back what was granted. The caller holds no grant of this run any more.
    pub(crate) fn hand_back(&mut self) {
        if cfg!(debug_assertions) {
            self.bytes_mut().fill(HANDED_BACK);
        }
        self.dirty = self.dirty.max(self.granted);
        self.granted = 0;
        poison(self.start.as_ptr(), self.room);
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        unpoison(self.start.as_ptr(), self.room);
        // SAFETY: allocated in `new` with this layout, and owned by this run.
        unsafe { dealloc(self.memory.as_ptr(), self.layout) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_zero_at_first_and_stale_afterwards() {
        let mut run = Run::new(Run::total_bytes_for(1_000_000).unwrap()).unwrap();
        assert!(run.room_bytes() >= 1_000_000);
        let grant = run.grant(1_000_000);
        assert!(grant.stale.is_empty() && grant.fresh);
        assert!(run.bytes().iter().all(|&byte| byte == 0));
        run.bytes_mut()[999_999] = 1;
        run.hand_back();
        let grant = run.grant(500_000);
        assert!(grant.stale == (0..500_000) && !grant.fresh);
        run.hand_back();
        let grant = run.grant(1_000_001);
        assert!(grant.stale == (0..1_000_000) && grant.fresh);
    }
}
