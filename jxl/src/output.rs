//! Finished rows into the caller's interleaved buffer.
//!
//! A frame's [`Output`] is cut into one [`OutputTile`] per group: an exclusive rectangle of the
//! caller's buffer, so groups finish in parallel. A tile takes rows of unoriented, planar samples
//! in its own coordinates; range, color, orientation and interleaving are its business.

mod channel;
mod conversion;
mod orientation;
mod pixel;
mod profile;
mod sample;
mod tile;

use frame_arena::PlaneViewMut;

pub(crate) use channel::ChannelConversion;
pub(crate) use conversion::{Conversion, OnProgress};
pub(crate) use tile::{ExtraRows, OutputTile};

/// The caller's buffer, not cut yet.
pub(crate) struct Output<'a> {
    /// One sample is one byte: `pixel_bytes` of them per pixel, as the picture is shown.
    view: PlaneViewMut<'a, u8>,
    conversion: &'a Conversion<'a>,
    /// Unoriented.
    width: usize,
    height: usize,
}

impl<'a> Output<'a> {
    /// `view` is as wide as the oriented picture's rows have bytes, and as high as that picture.
    pub(crate) fn new(view: PlaneViewMut<'a, u8>, conversion: &'a Conversion<'a>) -> Self {
        Self {
            view,
            conversion,
            width: conversion.width,
            height: conversion.height,
        }
    }

    /// The first `rows` rows of the frame, and the rest.
    ///
    /// # Panics
    /// If there are fewer.
    pub(crate) fn split_at_row(self, rows: usize) -> (Self, Self) {
        let orientation = self.conversion.orientation;
        let is_flipped = if orientation.transpose {
            orientation.flip_x
        } else {
            orientation.flip_y
        };
        let at = if is_flipped { self.height - rows } else { rows };
        let (first, second) = if orientation.transpose {
            let at = at * self.conversion.pixel_bytes();
            self.view.split_at_column(at)
        } else {
            self.view.split_at_row(at)
        };
        let (first, second) = if is_flipped {
            (second, first)
        } else {
            (first, second)
        };
        let piece = |view, height| Self {
            view,
            conversion: self.conversion,
            width: self.width,
            height,
        };
        (piece(first, rows), piece(second, self.height - rows))
    }

    /// The first `columns` columns of the frame, and the rest.
    ///
    /// # Panics
    /// If there are fewer.
    pub(crate) fn split_at_column(self, columns: usize) -> (Self, Self) {
        let orientation = self.conversion.orientation;
        let is_flipped = if orientation.transpose {
            orientation.flip_y
        } else {
            orientation.flip_x
        };
        let at = if is_flipped {
            self.width - columns
        } else {
            columns
        };
        let (first, second) = if orientation.transpose {
            self.view.split_at_row(at)
        } else {
            let at = at * self.conversion.pixel_bytes();
            self.view.split_at_column(at)
        };
        let (first, second) = if is_flipped {
            (second, first)
        } else {
            (first, second)
        };
        let piece = |view, width| Self {
            view,
            conversion: self.conversion,
            width,
            height: self.height,
        };
        (piece(first, columns), piece(second, self.width - columns))
    }

    /// All of it as one tile.
    pub(crate) fn into_tile(self) -> OutputTile<'a> {
        OutputTile::new(self.view, self.conversion)
    }

    /// Cuts the frame into rectangles of `width` x `height` pixels in unoriented frame coordinates,
    /// in raster order; those at the right and bottom edge are smaller.
    pub(crate) fn into_tiles(
        self,
        width: usize,
        height: usize,
    ) -> impl Iterator<Item = OutputTile<'a>> {
        let is_there = |output: &Self| output.width > 0 && output.height > 0;
        let (mut row, mut rest) = (None, Some(self));
        std::iter::from_fn(move || {
            let current: Self = match row.take() {
                Some(row) => row,
                None => {
                    let all = rest.take().filter(is_there)?;
                    let at = all.height.min(height);
                    let (first, below) = all.split_at_row(at);
                    rest = Some(below);
                    first
                }
            };
            let at = current.width.min(width);
            let (tile, right) = current.split_at_column(at);
            row = Some(right).filter(is_there);
            Some(tile.into_tile())
        })
    }
}
