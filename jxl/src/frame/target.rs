//! The targets of a frame's rows.

mod canvas;
mod planes;
mod shown;

use std::ops::Range;

use frame_arena::Scratch;

use super::composition::Composition;
use crate::Error;
use crate::grid::{Pos, Rect, Size};
use crate::output::{ColorRows, Cut, ExtraRows};
use crate::render::{Blender, FinishedRow, STRIP_WIDTH};
pub(super) use canvas::plan_filling;
pub(super) use planes::KeptPlanes;
pub(super) use shown::Shown;

/// A rectangle of a frame whose rows are wanted, with their sinks: the caller's buffer, planes that
/// are kept, or both.
///
/// The root is the whole frame, or the part of it that is shown if nothing is kept. It is cut into
/// the rectangles that tasks finish.
pub(super) struct Target<'a> {
    /// Columns of the frame.
    columns: Range<usize>,
    /// Rows of the frame.
    rows: Range<usize>,
    /// The shown part of the rectangle; all of it if there are no planes.
    shown: Option<Shown<'a>>,
    /// As large as the rectangle.
    planes: Option<KeptPlanes<'a>>,
    /// The composition of rows on a canvas, if the frame has one.
    composition: Option<&'a Composition<'a>>,
}

impl<'a> Target<'a> {
    /// The caller's buffer for the shown part of a frame whose rows are written without
    /// composition.
    pub(super) fn picture(shown: Shown<'a>) -> Self {
        let rect = shown.rect();
        Self {
            columns: rect.columns(),
            rows: rect.rows(),
            shown: Some(shown),
            planes: None,
            composition: None,
        }
    }

    /// Planes for a frame of `size`, and the caller's buffer if the frame is also shown.
    pub(super) fn kept(planes: KeptPlanes<'a>, size: Size, shown: Option<Shown<'a>>) -> Self {
        Self {
            columns: 0..size.width,
            rows: 0..size.height,
            shown,
            planes: Some(planes),
            composition: None,
        }
    }

    /// True if rows go only to the caller's buffer, without composition.
    pub(super) fn is_plain(&self) -> bool {
        self.composition.is_none() && self.planes.is_none()
    }

    /// True if the caller's buffer takes rows in order.
    pub(super) fn is_ordered(&self) -> bool {
        self.shown.as_ref().is_some_and(Shown::is_reduced)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty() || self.rows.is_empty()
    }

    /// Columns and rows of the frame that are wanted.
    pub(super) fn rect(&self) -> Rect {
        Rect::new(self.columns(), self.rows())
    }

    /// Columns of the frame that are wanted.
    pub(super) fn columns(&self) -> Range<usize> {
        self.columns.clone()
    }

    /// Rows of the frame that are wanted.
    pub(super) fn rows(&self) -> Range<usize> {
        self.rows.clone()
    }

    /// Splits into the part before the cut and the rest. One of them is empty if the cut lies
    /// outside of the rectangle.
    pub(super) fn split(self, cut: Cut) -> (Self, Self) {
        let inside = |at: usize, range: &Range<usize>| at.clamp(range.start, range.end);
        let (columns, rows) = (self.columns, self.rows);
        let ([left, right], [above, below], in_planes) = match cut {
            Cut::Row(at) => {
                let at = inside(at, &rows);
                let cut = Cut::Row(at - rows.start);
                (
                    [columns.clone(), columns],
                    [rows.start..at, at..rows.end],
                    cut,
                )
            }
            Cut::Column(at) => {
                let at = inside(at, &columns);
                let cut = Cut::Column(at - columns.start);
                (
                    [columns.start..at, at..columns.end],
                    [rows.clone(), rows],
                    cut,
                )
            }
        };
        let (first_shown, shown) = self.shown.map(|shown| shown.split(cut)).unzip();
        let (first_planes, planes) = self.planes.map(|planes| planes.split(in_planes)).unzip();
        let first = Self {
            columns: left,
            rows: above,
            shown: first_shown.flatten(),
            planes: first_planes,
            composition: self.composition,
        };
        let rest = Self {
            columns: right,
            rows: below,
            shown: shown.flatten(),
            planes,
            composition: self.composition,
        };
        (first, rest)
    }

    /// Cuts the rectangle before each of `columns`, which ascend. There is one more piece than
    /// columns, and pieces may be empty.
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
            let (piece, after) = all.split(Cut::Column(column));
            rest = Some(after);
            Some(piece)
        })
    }

    /// Cuts the rectangle into bands of `height` rows if the caller's buffer takes rows in order;
    /// otherwise into a single band. Each band must be written before the next one.
    pub(super) fn into_bands(self, height: usize) -> impl Iterator<Item = Self> {
        let height = if self.is_ordered() {
            height
        } else {
            usize::MAX
        };
        let mut rest = Some(self);
        std::iter::from_fn(move || {
            let all = rest.take().filter(|rest| !rest.is_empty())?;
            let end = (all.rows.start / height).saturating_add(1);
            let (band, below) = all.split(Cut::Row(end.saturating_mul(height)));
            rest = Some(below);
            Some(band)
        })
    }

    /// Cuts the rectangle into strips of all its rows.
    pub(super) fn into_strips(self) -> Tiles<'a> {
        let height = self.rows.len();
        self.into_tiles(STRIP_WIDTH, height)
    }

    /// Cuts the rectangle into tiles of `width` x `height`, in raster order; those at the right and
    /// bottom edges may be smaller.
    pub(super) fn into_tiles(self, width: usize, height: usize) -> Tiles<'a> {
        Tiles {
            row: None,
            next: Pos::new(
                self.columns.start.saturating_add(width),
                self.rows.start.saturating_add(height),
            ),
            rest: Some(self),
            width,
            height,
        }
    }

    /// Cuts the rectangle at the boundaries of the frame's groups, squares of `dim`, in raster
    /// order.
    pub(super) fn into_groups(self, dim: usize) -> Tiles<'a> {
        let next = |at: usize| (at / dim + 1) * dim;
        Tiles {
            next: Pos::new(next(self.columns.start), next(self.rows.start)),
            ..self.into_tiles(dim, dim)
        }
    }

    /// The blender for rows of this rectangle.
    ///
    /// # Errors
    /// Memory.
    pub(super) fn blender<'s>(
        &self,
        scratch: &'s Scratch<'_>,
    ) -> Result<Option<Blender<'s, 'a>>, Error> {
        let blender = self.composition;
        let blender = blender.map(|composition| composition.blender(self.columns.len(), scratch));
        Ok(blender.transpose()?)
    }

    /// Writes row `y` of the frame to the caller's buffer, in a target that is
    /// [plain](Self::is_plain).
    pub(super) fn put_plain_row(&mut self, y: usize, color: ColorRows<'_>, extra: ExtraRows<'_>) {
        if let Some(shown) = &mut self.shown {
            shown.put_whole_row(y, color, extra);
        }
    }

    /// Writes a row of the frame. `blender` is that of this rectangle.
    pub(super) fn put_row(
        &mut self,
        mut row: FinishedRow<'_>,
        blender: Option<&mut Blender<'_, '_>>,
    ) {
        if let (Some(composition), Some(blender)) = (self.composition, blender) {
            let place = composition.on_canvas(Pos::new(self.columns.start, row.y));
            let kept = self.kept_row(row.y);
            composition.blend(&mut row, place, kept, blender);
        }
        self.keep_row(&row);
        self.show_row(row);
    }

    /// The contents of row `y` of the planes, by channel; empty if there are no planes.
    fn kept_row<'k>(&'k self, y: usize) -> impl Fn(usize) -> &'k [f32] {
        let row = y - self.rows.start;
        move |channel| match &self.planes {
            Some(planes) => planes.row(channel, row),
            None => &[],
        }
    }

    /// Writes a composed row to the planes.
    fn keep_row(&mut self, row: &FinishedRow<'_>) {
        if let Some(planes) = &mut self.planes {
            planes.put_row(row.y - self.rows.start, row);
        }
    }

    /// Writes a composed row to the caller's buffer.
    fn show_row(&mut self, mut row: FinishedRow<'_>) {
        let Some(shown) = self.shown.as_mut().filter(|shown| shown.has_row(row.y)) else {
            return;
        };
        if let Some(composition) = self.composition {
            composition.mix_spots(&mut row);
        }
        shown.put_row(self.columns.start, &row, self.composition.is_some());
    }

    /// Reports that all rows are written.
    pub(super) fn finish(&self) {
        if let Some(shown) = &self.shown {
            shown.finish();
        }
    }
}

/// The tiles of a [`Target`].
pub(super) struct Tiles<'a> {
    /// The rest of the current row of tiles.
    row: Option<Target<'a>>,
    /// The rows below.
    rest: Option<Target<'a>>,
    /// End of the first tile of each row, and end of the next row of tiles.
    next: Pos,
    width: usize,
    height: usize,
}

impl<'a> Iterator for Tiles<'a> {
    type Item = Target<'a>;

    fn next(&mut self) -> Option<Target<'a>> {
        let row = match self.row.take() {
            Some(row) => row,
            None => {
                let rest = self.rest.take().filter(|rest| !rest.is_empty())?;
                let (row, below) = rest.split(Cut::Row(self.next.y));
                self.next.y = self.next.y.saturating_add(self.height);
                self.rest = Some(below);
                row
            }
        };
        let end = self.next.x;
        let end = match row.columns.start < end {
            true => end,
            false => row.columns.start.saturating_add(self.width),
        };
        let (tile, right) = row.split(Cut::Column(end));
        self.row = Some(right).filter(|right| !right.is_empty());
        Some(tile)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        /// Number of pieces when `range` is cut by `length` and the first piece ends at `end`.
        fn count(range: &Range<usize>, end: usize, length: usize) -> usize {
            match range.start < end {
                true => 1 + range.end.saturating_sub(end).div_ceil(length),
                false => range.len().div_ceil(length),
            }
        }
        let columns = |target: &Target<'_>| match target.is_empty() {
            true => 0,
            false => count(&target.columns, self.next.x, self.width),
        };
        let rest = self.rest.iter().map(|rest| {
            // All of a row may be left in it.
            columns(rest) * count(&rest.rows, self.next.y, self.height)
        });
        let tiles = self.row.iter().map(columns).sum::<usize>() + rest.sum::<usize>();
        (tiles, Some(tiles))
    }
}
