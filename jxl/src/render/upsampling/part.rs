use frame_arena::{PlaneView, PlaneViewMut};

use super::{BORDER, Weights, rows};
use crate::grid::Rect;
use crate::render::mirror::mirror;
use crate::render::span::STEP;

const FACTOR: usize = 8;
/// Columns that are upsampled at a time.
const COLUMNS: usize = 2 * STEP;
/// The same with a step on both sides.
const WIDTH: usize = COLUMNS + 2 * STEP;
/// The columns with the border around them.
const AROUND: std::ops::Range<usize> = STEP - BORDER..STEP + COLUMNS + BORDER;

impl Weights {
    /// Upsamples `part` of `from`, which is mirrored at its edges, by 8 into `out`.
    ///
    /// # Panics
    /// Weights of another factor; `out` is smaller than what `part` becomes.
    pub(crate) fn upsample_by_8(
        &self,
        from: PlaneView<'_, f32>,
        part: Rect,
        out: &mut PlaneViewMut<'_, f32>,
    ) {
        assert_eq!(self.factor(), FACTOR, "weights of another factor");
        for (index, y) in part.rows().enumerate() {
            for first in part.columns().step_by(COLUMNS) {
                let mut upsampled = [[0.0; FACTOR * COLUMNS]; FACTOR];
                self.upsample_chunk(from, (first, y), &mut upsampled);
                let count = COLUMNS.min(part.columns().end - first);
                let start = FACTOR * (first - part.pos.x);
                for (row, upsampled) in upsampled.iter().enumerate() {
                    let out = out.row_mut(FACTOR * index + row);
                    out[start..][..FACTOR * count].copy_from_slice(&upsampled[..FACTOR * count]);
                }
            }
        }
    }

    /// Upsamples the columns of row `y` that start at column `first`.
    fn upsample_chunk(
        &self,
        from: PlaneView<'_, f32>,
        (first, y): (usize, usize),
        out: &mut [[f32; FACTOR * COLUMNS]; FACTOR],
    ) {
        let mut input = [[0.0; WIDTH]; 5];
        for (dy, input) in input.iter_mut().enumerate() {
            let row = from.row(mirror((y + dy) as isize - BORDER as isize, from.height()));
            for (index, sample) in input
                .iter_mut()
                .enumerate()
                .take(AROUND.end)
                .skip(AROUND.start)
            {
                *sample = row[mirror((first + index) as isize - STEP as isize, row.len())];
            }
        }
        let (mut low, mut high) = ([0.0; WIDTH], [0.0; WIDTH]);
        rows::column_ranges(input.each_ref().map(|row| &row[..]), &mut low, &mut high);
        let input = input.each_ref().map(|row| &row[AROUND]);
        let range = [&low[AROUND], &high[AROUND]];
        let out = out.each_mut().map(|row| &mut row[..]);
        rows::upsample_8(self.kernels(), input, range, out);
    }
}
