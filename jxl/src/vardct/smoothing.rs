#[cfg(test)]
mod tests;

use frame_arena::{
    AllocError, PlanRequest, PlaneAlloc, PlaneView, PlaneViewMut, Scope, ScopePlan, ScratchRoom,
    TileGrid,
};
use rayon::prelude::*;

use super::geometry::Geometry;
use super::maps::LfImage;
use crate::Error;

// Weights of the eight blocks around a block (ISO/IEC 18181-1, J.2).
const SIDE: f32 = 0.2034514;
const CORNER: f32 = 0.03348292;
const CENTRE: f32 = 1.0 - 4.0 * (SIDE + CORNER);

/// Rows that one task smooths.
const BAND_ROWS: usize = 64;
/// Rows above and below a band, of three channels.
const ROWS_AROUND: usize = 6;

/// Adaptive LF smoothing: blocks that differ from the mean of their surroundings by less than
/// the quantisation step explains become that mean. `steps` are the quantisation steps of X, Y
/// and B, which have the same size. The border of the image stays as it is.
///
/// # Errors
/// Memory.
pub(crate) fn smooth(image: &mut LfImage<'_>, steps: [f32; 3], scope: &Scope) -> Result<(), Error> {
    let Some(mut image) = image.views_mut() else {
        return Ok(());
    };
    let (width, height) = (image[0].width(), image[0].height());
    if width <= 2 || height <= 2 {
        return Ok(());
    }
    scope.with_stage("LF smoothing", |stage| {
        let bands = height.div_ceil(BAND_ROWS);
        // Stale: rows that are there are copied, the others not read.
        let mut around = stage.stale_plane::<f32>(width, ROWS_AROUND * bands)?;
        for band in 0..bands {
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
        let bands = x.into_par_iter().zip(y).zip(b).enumerate();
        let results = bands.map(|(band, ((x, y), b))| {
            let around = around.rect(0, ROWS_AROUND * band, width, ROWS_AROUND);
            let is_inside = |row: usize| (1..height - 1).contains(&(band * BAND_ROWS + row));
            smooth_band([x, y, b], around, is_inside, steps, stage)
        });
        results.find_map_first(Result::err).map_or(Ok(()), Err)
    })
}

/// The requests of [`smooth`].
pub(crate) fn describe_smoothing(
    geometry: &Geometry,
    threads: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), AllocError> {
    let (width, height) = (geometry.columns, geometry.rows);
    if width <= 2 || height <= 2 {
        return Ok(());
    }
    scope.stage("LF smoothing", |stage| {
        let bands = height.div_ceil(BAND_ROWS);
        stage.plane::<f32>(width, ROWS_AROUND * bands)?;
        let room_bytes = band_room(width)?;
        stage.tasks(threads.min(bands), |task| task.room(room_bytes))
    })
}

fn band_room(width: usize) -> Result<usize, AllocError> {
    let mut room = ScratchRoom::new();
    (0..6).try_for_each(|_| room.slice::<f32>(width))?;
    Ok(room.room_bytes())
}

/// Smooths some rows in place. `around` has the rows above and below them.
fn smooth_band(
    mut image: [PlaneViewMut<'_, f32>; 3],
    around: PlaneView<'_, f32>,
    is_inside: impl Fn(usize) -> bool,
    steps: [f32; 3],
    scope: &Scope,
) -> Result<(), Error> {
    let (width, height) = (image[0].width(), image[0].height());
    let scratch = scope.scratch_with_room(band_room(width)?)?;
    // As they were before they were smoothed. Stale: copied before they are read.
    let slice = || scratch.stale_slice::<f32>(width);
    let mut above = [slice()?, slice()?, slice()?];
    let mut current = [slice()?, slice()?, slice()?];
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
    Ok(())
}

fn smooth_row(from: [[&[f32]; 3]; 3], to: [&mut [f32]; 3], steps: [f32; 3]) {
    let [to_x, to_y, to_b] = to;
    for x in 1..to_x.len() - 1 {
        let mut gap = 0.5_f32;
        let mut means = [0.0; 3];
        for (mean, ([above, row, below], step)) in means.iter_mut().zip(from.iter().zip(steps)) {
            let corners = above[x - 1] + above[x + 1] + below[x - 1] + below[x + 1];
            let sides = row[x - 1] + row[x + 1] + above[x] + below[x];
            *mean = corners * CORNER + sides * SIDE + row[x] * CENTRE;
            gap = gap.max(((row[x] - *mean) / step).abs());
        }
        let share = (3.0 - 4.0 * gap).max(0.0);
        let [mean_x, mean_y, mean_b] = means;
        to_x[x] += (mean_x - to_x[x]) * share;
        to_y[x] += (mean_y - to_y[x]) * share;
        to_b[x] += (mean_b - to_b[x]) * share;
    }
}
