//! Where the rows of a frame go.

use std::ops::Range;

use frame_arena::{PlaneAlloc, PlaneViewMut, Scope, Scratch};
use rayon::prelude::*;

use super::area::{Area, AreaTile};
use super::composition::{CanvasRow, Composition};
use crate::Error;
use crate::output::{ExtraRows, Output};
use crate::render::{Blender, FinishedRow, STRIP_WIDTH};

/// Rows of the canvas that one task fills where the frame does not reach.
pub(super) const FILLED_ROWS: usize = 64;

/// The part of a canvas that a frame covers. Without a [`Composition`] that is a canvas of the frame's own size.
pub(super) struct Target<'a> {
    area: Area<'a>,
    composition: Option<&'a Composition<'a>>,
    /// Of the planes that are kept, those of colours.
    colour_planes: usize,
}

/// A piece of a [`Target`] that one task writes.
pub(super) struct TargetTile<'a> {
    tile: AreaTile<'a>,
    composition: Option<&'a Composition<'a>>,
    colour_planes: usize,
}

impl<'a> Target<'a> {
    /// The caller's buffer for a frame of `size`, whose rows go out as they are.
    pub(super) fn picture(output: Output<'a>, size: (usize, usize)) -> Self {
        Self {
            area: Area {
                columns: 0..size.0,
                rows: 0..size.1,
                output: Some(output),
                planes: Vec::new(),
            },
            composition: None,
            colour_planes: 0,
        }
    }

    /// Planes for a frame of `size`: `colour_planes` of colours, then perhaps one of each extra channel; and the caller's buffer
    /// if the frame is shown as it is kept.
    pub(super) fn planes(
        planes: Vec<PlaneViewMut<'a, f32>>,
        colour_planes: usize,
        size: (usize, usize),
        output: Option<Output<'a>>,
    ) -> Self {
        Self {
            area: Area {
                columns: 0..size.0,
                rows: 0..size.1,
                output,
                planes,
            },
            composition: None,
            colour_planes,
        }
    }

    /// Composes rows as `composition` says on a canvas that this is, fills or shows what a frame of `frame_size` does not cover, and
    /// returns the part that it does.
    ///
    /// # Errors
    /// Memory.
    pub(super) fn composed(
        self,
        composition: &'a Composition<'a>,
        frame_size: (usize, usize),
        scope: &Scope,
    ) -> Result<Self, Error> {
        let size = (self.area.columns.end, self.area.rows.end);
        let (columns, rows) = composition.visible(frame_size, size);
        let is_shown = self.area.output.is_some();
        let (above, rest) = self.area.split_at_row(rows.start);
        let (middle, below) = rest.split_at_row(rows.end);
        let (left, rest) = middle.split_at_column(columns.start);
        let (area, right) = rest.split_at_column(columns.end);
        let target = |area| Self {
            area,
            composition: Some(composition),
            colour_planes: self.colour_planes,
        };
        if !composition.is_in_place() || is_shown {
            for uncovered in [above, left, right, below] {
                target(uncovered).fill(composition, scope)?;
            }
        }
        Ok(target(area))
    }

    fn fill(self, composition: &Composition<'_>, scope: &Scope) -> Result<(), Error> {
        let tiles = self.into_tiles(STRIP_WIDTH, FILLED_ROWS).into_par_iter();
        let results = tiles.map(|mut tile| {
            let width = tile.tile.columns.len();
            scope.with_scratch(|scratch| {
                // Stale: each row is filled.
                let mut colour = scratch.stale_planes::<f32>(3, width, 1)?;
                let mut extra = scratch.stale_plane::<f32>(width, composition.extra_channels())?;
                for y in tile.tile.rows.clone() {
                    let mut planes = colour.view_mut().into_planes();
                    let mut row = FinishedRow {
                        y,
                        colour: [(); 3].map(|()| {
                            let plane = planes.next().map(|plane| plane.into_rows());
                            plane.and_then(|mut rows| rows.next()).unwrap_or_default()
                        }),
                        extra: extra.view_mut(),
                    };
                    let place = (tile.tile.columns.start, y);
                    composition.fill(&mut row, place, tile.canvas_row(y));
                    if !composition.is_in_place() {
                        tile.keep_canvas_row(&row, y);
                    }
                    tile.show_canvas_row(row, y)?;
                }
                Ok(())
            })
        });
        results.find_map_first(Result::err).map_or(Ok(()), Err)
    }

    /// True if rows go to the caller's buffer as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.composition.is_none() && self.area.planes.is_empty()
    }

    /// The caller's buffer of a [plain](Self::is_plain) target, else nothing.
    pub(super) fn into_output(self) -> Option<Output<'a>> {
        self.area.output.filter(|_| self.composition.is_none())
    }

    /// Cuts the target into strips of all its rows.
    pub(super) fn into_strips(self) -> Vec<TargetTile<'a>> {
        let height = self.area.rows.len();
        self.into_tiles(STRIP_WIDTH, height)
    }

    /// What is wanted of the rows of the frame above `row`, and of the rest.
    pub(super) fn split_at_row(self, row: usize) -> (Self, Self) {
        let composition = self.composition;
        let row = composition.map_or(row, |composition| composition.canvas_row(row));
        let (first, second) = self.area.split_at_row(row);
        let target = |area| Self {
            area,
            composition,
            colour_planes: self.colour_planes,
        };
        (target(first), target(second))
    }

    /// Cuts the target before `columns` of the frame, which ascend: one piece more than there are of them, some perhaps empty.
    pub(super) fn into_columns(self, columns: impl Iterator<Item = usize>) -> Vec<Self> {
        let Self {
            area: mut rest,
            composition,
            colour_planes,
        } = self;
        let target = |area| Self {
            area,
            composition,
            colour_planes,
        };
        let mut pieces = Vec::new();
        for column in columns {
            let column =
                composition.map_or(column, |composition| composition.canvas_column(column));
            let (piece, after) = rest.split_at_column(column);
            pieces.push(target(piece));
            rest = after;
        }
        pieces.push(target(rest));
        pieces
    }

    /// Cuts the target into rectangles of `width` x `height`.
    pub(super) fn into_tiles(self, width: usize, height: usize) -> Vec<TargetTile<'a>> {
        let tiles = self.area.into_tiles(width, height).into_iter();
        let tile = |tile| TargetTile {
            tile,
            composition: self.composition,
            colour_planes: self.colour_planes,
        };
        tiles.map(tile).collect()
    }
}

impl<'a> TargetTile<'a> {
    /// Columns and rows of the frame that are wanted.
    pub(super) fn place(&self) -> (Range<usize>, Range<usize>) {
        let AreaTile { columns, rows, .. } = &self.tile;
        let start = (columns.start, rows.start);
        let (x, y) = match self.composition {
            Some(composition) => composition.in_frame(start),
            None => start,
        };
        (x..x + columns.len(), y..y + rows.len())
    }

    /// What its rows are blended with.
    ///
    /// # Errors
    /// Memory.
    pub(super) fn blender<'s>(
        &self,
        scratch: &'s Scratch<'_>,
    ) -> Result<Option<Blender<'s, 'a>>, Error> {
        let width = self.tile.columns.len();
        let blender = self.composition;
        let blender = blender.map(|composition| composition.blender(width, scratch));
        Ok(blender.transpose()?)
    }

    /// Writes row `row` of the tile with extra channels as they are decoded, in a target that is [plain](Target::is_plain).
    pub(super) fn put_plain_row(
        &mut self,
        row: usize,
        colour: [&[f32]; 3],
        extra: &[&[i32]],
    ) -> Result<(), Error> {
        match &mut self.tile.output {
            Some(output) => output.put_float_row(row, colour, ExtraRows::Integers(extra)),
            None => Ok(()),
        }
    }

    /// Writes row `row` of the tile. `blender` is that of the tile.
    pub(super) fn put_row(
        &mut self,
        row: usize,
        mut samples: FinishedRow<'_>,
        blender: Option<&mut Blender<'_, '_>>,
    ) -> Result<(), Error> {
        let y = self.tile.rows.start + row;
        match (self.composition, blender) {
            (Some(composition), Some(blender)) => {
                let place = (self.tile.columns.start, y);
                composition.blend(&mut samples, place, self.canvas_row(y), blender)?;
                self.put_canvas_row(samples, y)
            }
            _ => self.put_canvas_row(samples, y),
        }
    }

    /// What the planes hold of row `y` of the canvas.
    fn canvas_row(&self, y: usize) -> CanvasRow<'_> {
        CanvasRow {
            planes: &self.tile.planes,
            colour_planes: self.colour_planes,
            row: y - self.tile.rows.start,
        }
    }

    /// Writes row `y` of the canvas.
    fn put_canvas_row(&mut self, samples: FinishedRow<'_>, y: usize) -> Result<(), Error> {
        self.keep_canvas_row(&samples, y);
        self.show_canvas_row(samples, y)
    }

    /// Writes row `y` of the canvas to the planes.
    fn keep_canvas_row(&mut self, samples: &FinishedRow<'_>, y: usize) {
        let row = y - self.tile.rows.start;
        let (colour, extra) = {
            let at = self.colour_planes.min(self.tile.planes.len());
            self.tile.planes.split_at_mut(at)
        };
        for (plane, samples) in colour.iter_mut().zip(&samples.colour) {
            plane.row_mut(row).copy_from_slice(samples);
        }
        for (plane, samples) in extra.iter_mut().zip(samples.extra.rows()) {
            plane.row_mut(row).copy_from_slice(samples);
        }
    }

    /// Writes row `y` of the canvas to the caller's buffer.
    fn show_canvas_row(&mut self, mut samples: FinishedRow<'_>, y: usize) -> Result<(), Error> {
        let row = y - self.tile.rows.start;
        let Some(output) = &mut self.tile.output else {
            return Ok(());
        };
        let Some(composition) = self.composition else {
            let colour = samples.colour.each_ref().map(|row| &**row);
            return output.put_float_row(row, colour, ExtraRows::Floats(samples.extra.view()));
        };
        composition.mix_spots(&mut samples);
        let colour = samples.colour.each_ref().map(|row| &**row);
        output.put_converted_row(row, colour, ExtraRows::Floats(samples.extra.view()))
    }
}
