use super::backing::Backing;
use super::retained::Victims;
use super::{Inner, Store};
use crate::Retention;
use crate::epoch::Epoch;
use crate::sync::MutexGuard;

/// After this many returns of memory without an open frame, each further return counts as the end
/// of a frame.
const RETURNS_WITHOUT_FRAMES: u32 = 64;

/// How often retention by time is applied within its time span.
const LOOKS_IN_SPAN: u32 = 8;

impl Store {
    /// Counts a return outside all scopes, which is the end of a frame for a client that never
    /// opens one.
    pub(super) fn note_return(&self) {
        let mut inner = self.lock();
        if inner.open_frames > 0 {
            return;
        }
        inner.returns_since_frame = inner.returns_since_frame.saturating_add(1);
        if inner.returns_since_frame > RETURNS_WITHOUT_FRAMES {
            let begun = inner.epochs.begin();
            self.end_use(inner, begun);
        }
    }

    /// Whether the retention is applied when memory is returned.
    pub(super) fn is_enforced_on_return(&self) -> bool {
        matches!(
            self.retention,
            Retention::UpTo { .. } | Retention::Idle { .. }
        )
    }

    /// Adds memory that the retention does not keep to `victims`.
    pub(super) fn enforce(&self, inner: &mut Inner, victims: &mut Victims) {
        match self.retention {
            Retention::UpTo { bytes } => {
                let excess = inner.account.kept_bytes().saturating_sub(bytes);
                inner.release_bytes(excess, victims);
            }
            Retention::Idle { after } => {
                let now = self.now(inner);
                let step = Epoch::of_span(after / LOOKS_IN_SPAN);
                if now >= inner.last_look.after(step) {
                    inner.last_look = now;
                    inner.release_unused_since(now.before(Epoch::of_span(after)), victims);
                }
            }
            Retention::KeepAll | Retention::Decay { .. } => {}
        }
    }

    /// Retained bytes beyond the need of the last frames. New runs take over their pages.
    pub(super) fn retained_excess_bytes(&self, inner: &Inner) -> usize {
        match self.retention {
            Retention::Decay { .. } => {
                let bound = inner.needs.bound_bytes(inner.account.need_bytes());
                inner.account.bytes_beyond(bound)
            }
            _ => 0,
        }
    }

    /// The epoch at this moment, by frames or by time.
    pub(super) fn now(&self, inner: &Inner) -> Epoch {
        match self.retention {
            Retention::Idle { .. } => Epoch::of_span(self.started.elapsed()),
            _ => inner.epochs.now(),
        }
    }

    /// Memory that was last used before this is not retained.
    pub(super) fn oldest(&self, inner: &Inner, now: Epoch) -> Epoch {
        match self.retention {
            Retention::Decay { frames } => inner.epochs.before(frames),
            Retention::Idle { after } => now.before(Epoch::of_span(after)),
            _ => Epoch::FIRST,
        }
    }

    /// Counts the end of a frame or reserve that began in `begun`, and releases memory that the
    /// last frames did not use.
    pub(super) fn end_use(&self, mut inner: MutexGuard<'_, Inner>, begun: Epoch) {
        let is_next = inner.epochs.end(begun);
        let mut victims = Victims::new();
        if let (true, Retention::Decay { frames }) = (is_next, self.retention) {
            let oldest = inner.epochs.before(frames);
            inner.release_unused_since(oldest, &mut victims);
            let need = inner.account.need_bytes();
            inner.needs.end_epoch(need, frames);
            inner.account.restart_need();
        } else if self.is_enforced_on_return() {
            self.enforce(&mut inner, &mut victims);
        }
        if victims.bytes() > 0 {
            self.release_victims(inner, &mut victims);
        }
    }

    /// Releases memory that the retention does not keep, as if a frame had ended.
    pub(crate) fn decay_now(&self) {
        if !matches!(self.backing, Backing::System(_)) {
            return;
        }
        let mut inner = self.lock();
        inner.last_look = Epoch::FIRST;
        let begun = inner.epochs.begin();
        self.end_use(inner, begun);
    }

    /// Releases all memory that is neither in use nor reserved.
    pub(crate) fn trim(&self) {
        if !matches!(self.backing, Backing::System(_)) {
            return;
        }
        loop {
            let mut inner = self.lock();
            let mut victims = Victims::new();
            let is_more = inner.release_unused_since(Epoch::NEVER, &mut victims);
            self.release_victims(inner, &mut victims);
            if !is_more {
                break;
            }
        }
    }

    /// Releases `victims` outside the lock; their bytes count until that is done.
    pub(super) fn release_victims(&self, inner: MutexGuard<'_, Inner>, victims: &mut Victims) {
        drop(inner);
        self.end_victims(victims);
    }

    /// Releases the rest of `victims`.
    pub(super) fn end_victims(&self, victims: &mut Victims) {
        let bytes = victims.bytes();
        if bytes == 0 {
            return;
        }
        victims.release();
        let mut inner = self.lock();
        inner.account.end_release(bytes);
        self.wake(&inner);
    }
}

impl Inner {
    /// Moves `bytes` of retained memory to `victims`.
    pub(super) fn release_bytes(&mut self, bytes: usize, victims: &mut Victims) {
        let before = (victims.retained_bytes, victims.spare_bytes);
        self.retained
            .release_bytes(victims.bytes() + bytes, victims);
        self.count_victims(victims, before);
    }

    /// Adds up to `bytes` of tails and of retained runs that were last used before `oldest` to
    /// `victims`, as donors.
    pub(super) fn take_donors(&mut self, bytes: usize, oldest: Epoch, victims: &mut Victims) {
        let before = (victims.retained_bytes, victims.spare_bytes);
        self.retained.take_donors(bytes, oldest, victims);
        self.count_victims(victims, before);
    }

    /// Adds memory that was last used before `oldest` to `victims`. Returns whether there may be
    /// more.
    pub(super) fn release_unused_since(&mut self, oldest: Epoch, victims: &mut Victims) -> bool {
        let before = (victims.retained_bytes, victims.spare_bytes);
        let is_more = self.retained.release_unused_since(oldest, victims);
        self.count_victims(victims, before);
        is_more
    }

    pub(super) fn count_victims(&mut self, victims: &Victims, (retained, spare): (usize, usize)) {
        self.account.start_release(
            victims.retained_bytes - retained,
            victims.spare_bytes - spare,
        );
    }
}
