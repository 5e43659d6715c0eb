use std::alloc::{Layout, handle_alloc_error};
use std::ops::Deref;

use frame_arena::AllocError;

/// A value whose address stays when its owner is moved, as in a `Box`. Making one can fail.
///
/// Invariant: the slice has one item.
pub(crate) struct Fixed<T>(Box<[T]>);

impl<T> Fixed<T> {
    /// Aborts the process if it has no memory, as `Box::new` does.
    pub(crate) fn new(value: T) -> Self {
        Self::try_new(value).unwrap_or_else(|_| handle_alloc_error(Layout::new::<T>()))
    }

    pub(crate) fn try_new(value: T) -> Result<Self, AllocError> {
        let mut values = Vec::new();
        values
            .try_reserve_exact(1)
            .map_err(|_| AllocError::System {
                requested_bytes: size_of::<T>(),
            })?;
        values.push(value);
        Ok(Self(values.into_boxed_slice()))
    }
}

impl<T> Deref for Fixed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0[0]
    }
}
