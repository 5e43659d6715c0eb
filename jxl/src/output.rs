//! Writes finished rows into the caller's interleaved buffer.
//!
//! An [`Output`] is an exclusive rectangle of that buffer. It is cut into smaller ones, so that
//! tasks finish their parts in parallel. It takes rows of unoriented, planar samples in its own
//! coordinates, and does the conversion of range and color, the orientation and the interleaving.

mod channel;
mod conversion;
mod decoded_rows;
mod extra;
mod orientation;
mod pixel;
mod profile;
mod rows;
mod sample;

use frame_arena::PlaneViewMut;

use crate::grid::Size;
pub(crate) use channel::ChannelConversion;
pub(crate) use conversion::{Conversion, OnProgress, Progress};
pub(crate) use decoded_rows::{ColorRows, ExtraRows};
use orientation::OrientedPixels;
pub(crate) use orientation::{Cut, stored_rect};

/// A rectangle of the caller's buffer. `Send`.
pub(crate) struct Output<'a> {
    pixels: OrientedPixels<'a>,
    conversion: &'a Conversion<'a>,
}

impl<'a> Output<'a> {
    /// The whole buffer. `view` has the rows of the picture as shown, or of a rectangle of it, as
    /// bytes.
    pub(crate) fn new(view: PlaneViewMut<'a, u8>, conversion: &'a Conversion<'a>) -> Self {
        let pixel_bytes = conversion.format.pixel_bytes();
        Self {
            pixels: OrientedPixels::new(view, conversion.orientation, pixel_bytes),
            conversion,
        }
    }

    /// Width and height of the rectangle.
    pub(crate) fn size(&self) -> Size {
        Size::new(self.pixels.width(), self.pixels.height())
    }

    /// Splits into the part before the cut and the rest.
    ///
    /// # Panics
    /// If the cut lies outside of the rectangle.
    pub(crate) fn split(self, cut: Cut) -> (Self, Self) {
        let (first, second) = self.pixels.split(cut);
        let part = |pixels| Self {
            pixels,
            conversion: self.conversion,
        };
        (part(first), part(second))
    }

    /// Reports that all rows are written.
    pub(crate) fn finish(&self) {
        self.conversion.progress.finish(self.size().area());
    }
}
