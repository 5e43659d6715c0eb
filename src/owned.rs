//! Owned frames and stages, for decoders that return to their caller in the middle of a frame.

mod handle;
mod memory;
mod plane;
mod whole;

use std::fmt;
use std::ops::{Deref, DerefMut};

pub(crate) use handle::OwnedScope;
pub use plane::{OwnedPlane, OwnedPlaneSet};

use crate::grant::Fill;
use crate::layout;
use crate::memory::Shared;
use crate::plane_source::grant_as_scope;
use crate::request::{self, PlaneAlloc};
use crate::sample::{Sample, Shape};
use crate::scope::Scope;
use crate::store::Store;
use crate::{AllocError, FrameReport};
use handle::Handle;
use memory::OwnedMemory;

/// A frame that its stages and planes keep open, so that they need not borrow from it and a struct
/// can hold all of them.
///
/// A push decoder returns to its caller between calls, and keeps a frame, its open stage and their
/// planes in one struct. Owned scopes make that possible without self-reference. Handles, planes
/// and stages may be dropped in any order; the scope ends with the last of them, and its memory is
/// returned wholesale then. A [`Frame`](crate::Frame) is cheaper, and the compiler rejects a plane
/// that outlives it, so use that if a frame is decoded in one call.
///
/// ```
/// use frame_arena::{AllocError, Arena, OwnedFrame, OwnedPlane, OwnedStage};
///
/// struct Push {
///     frame: OwnedFrame,
///     samples: OwnedPlane<u8>,
///     coefficients: Option<(OwnedStage, OwnedPlane<i16>)>,
/// }
///
/// impl Push {
///     fn new(arena: &Arena, width: usize, height: usize) -> Result<Self, AllocError> {
///         let frame = arena.owned_frame()?;
///         let stage = frame.owned_stage("coefficients")?;
///         Ok(Self {
///             samples: frame.owned_plane(width, height)?,
///             coefficients: Some((stage.clone(), stage.owned_plane(width, height)?)),
///             frame,
///         })
///     }
/// }
///
/// let arena = Arena::new();
/// let mut push = Push::new(&arena, 64, 8)?;
/// push.coefficients = None; // the stage ends, its memory serves the next one
/// let Push { frame, samples, .. } = push;
/// drop(frame); // the samples keep it open
/// let sent = std::thread::spawn(move || samples.row(7).len());
/// assert_eq!(sent.join().unwrap(), 64);
/// assert_eq!(arena.snapshot().in_use_bytes, 0);
/// # Ok::<(), AllocError>(())
/// ```
#[derive(Clone)]
#[must_use = "a frame ends when it and all that it granted are dropped"]
pub struct OwnedFrame {
    scope: Handle,
}

/// A stage that its planes keep open; see [`OwnedFrame`].
#[derive(Clone)]
#[must_use = "a stage ends when it and all that it granted are dropped"]
pub struct OwnedStage {
    scope: Handle,
}

/// A slice of an owned scope that keeps it open; see [`OwnedPlane`].
#[must_use]
pub struct OwnedSlice<T> {
    memory: OwnedMemory<T>,
}

grant_as_scope!(OwnedFrame, OwnedStage);

impl OwnedFrame {
    pub(crate) fn open(store: &Shared<Store>) -> Result<Self, AllocError> {
        Ok(Self {
            scope: Handle::frame(store)?,
        })
    }

    /// The statistics of the frame so far. Sums include only stages and scratch that have ended.
    pub fn report(&self) -> FrameReport {
        self.scope.report()
    }
}

/// Requests of owned scopes. Each corresponds to the request of [`PlaneAlloc`] with the same name,
/// and has its errors.
macro_rules! owned_requests {
    ($scope:ty, $name:literal) => {
        impl $scope {
            /// Opens a stage inside, which keeps this scope open.
            ///
            /// # Errors
            /// The errors of a request: an owned stage has a record.
            pub fn owned_stage(&self, name: &'static str) -> Result<OwnedStage, AllocError> {
                Ok(OwnedStage {
                    scope: Handle::stage(&self.scope, name)?,
                })
            }

            /// A plane of zeros.
            ///
            /// # Errors
            /// The errors of a request ([`PlaneAlloc`]).
            pub fn owned_plane<T: Sample>(
                &self,
                width: usize,
                height: usize,
            ) -> Result<OwnedPlane<T>, AllocError> {
                plane(&self.scope, width, height, Fill::Zero)
            }

            /// A plane of stale samples.
            ///
            /// # Errors
            /// The errors of a request ([`PlaneAlloc`]).
            pub fn owned_stale_plane<T: Sample>(
                &self,
                width: usize,
                height: usize,
            ) -> Result<OwnedPlane<T>, AllocError> {
                plane(&self.scope, width, height, Fill::Stale)
            }

            /// `count` equal planes of zeros.
            ///
            /// # Errors
            /// The errors of a request ([`PlaneAlloc`]).
            pub fn owned_planes<T: Sample>(
                &self,
                count: usize,
                width: usize,
                height: usize,
            ) -> Result<OwnedPlaneSet<T>, AllocError> {
                planes(&self.scope, (count, width, height), Fill::Zero)
            }

            /// `count` equal planes of stale samples.
            ///
            /// # Errors
            /// The errors of a request ([`PlaneAlloc`]).
            pub fn owned_stale_planes<T: Sample>(
                &self,
                count: usize,
                width: usize,
                height: usize,
            ) -> Result<OwnedPlaneSet<T>, AllocError> {
                planes(&self.scope, (count, width, height), Fill::Stale)
            }

            /// A slice of zeros.
            ///
            /// # Errors
            /// The errors of a request ([`PlaneAlloc`]).
            pub fn owned_slice<T: Sample>(&self, len: usize) -> Result<OwnedSlice<T>, AllocError> {
                let memory = OwnedMemory::request(&self.scope, |scope| scope.slice(len))?;
                Ok(OwnedSlice { memory })
            }

            /// Whether both handles belong to the same scope.
            pub fn is_same(&self, other: &Self) -> bool {
                self.scope.is_same(&other.scope)
            }
        }

        impl Deref for $scope {
            type Target = Scope;

            fn deref(&self) -> &Scope {
                &self.scope
            }
        }

        impl fmt::Debug for $scope {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple($name).field(&*self.scope).finish()
            }
        }
    };
}

owned_requests!(OwnedFrame, "OwnedFrame");
owned_requests!(OwnedStage, "OwnedStage");

fn plane<T: Sample>(
    scope: &Handle,
    width: usize,
    height: usize,
    fill: Fill,
) -> Result<OwnedPlane<T>, AllocError> {
    let layout = layout::planes(1, width, height, size_of::<T>())?;
    Ok(OwnedPlane {
        memory: OwnedMemory::request(scope, |scope| {
            request::samples(scope, layout.bytes, Shape::Plane, fill)
        })?,
        width,
        height,
        stride: layout.stride,
    })
}

fn planes<T: Sample>(
    scope: &Handle,
    (count, width, height): (usize, usize, usize),
    fill: Fill,
) -> Result<OwnedPlaneSet<T>, AllocError> {
    let layout = layout::planes(count, width, height, size_of::<T>())?;
    Ok(OwnedPlaneSet {
        memory: OwnedMemory::request(scope, |scope| {
            request::samples(scope, layout.bytes, Shape::PlaneSet, fill)
        })?,
        count,
        width,
        height,
        layout,
    })
}

impl<T: Sample> Deref for OwnedSlice<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.memory.samples()
    }
}

impl<T: Sample> DerefMut for OwnedSlice<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.memory.samples_mut()
    }
}

impl<T: Sample + fmt::Debug> fmt::Debug for OwnedSlice<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
