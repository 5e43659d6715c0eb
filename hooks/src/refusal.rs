use std::sync::Mutex;

use frame_arena::AllocError;

/// The last refusal of a hook, which reaches the decoder as an error code without its cause.
pub(crate) struct Refusal(Mutex<Option<AllocError>>);

impl Refusal {
    pub(crate) const fn none() -> Self {
        Self(Mutex::new(None))
    }

    pub(crate) fn set(&self, refused: AllocError) {
        *self.lock() = Some(refused);
    }

    pub(crate) fn take(&self) -> Option<AllocError> {
        self.lock().take()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<AllocError>> {
        let lock = self.0.lock();
        lock.unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}
