use crate::AllocError;
use crate::memory::Shared;
use crate::recorder::{ChargeTag, ScopeTag};
use crate::store::Store;

/// Counts bytes that others allocate against an arena's limit until it is dropped; see
/// [`Scope::charge`](crate::Scope::charge).
#[must_use = "a charge ends when it is dropped"]
pub struct Charge {
    store: Shared<Store>,
    origin: &'static str,
    bytes: usize,
    tag: ChargeTag,
}

impl Charge {
    pub(crate) fn new(
        store: &Shared<Store>,
        scope: &ScopeTag,
        origin: &'static str,
        bytes: usize,
    ) -> Result<Self, AllocError> {
        store.charge(origin, bytes)?;
        Ok(Self {
            store: store.clone(),
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

impl std::fmt::Debug for Charge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Charge")
            .field("origin", &self.origin)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}
