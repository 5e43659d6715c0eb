use std::ops::Range;

use frame_arena::{PlaneViewMut, TileGrid};

use crate::output::{Output, OutputTile};

/// A rectangle of a canvas, to be written: in the caller's buffer, in planes that are kept, or in both.
pub(super) struct Area<'a> {
    /// Of the canvas.
    pub(super) columns: Range<usize>,
    /// Of the canvas.
    pub(super) rows: Range<usize>,
    /// As large as the area.
    pub(super) output: Option<Output<'a>>,
    /// As large as the area.
    pub(super) planes: Vec<PlaneViewMut<'a, f32>>,
}

/// A piece of an [`Area`] that one task writes.
pub(super) struct AreaTile<'a> {
    pub(super) columns: Range<usize>,
    pub(super) rows: Range<usize>,
    pub(super) output: Option<OutputTile<'a>>,
    pub(super) planes: Vec<PlaneViewMut<'a, f32>>,
}

impl<'a> Area<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty() || self.rows.is_empty()
    }

    /// What is above row `row` of the canvas, and the rest.
    pub(super) fn split_at_row(self, row: usize) -> (Self, Self) {
        let row = row.clamp(self.rows.start, self.rows.end);
        let at = row - self.rows.start;
        let output = self.output.map(|output| output.split_at_row(at));
        let planes = self.planes.into_iter().map(|plane| plane.split_at_row(at));
        let (first, second) = (self.rows.start..row, row..self.rows.end);
        let columns = self.columns;
        Self::pair((columns.clone(), first), (columns, second), output, planes)
    }

    /// What is left of column `column` of the canvas, and the rest.
    pub(super) fn split_at_column(self, column: usize) -> (Self, Self) {
        let column = column.clamp(self.columns.start, self.columns.end);
        let at = column - self.columns.start;
        let output = self.output.map(|output| output.split_at_column(at));
        let planes = self.planes.into_iter();
        let planes = planes.map(|plane| plane.split_at_column(at));
        let (first, second) = (self.columns.start..column, column..self.columns.end);
        let rows = self.rows;
        Self::pair((first, rows.clone()), (second, rows), output, planes)
    }

    fn pair(
        first: (Range<usize>, Range<usize>),
        second: (Range<usize>, Range<usize>),
        output: Option<(Output<'a>, Output<'a>)>,
        planes: impl Iterator<Item = (PlaneViewMut<'a, f32>, PlaneViewMut<'a, f32>)>,
    ) -> (Self, Self) {
        let (first_output, second_output) = output.unzip();
        let (first_planes, second_planes) = planes.unzip();
        let area = |(columns, rows), output, planes| Self {
            columns,
            rows,
            output,
            planes,
        };
        (
            area(first, first_output, first_planes),
            area(second, second_output, second_planes),
        )
    }

    /// Cuts the area into rectangles of `width` x `height`, in raster order; those at the right and bottom edge are smaller.
    pub(super) fn into_tiles(self, width: usize, height: usize) -> Vec<AreaTile<'a>> {
        if self.is_empty() {
            return Vec::new();
        }
        let grid = TileGrid::new(width, height);
        let output = self.output.map(|output| output.into_tiles(width, height));
        let mut outputs = output.into_iter().flatten();
        let planes = self.planes.into_iter();
        let mut planes: Vec<_> = planes.map(|plane| plane.into_tiles(grid)).collect();
        let mut tiles = Vec::new();
        for y in self.rows.clone().step_by(height) {
            for x in self.columns.clone().step_by(width) {
                tiles.push(AreaTile {
                    columns: x..self.columns.end.min(x.saturating_add(width)),
                    rows: y..self.rows.end.min(y.saturating_add(height)),
                    output: outputs.next(),
                    planes: planes.iter_mut().filter_map(Iterator::next).collect(),
                });
            }
        }
        tiles
    }
}
