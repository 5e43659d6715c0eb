#[cfg(test)]
mod tests;
mod vectors;

use std::ops::{Add, BitAnd, Div, Mul, Sub};

use frame_arena::{
    AllocError, PlaneSpec, PlaneView, PlaneViewMut, Scope, Scratch, ScratchPlan, Spec, TileGrid,
};
use rayon::prelude::*;

use super::BAND_ROWS;
use crate::Error;
use crate::simd::dispatch;
use vectors::{Halves, Horizontal, Vertical};

/// Columns that are undone together where rows are interleaved.
pub(in crate::modular) const STRIP_COLUMNS: usize = 32;

/// A squeeze step of a channel of a width and height.
#[derive(Clone, Copy)]
pub(in crate::modular) struct SqueezeShape {
    pub(in crate::modular) horizontal: bool,
    pub(in crate::modular) width: usize,
    pub(in crate::modular) height: usize,
}

impl SqueezeShape {
    /// What tasks work on.
    fn grid(self) -> TileGrid {
        match self.horizontal {
            true => TileGrid::new(self.width, BAND_ROWS),
            false => TileGrid::new(STRIP_COLUMNS, self.height),
        }
    }

    /// Tasks that undo the step.
    pub(in crate::modular) fn tasks(self) -> usize {
        let (columns, rows) = self.grid().count(self.width, self.height);
        columns * rows
    }

    /// Plans one of the tasks.
    pub(in crate::modular) fn plan(self, task: &mut ScratchPlan) -> Result<(), AllocError> {
        match self.horizontal {
            true => Halves::new(self.width).spec().plan(task),
            false => halves_of_strip(STRIP_COLUMNS.min(self.width), self.height).plan(task),
        }
    }
}

fn halves_of_strip(width: usize, height: usize) -> PlaneSpec<i32> {
    // Stale: all of it is copied from the strip.
    PlaneSpec::stale(width, height)
}

/// Undoes one squeeze step (ISO/IEC 18181-1, H.6.2) in place: `channel` holds averages in its
/// first half, residuals in the second, and gets pairs of samples.
pub(in crate::modular) fn invert(
    horizontal: bool,
    channel: PlaneViewMut<'_, i32>,
    scope: &Scope,
) -> Result<(), Error> {
    let shape = SqueezeShape {
        horizontal,
        width: channel.width(),
        height: channel.height(),
    };
    for_each(channel, shape.grid(), |tile| {
        scope.with_scratch(|scratch| match horizontal {
            true => invert_horizontal(tile, scratch),
            false => invert_vertical(tile, scratch),
        })
    })
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
    let halves = Halves::new(band.width()).spec().open(scratch)?;
    dispatch(Horizontal {
        band: &mut band,
        halves,
    });
    Ok(())
}

fn invert_vertical(mut strip: PlaneViewMut<'_, i32>, scratch: &Scratch<'_>) -> Result<(), Error> {
    let (width, height) = (strip.width(), strip.height());
    let mut halves = halves_of_strip(width, height).open(scratch)?;
    halves.view_mut().copy_from(strip.view());
    let averages = height.div_ceil(2);
    let mut above = [0; STRIP_COLUMNS];
    let above = &mut above[..width];
    above.copy_from_slice(halves.row(0));
    let halves = halves.view();
    let part = VerticalStrip {
        averages: halves.rect(0, 0, width, averages),
        residuals: halves.rect(0, averages, width, height / 2),
        pairs: height / 2,
        ends_alone: height % 2 == 1,
    };
    part.undo(above, &mut strip);
    Ok(())
}

/// Rows of up to [`STRIP_COLUMNS`] columns that a vertical step is undone in.
pub(in crate::modular) struct VerticalStrip<'a> {
    pub(in crate::modular) averages: PlaneView<'a, i32>,
    pub(in crate::modular) residuals: PlaneView<'a, i32>,
    /// Rows of averages that become two rows each.
    pub(in crate::modular) pairs: usize,
    /// Whether the last row of averages is the last row of what the step makes.
    pub(in crate::modular) ends_alone: bool,
}

impl<'a> VerticalStrip<'a> {
    /// Undoes the step. `above` is the row above, and the last row of the pairs afterwards.
    pub(in crate::modular) fn undo(&self, above: &mut [i32], out: &mut PlaneViewMut<'_, i32>) {
        dispatch(Vertical {
            part: self,
            above,
            out,
        });
    }

    /// Averages, the averages below them, and residuals.
    #[inline(always)]
    fn rows(&self, y: usize) -> [&'a [i32]; 3] {
        let next = (y + 1).min(self.averages.height() - 1);
        let (average, next) = (self.averages.row(y), self.averages.row(next));
        [average, next, self.residuals.row(y)]
    }

    fn copy_last(&self, out: &mut PlaneViewMut<'_, i32>) {
        if self.ends_alone {
            let last = self.averages.row(self.averages.height() - 1);
            out.row_mut(2 * self.pairs).copy_from_slice(last);
        }
    }
}

/// Interleaves the pairs that start with the first of `averages`, which follows the sample `left`.
fn interleave<T: Integer>(mut left: i32, averages: &[i32], residuals: &[i32], out: &mut [i32]) {
    let nexts = averages.iter().skip(1).chain(averages.last());
    let inputs = averages.iter().zip(nexts).zip(residuals);
    let mut pairs = out.chunks_exact_mut(2);
    for (pair, ((&average, &next), &residual)) in pairs.by_ref().zip(inputs) {
        let [first, second] = unsqueeze::<T>(left, average, next, residual);
        pair.copy_from_slice(&[first, second]);
        left = second;
    }
    if let ([last], Some(&average)) = (pairs.into_remainder(), averages.last()) {
        *last = average;
    }
}

/// As [`interleave`], of rows.
fn interleave_rows<T: Integer>(
    part: &VerticalStrip<'_>,
    above: &mut [i32],
    strip: &mut PlaneViewMut<'_, i32>,
) {
    for y in 0..part.pairs {
        let [average, next, residual] = part.rows(y);
        let inputs = average.iter().zip(next).zip(residual);
        let out = strip.row_mut(2 * y).iter_mut();
        for ((out, above), ((&average, &next), &residual)) in out.zip(&mut *above).zip(inputs) {
            [*out, *above] = unsqueeze::<T>(*above, average, next, residual);
        }
        strip.row_mut(2 * y + 1).copy_from_slice(above);
    }
    part.copy_last(strip);
}

/// Integers that squeezing is undone in.
trait Integer:
    Copy
    + Ord
    + From<i8>
    + From<i32>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + BitAnd<Output = Self>
{
    /// The lowest 32 bits.
    fn low(self) -> i32;
}

impl Integer for i32 {
    #[inline(always)]
    fn low(self) -> i32 {
        self
    }
}

impl Integer for i64 {
    #[inline(always)]
    fn low(self) -> i32 {
        self as i32
    }
}

/// True if squeezing of `values` can be undone in 32 bits: a sample is at most six times as large
/// as they are, and [`tendency`] needs four times as much.
#[inline(always)]
fn are_small(values: &[i32]) -> bool {
    let bits = values.iter().fold(0, |bits, &v| bits | (v ^ v >> 31));
    bits < 1 << 24
}

/// The two samples with this average, between the sample before them and the average of the
/// next two. Samples beyond 32 bits are cut, as in libjxl.
#[inline(always)]
fn unsqueeze<T: Integer>(before: i32, average: i32, next: i32, residual: i32) -> [i32; 2] {
    let average = T::from(average);
    let tendency = tendency(T::from(before), average, T::from(next));
    let difference = T::from(residual) + tendency;
    let first = average + difference / T::from(2_i8);
    [first.low(), (first - difference).low()]
}

/// The difference of two samples that a smooth run from `a` over their average `b` to `c` would
/// have; 0 where the run is not monotonic.
#[inline(always)]
fn tendency<T: Integer>(a: T, b: T, c: T) -> T {
    let n = T::from;
    let (left, right) = ((a - b) * n(2_i8), (b - c) * n(2));
    let slope = a * n(4) - c * n(3) - b;
    let odd = |x: T| x & n(1);
    if a >= b && b >= c {
        let mut x = (slope + n(6)) / n(12);
        if x - odd(x) > left {
            x = left + n(1);
        }
        if x + odd(x) > right {
            x = right;
        }
        x
    } else if a <= b && b <= c {
        let mut x = (slope - n(6)) / n(12);
        if x + odd(x) < left {
            x = left - n(1);
        }
        if x - odd(x) < right {
            x = right;
        }
        x
    } else {
        n(0)
    }
}
