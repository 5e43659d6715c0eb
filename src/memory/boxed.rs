#![allow(unsafe_code)]

use std::alloc::{Layout, alloc};
use std::marker::PhantomData;
use std::ptr::null_mut;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::AllocError;

/// A box of `value`, or an error if the process has no memory for it. It stands for `Box::try_new`,
/// which is unstable, here and in the packages on top of this one.
///
/// # Errors
/// [`AllocError::System`].
pub fn try_box<T>(value: T) -> Result<Box<T>, AllocError> {
    const { assert!(size_of::<T>() > 0, "a box of something") };
    let layout = Layout::new::<T>();
    // SAFETY: the layout's size is not zero.
    let place = unsafe { alloc(layout) }.cast::<T>();
    if place.is_null() {
        return Err(AllocError::System {
            requested_bytes: layout.size(),
        });
    }
    // SAFETY: the place is new memory of the layout of `T`, from the allocator that boxes use, and
    // holds a value when the box is made of it.
    unsafe {
        place.write(value);
        Ok(Box::from_raw(place))
    }
}

/// A place that any thread fills with a box, once.
///
/// It is a `OnceLock<Box<T>>` without waiting: threads make their box first, and one atomic
/// instruction decides whose box is kept.
///
/// Invariant: the pointer is null, or that of a box that this owns. It changes from null once while
/// the place is shared.
pub(crate) struct OnceBox<T> {
    boxed: AtomicPtr<T>,
    /// `Send` and `Sync` like this type.
    acts_like: PhantomData<OnceLock<Box<T>>>,
}

impl<T> OnceBox<T> {
    pub(crate) const fn new() -> Self {
        Self {
            boxed: AtomicPtr::new(null_mut()),
            acts_like: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        // SAFETY: by the invariant, the box stays while this is borrowed; `set` released what it
        // wrote there.
        unsafe { self.boxed.load(Ordering::Acquire).as_ref() }
    }

    /// Fills the place and returns its contents, or returns `value` if the place was filled before.
    pub(crate) fn set(&self, value: Box<T>) -> Result<&T, Box<T>> {
        let value = Box::into_raw(value);
        let order = (Ordering::Release, Ordering::Relaxed);
        let set = self
            .boxed
            .compare_exchange(null_mut(), value, order.0, order.1);
        match set {
            // SAFETY: this place owns the box, which stays while this is borrowed.
            Ok(_) => Ok(unsafe { &*value }),
            // SAFETY: the pointer was just made from a box, and is nowhere else.
            Err(_) => Err(unsafe { Box::from_raw(value) }),
        }
    }

    #[inline]
    pub(crate) fn take(&mut self) -> Option<Box<T>> {
        let value = std::mem::replace(self.boxed.get_mut(), null_mut());
        // SAFETY: by the invariant, a pointer that is not null is that of a box, which is no longer
        // this place's.
        (!value.is_null()).then(|| unsafe { Box::from_raw(value) })
    }
}

impl<T> Drop for OnceBox<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(value) = self.take() {
            drop(value);
        }
    }
}
