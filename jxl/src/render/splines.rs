//! Splines (ISO/IEC 18181-1, K.4): strokes along smooth curves, whose color and width change along
//! the way. They are added to the samples.
//!
//! A curve is walked in steps of a pixel; each step is a blurred dot. Dots are indexed by the rows
//! that they reach, so that rows can be painted one by one.

mod coded;
mod curve;
mod paint;

use std::ops::Range;

use frame_arena::{PlanRequest, Scope, SliceSpec, Spec};

use super::row_index::RowIndex;
use super::span::Span;
use crate::Error;
use crate::grid::Size;
pub(crate) use coded::CodedSplines;
use coded::{CodedSpline, ControlPoint};
use curve::{Point, walk};
use paint::Paint;

/// Limit on steps along all curves that holds for every picture; larger pictures may have more.
const MIN_STEPS: u64 = 1 << 20;
/// Most pixels that dots may paint, as estimated for level 5 of the format.
const MAX_AREA: u64 = 1 << 30;

/// The dots of a frame's splines.
pub(crate) struct Splines<'s> {
    reaches: &'s [Reach],
    paints: &'s [Paint],
    rows: RowIndex<'s>,
}

/// Start and end of the columns that a dot reaches, then of the rows.
type Reach = [u32; 4];

/// Memory for dots, at most one for each step.
fn dots(steps: u64) -> (SliceSpec<Reach>, SliceSpec<Paint>) {
    // Stale: only what is written is kept.
    let steps = steps as usize;
    (SliceSpec::stale(steps), SliceSpec::stale(steps))
}

impl CodedSplines<'_> {
    /// Plans [`Splines`] in a frame whose color channels have `size`.
    ///
    /// # Errors
    /// Splines that are too long or too wide for the picture.
    pub(crate) fn plan(&self, size: Size, scope: &mut impl PlanRequest) -> Result<(), Error> {
        dots(self.steps(size)?).plan(scope)?;
        let mut rows = 0;
        for spline in self.splines {
            // What is painted makes no difference to where.
            let stroke = Stroke::new(self, spline, [0.0; 2]);
            stroke.dots(size, &mut |reach, _| {
                rows += rows_of(&reach).len();
                Ok(())
            })?;
        }
        Ok(RowIndex::spec(size.height, rows).plan(scope)?)
    }

    /// Steps of all splines.
    fn steps(&self, size: Size) -> Result<u64, Error> {
        let max_steps = MIN_STEPS + size.area() as u64 / 8;
        let mut steps = 0;
        for spline in self.splines {
            walk(self.points(spline), &mut |_, _| {
                steps += 1;
                if steps > max_steps {
                    return Err(Error::corrupt("splines too long"));
                }
                Ok(())
            })?;
        }
        Ok(steps)
    }
}

impl<'s> Splines<'s> {
    /// Makes the dots for a frame whose color channels have `size`; `correlation` has the
    /// chroma-from-luma factors of X and B.
    ///
    /// # Errors
    /// Splines that are too long or too wide for the picture; memory.
    pub(crate) fn new(
        scope: &'s Scope,
        coded: &CodedSplines<'_>,
        size: Size,
        correlation: [f32; 2],
    ) -> Result<Self, Error> {
        let pixels = size.area() as u64;
        let (reaches, paints) = dots(coded.steps(size)?).open(scope)?;
        let max_area = MAX_AREA.min(64 * pixels + (1 << 25));
        let (mut count, mut area) = (0, 0);
        for spline in coded.splines {
            let stroke = Stroke::new(coded, spline, correlation);
            stroke.dots(size, &mut |reach, paint| {
                reaches[count] = reach;
                paints[count] = paint;
                count += 1;
                area += u64::from(reach[1] - reach[0]) * u64::from(reach[3] - reach[2]);
                if area > max_area {
                    return Err(Error::corrupt("splines too wide"));
                }
                Ok(())
            })?;
        }
        let (reaches, paints) = (&reaches[..count], &paints[..count]);
        Ok(Self {
            reaches,
            paints,
            rows: RowIndex::new(scope, size.height, reaches.iter().map(rows_of))?,
        })
    }

    /// The work of painting: samples that dots reach, and terms of the sums for each dot.
    pub(crate) fn work(&self) -> u64 {
        const TERMS: u64 = 4 * 32;
        let area = |reach: &Reach| u64::from(reach[1] - reach[0]) * u64::from(reach[3] - reach[2]);
        let areas = self.reaches.iter().map(area);
        areas.map(|area| 3 * area + TERMS).sum()
    }

    /// Paints the columns of a strip in row `y`.
    pub(super) fn paint(&self, y: usize, span: &Span, mut rows: [&mut [f32]; 3]) {
        let columns = span.columns();
        for &index in self.rows.of_row(y) {
            let [first, last, _, _] = self.reaches[index as usize];
            let first = columns.start.max(first as usize);
            let last = columns.end.min(last as usize);
            if first < last {
                let samples = span.index(first as isize)..span.index(last as isize);
                paint::dot(&self.paints[index as usize], first, y, samples, &mut rows);
            }
        }
    }
}

fn rows_of(reach: &Reach) -> Range<usize> {
    reach[2] as usize..reach[3] as usize
}

/// One spline, dequantized.
struct Stroke<'a> {
    points: &'a [ControlPoint],
    /// Cosine coefficients of X, Y, B and sigma along the curve.
    coefficients: [[f32; 32]; 4],
}

impl<'a> Stroke<'a> {
    fn new(all: &CodedSplines<'a>, coded: &CodedSpline, [to_x, to_b]: [f32; 2]) -> Self {
        const WEIGHTS: [f32; 4] = [0.0042, 0.075, 0.07, 0.3333];
        let adjust = all.adjustment as f32 / 8.0;
        let scale = if adjust >= 0.0 {
            1.0 / (1.0 + adjust)
        } else {
            1.0 - adjust
        };
        let mut coefficients = coded.coefficients.map(|coded| coded.map(|c| c as f32));
        for (channel, weight) in coefficients.iter_mut().zip(WEIGHTS) {
            for coefficient in channel {
                *coefficient *= weight * scale;
            }
        }
        let [x, y, b, _] = &mut coefficients;
        for ((x, y), b) in x.iter_mut().zip(y).zip(b) {
            *x += to_x * *y;
            *b += to_b * *y;
        }
        Self {
            points: all.points(coded),
            coefficients,
        }
    }

    /// Calls `add` with the dots that reach into a picture of `size`.
    fn dots(
        &self,
        size: Size,
        add: &mut dyn FnMut(Reach, Paint) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (mut steps, mut rest) = (0u32, 0.0);
        walk(self.points, &mut |_, length| {
            steps += 1;
            rest = length;
            Ok(())
        })?;
        // The first step has no way behind it.
        let length = steps as f32 - 2.0 + rest;
        if length.is_nan() || length <= 0.0 {
            return Ok(());
        }
        let mut step = 0u32;
        walk(self.points, &mut |place, weight| {
            let t = 31.0 * (step as f32 / length).min(1.0);
            step += 1;
            match self.dot(place, weight, t, size) {
                Some((reach, paint)) => add(reach, paint),
                None => Ok(()),
            }
        })
    }

    fn dot(&self, place: Point, weight: f32, t: f32, size: Size) -> Option<(Reach, Paint)> {
        let [x, y, b, sigma] = self.values(t);
        let inverse_sigma = 1.0 / sigma;
        if !sigma.is_finite() || !inverse_sigma.is_finite() {
            return None;
        }
        let color = [x * weight, y * weight, b * weight];
        // Beyond, less than a thousandth of the brightest is left.
        let brightest = color.iter().fold(0.01, |a: f32, c| a.max(c.abs()));
        let reach = (2.0 * (3.0 * 10f32.ln() + brightest.ln())).max(0.0).sqrt() * sigma.abs();
        // Casts saturate; pictures are narrower than 2^31.
        let first = |center: f32| (center - reach).round() as u32;
        let last = |center: f32, length: usize| {
            ((center + reach).round() as u32)
                .saturating_add(1)
                .min(length as u32)
        };
        let columns = (first(place.x), last(place.x, size.width));
        let rows = (first(place.y), last(place.y, size.height));
        if place.x + reach < -0.5 || place.y + reach < -0.5 {
            return None;
        }
        if columns.0 >= columns.1 || rows.0 >= rows.1 {
            return None;
        }
        let [x, y, b] = color.map(|c| 0.25 * sigma * c);
        let paint = [place.x, place.y, inverse_sigma, x, y, b];
        Some(([columns.0, columns.1, rows.0, rows.1], paint))
    }

    /// X, Y, B and sigma at `t` from 0 to 31: inverse cosine transforms at fractional places.
    fn values(&self, t: f32) -> [f32; 4] {
        let mut values = self.coefficients.each_ref().map(|channel| channel[0]);
        for frequency in 1..32 {
            let angle = frequency as f32 * (std::f32::consts::PI / 32.0) * (t + 0.5);
            let factor = std::f32::consts::SQRT_2 * angle.cos();
            for (value, channel) in values.iter_mut().zip(&self.coefficients) {
                *value += factor * channel[frequency];
            }
        }
        values
    }
}
