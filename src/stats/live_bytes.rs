use crate::sync::{AtomicUsize, Ordering};

/// A count of live bytes and their peak, which all threads update.
pub(crate) struct LiveBytes {
    live: AtomicUsize,
    peak: AtomicUsize,
}

impl LiveBytes {
    pub(crate) fn new() -> Self {
        Self {
            live: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
        }
    }

    #[inline]
    pub(crate) fn add(&self, bytes: usize) {
        let live = self.live.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if live > self.peak.load(Ordering::Relaxed) {
            self.peak.fetch_max(live, Ordering::Relaxed);
        }
    }

    #[inline]
    pub(crate) fn sub(&self, bytes: usize) {
        self.live.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn live(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }

    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    /// Live and peak bytes. Another thread may have added to the live bytes and not yet raised the
    /// peak.
    pub(crate) fn read(&self) -> (usize, usize) {
        let live = self.live();
        (live, self.peak().max(live))
    }
}
