//! Where a plane of a picture is. No `unsafe` here.

use super::layout::PlaneShape;
use crate::layout::{ALIASING_STRIDE_BYTES, ROW_ALIGN_BYTES, round_up};

/// The place of a plane as stored in memory. Views check its numbers against the samples that
/// exist.
pub(super) type Record = [usize; 8];

/// The place of a plane and its border, in samples from the beginning of the memory.
///
/// Planes follow one another: the samples from `start` to the last one of the border are those of
/// this plane alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PlanePlace {
    /// First sample of the border.
    pub(super) start: usize,
    /// Samples from one row start to the next.
    pub(super) stride: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) border_x: usize,
    pub(super) border_y: usize,
    /// Columns of the plane, with those allocated to its right and those of the border on both
    /// sides.
    pub(super) full_width: usize,
    /// Rows of the plane, with those allocated below it and those of the border on both sides.
    pub(super) full_height: usize,
}

impl PlanePlace {
    pub(super) const EMPTY: Self = Self {
        start: 0,
        stride: 0,
        width: 0,
        height: 0,
        border_x: 0,
        border_y: 0,
        full_width: 0,
        full_height: 0,
    };

    /// A plane of no samples.
    pub(super) fn empty(shape: &PlaneShape, start: usize) -> Self {
        Self {
            start,
            stride: shape.width,
            width: shape.width,
            height: shape.height,
            full_width: shape.width,
            full_height: shape.height,
            ..Self::EMPTY
        }
    }

    /// A plane whose first row begins at `origin` with its left border.
    pub(super) fn new(
        shape: &PlaneShape,
        origin: usize,
        unit: usize,
        sample_bytes: usize,
    ) -> Option<Self> {
        let left = round_up(shape.border_x, unit)?;
        let right = shape.allocated_width.checked_add(shape.border_x)?;
        let full_width = right.checked_add(shape.border_x)?;
        let full_height = shape
            .allocated_height
            .checked_add(shape.border_y)?
            .checked_add(shape.border_y)?;
        let mut stride = round_up(left.checked_add(right)?, unit)?;
        let stride_bytes = stride.checked_mul(sample_bytes)?;
        if full_height > 1 && stride_bytes.is_multiple_of(ALIASING_STRIDE_BYTES) {
            stride = stride.checked_add(ROW_ALIGN_BYTES.div_ceil(sample_bytes))?;
        }
        Some(Self {
            start: origin.checked_add(left - shape.border_x)?,
            stride,
            width: shape.width,
            height: shape.height,
            border_x: shape.border_x,
            border_y: shape.border_y,
            full_width,
            full_height,
        })
    }

    /// Samples from the first one of the border to the last.
    pub(super) fn span(&self) -> usize {
        match self.width.min(self.height) {
            0 => 0,
            _ => (self.full_height - 1) * self.stride + self.full_width,
        }
    }

    /// Samples from the first one of the border to column 0 of row 0.
    pub(super) fn inside(&self) -> usize {
        self.border_y * self.stride + self.border_x
    }

    /// The place that a record says.
    pub(super) fn of_record(record: &Record) -> Self {
        let &[
            start,
            stride,
            width,
            height,
            border_x,
            border_y,
            full_width,
            full_height,
        ] = record;
        Self {
            start,
            stride,
            width,
            height,
            border_x,
            border_y,
            full_width,
            full_height,
        }
    }

    pub(super) fn record(&self) -> Record {
        [
            self.start,
            self.stride,
            self.width,
            self.height,
            self.border_x,
            self.border_y,
            self.full_width,
            self.full_height,
        ]
    }
}

/// Rows start at multiples of this number of samples: a cache line if it holds whole samples.
pub(super) fn row_unit(sample_bytes: usize) -> usize {
    match ROW_ALIGN_BYTES.is_multiple_of(sample_bytes) {
        true => ROW_ALIGN_BYTES / sample_bytes,
        false => 1,
    }
}
