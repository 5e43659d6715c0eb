//! The canvas of a composed frame: the part that the frame covers, and the rest.

use frame_arena::{AllocError, PlaneSetSpec, PlaneSpec, Scope, ScopePlan, Spec, TileGrid};

use super::Target;
use crate::Error;
use crate::frame::composition::Composition;
use crate::grid::{Pos, Size};
use crate::memory::Memory;
use crate::output::Cut;
use crate::render::{FinishedRow, STRIP_WIDTH};
use crate::workers::Workers;

/// Rows of the canvas outside of the frame that one task fills.
const FILLED_ROWS: usize = 64;

/// A row of colors and one of each extra channel.
fn filled_row(width: usize, extra_channels: usize) -> (PlaneSetSpec<f32>, PlaneSpec<f32>) {
    // Stale: each row is filled.
    (
        PlaneSetSpec::stale(3, width, 1),
        PlaneSpec::stale(width, extra_channels),
    )
}

/// Plans [`Target::composed`] on a canvas of `size` of which the frame covers nothing.
pub(in crate::frame) fn plan_filling(
    size: Size,
    extra_channels: usize,
    threads: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), AllocError> {
    let (columns, rows) = TileGrid::new(STRIP_WIDTH, FILLED_ROWS).count(size.width, size.height);
    let row = filled_row(STRIP_WIDTH.min(size.width), extra_channels);
    scope.tasks(threads.min(columns * rows), |task| row.plan(task))
}

impl<'a> Target<'a> {
    /// Treats this target as a canvas on which `composition` composes rows. Fills or shows the part
    /// that a frame of `frame_size` does not cover, and returns the covered part, in columns and
    /// rows of the frame.
    ///
    /// # Errors
    /// Memory.
    pub(in crate::frame) fn composed(
        mut self,
        composition: &'a Composition<'a>,
        frame_size: Size,
        (scope, workers): (&Scope, Workers<'_>),
    ) -> Result<Self, Error> {
        self.composition = Some(composition);
        let visible = composition.visible(frame_size, self.rect());
        let (columns, rows) = (visible.columns(), visible.rows());
        let (above, rest) = self.split(Cut::Row(rows.start));
        let (middle, below) = rest.split(Cut::Row(rows.end));
        let (left, rest) = middle.split(Cut::Column(columns.start));
        let (covered, right) = rest.split(Cut::Column(columns.end));
        for uncovered in [above, left, right, below] {
            if !composition.is_in_place() || uncovered.shown.is_some() {
                uncovered.fill(composition, (scope, workers))?;
            }
        }
        let in_frame = composition.in_frame(visible.pos);
        Ok(Self {
            columns: in_frame.x..in_frame.x + columns.len(),
            rows: in_frame.y..in_frame.y + rows.len(),
            shown: covered
                .shown
                .map(|shown| shown.moved(visible.pos, in_frame)),
            ..covered
        })
    }

    /// Fills and shows a part of the canvas that the frame does not cover.
    fn fill(
        self,
        composition: &Composition<'_>,
        (scope, workers): (&Scope, Workers<'_>),
    ) -> Result<(), Error> {
        let kept = scope.scratch_beyond_plan();
        let tiles = self.into_tiles(STRIP_WIDTH, FILLED_ROWS);
        let mut tiles = Memory::new(scope, &kept).collect(tiles)?;
        workers.for_each(tiles.iter_mut(), |tile| {
            let width = tile.columns.len();
            scope.with_scratch(|scratch| {
                let (mut color, mut extra) =
                    filled_row(width, composition.extra_channels()).open(scratch)?;
                for y in tile.rows() {
                    let mut planes = color.view_mut().into_planes();
                    let mut row = FinishedRow {
                        y,
                        color: [(); 3].map(|()| {
                            let plane = planes.next().map(|plane| plane.into_rows());
                            plane.and_then(|mut rows| rows.next()).unwrap_or_default()
                        }),
                        extra: extra.view_mut(),
                    };
                    composition.fill(&mut row, Pos::new(tile.columns.start, y), tile.kept_row(y));
                    if !composition.is_in_place() {
                        tile.keep_row(&row);
                    }
                    tile.show_row(row);
                }
                tile.finish();
                Ok(())
            })
        })
    }
}
