use std::ops::Range;

use frame_arena::PlaneViewMut;

use super::pixel::{CHUNK, MAX_PIXEL_BYTES};
use crate::grid::{Rect, Size};
use crate::headers::ImageHeader;

/// The orientation from the frame as stored to the picture as shown: an optional transposition,
/// then mirroring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orientation {
    /// Whether rows become columns.
    transpose: bool,
    /// Whether columns of the shown picture are reversed.
    flip_x: bool,
    /// Whether rows of the shown picture are reversed.
    flip_y: bool,
}

impl Orientation {
    /// From the header's number, 1 to 8 as in Exif. Other numbers count as 1.
    pub(super) fn from_header(value: u32) -> Self {
        let (transpose, flip_x, flip_y) = match value {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => (false, false, false),
        };
        Self {
            transpose,
            flip_x,
            flip_y,
        }
    }
}

/// A rectangle of the picture as shown, in columns and rows of the canvas as stored.
pub(crate) fn stored_rect(image: &ImageHeader, shown: Rect) -> Rect {
    let orientation = Orientation::from_header(image.metadata.orientation);
    orientation.stored_rect(image.canvas_size(), shown)
}

impl Orientation {
    fn stored_rect(self, stored: Size, shown: Rect) -> Rect {
        let (columns, rows) = (shown.columns(), shown.rows());
        let unflipped = |cells: Range<usize>, length: usize, is_flipped: bool| match is_flipped {
            true => length - cells.end..length - cells.start,
            false => cells,
        };
        let Size { width, height } = stored;
        match self.transpose {
            false => Rect::new(
                unflipped(columns, width, self.flip_x),
                unflipped(rows, height, self.flip_y),
            ),
            true => Rect::new(
                unflipped(rows, width, self.flip_y),
                unflipped(columns, height, self.flip_x),
            ),
        }
    }
}

/// The place where a rectangle is cut in two.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// Above this row.
    Row(usize),
    /// Left of this column.
    Column(usize),
}

/// A rectangle of the caller's buffer. Columns and rows are those of the frame as stored.
pub(super) struct OrientedPixels<'a> {
    /// As shown. One sample is one byte.
    view: PlaneViewMut<'a, u8>,
    orientation: Orientation,
    pixel_bytes: usize,
    width: usize,
    height: usize,
}

impl<'a> OrientedPixels<'a> {
    /// `view` has the pixels as shown.
    pub(super) fn new(
        view: PlaneViewMut<'a, u8>,
        orientation: Orientation,
        pixel_bytes: usize,
    ) -> Self {
        let (columns, rows) = (view.width() / pixel_bytes, view.height());
        let (width, height) = match orientation.transpose {
            true => (rows, columns),
            false => (columns, rows),
        };
        Self {
            view,
            orientation,
            pixel_bytes,
            width,
            height,
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    /// Splits into the part before the cut and the rest.
    ///
    /// # Panics
    /// If the cut lies outside of the rectangle.
    pub(super) fn split(self, cut: Cut) -> (Self, Self) {
        let orientation = self.orientation;
        let (at, length, is_row) = match cut {
            Cut::Row(at) => (at, self.height, !orientation.transpose),
            Cut::Column(at) => (at, self.width, orientation.transpose),
        };
        let is_flipped = match is_row {
            true => orientation.flip_y,
            false => orientation.flip_x,
        };
        let at = if is_flipped { length - at } else { at };
        let (first, second) = match is_row {
            true => self.view.split_at_row(at),
            false => self.view.split_at_column(at * self.pixel_bytes),
        };
        let part = |view| Self::new(view, orientation, self.pixel_bytes);
        match is_flipped {
            true => (part(second), part(first)),
            false => (part(first), part(second)),
        }
    }

    /// Writes `columns` of row `y`, at most [`CHUNK`] of them. `write` fills the bytes of their
    /// pixels, which are zero or stale.
    ///
    /// # Panics
    /// Columns or rows outside of the rectangle.
    #[inline(always)]
    pub(super) fn put(&mut self, y: usize, columns: Range<usize>, write: impl FnOnce(&mut [u8])) {
        let pixel_bytes = self.pixel_bytes;
        let Orientation {
            transpose,
            flip_x,
            flip_y,
        } = self.orientation;
        if !transpose && !flip_x {
            let row = mirrored(y, self.height, flip_y);
            let bytes = columns.start * pixel_bytes..columns.end * pixel_bytes;
            return write(&mut self.view.row_mut(row)[bytes]);
        }
        let mut buffer = [0u8; CHUNK * MAX_PIXEL_BYTES];
        let pixels = &mut buffer[..columns.len() * pixel_bytes];
        write(pixels);
        let pixels = pixels.chunks_exact(pixel_bytes);
        if transpose {
            let column = mirrored(y, self.height, flip_x) * pixel_bytes;
            for (x, pixel) in columns.zip(pixels) {
                let row = self.view.row_mut(mirrored(x, self.width, flip_y));
                row[column..][..pixel_bytes].copy_from_slice(pixel);
            }
        } else {
            let row = self.view.row_mut(mirrored(y, self.height, flip_y));
            let shown = self.width - columns.end..self.width - columns.start;
            let bytes = shown.start * pixel_bytes..shown.end * pixel_bytes;
            let shown = row[bytes].chunks_exact_mut(pixel_bytes);
            for (to, from) in shown.rev().zip(pixels) {
                to.copy_from_slice(from);
            }
        }
    }
}

/// A column or row of `length`, counted from the other end if it `is_flipped`.
fn mirrored(at: usize, length: usize, is_flipped: bool) -> usize {
    if is_flipped { length - 1 - at } else { at }
}
