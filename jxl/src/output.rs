//! Finished rows into the caller's interleaved buffer.
//!
//! A frame's [`Output`] is cut into one [`OutputTile`] per group: an exclusive rectangle of the caller's buffer, so groups
//! finish in parallel. A tile takes rows of unoriented, planar samples in its own coordinates; range, colour, orientation and
//! interleaving are its business.

mod channel;
mod conversion;
mod orientation;
mod pixel;
mod sample;
mod tile;

use frame_arena::{PlaneViewMut, TileGrid};

pub(crate) use channel::ChannelConversion;
pub(crate) use conversion::{Conversion, OnProgress};
use orientation::Orientation;
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

    /// Cuts the frame into rectangles of `width` x `height` pixels in unoriented frame coordinates, in raster order; those at
    /// the right and bottom edge are smaller.
    pub(crate) fn into_tiles(self, width: usize, height: usize) -> Vec<OutputTile<'a>> {
        let conversion = self.conversion;
        let frame = (self.width, self.height);
        let orientation = conversion.orientation;
        let counts = (frame.0.div_ceil(width), frame.1.div_ceil(height));
        let shown_counts = orientation.shown_size(counts);
        let grid = tile_grid(
            orientation,
            frame,
            (width, height),
            conversion.pixel_bytes(),
        );
        let mut tiles: Vec<_> = self
            .view
            .into_tiles(grid)
            .enumerate()
            .map(|(index, view)| {
                let shown = (index % shown_counts.0, index / shown_counts.0);
                let (x, y) = orientation.stored(shown, counts);
                (y * counts.0 + x, view)
            })
            .collect();
        tiles.sort_unstable_by_key(|&(group, _)| group);
        tiles
            .into_iter()
            .map(|(_, view)| OutputTile::new(view, conversion))
            .collect()
    }
}

/// The grid of the shown picture. Where it runs against the frame's direction, the frame's last, smaller tile comes first.
fn tile_grid(
    orientation: Orientation,
    frame: (usize, usize),
    tile: (usize, usize),
    pixel_bytes: usize,
) -> TileGrid {
    let (shown_width, shown_height) = orientation.shown_size(frame);
    let (tile_width, tile_height) = orientation.shown_size(tile);
    let first = |flipped: bool, length: usize, tile: usize| match length % tile {
        remainder if flipped && remainder > 0 => remainder,
        _ => tile,
    };
    let first_width = first(orientation.flip_x, shown_width, tile_width);
    let first_height = first(orientation.flip_y, shown_height, tile_height);
    TileGrid::new(tile_width * pixel_bytes, tile_height)
        .first(first_width * pixel_bytes, first_height)
}
