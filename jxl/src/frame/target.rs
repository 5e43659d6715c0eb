//! Where the rows of a frame go.

use std::ops::Range;

use frame_arena::{
    AllocError, PlaneSetSpec, PlaneSetViewMut, PlaneSpec, Scope, ScopePlan, Scratch, Spec, TileGrid,
};
use rayon::prelude::*;

use super::area::{Area, AreaTile};
use super::composition::{CanvasRow, Composition};
use crate::Error;
use crate::memory::Memory;
use crate::output::{ExtraRows, Output};
use crate::render::{Blender, FinishedRow, STRIP_WIDTH};

/// Rows of the canvas that one task fills where the frame does not reach.
const FILLED_ROWS: usize = 64;

/// A row of colors and one of each extra channel.
fn filled_row(width: usize, extra_channels: usize) -> (PlaneSetSpec<f32>, PlaneSpec<f32>) {
    // Stale: each row is filled.
    (
        PlaneSetSpec::stale(3, width, 1),
        PlaneSpec::stale(width, extra_channels),
    )
}

/// Plans [`Target::composed`] on a canvas of `width` x `height`, should the frame not cover any of
/// it.
pub(super) fn plan_filling(
    (width, height): (usize, usize),
    extra_channels: usize,
    threads: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), AllocError> {
    let (columns, rows) = TileGrid::new(STRIP_WIDTH, FILLED_ROWS).count(width, height);
    let row = filled_row(STRIP_WIDTH.min(width), extra_channels);
    scope.tasks(threads.min(columns * rows), |task| row.plan(task))
}

/// The part of a canvas that a frame covers. Without a [`Composition`] that is a canvas of the
/// frame's own size.
pub(super) struct Target<'a> {
    area: Area<'a>,
    composition: Option<&'a Composition<'a>>,
    /// Of the planes that are kept, those of colors.
    color_planes: usize,
}

/// A piece of a [`Target`] that one task writes.
pub(super) struct TargetTile<'a> {
    tile: AreaTile<'a>,
    composition: Option<&'a Composition<'a>>,
    color_planes: usize,
}

impl<'a> Target<'a> {
    /// The caller's buffer for a frame of `size`, whose rows go out as they are.
    pub(super) fn picture(output: Output<'a>, size: (usize, usize)) -> Self {
        Self {
            area: Area {
                columns: 0..size.0,
                rows: 0..size.1,
                output: Some(output),
                planes: None,
            },
            composition: None,
            color_planes: 0,
        }
    }

    /// Planes for a frame of `size`: `color_planes` of colors, then perhaps one of each extra
    /// channel; and the caller's buffer if the frame is shown as it is kept.
    pub(super) fn planes(
        planes: PlaneSetViewMut<'a, f32>,
        color_planes: usize,
        size: (usize, usize),
        output: Option<Output<'a>>,
    ) -> Self {
        Self {
            area: Area {
                columns: 0..size.0,
                rows: 0..size.1,
                output,
                planes: Some(planes),
            },
            composition: None,
            color_planes,
        }
    }

    /// Composes rows as `composition` says on a canvas that this is, fills or shows what a frame of
    /// `frame_size` does not cover, and returns the part that it does.
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
            color_planes: self.color_planes,
        };
        if !composition.is_in_place() || is_shown {
            for uncovered in [above, left, right, below] {
                target(uncovered).fill(composition, scope)?;
            }
        }
        Ok(target(area))
    }

    fn fill(self, composition: &Composition<'_>, scope: &Scope) -> Result<(), Error> {
        let kept = scope.scratch_beyond_plan();
        let tiles = self.into_tiles(STRIP_WIDTH, FILLED_ROWS);
        let mut tiles = Memory::new(scope, &kept).collect(tiles)?;
        let results = tiles.par_iter_mut().map(|tile| {
            let width = tile.tile.columns.len();
            scope.with_scratch(|scratch| {
                let (mut color, mut extra) =
                    filled_row(width, composition.extra_channels()).open(scratch)?;
                for y in tile.tile.rows.clone() {
                    let mut planes = color.view_mut().into_planes();
                    let mut row = FinishedRow {
                        y,
                        color: [(); 3].map(|()| {
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
        self.composition.is_none() && self.area.planes.is_none()
    }

    /// The caller's buffer of a [plain](Self::is_plain) target, else nothing.
    pub(super) fn into_output(self) -> Option<Output<'a>> {
        self.area.output.filter(|_| self.composition.is_none())
    }

    /// Cuts the target into strips of all its rows.
    pub(super) fn into_strips(self) -> impl Iterator<Item = TargetTile<'a>> {
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
            color_planes: self.color_planes,
        };
        (target(first), target(second))
    }

    /// What is wanted of the columns of the frame before `column`, and of the rest.
    fn split_at_column(self, column: usize) -> (Self, Self) {
        let composition = self.composition;
        let column = composition.map_or(column, |composition| composition.canvas_column(column));
        let (first, second) = self.area.split_at_column(column);
        let target = |area| Self {
            area,
            composition,
            color_planes: self.color_planes,
        };
        (target(first), target(second))
    }

    /// Cuts the target before `columns` of the frame, which ascend: one piece more than there are
    /// of them, some perhaps empty.
    pub(super) fn into_columns(
        self,
        mut columns: impl Iterator<Item = usize>,
    ) -> impl Iterator<Item = Self> {
        let mut rest = Some(self);
        std::iter::from_fn(move || {
            let all = rest.take()?;
            let Some(column) = columns.next() else {
                return Some(all);
            };
            let (piece, after) = all.split_at_column(column);
            rest = Some(after);
            Some(piece)
        })
    }

    /// Cuts the target into rectangles of `width` x `height`.
    pub(super) fn into_tiles(
        self,
        width: usize,
        height: usize,
    ) -> impl Iterator<Item = TargetTile<'a>> {
        let tiles = self.area.into_tiles(width, height);
        tiles.map(move |tile| TargetTile {
            tile,
            composition: self.composition,
            color_planes: self.color_planes,
        })
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

    /// Writes row `row` of the tile with extra channels as they are decoded, in a target that is
    /// [plain](Target::is_plain).
    pub(super) fn put_plain_row(
        &mut self,
        row: usize,
        color: [&[f32]; 3],
        extra: &[&[i32]],
    ) -> Result<(), Error> {
        match &mut self.tile.output {
            Some(output) => output.put_float_row(row, color, ExtraRows::Integers(extra)),
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
            planes: self.tile.planes.as_ref(),
            color_planes: self.color_planes,
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
        let Some(planes) = &mut self.tile.planes else {
            return;
        };
        let mut planes = planes.planes_mut();
        let color = planes.by_ref().take(self.color_planes);
        for (mut plane, samples) in color.zip(&samples.color) {
            plane.row_mut(row).copy_from_slice(samples);
        }
        for (mut plane, samples) in planes.zip(samples.extra.rows()) {
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
            let color = samples.color.each_ref().map(|row| &**row);
            return output.put_float_row(row, color, ExtraRows::Floats(samples.extra.view()));
        };
        composition.mix_spots(&mut samples);
        let color = samples.color.each_ref().map(|row| &**row);
        output.put_converted_row(row, color, ExtraRows::Floats(samples.extra.view()))
    }
}
