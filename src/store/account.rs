use super::backing::Admission;
use crate::AllocError;

/// The count of an arena's bytes: held and admitted bytes, and the limit.
///
/// Invariants: `committed <= limit`, as requests are admitted under one lock; and mapped and
/// charged bytes are at most the limit at any moment, as admitted memory is taken from the system
/// only when `held + pending <= limit`.
pub(super) struct Account {
    limit_bytes: usize,
    /// Blocks, runs and records that scopes, detached memory and shares use.
    in_use_bytes: usize,
    /// Admitted for a share of the arena, and not taken yet.
    promised_bytes: usize,
    /// Admitted, and about to be taken from the system.
    pending_bytes: usize,
    /// Capacity of runs in use beyond the bytes that they count for.
    spare_bytes: usize,
    /// Blocks, runs and records that are not in use.
    retained_bytes: usize,
    /// About to be released to the system.
    releasing_bytes: usize,
    /// Allocated by others.
    charged_bytes: usize,
    peak_held_bytes: usize,
    /// Most bytes in use at once since [`restart_need`](Self::restart_need).
    need_bytes: usize,
}

impl Account {
    pub(super) fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            in_use_bytes: 0,
            promised_bytes: 0,
            pending_bytes: 0,
            spare_bytes: 0,
            retained_bytes: 0,
            releasing_bytes: 0,
            charged_bytes: 0,
            peak_held_bytes: 0,
            need_bytes: 0,
        }
    }

    pub(super) fn limit_bytes(&self) -> usize {
        self.limit_bytes
    }

    pub(super) fn has_limit(&self) -> bool {
        self.limit_bytes < usize::MAX
    }

    pub(super) fn in_use_bytes(&self) -> usize {
        self.in_use_bytes
    }

    pub(super) fn charged_bytes(&self) -> usize {
        self.charged_bytes
    }

    pub(super) fn promised_bytes(&self) -> usize {
        self.promised_bytes
    }

    pub(super) fn retained_bytes(&self) -> usize {
        self.retained_bytes
    }

    /// Bytes that are retained.
    pub(super) fn kept_bytes(&self) -> usize {
        self.retained_bytes + self.spare_bytes
    }

    pub(super) fn peak_held_bytes(&self) -> usize {
        self.peak_held_bytes
    }

    /// Bytes that no release can make room for.
    pub(super) fn committed_bytes(&self) -> usize {
        self.in_use_bytes + self.promised_bytes + self.pending_bytes + self.charged_bytes
    }

    fn held_bytes(&self) -> usize {
        self.in_use_bytes + self.kept_bytes() + self.releasing_bytes + self.charged_bytes
    }

    /// Bytes by which held and pending bytes exceed `bytes`.
    pub(super) fn bytes_beyond(&self, bytes: usize) -> usize {
        let all = self.in_use_bytes + self.kept_bytes() + self.pending_bytes;
        all.saturating_sub(bytes)
    }

    /// Most bytes in use at once since the last restart, pending bytes included.
    pub(super) fn need_bytes(&self) -> usize {
        self.need_bytes.max(self.in_use_bytes + self.pending_bytes)
    }

    pub(super) fn restart_need(&mut self) {
        self.need_bytes = self.in_use_bytes;
    }

    /// Whether `bytes` more can be admitted.
    pub(super) fn check(&self, bytes: usize) -> Result<(), AllocError> {
        if self.limit_bytes - self.committed_bytes() < bytes {
            return Err(self.refusal(bytes));
        }
        Ok(())
    }

    pub(super) fn refusal(&self, bytes: usize) -> AllocError {
        AllocError::LimitExceeded {
            requested_bytes: bytes,
            in_use_bytes: self.committed_bytes(),
            limit_bytes: self.limit_bytes,
        }
    }

    /// Admits `bytes` that are about to be taken from the system.
    pub(super) fn admit(&mut self, bytes: usize) -> Result<(), AllocError> {
        self.check(bytes)?;
        self.pending_bytes += bytes;
        Ok(())
    }

    /// Makes `bytes` pending, as `admission` says.
    pub(super) fn open(&mut self, bytes: usize, admission: Admission) -> Result<(), AllocError> {
        match admission {
            Admission::Ask => self.admit(bytes),
            Admission::Promised => {
                self.promised_bytes -= bytes;
                self.pending_bytes += bytes;
                Ok(())
            }
        }
    }

    /// Admits `bytes` that will be taken later.
    pub(super) fn promise(&mut self, bytes: usize) -> Result<(), AllocError> {
        self.check(bytes)?;
        self.add_promise(bytes);
        Ok(())
    }

    /// Counts `bytes` that another account promised this one.
    pub(super) fn add_promise(&mut self, bytes: usize) {
        self.promised_bytes += bytes;
    }

    pub(super) fn end_promise(&mut self, bytes: usize) {
        self.promised_bytes -= bytes;
    }

    /// Bytes to release before pending bytes may be taken.
    pub(super) fn excess_bytes(&self) -> usize {
        let room = self.limit_bytes - self.held_bytes();
        self.pending_bytes.saturating_sub(room)
    }

    pub(super) fn is_releasing(&self) -> bool {
        self.releasing_bytes > 0
    }

    /// Pending bytes were taken, and count for `bytes` in use.
    pub(super) fn make(&mut self, pending: usize, bytes: usize) {
        self.pending_bytes -= pending;
        self.in_use_bytes += bytes;
        self.note_peak();
    }

    /// Updates the need. Call this before bytes in use are returned.
    #[inline]
    pub(super) fn note_need(&mut self) {
        self.need_bytes = self.need_bytes.max(self.in_use_bytes);
    }

    /// Adds retained bytes that another account admitted.
    pub(super) fn hold(&mut self, bytes: usize) {
        self.retained_bytes += bytes;
        self.note_peak();
    }

    /// Subtracts retained bytes that return to the account that admitted them.
    pub(super) fn unhold(&mut self, bytes: usize) {
        self.retained_bytes -= bytes;
    }

    /// The system refused pending bytes. Bytes that were promised are promised again.
    pub(super) fn give_up(&mut self, bytes: usize, admission: Admission) {
        self.pending_bytes -= bytes;
        if admission == Admission::Promised {
            self.promised_bytes += bytes;
        }
    }

    /// Retained memory of `capacity` bytes serves the pending request, and counts for `bytes`.
    pub(super) fn reuse(&mut self, pending: usize, bytes: usize, capacity: usize) {
        self.pending_bytes -= pending;
        self.retained_bytes -= capacity;
        self.in_use_bytes += bytes;
        self.spare_bytes += capacity - bytes;
    }

    /// Memory that counted for `bytes` is no longer in use; all of its `capacity` bytes are
    /// retained. Bytes that were promised are promised again.
    pub(super) fn retain(&mut self, bytes: usize, capacity: usize, admission: Admission) {
        self.leave(bytes, admission);
        self.spare_bytes -= capacity - bytes;
        self.retained_bytes += capacity;
    }

    /// Bytes in use are returned, without being retained here.
    pub(super) fn leave(&mut self, bytes: usize, admission: Admission) {
        self.in_use_bytes -= bytes;
        if admission == Admission::Promised {
            self.promised_bytes += bytes;
        }
    }

    /// Retained bytes are about to be released.
    pub(super) fn start_release(&mut self, retained: usize, spare: usize) {
        self.retained_bytes -= retained;
        self.spare_bytes -= spare;
        self.releasing_bytes += retained + spare;
    }

    pub(super) fn end_release(&mut self, bytes: usize) {
        self.releasing_bytes -= bytes;
    }

    /// Pending bytes are allocated by others.
    pub(super) fn charge(&mut self, bytes: usize) {
        self.pending_bytes -= bytes;
        self.charged_bytes += bytes;
        self.note_peak();
    }

    pub(super) fn discharge(&mut self, bytes: usize, admission: Admission) {
        self.charged_bytes -= bytes;
        if admission == Admission::Promised {
            self.promised_bytes += bytes;
        }
    }

    fn note_peak(&mut self) {
        self.peak_held_bytes = self.peak_held_bytes.max(self.held_bytes());
    }
}
