//! The `Allocator` traits of other crates.

#![allow(unsafe_code)]

/// Implements `Allocator`, in each version whose feature is on, for shared references to types that
/// implement [`RawAlloc`](super::RawAlloc).
///
/// It is not implemented for the types themselves: a collection would then own its scope, and its
/// user could take the scope out and end it while the collection is in use. A reference borrows the
/// scope for as long as the collection lives.
macro_rules! allocate_by_reference {
    ($([$($generics:tt)*] $allocator:ty),+ $(,)?) => {$(
        #[cfg(feature = "allocator-api2-02")]
        $crate::collections::adapters::implement_allocator!(
            allocator_api2_02::alloc, [$($generics)*] $allocator
        );
        #[cfg(feature = "allocator-api2-04")]
        $crate::collections::adapters::implement_allocator!(
            allocator_api2_04::alloc, [$($generics)*] $allocator
        );
    )+};
}

/// Implements the `Allocator` of the module `$version` for `&$allocator`.
#[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04"))]
macro_rules! implement_allocator {
    ($version:path, [$($generics:tt)*] $allocator:ty) => {
        const _: () = {
            use std::alloc::Layout;
            use std::ptr::NonNull;

            use $crate::collections::RawAlloc;
            use $version::{AllocError, Allocator};

            type Granted = Result<NonNull<[u8]>, AllocError>;

            // SAFETY: by the contract of `RawAlloc`, memory stays valid until it is freed or the
            // borrow ends, which all clones of the reference share. Copies of it use one heap.
            unsafe impl<$($generics)*> Allocator for &$allocator {
                #[inline]
                fn allocate(&self, layout: Layout) -> Granted {
                    RawAlloc::allocate(*self, layout).map_err(|_| AllocError)
                }

                #[inline]
                fn allocate_zeroed(&self, layout: Layout) -> Granted {
                    RawAlloc::allocate_zeroed(*self, layout).map_err(|_| AllocError)
                }

                #[inline]
                unsafe fn deallocate(&self, start: NonNull<u8>, layout: Layout) {
                    // SAFETY: the contracts are the same.
                    unsafe { RawAlloc::deallocate(*self, start, layout) }
                }

                #[inline]
                unsafe fn grow(&self, start: NonNull<u8>, old: Layout, new: Layout) -> Granted {
                    // SAFETY: the contracts are the same.
                    unsafe { RawAlloc::resize(*self, start, old, new) }.map_err(|_| AllocError)
                }

                #[inline]
                unsafe fn grow_zeroed(
                    &self,
                    start: NonNull<u8>,
                    old: Layout,
                    new: Layout,
                ) -> Granted {
                    // SAFETY: the contracts are the same.
                    unsafe { RawAlloc::grow_zeroed(*self, start, old, new) }
                        .map_err(|_| AllocError)
                }

                #[inline]
                unsafe fn shrink(&self, start: NonNull<u8>, old: Layout, new: Layout) -> Granted {
                    // SAFETY: the contracts are the same.
                    unsafe { RawAlloc::resize(*self, start, old, new) }.map_err(|_| AllocError)
                }
            }
        };
    };
}

pub(crate) use allocate_by_reference;
#[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04"))]
pub(crate) use implement_allocator;
