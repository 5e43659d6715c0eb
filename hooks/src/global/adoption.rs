use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use frame_arena::{AllocError, Arena};

use crate::refusal::Refusal;

/// The arena of one call of [`Adopt::adopt`](super::Adopt::adopt), and the requests that it
/// refused.
pub(super) struct Adoption {
    pub(super) arena: Arena,
    requests: AtomicU64,
    bytes: AtomicU64,
    refusal: Refusal,
}

impl Adoption {
    pub(super) fn new(arena: &Arena) -> Self {
        Self {
            arena: arena.clone(),
            requests: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            refusal: Refusal::none(),
        }
    }

    /// Counts a request of `bytes` that goes to the system because of the limit.
    pub(super) fn count_excess(&self, bytes: usize, refused: AllocError) {
        self.requests.fetch_add(1, Relaxed);
        self.bytes.fetch_add(bytes as u64, Relaxed);
        self.refusal.set(refused);
    }

    pub(super) fn is_exceeded(&self) -> bool {
        self.requests.load(Relaxed) > 0
    }

    /// `result`, or what exceeded the limit.
    pub(super) fn end<R>(&self, result: R) -> Result<R, Excess<R>> {
        match self.refusal.take() {
            None => Ok(result),
            Some(refusal) => Err(Excess {
                result,
                requests: self.requests.load(Relaxed),
                bytes: self.bytes.load(Relaxed),
                refusal,
            }),
        }
    }
}

/// The limit of an adopting arena was exceeded: the system served requests that the arena refused.
pub struct Excess<R> {
    result: R,
    requests: u64,
    bytes: u64,
    refusal: AllocError,
}

impl<R> Excess<R> {
    /// Returns the number of requests that the system served instead.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// Returns the bytes of these requests. Some may have been freed before others were made.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns why the arena refused the last of them.
    pub fn refusal(&self) -> AllocError {
        self.refusal
    }

    /// Returns what the work returned, for those who accept it nevertheless.
    pub fn into_result(self) -> R {
        self.result
    }
}

impl<R> fmt::Debug for Excess<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Excess")
            .field("requests", &self.requests)
            .field("bytes", &self.bytes)
            .field("refusal", &self.refusal)
            .finish_non_exhaustive()
    }
}

impl<R> fmt::Display for Excess<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} requests of {} bytes exceeded the arena's limit: {}",
            self.requests, self.bytes, self.refusal
        )
    }
}

impl<R> std::error::Error for Excess<R> {}
