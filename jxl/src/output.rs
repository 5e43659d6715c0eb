//! Writes finished rows into the caller's interleaved buffer.
//!
//! An [`Output`] is an exclusive rectangle of that buffer. It is cut into smaller ones, so that
//! tasks finish their parts in parallel. It takes rows of unoriented, planar samples in its own
//! coordinates, and does the conversion of range and color, the orientation and the interleaving.

mod alpha;
mod channel;
mod conversion;
mod decoded_rows;
mod extra;
mod orientation;
mod pixel;
mod profile;
mod reducer;
mod rows;
mod sample;

use frame_arena::PlaneViewMut;

use crate::grid::Size;
pub(crate) use channel::ChannelConversion;
pub(crate) use conversion::{Conversion, OnProgress, Progress};
pub(crate) use decoded_rows::{ColorRows, ExtraRows};
use orientation::OrientedPixels;
pub(crate) use orientation::{Cut, stored_rect};
use reducer::ReducedPixels;
pub(crate) use reducer::ReducerShape;

/// A rectangle of the caller's buffer, or of a picture that goes there reduced. `Send`.
pub(crate) struct Output<'a> {
    sink: Sink<'a>,
    conversion: &'a Conversion<'a>,
}

enum Sink<'a> {
    Pixels(OrientedPixels<'a>),
    Reduced(ReducedPixels<'a>),
}

impl<'a> Output<'a> {
    /// The whole buffer. `view` has the rows of the picture as shown, or of a rectangle of it, as
    /// bytes.
    pub(crate) fn new(view: PlaneViewMut<'a, u8>, conversion: &'a Conversion<'a>) -> Self {
        let pixel_bytes = conversion.format.pixel_bytes();
        Self {
            sink: Sink::Pixels(OrientedPixels::new(
                view,
                conversion.orientation,
                pixel_bytes,
            )),
            conversion,
        }
    }

    /// Width and height of the rectangle.
    pub(crate) fn size(&self) -> Size {
        match &self.sink {
            Sink::Pixels(pixels) => Size::new(pixels.width(), pixels.height()),
            Sink::Reduced(pixels) => pixels.size(),
        }
    }

    /// True if rows must arrive in order, because few of them are in memory.
    pub(crate) fn is_reduced(&self) -> bool {
        matches!(self.sink, Sink::Reduced(_))
    }

    /// Splits into the part before the cut and the rest.
    ///
    /// # Panics
    /// If the cut lies outside of the rectangle.
    pub(crate) fn split(self, cut: Cut) -> (Self, Self) {
        let (first, second) = match self.sink {
            Sink::Pixels(pixels) => {
                let (first, second) = pixels.split(cut);
                (Sink::Pixels(first), Sink::Pixels(second))
            }
            Sink::Reduced(pixels) => {
                let (first, second) = pixels.split(cut);
                (Sink::Reduced(first), Sink::Reduced(second))
            }
        };
        let part = |sink| Self {
            sink,
            conversion: self.conversion,
        };
        (part(first), part(second))
    }

    /// Reports that all rows are written.
    pub(crate) fn finish(&self) {
        // Reduced rows are reported when they are complete.
        if !self.is_reduced() {
            self.finish_pixels(self.size().area());
        }
    }

    fn finish_pixels(&self, pixels: usize) {
        self.conversion.progress.finish(pixels);
    }
}
