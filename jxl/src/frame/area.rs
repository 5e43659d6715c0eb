use std::ops::Range;

use frame_arena::PlaneSetViewMut;

use crate::output::{Output, OutputTile};

/// A rectangle of a canvas, to be written: in the caller's buffer, in planes that are kept, or in
/// both.
pub(super) struct Area<'a> {
    /// Of the canvas.
    pub(super) columns: Range<usize>,
    /// Of the canvas.
    pub(super) rows: Range<usize>,
    /// As large as the area.
    pub(super) output: Option<Output<'a>>,
    /// As large as the area.
    pub(super) planes: Option<PlaneSetViewMut<'a, f32>>,
}

/// A piece of an [`Area`] that one task writes.
pub(super) struct AreaTile<'a> {
    pub(super) columns: Range<usize>,
    pub(super) rows: Range<usize>,
    pub(super) output: Option<OutputTile<'a>>,
    pub(super) planes: Option<PlaneSetViewMut<'a, f32>>,
}

impl<'a> Area<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty() || self.rows.is_empty()
    }

    /// What is above row `row` of the canvas, and the rest.
    pub(super) fn split_at_row(self, row: usize) -> (Self, Self) {
        let row = row.clamp(self.rows.start, self.rows.end);
        let at = row - self.rows.start;
        let (first_output, second_output) =
            self.output.map(|output| output.split_at_row(at)).unzip();
        let (first_planes, second_planes) =
            self.planes.map(|planes| planes.split_at_row(at)).unzip();
        let first = Self {
            columns: self.columns.clone(),
            rows: self.rows.start..row,
            output: first_output,
            planes: first_planes,
        };
        let second = Self {
            columns: self.columns,
            rows: row..self.rows.end,
            output: second_output,
            planes: second_planes,
        };
        (first, second)
    }

    /// What is left of column `column` of the canvas, and the rest.
    pub(super) fn split_at_column(self, column: usize) -> (Self, Self) {
        let column = column.clamp(self.columns.start, self.columns.end);
        let at = column - self.columns.start;
        let (first_output, second_output) =
            self.output.map(|output| output.split_at_column(at)).unzip();
        let (first_planes, second_planes) =
            self.planes.map(|planes| planes.split_at_column(at)).unzip();
        let first = Self {
            columns: self.columns.start..column,
            rows: self.rows.clone(),
            output: first_output,
            planes: first_planes,
        };
        let second = Self {
            columns: column..self.columns.end,
            rows: self.rows,
            output: second_output,
            planes: second_planes,
        };
        (first, second)
    }

    /// Cuts the area into rectangles of `width` x `height`, in raster order; those at the right and
    /// bottom edge are smaller.
    pub(super) fn into_tiles(self, width: usize, height: usize) -> AreaTiles<'a> {
        AreaTiles {
            row: None,
            rest: Some(self),
            width,
            height,
        }
    }
}

/// The pieces of an [`Area`].
pub(super) struct AreaTiles<'a> {
    /// What is left of a row of pieces.
    row: Option<Area<'a>>,
    /// What is below.
    rest: Option<Area<'a>>,
    width: usize,
    height: usize,
}

impl<'a> Iterator for AreaTiles<'a> {
    type Item = AreaTile<'a>;

    fn next(&mut self) -> Option<AreaTile<'a>> {
        let row = match self.row.take() {
            Some(row) => row,
            None => {
                let rest = self.rest.take().filter(|rest| !rest.is_empty())?;
                let end = rest.rows.start.saturating_add(self.height);
                let (row, below) = rest.split_at_row(end);
                self.rest = Some(below);
                row
            }
        };
        let end = row.columns.start.saturating_add(self.width);
        let (tile, right) = row.split_at_column(end);
        self.row = Some(right).filter(|right| !right.is_empty());
        Some(AreaTile {
            columns: tile.columns,
            rows: tile.rows,
            output: tile.output.map(Output::into_tile),
            planes: tile.planes,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let columns = |area: &Area<'_>| area.columns.len().div_ceil(self.width);
        let rest = self.rest.iter().map(|rest| {
            // All of a row may be left in it.
            columns(rest) * rest.rows.len().div_ceil(self.height)
        });
        let tiles = self.row.iter().map(columns).sum::<usize>() + rest.sum::<usize>();
        (tiles, Some(tiles))
    }
}
