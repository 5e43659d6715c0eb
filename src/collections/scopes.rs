//! Scopes and scratches as allocators of collections.

#![allow(unsafe_code)]

#[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04"))]
use std::alloc::Layout;

use super::RawAlloc;
use super::adapters::allocate_by_reference;
use crate::heap::{Heap, Pieces};
use crate::memory::Run;
use crate::{AllocError, Frame, OwnedFrame, OwnedStage, Scope, Scratch, Stage};

/// Implements `RawAlloc` for types that have a heap, or deref to a scope that has one.
macro_rules! allocate_in_heap {
    ($([$($generics:tt)*] $owner:ty),+ $(,)?) => {$(
        // SAFETY: a scope or scratch has one heap, which is closed with it: that needs it by value
        // or `&mut`, so not while it is borrowed. The borrow of an owned scope keeps it open.
        unsafe impl<$($generics)*> RawAlloc for $owner {
            type Piece = Run;

            #[inline]
            fn with_heap<R>(
                &self,
                work: impl FnOnce(&mut Heap<Run>, &mut dyn Pieces<Run>) -> R,
            ) -> Result<R, AllocError> {
                let (heap, source) = self.heap()?;
                Ok(heap.with(source, work))
            }
        }

        allocate_by_reference!([$($generics)*] $owner);
    )+};
}

allocate_in_heap!(
    [] Scope, ['s] Scratch<'s>, [] Frame, ['p] Stage<'p>, [] OwnedFrame, [] OwnedStage,
);

/// Implements `refusal`, which says why an allocation is refused.
#[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04"))]
macro_rules! tell_refusals {
    ($([$($generics:tt)*] $owner:ty),+ $(,)?) => {$(
        impl<$($generics)*> $owner {
            /// Returns why a collection is refused an allocation of `layout` at this moment, or
            /// `None` if it is served. The errors of collections do not say so.
            ///
            /// ```
            /// # #[cfg(feature = "allocator-api2-02")] {
            /// # use allocator_api2_02 as allocator_api2;
            /// use std::alloc::Layout;
            ///
            /// use allocator_api2::vec::Vec;
            /// use frame_arena::{AllocError, Arena};
            ///
            /// let arena = Arena::builder().limit_bytes(1 << 20).build();
            /// let frame = arena.frame();
            /// let scratch = frame.scratch();
            /// let mut list: Vec<u64, _> = Vec::new_in(&scratch);
            /// assert!(list.try_reserve(1 << 20).is_err());
            ///
            /// let refusal = scratch.refusal(Layout::array::<u64>(1 << 20).unwrap());
            /// assert!(matches!(refusal, Some(AllocError::LimitExceeded { .. })));
            /// assert_eq!(scratch.refusal(Layout::new::<u64>()), None);
            /// # }
            /// ```
            pub fn refusal(&self, layout: Layout) -> Option<AllocError> {
                match RawAlloc::allocate(self, layout) {
                    Err(refused) => Some(refused),
                    Ok(memory) => {
                        // SAFETY: it was allocated here, with this layout, and nobody has it.
                        unsafe { RawAlloc::deallocate(self, memory.cast(), layout) };
                        None
                    }
                }
            }
        }
    )+};
}

#[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04"))]
tell_refusals!([] Scope, ['s] Scratch<'s>);
