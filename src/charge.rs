use crate::AllocError;
use crate::recorder::{ChargeTag, ScopeTag};
use crate::store::Store;
use crate::sync::Arc;

/// Bytes that somebody else allocates, counted against an arena's limit until this is dropped; see
/// [`Scope::charge`](crate::Scope::charge).
pub struct Charge {
    store: Arc<Store>,
    origin: &'static str,
    bytes: usize,
    tag: ChargeTag,
}

impl Charge {
    pub(crate) fn new(
        store: &Arc<Store>,
        scope: &ScopeTag,
        origin: &'static str,
        bytes: usize,
    ) -> Result<Self, AllocError> {
        store.charge(origin, bytes)?;
        Ok(Self {
            store: Arc::clone(store),
            origin,
            bytes,
            tag: scope.charge(bytes),
        })
    }

    /// The bytes charged.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.tag.end();
        self.store.discharge(self.origin, self.bytes);
    }
}
