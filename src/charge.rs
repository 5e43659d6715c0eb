use crate::AllocError;
use crate::store::Store;
use crate::sync::Arc;

/// Bytes that somebody else allocates, counted against an arena's limit until this is dropped; see
/// [`Scope::charge`](crate::Scope::charge).
pub struct Charge {
    store: Arc<Store>,
    bytes: usize,
}

impl Charge {
    pub(crate) fn new(store: &Arc<Store>, bytes: usize) -> Result<Self, AllocError> {
        store.charge(bytes)?;
        Ok(Self {
            store: Arc::clone(store),
            bytes,
        })
    }

    /// The bytes charged.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.store.discharge(self.bytes);
    }
}
