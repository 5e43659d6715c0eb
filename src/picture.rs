//! Pictures: planes of unequal size with borders, in one request.

mod detached;
mod forward;
mod layout;
mod place;
mod placement;
mod places;
mod shared;
mod view;
mod view_mut;

use std::fmt;

pub use detached::DetachedPicture;
use forward::{forward_reads, forward_writes};
pub use layout::PictureLayout;
pub(crate) use placement::Placement;
use places::Places;
pub use shared::SharedPicture;
pub use view::PictureView;
pub use view_mut::PictureViewMut;

use crate::grant::{Fill, Grant};
use crate::plane::{PlaneView, PlaneViewMut};
use crate::sample::Sample;

/// Several planes in one request, such as luma and chroma, which may differ in size and have
/// borders (see [`PictureLayout`]). A picture lives as long as the scope that it was requested
/// from.
///
/// ```
/// use frame_arena::{Arena, PictureLayout, PlaneAlloc};
///
/// let arena = Arena::new();
/// let frame = arena.frame();
/// let layout = PictureLayout::yuv420(64, 48).alpha().border(16);
/// let mut picture = frame.stale_picture::<u8>(&layout)?;
/// for (value, mut plane) in (1..).zip(picture.planes_mut()) {
///     plane.fill(value);
/// }
/// picture.extend_borders();
/// assert_eq!(picture.plane(2).width(), 32);
/// // Column -8 of row 0 of the first chroma plane.
/// let (border_x, border_y) = picture.border(1);
/// assert_eq!(picture.plane_with_border(1).get(border_x - 8, border_y), 2);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// A view does not outlive its picture, and only one view can write at a time.
/// [`planes_mut`](Self::planes_mut) returns all planes to write at the same time:
///
/// ```compile_fail,E0505
/// # use frame_arena::{Arena, PictureLayout, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let picture = frame.picture::<u8>(&PictureLayout::yuv420(64, 64))?;
/// let luma = picture.plane(0);
/// drop(picture);
/// luma.row(0);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0499
/// # use frame_arena::{Arena, PictureLayout, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let mut picture = frame.picture::<u8>(&PictureLayout::yuv420(64, 64))?;
/// let mut luma = picture.plane_mut(0);
/// let mut border = picture.plane_with_border_mut(0); // it has the samples of the plane, too
/// luma.fill(1);
/// border.fill(2);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0505
/// # use frame_arena::{Arena, PictureLayout, PlaneAlloc};
/// # let arena = Arena::new();
/// let frame = arena.frame();
/// let picture = frame.picture::<u8>(&PictureLayout::yuv420(64, 64))?;
/// drop(frame); // the picture is the frame's
/// picture.plane(0).row(0);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
#[must_use]
pub struct Picture<'s, T> {
    samples: &'s mut [T],
    places: Places<'s>,
}

impl<'s, T: Sample> Picture<'s, T> {
    pub(crate) fn new(placement: &Placement, grant: Grant<'s>, fill: Fill) -> Self {
        let (samples, places) = places::fill(placement, grant, fill);
        Self { samples, places }
    }

    /// Returns all planes, to read.
    pub fn view(&self) -> PictureView<'_, T> {
        PictureView::new((self.samples, self.places))
    }

    /// Returns all planes, to write.
    pub fn view_mut(&mut self) -> PictureViewMut<'_, T> {
        PictureViewMut::new((self.samples, self.places))
    }

    forward_reads!();
    forward_writes!();
}

impl<T> fmt::Debug for Picture<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        view::debug(f, "Picture", self.places)
    }
}
