use std::ops::Range;

use frame_arena::{PlaneSpec, PlaneView, Spec};

use crate::grid::Size;
use crate::render::Source;

/// Averages extra channels, which are decoded in full, where the colors are decoded smaller.
#[derive(Clone, Copy)]
pub(in crate::frame) struct ExtraAverages {
    /// Columns and rows of a square.
    pub(in crate::frame) factor: usize,
    /// Size of the extra channels.
    pub(in crate::frame) size: Size,
    pub(in crate::frame) channels: usize,
}

/// A row of a channel; a row of averages of each channel.
type RowsSpec = [PlaneSpec<f32>; 2];

impl ExtraAverages {
    /// The memory of rows of `columns` averages.
    pub(in crate::frame) fn spec(&self, columns: usize) -> RowsSpec {
        // Stale: rows are written before they are read.
        [
            PlaneSpec::stale(columns * self.factor, 1),
            PlaneSpec::stale(columns, self.channels),
        ]
    }

    /// Returns the averages in `columns` of row `y`, a row for each channel. Squares that an edge
    /// cuts are smaller.
    pub(super) fn row<'m>(
        &self,
        source: &impl Source,
        y: usize,
        columns: Range<usize>,
        [full, averages]: &'m mut <RowsSpec as Spec>::Memory<'_>,
    ) -> PlaneView<'m, f32> {
        let Self { factor, size, .. } = *self;
        let inside = columns.start * factor..size.width.min(columns.end * factor);
        let rows = y * factor..size.height.min((y + 1) * factor);
        for (channel, averages) in averages.rows_mut().enumerate() {
            let averages = &mut averages[..columns.len()];
            averages.fill(0.0);
            let full = &mut full.row_mut(0)[..inside.len()];
            for y in rows.clone() {
                source.read(3 + channel, y, inside.clone(), full);
                for (sum, square) in averages.iter_mut().zip(full.chunks(factor)) {
                    *sum += square.iter().sum::<f32>();
                }
            }
            for (average, square) in averages.iter_mut().zip(full.chunks(factor)) {
                *average *= 1.0 / (square.len() * rows.len()) as f32;
            }
        }
        averages.view().rect(0, 0, columns.len(), self.channels)
    }
}
