#[cfg(test)]
mod tests;

use frame_arena::{PlaneAlloc, PlaneViewMut, Scope, Scratch, TileGrid};
use rayon::prelude::*;

use super::BAND_ROWS;
use crate::Error;

/// Columns that are undone together where rows are interleaved.
pub(in crate::modular) const STRIP_COLUMNS: usize = 32;

/// Undoes one squeeze step (ISO/IEC 18181-1, H.6.2) in place: `channel` holds averages in its
/// first half, residuals in the second, and gets pairs of samples.
pub(super) fn invert(
    horizontal: bool,
    channel: PlaneViewMut<'_, i32>,
    scope: &Scope,
) -> Result<(), Error> {
    let (width, height) = (channel.width(), channel.height());
    if horizontal {
        for_each(channel, TileGrid::new(width, BAND_ROWS), |band| {
            scope.with_scratch(|scratch| invert_horizontal(band, scratch))
        })
    } else {
        for_each(channel, TileGrid::new(STRIP_COLUMNS, height), |strip| {
            scope.with_scratch(|scratch| invert_vertical(strip, scratch))
        })
    }
}

fn for_each<'p>(
    channel: PlaneViewMut<'p, i32>,
    grid: TileGrid,
    task: impl Fn(PlaneViewMut<'p, i32>) -> Result<(), Error> + Send + Sync,
) -> Result<(), Error> {
    let mut tiles = channel.into_tiles(grid);
    if tiles.len() == 1 {
        return tiles.try_for_each(task);
    }
    tiles.into_par_iter().try_for_each(task)
}

fn invert_horizontal(mut band: PlaneViewMut<'_, i32>, scratch: &Scratch<'_>) -> Result<(), Error> {
    // Stale: each row is copied here before it is read.
    let halves = scratch.stale_slice(band.width())?;
    for y in 0..band.height() {
        let row = band.row_mut(y);
        halves.copy_from_slice(row);
        interleave(halves, row);
    }
    Ok(())
}

/// `halves` are averages, rounded up in number, then residuals.
fn interleave(halves: &[i32], out: &mut [i32]) {
    let (averages, residuals) = halves.split_at(halves.len().div_ceil(2));
    let mut left = averages[0];
    let nexts = averages[1..].iter().chain(averages.last());
    let inputs = averages.iter().zip(nexts).zip(residuals);
    let mut pairs = out.chunks_exact_mut(2);
    for (pair, ((&average, &next), &residual)) in pairs.by_ref().zip(inputs) {
        let [first, second] = unsqueeze(left, average, next, residual);
        pair.copy_from_slice(&[first, second]);
        left = second;
    }
    if let ([last], Some(&average)) = (pairs.into_remainder(), averages.last()) {
        *last = average;
    }
}

fn invert_vertical(mut strip: PlaneViewMut<'_, i32>, scratch: &Scratch<'_>) -> Result<(), Error> {
    let (width, height) = (strip.width(), strip.height());
    // Stale: all of it is copied from the strip.
    let mut halves = scratch.stale_plane(width, height)?;
    for y in 0..height {
        halves.row_mut(y).copy_from_slice(strip.row(y));
    }
    let averages = height.div_ceil(2);
    let mut above = [0; STRIP_COLUMNS];
    let above = &mut above[..width];
    above.copy_from_slice(halves.row(0));
    for y in 0..height / 2 {
        let average = halves.row(y);
        let next = halves.row((y + 1).min(averages - 1));
        let residual = halves.row(averages + y);
        let inputs = average.iter().zip(next).zip(residual);
        let out = strip.row_mut(2 * y).iter_mut();
        for ((out, above), ((&average, &next), &residual)) in out.zip(&mut *above).zip(inputs) {
            [*out, *above] = unsqueeze(*above, average, next, residual);
        }
        strip.row_mut(2 * y + 1).copy_from_slice(above);
    }
    if height % 2 == 1 {
        strip
            .row_mut(height - 1)
            .copy_from_slice(halves.row(averages - 1));
    }
    Ok(())
}

/// The two samples with this average, between the sample before them and the average of the
/// next two.
#[inline(always)]
fn unsqueeze(before: i32, average: i32, next: i32, residual: i32) -> [i32; 2] {
    let difference = residual.wrapping_add(tendency(before, average, next));
    let first = average.wrapping_add(difference / 2);
    [first, first.wrapping_sub(difference)]
}

/// The difference of two samples that a smooth run from `a` over their average `b` to `c` would
/// have; 0 where the run is not monotonic.
#[inline(always)]
fn tendency(a: i32, b: i32, c: i32) -> i32 {
    let [a, b, c] = [a, b, c].map(std::num::Wrapping);
    let wrap = std::num::Wrapping::<i32>;
    let (left, right) = ((a - b) * wrap(2), (b - c) * wrap(2));
    let slope = a * wrap(4) - c * wrap(3) - b;
    let odd = |x: std::num::Wrapping<i32>| x & wrap(1);
    if a >= b && b >= c {
        let mut x = (slope + wrap(6)) / wrap(12);
        if x - odd(x) > left {
            x = left + wrap(1);
        }
        if x + odd(x) > right {
            x = right;
        }
        x.0
    } else if a <= b && b <= c {
        let mut x = (slope - wrap(6)) / wrap(12);
        if x + odd(x) < left {
            x = left - wrap(1);
        }
        if x - odd(x) < right {
            x = right;
        }
        x.0
    } else {
        0
    }
}
