#![allow(unsafe_code)]

use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering, fence};

use super::try_box;
use crate::AllocError;

/// One of the owners of a value, like an [`Arc`], but making one returns an error if there is no
/// memory.
///
/// Invariants: the pointer is that of a box. `owners` counts the handles of this type with it,
/// `holders` the [`Watch`]es, and one more while there is an owner. The value exists while there is
/// an owner, and the box while there is a holder.
pub(crate) struct Shared<T>(NonNull<Counted<T>>);

/// A weak reference, like [`std::sync::Weak`]: it finds a value as long as it has an owner.
pub(crate) struct Watch<T>(NonNull<Counted<T>>);

struct Counted<T> {
    owners: AtomicUsize,
    holders: AtomicUsize,
    value: ManuallyDrop<T>,
}

// SAFETY: an owner gives shared access to the value, and the last one drops it on its thread, as
// with an `Arc`.
unsafe impl<T> Send for Shared<T> where Arc<T>: Send {}
// SAFETY: as above.
unsafe impl<T> Sync for Shared<T> where Arc<T>: Sync {}
// SAFETY: a watch can become an owner.
unsafe impl<T> Send for Watch<T> where Arc<T>: Send {}

impl<T> Shared<T> {
    /// The first owner of `value`, which is dropped if the process has no memory for it.
    pub(crate) fn new(value: T) -> Result<Self, AllocError> {
        let place = try_box(MaybeUninit::<Counted<T>>::uninit())?;
        let counted = Box::write(
            place,
            Counted {
                owners: AtomicUsize::new(1),
                holders: AtomicUsize::new(1),
                value: ManuallyDrop::new(value),
            },
        );
        Ok(Self(NonNull::from(Box::leak(counted))))
    }

    pub(crate) fn watch(&self) -> Watch<T> {
        self.counted().holders.fetch_add(1, Ordering::Relaxed);
        Watch(self.0)
    }

    fn counted(&self) -> &Counted<T> {
        // SAFETY: by the invariant, this owner keeps the box.
        unsafe { self.0.as_ref() }
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.counted().value
    }
}

impl<T> Clone for Shared<T> {
    #[inline]
    fn clone(&self) -> Self {
        let owners = self.counted().owners.fetch_add(1, Ordering::Relaxed);
        if owners > isize::MAX as usize {
            // A program reaches this count only by forgetting owners. A count that wraps would free
            // the value in use.
            std::process::abort();
        }
        Self(self.0)
    }
}

impl<T> Drop for Shared<T> {
    #[inline]
    fn drop(&mut self) {
        if self.counted().owners.fetch_sub(1, Ordering::Release) > 1 {
            return;
        }
        fence(Ordering::Acquire);
        // This stands for the one holder of all owners, and frees the box even if the value's drop
        // panics.
        let _holder = Watch(self.0);
        // SAFETY: this was the last owner, and nobody else has access to the value any more.
        unsafe { ManuallyDrop::drop(&mut (*self.0.as_ptr()).value) };
    }
}

impl<T> Watch<T> {
    /// A new owner, if there still is one.
    pub(crate) fn owner(&self) -> Option<Shared<T>> {
        // SAFETY: by the invariant, this keeps the box.
        let owners = unsafe { &(*self.0.as_ptr()).owners };
        let more = |owners| (owners > 0 && owners < isize::MAX as usize).then_some(owners + 1);
        let order = (Ordering::Acquire, Ordering::Relaxed);
        let counted = owners.fetch_update(order.0, order.1, more);
        counted.is_ok().then(|| Shared(self.0))
    }
}

impl<T> Drop for Watch<T> {
    fn drop(&mut self) {
        // SAFETY: by the invariant, this keeps the box.
        let holders = unsafe { &(*self.0.as_ptr()).holders };
        if holders.fetch_sub(1, Ordering::Release) > 1 {
            return;
        }
        fence(Ordering::Acquire);
        // SAFETY: the pointer is that of a box, which has no other holder. Its value was dropped.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Noted<'n>(&'n AtomicUsize);

    impl Drop for Noted<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn the_last_of_many_owners_drops_the_value_once() {
        let dropped = AtomicUsize::new(0);
        let first = Shared::new(Noted(&dropped)).expect("memory");
        let watch = first.watch();
        std::thread::scope(|threads| {
            for _ in 0..4 {
                let owner = first.clone();
                threads.spawn(move || {
                    for _ in 0..100 {
                        drop(owner.clone());
                    }
                });
            }
        });
        assert_eq!(dropped.load(Ordering::Relaxed), 0);
        let second = watch.owner().expect("an owner");
        drop(first);
        assert_eq!(dropped.load(Ordering::Relaxed), 0);
        drop(second);
        assert_eq!(dropped.load(Ordering::Relaxed), 1);
        assert!(watch.owner().is_none());
    }

    #[test]
    fn a_watch_may_end_before_the_owners() {
        let value = Shared::new(vec![1, 2, 3]).expect("memory");
        drop(value.watch());
        assert_eq!(*value, [1, 2, 3]);
    }
}
