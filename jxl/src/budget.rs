//! The work that a decode may still do, and stopping it.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use crate::{Error, Limits, WorkLimit};

/// Lets a caller stop a decode, for example when nobody waits for the picture any more.
///
/// All threads of a decode call it, at least once before each row of samples, which is often enough
/// to end a decode within 50 ms.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, Ordering};
///
/// use jxl_arena::Decoder;
///
/// let is_stopped = Arc::new(AtomicBool::new(false));
/// let decoder = Decoder::default().with_stop(is_stopped.clone());
/// // From another thread, while it decodes:
/// is_stopped.store(true, Ordering::Relaxed);
/// ```
pub trait Stop: Send + Sync {
    /// Returns whether the decode must end, with [`Error::Stopped`].
    fn is_stopped(&self) -> bool;
}

impl Stop for AtomicBool {
    fn is_stopped(&self) -> bool {
        self.load(Ordering::Relaxed)
    }
}

/// The work that is left for a picture, and its other limits.
pub(crate) struct Budget<'s> {
    left: AtomicI64,
    limits: Limits,
    stop: Option<&'s dyn Stop>,
}

impl<'s> Budget<'s> {
    /// A budget for a picture of `pixels` pixels.
    pub(crate) fn new(limits: Limits, pixels: u64, stop: Option<&'s dyn Stop>) -> Self {
        let work = limits.work.of(pixels).min(i64::MAX as u64);
        Self {
            left: AtomicI64::new(work as i64),
            limits,
            stop,
        }
    }

    /// With the work that is left of another budget.
    pub(crate) fn resume(limits: Limits, left: i64, stop: Option<&'s dyn Stop>) -> Self {
        Self {
            left: AtomicI64::new(left),
            limits,
            stop,
        }
    }

    /// The work that is left.
    pub(crate) fn left(&self) -> i64 {
        self.left.load(Ordering::Relaxed)
    }

    /// For what is read to plan a decode: no samples.
    pub(crate) fn planning(limits: Limits) -> Self {
        Self::new(limits, u64::MAX, None)
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether so much work may be done.
    ///
    /// # Errors
    /// [`Error::TooMuchWork`] if it may not.
    pub(crate) fn check(&self, work: u64) -> Result<(), Error> {
        match u64::try_from(self.left.load(Ordering::Relaxed)) {
            Ok(left) if left >= work => Ok(()),
            _ => Err(Error::TooMuchWork),
        }
    }

    /// Counts a row of samples, and the levels of trees that lead to their contexts.
    ///
    /// # Errors
    /// As [`spend`](Self::spend).
    pub(crate) fn spend_row(&self, samples: usize, levels: u64) -> Result<(), Error> {
        let samples = samples as u64;
        let beyond = levels.saturating_sub(WorkLimit::PLAIN_LEVELS * samples);
        self.spend(samples + levels + (WorkLimit::DEEP_LEVEL - 1) * beyond)
    }

    /// Counts work that any thread did.
    ///
    /// # Errors
    /// [`Error::TooMuchWork`] if less work was left; [`Error::Stopped`].
    pub(crate) fn spend(&self, work: u64) -> Result<(), Error> {
        let left = self.left.fetch_sub(work as i64, Ordering::Relaxed);
        if left < work as i64 {
            return Err(Error::TooMuchWork);
        }
        match self.stop {
            Some(stop) if stop.is_stopped() => Err(Error::Stopped),
            _ => Ok(()),
        }
    }
}
