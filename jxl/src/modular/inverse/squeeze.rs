#[cfg(test)]
mod tests;
mod vectors;

use std::ops::{Add, BitAnd, Div, Mul, Sub};

use frame_arena::{
    AllocError, PlaneSpec, PlaneView, PlaneViewMut, Scope, Scratch, ScratchPlan, Spec, TileGrid,
};

use super::BAND_ROWS;
use crate::Error;
use crate::simd::dispatch;
use crate::workers::Workers;
use vectors::{Halves, Horizontal, Vertical};

/// Columns that a vertical step undoes together.
pub(in crate::modular) const STRIP_COLUMNS: usize = 32;

/// A squeeze step of a channel of a width and height.
#[derive(Clone, Copy)]
pub(in crate::modular) struct SqueezeShape {
    pub(in crate::modular) horizontal: bool,
    pub(in crate::modular) width: usize,
    pub(in crate::modular) height: usize,
}

impl SqueezeShape {
    /// The tiles that tasks work on.
    fn grid(self) -> TileGrid {
        match self.horizontal {
            true => TileGrid::new(self.width, BAND_ROWS),
            false => TileGrid::new(STRIP_COLUMNS, self.height),
        }
    }

    /// The number of tasks that undo the step.
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
    // Stale: the strip is copied in completely.
    PlaneSpec::stale(width, height)
}

/// Undoes one squeeze step in place (ISO/IEC 18181-1, H.6.2). The first half of `channel` holds
/// averages, the second half residuals. Pairs of samples replace them.
pub(in crate::modular) fn invert(
    horizontal: bool,
    channel: PlaneViewMut<'_, i32>,
    (scope, workers): (&Scope, Workers<'_>),
) -> Result<(), Error> {
    let shape = SqueezeShape {
        horizontal,
        width: channel.width(),
        height: channel.height(),
    };
    workers.for_each(channel.into_tiles(shape.grid()), |tile| {
        scope.with_scratch(|scratch| match horizontal {
            true => invert_horizontal(tile, scratch),
            false => invert_vertical(tile, scratch),
        })
    })
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

/// The input of a vertical step for a strip of up to [`STRIP_COLUMNS`] columns.
pub(in crate::modular) struct VerticalStrip<'a> {
    pub(in crate::modular) averages: PlaneView<'a, i32>,
    pub(in crate::modular) residuals: PlaneView<'a, i32>,
    /// Rows of averages that become two output rows each.
    pub(in crate::modular) pairs: usize,
    /// True if the last row of averages becomes the last output row alone.
    pub(in crate::modular) ends_alone: bool,
}

impl<'a> VerticalStrip<'a> {
    /// Undoes the step. `above` is the row above the strip, and then becomes the last row of the
    /// pairs.
    pub(in crate::modular) fn undo(&self, above: &mut [i32], out: &mut PlaneViewMut<'_, i32>) {
        dispatch(Vertical {
            part: self,
            above,
            out,
        });
    }

    /// Row `y` of the averages, the averages below it, and row `y` of the residuals.
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

/// Interleaves pairs, starting with that of the first average. `left` is the sample before it.
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

/// [`interleave`] for rows.
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

/// Integer type for undoing squeezes.
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

/// True if 32 bits suffice to undo a squeeze of `values`. A sample is at most six times as large as
/// they are, and [`tendency`] needs four times as much as that.
#[inline(always)]
fn are_small(values: &[i32]) -> bool {
    let bits = values.iter().fold(0, |bits, &v| bits | (v ^ v >> 31));
    bits < 1 << 24
}

/// The two samples with this average and residual. `before` is the sample before them, and `next`
/// is the next average. Samples beyond 32 bits are truncated, as in libjxl.
#[inline(always)]
fn unsqueeze<T: Integer>(before: i32, average: i32, next: i32, residual: i32) -> [i32; 2] {
    let average = T::from(average);
    let tendency = tendency(T::from(before), average, T::from(next));
    let difference = T::from(residual) + tendency;
    let first = average + difference / T::from(2_i8);
    [first.low(), (first - difference).low()]
}

/// The expected difference of the two samples with average `b`, on a smooth slope from sample `a`
/// to average `c`. 0 if the three are not monotonic.
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
