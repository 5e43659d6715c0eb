//! Requests as values, for plans and for scopes.

mod groups;

use std::fmt;
use std::marker::PhantomData;

use crate::grant::Fill;
use crate::{
    AllocError, Picture, PictureLayout, PlanRequest, Plane, PlaneAlloc, PlaneSet, Sample,
    ScratchRoom,
};

/// Requests as a value that states sizes once, to be planned, added up and made.
///
/// A decoder that [plans](crate::FramePlan) its frames, or opens scratch with room for all requests
/// of a task, needs the sizes of its requests twice: before the decode, and during it. A
/// specification has them in one place, so that the two cannot differ. A single request is a
/// [`PlaneSpec`], [`PlaneSetSpec`], [`PictureSpec`] or [`SliceSpec`]. Arrays, tuples of up to six
/// and `Option`s of specifications are specifications, and so are references to them.
///
/// ```
/// use frame_arena::{Arena, FramePlan, PlaneSpec, SliceSpec, Spec};
///
/// /// Three rows of a filter and what they are weighted with.
/// fn filter(width: usize) -> ([PlaneSpec<f32>; 3], SliceSpec<u16>) {
///     ([PlaneSpec::stale(width, 5); 3], SliceSpec::zeros(width))
/// }
///
/// let arena = Arena::new();
/// let mut plan = FramePlan::new(&arena);
/// plan.frame(|frame| frame.tasks(2, |task| task.room(filter(1024).room_bytes()?)))?;
///
/// let frame = arena.frame();
/// let scratch = frame.scratch_with_room(filter(640).room_bytes()?)?;
/// let ([mut x, y, b], weights) = filter(640).open(&scratch)?;
/// assert_eq!((y.height(), weights.len()), (5, 640));
/// # x.row_mut(0)[0] = 1.0;
/// # drop(b);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// A specification can open a struct of several buffers, as its [`Memory`](Self::Memory):
///
/// ```
/// use frame_arena::{AllocError, Arena, PlanRequest, Plane, PlaneAlloc, PlaneSpec, Spec};
///
/// struct History {
///     width: usize,
/// }
///
/// struct HistoryRows<'s> {
///     rows: Plane<'s, i32>,
///     next: usize,
/// }
///
/// impl History {
///     fn rows(&self) -> PlaneSpec<i32> {
///         PlaneSpec::zeros(self.width, 8)
///     }
/// }
///
/// impl Spec for History {
///     type Memory<'s> = HistoryRows<'s>;
///
///     fn plan(&self, plan: &mut impl PlanRequest) -> Result<(), AllocError> {
///         self.rows().plan(plan)
///     }
///
///     fn open<'s>(
///         &self,
///         source: &'s (impl PlaneAlloc + ?Sized),
///     ) -> Result<HistoryRows<'s>, AllocError> {
///         Ok(HistoryRows { rows: self.rows().open(source)?, next: 0 })
///     }
/// }
///
/// let arena = Arena::new();
/// let frame = arena.frame();
/// let history = History { width: 640 }.open(&frame)?;
/// assert_eq!((history.rows.width(), history.next), (640, 0));
/// # Ok::<(), AllocError>(())
/// ```
pub trait Spec {
    /// The type of the granted memory.
    type Memory<'s>;

    /// Describes the requests for a plan.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    fn plan(&self, plan: &mut impl PlanRequest) -> Result<(), AllocError>;

    /// Makes the requests, in the order of the plan.
    ///
    /// # Errors
    /// The errors of [`PlaneAlloc`]. Requests that were granted before the failed one stay granted
    /// until the scope ends.
    fn open<'s>(
        &self,
        source: &'s (impl PlaneAlloc + ?Sized),
    ) -> Result<Self::Memory<'s>, AllocError>;

    /// Returns the bytes of all requests with the padding between them: the room to open a scratch
    /// with ([`Scope::scratch_with_room`](crate::Scope::scratch_with_room)).
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    fn room_bytes(&self) -> Result<usize, AllocError> {
        let mut room = ScratchRoom::new();
        self.plan(&mut room)?;
        Ok(room.room_bytes())
    }
}

/// Declares the specification of a single request: its sizes, how they are passed, and what the
/// request returns.
macro_rules! single {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty => $argument:expr,)+ }
        $zeros:ident, $stale:ident -> $memory:ty
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name<T> {
            $($field: $ty,)+
            fill: Fill,
            sample: PhantomData<fn() -> T>,
        }

        impl<T: Sample> $name<T> {
            /// Specifies samples that are zero when they are opened.
            pub const fn zeros($($field: $ty),+) -> Self {
                Self { $($field,)+ fill: Fill::Zero, sample: PhantomData }
            }

            /// Specifies samples that are stale when they are opened; see [`PlaneAlloc`].
            pub const fn stale($($field: $ty),+) -> Self {
                Self { $($field,)+ fill: Fill::Stale, sample: PhantomData }
            }

            $(
                $(#[$field_doc])*
                pub const fn $field(&self) -> $ty {
                    self.$field
                }
            )+
        }

        impl<T: Sample> Spec for $name<T> {
            type Memory<'s> = $memory;

            fn plan(&self, plan: &mut impl PlanRequest) -> Result<(), AllocError> {
                let Self { $($field,)+ .. } = *self;
                plan.$zeros::<T>($($argument),+)
            }

            #[inline]
            fn open<'s>(
                &self,
                source: &'s (impl PlaneAlloc + ?Sized),
            ) -> Result<Self::Memory<'s>, AllocError> {
                let Self { $($field,)+ .. } = *self;
                match self.fill {
                    Fill::Zero => source.$zeros($($argument),+),
                    Fill::Stale => source.$stale($($argument),+),
                }
            }
        }

        // A derived implementation would require it of samples too.
        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut debug = f.debug_struct(stringify!($name));
                $(debug.field(stringify!($field), &self.$field);)+
                debug.field("fill", &self.fill).finish()
            }
        }
    };
}

single! {
    /// The [specification](Spec) of a plane.
    PlaneSpec {
        /// Returns the samples of a row.
        width: usize => width,
        /// Returns the number of rows.
        height: usize => height,
    }
    plane, stale_plane -> Plane<'s, T>
}

single! {
    /// The [specification](Spec) of a set of equal planes.
    PlaneSetSpec {
        /// Returns the number of planes.
        count: usize => count,
        /// Returns the samples of a row of each plane.
        width: usize => width,
        /// Returns the rows of each plane.
        height: usize => height,
    }
    planes, stale_planes -> PlaneSet<'s, T>
}

single! {
    /// The [specification](Spec) of a picture.
    PictureSpec {
        /// Returns the sizes of the picture's planes.
        layout: PictureLayout => &layout,
    }
    picture, stale_picture -> Picture<'s, T>
}

single! {
    /// The [specification](Spec) of a slice.
    #[allow(clippy::len_without_is_empty, reason = "not a collection")]
    SliceSpec {
        /// Returns the number of samples.
        len: usize => len,
    }
    slice, stale_slice -> &'s mut [T]
}
