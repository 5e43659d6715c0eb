//! Residuals: what is added to a prediction.

use anyhow::Result;
use frame_arena::{PlaneViewMut, TileGrid};
use rayon::prelude::*;

use super::Coded;
use crate::random::hash;

/// Rows of a luma plane that one task decodes.
pub(super) const TASK_ROWS: usize = 64;

/// Quantization step of the residuals.
const STEP: i16 = 2;

/// Rows of plane `index` that one task decodes.
pub(super) fn rows_per_task(index: usize) -> usize {
    match index {
        0 => TASK_ROWS,
        _ => TASK_ROWS / 2,
    }
}

/// Decodes the residual of plane `index` into every sample of `residual`, on all threads.
/// `with_row(width, work)` calls `work` with a row of working memory of `width` samples; its
/// contents do not matter.
pub(super) fn decode<W>(
    coded: &Coded,
    index: usize,
    residual: PlaneViewMut<'_, i16>,
    with_row: W,
) -> Result<()>
where
    W: Fn(usize, &mut dyn FnMut(&mut [i16])) -> Result<()> + Sync,
{
    let (width, rows) = (residual.width(), rows_per_task(index));
    let bands = residual.into_tiles(TileGrid::new(width, rows));
    bands
        .into_par_iter()
        .enumerate()
        .try_for_each(|(band, mut band_rows)| {
            with_row(width, &mut |levels| {
                for (y, row) in band_rows.rows_mut().enumerate() {
                    decode_levels(coded, index, band * rows + y, levels);
                    for (value, &level) in row.iter_mut().zip(&*levels) {
                        *value = level * STEP;
                    }
                }
            })
        })
}

/// Makes up the quantized levels of a row, from -4 to 3 and equal for 16 samples at a time.
fn decode_levels(coded: &Coded, index: usize, y: usize, levels: &mut [i16]) {
    let seed = coded.number << 20 | (index as u64) << 16 | y as u64;
    let mut state = hash(seed) as u32;
    for run in levels.chunks_mut(16) {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        run.fill((state >> 29) as i16 - 4);
    }
}
