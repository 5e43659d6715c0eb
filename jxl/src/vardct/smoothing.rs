use frame_arena::{PlaneView, PlaneViewMut, TileGrid};
use rayon::prelude::*;

use super::maps::LfImage;

// Weights of the eight blocks around a block (ISO/IEC 18181-1, J.2).
const SIDE: f32 = 0.2034514;
const CORNER: f32 = 0.03348292;
const CENTRE: f32 = 1.0 - 4.0 * (SIDE + CORNER);

/// Rows that one task smooths.
const BAND_ROWS: usize = 64;

/// Adaptive LF smoothing: blocks that differ from the mean of their surroundings by less than
/// the quantisation step explains become that mean. `steps` are the quantisation steps of X, Y
/// and B. The border of the image stays as it is.
pub(crate) fn smooth(from: &LfImage<'_>, to: &mut LfImage<'_>, steps: [f32; 3]) {
    let Some(to) = to.views_mut() else {
        return;
    };
    let from = from.views();
    let width = from[0].width();
    let grid = TileGrid::new(width.max(1), BAND_ROWS);
    let [x, y, b] = to.map(|view| view.into_tiles(grid));
    let bands = x.into_par_iter().zip(y).zip(b).enumerate();
    bands.for_each(|(band, ((x, y), b))| smooth_band(from, band * BAND_ROWS, [x, y, b], steps));
}

fn smooth_band(
    from: [PlaneView<'_, f32>; 3],
    first: usize,
    mut to: [PlaneViewMut<'_, f32>; 3],
    steps: [f32; 3],
) {
    let (width, height) = (from[0].width(), from[0].height());
    for row in 0..to[0].height() {
        let y = first + row;
        for (to, from) in to.iter_mut().zip(from) {
            to.row_mut(row).copy_from_slice(from.row(y));
        }
        if y > 0 && y + 1 < height && width > 2 {
            let rows = from.map(|from| [from.row(y - 1), from.row(y), from.row(y + 1)]);
            smooth_row(rows, to.each_mut().map(|to| to.row_mut(row)), steps);
        }
    }
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
