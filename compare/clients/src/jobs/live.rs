use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Bytes that jobs have requested and not returned, whatever memory they are in.
#[derive(Debug, Default)]
pub struct Live {
    bytes: AtomicUsize,
    peak: AtomicUsize,
}

/// Bytes that count as live until this is dropped.
pub(super) struct LiveBytes<'l> {
    live: &'l Live,
    bytes: usize,
}

impl Live {
    /// Counts `bytes` as live.
    pub(super) fn add(&self, bytes: usize) -> LiveBytes<'_> {
        let now = self.bytes.fetch_add(bytes, Relaxed) + bytes;
        self.peak.fetch_max(now, Relaxed);
        LiveBytes { live: self, bytes }
    }

    /// Returns the most bytes that were live at once since the last call, and restarts from those
    /// that are live now.
    pub fn take_peak_bytes(&self) -> usize {
        self.peak.swap(self.bytes.load(Relaxed), Relaxed)
    }
}

impl Drop for LiveBytes<'_> {
    fn drop(&mut self) {
        self.live.bytes.fetch_sub(self.bytes, Relaxed);
    }
}
