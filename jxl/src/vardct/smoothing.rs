#[cfg(test)]
mod tests;

use frame_arena::{
    AllocError, PlaneSpec, PlaneView, PlaneViewMut, Scope, ScopePlan, SliceSpec, Spec, TileGrid,
};

use super::geometry::Geometry;
use super::maps::LfImage;
use crate::Error;
use crate::workers::Workers;

// Weights of the eight blocks around a block (ISO/IEC 18181-1, J.2).
const SIDE: f32 = 0.2034514;
const CORNER: f32 = 0.03348292;
const CENTER: f32 = 1.0 - 4.0 * (SIDE + CORNER);

/// Rows that one task smooths.
const BAND_ROWS: usize = 64;
/// Rows stored around a band: the row above and the row below, of three channels.
const ROWS_AROUND: usize = 6;

const STAGE: &str = "LF smoothing";

/// The size of an LF image that is cut into bands of rows.
#[derive(Clone, Copy)]
struct Bands {
    width: usize,
    height: usize,
}

impl Bands {
    /// `None` if the image has no sample inside its border.
    fn new(width: usize, height: usize) -> Option<Self> {
        (width > 2 && height > 2).then_some(Self { width, height })
    }

    fn count(self) -> usize {
        self.height.div_ceil(BAND_ROWS)
    }

    /// Memory for the rows around all bands.
    fn around(self) -> PlaneSpec<f32> {
        // Stale: rows inside the image are copied, and others are not read.
        PlaneSpec::stale(self.width, ROWS_AROUND * self.count())
    }

    /// Memory for two original rows of each channel: the row above the current one, and the current
    /// one.
    fn rows(self) -> [[SliceSpec<f32>; 3]; 2] {
        // Stale: rows are copied before they are read.
        [[SliceSpec::stale(self.width); 3]; 2]
    }
}

/// Adaptive LF smoothing. A block becomes the weighted mean of itself and its neighbors if no
/// channel differs from that by more than half a quantization step. Blocks that differ by three
/// quarters or more do not change. Between these bounds, blocks move part of the way. `steps` are
/// the steps of X, Y and B, which have the same size. The border of the image does not change.
///
/// # Errors
/// Memory.
pub(crate) fn smooth(
    image: &mut LfImage<'_>,
    steps: [f32; 3],
    (scope, workers): (&Scope, Workers<'_>),
) -> Result<(), Error> {
    let Some(mut image) = image.views_mut() else {
        return Ok(());
    };
    let Some(bands) = Bands::new(image[0].width(), image[0].height()) else {
        return Ok(());
    };
    let Bands { width, height } = bands;
    scope.with_stage(STAGE, |stage| {
        let mut around = bands.around().open(stage)?;
        for band in 0..bands.count() {
            for (channel, samples) in image.iter().enumerate() {
                let rows = [
                    (band * BAND_ROWS).checked_sub(1),
                    Some((band + 1) * BAND_ROWS),
                ];
                for (side, row) in rows.into_iter().enumerate() {
                    if let Some(row) = row.filter(|&row| row < height) {
                        let around = around.row_mut(ROWS_AROUND * band + 3 * side + channel);
                        around.copy_from_slice(samples.row(row));
                    }
                }
            }
        }
        let around = around.view();
        let grid = TileGrid::new(width, BAND_ROWS);
        let [x, y, b] = image
            .each_mut()
            .map(|view| view.reborrow().into_tiles(grid));
        let tiles = x.zip(y).zip(b).enumerate();
        workers.for_each(tiles, |(band, ((x, y), b))| {
            let around = around.rect(0, ROWS_AROUND * band, width, ROWS_AROUND);
            let is_inside = |row: usize| (1..height - 1).contains(&(band * BAND_ROWS + row));
            let scratch = stage.scratch_with_room(bands.rows().room_bytes()?)?;
            let rows = bands.rows().open(&scratch)?;
            smooth_band([x, y, b], around, is_inside, steps, rows);
            Ok(())
        })
    })
}

/// Plans [`smooth`] of an image that is not subsampled.
pub(crate) fn plan_smoothing(
    geometry: &Geometry,
    threads: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), AllocError> {
    let Some(bands) = Bands::new(geometry.columns, geometry.rows) else {
        return Ok(());
    };
    let room_bytes = bands.rows().room_bytes()?;
    scope.stage(STAGE, |stage| {
        bands.around().plan(stage)?;
        stage.tasks(threads.min(bands.count()), |task| task.room(room_bytes))
    })
}

/// Smooths the rows of a band in place. `around` holds the original rows above and below them.
fn smooth_band(
    mut image: [PlaneViewMut<'_, f32>; 3],
    around: PlaneView<'_, f32>,
    is_inside: impl Fn(usize) -> bool,
    steps: [f32; 3],
    [mut above, mut current]: [[&mut [f32]; 3]; 2],
) {
    let height = image[0].height();
    // The rows as they were before smoothing.
    for (channel, above) in above.iter_mut().enumerate() {
        above.copy_from_slice(around.row(channel));
    }
    for row in 0..height {
        let mut below = image
            .each_mut()
            .map(|view| view.reborrow().split_at_row(row + 1));
        for (current, (rows, _)) in current.iter_mut().zip(&below) {
            current.copy_from_slice(rows.row(row));
        }
        if is_inside(row) {
            let mut channel = 0;
            let [x, y, b] = below.each_mut().map(|(rows, below)| {
                let below = match below.height() {
                    0 => around.row(3 + channel),
                    _ => below.view().row(0),
                };
                let from = [&*above[channel], &*current[channel], below];
                channel += 1;
                (from, rows.row_mut(row))
            });
            smooth_row([x.0, y.0, b.0], [x.1, y.1, b.1], steps);
        }
        std::mem::swap(&mut above, &mut current);
    }
}

/// Smooths the inner samples of a row. `from` has the rows above, at and below it, of each channel;
/// `to` starts as the row itself.
pub(crate) fn smooth_row(from: [[&[f32]; 3]; 3], to: [&mut [f32]; 3], steps: [f32; 3]) {
    let [to_x, to_y, to_b] = to;
    for x in 1..to_x.len() - 1 {
        let mut gap = 0.5_f32;
        let mut means = [0.0; 3];
        for (mean, ([above, row, below], step)) in means.iter_mut().zip(from.iter().zip(steps)) {
            let corners = above[x - 1] + above[x + 1] + below[x - 1] + below[x + 1];
            let sides = row[x - 1] + row[x + 1] + above[x] + below[x];
            *mean = corners * CORNER + sides * SIDE + row[x] * CENTER;
            gap = gap.max(((row[x] - *mean) / step).abs());
        }
        let share = (3.0 - 4.0 * gap).max(0.0);
        let [mean_x, mean_y, mean_b] = means;
        to_x[x] += (mean_x - to_x[x]) * share;
        to_y[x] += (mean_y - to_y[x]) * share;
        to_b[x] += (mean_b - to_b[x]) * share;
    }
}
