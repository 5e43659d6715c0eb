//! Synthetic noise (ISO/IEC 18181-1, K.5): pseudo-random samples per group of the upsampled frame,
//! high-pass filtered, and added with a strength that depends on the samples.

mod field;
mod generator;
mod rows;

pub(crate) use field::NoiseField;

use frame_arena::{Plane, PlaneSpec, SliceSpec, Spec};

use super::ring::Ring;
use super::span::Span;
use field::FieldRows;

/// Rows and columns around a place that its noise depends on.
pub(super) const BORDER: usize = 2;

/// Channels of random samples, and of sums.
const CHANNELS: usize = 6;

/// The noise of a frame.
#[derive(Clone, Copy)]
pub(crate) struct Noise<'p> {
    pub(crate) field: &'p NoiseField<'p>,
    /// Strength at intensities from 0 to 7 sixths.
    pub(crate) strength: [f32; 8],
    /// The parts of the noise added to X and B: the default chroma-from-luma factors.
    pub(crate) correlation: [f32; 2],
}

/// Noise for one strip.
pub(super) struct NoiseRows<'s, 'p> {
    noise: Noise<'p>,
    span: Span,
    field: FieldRows<'s, 'p>,
    /// Three channels of random samples, and their sums over five columns.
    ring: Ring<'s>,
    filtered: Plane<'s, f32>,
    width: usize,
}

/// States of generators; random samples and their sums; noise.
pub(super) type NoiseSpec = (SliceSpec<u64>, PlaneSpec<f32>, PlaneSpec<f32>);

impl<'s, 'p> NoiseRows<'s, 'p> {
    /// The memory for the columns of `span`, which lie in `groups` columns of groups.
    pub(super) fn spec(groups: usize, span: &Span) -> NoiseSpec {
        (
            FieldRows::spec(groups),
            Ring::spec(span, CHANNELS, BORDER),
            // Stale: written wholly before each use.
            PlaneSpec::stale(span.len(), 3),
        )
    }

    /// Noise for `width` columns of the upsampled frame in `span`, from row `first_row` on.
    pub(super) fn new(
        noise: Noise<'p>,
        (span, width): (Span, usize),
        first_row: usize,
        (states, ring, filtered): <NoiseSpec as Spec>::Memory<'s>,
    ) -> Self {
        let height = noise.field.size().height;
        let first = first_row.saturating_sub(BORDER);
        Self {
            noise,
            span,
            field: FieldRows::new(noise.field, span.columns(), states),
            ring: Ring::new(ring, CHANNELS, height, first),
            filtered,
            width,
        }
    }

    /// Adds noise to row `y` of X, Y and B. Rows must come in order, and have whole vectors.
    pub(super) fn add(&mut self, y: usize, first_column: usize, rows: &mut [&mut [f32]; 3]) {
        self.advance(y);
        let produced = self.span.produced();
        for channel in 0..3 {
            let sums = [-2, -1, 0, 1, 2].map(|dy| self.ring.row(y as isize + dy, channel + 3));
            let sums = sums.map(|row| &row[produced.clone()]);
            let center = &self.ring.row(y as isize, channel)[produced.clone()];
            let out = &mut self.filtered.row_mut(channel)[produced.clone()];
            rows::high_pass(sums, center, out);
        }
        let start = self.span.index(first_column as isize);
        let len = rows[0].len();
        debug_assert!(len >= self.width);
        let filtered = [0, 1, 2].map(|channel| &self.filtered.row(channel)[start..start + len]);
        rows::add(&self.noise.strength, self.noise.correlation, filtered, rows);
    }

    /// Makes random rows up to those that row `y` needs.
    fn advance(&mut self, y: usize) {
        let height = self.noise.field.size().height;
        let last = (y + BORDER).min(height - 1);
        while self.ring.next() <= last {
            let row = self.ring.next();
            let span = self.span;
            let mut channels = self.ring.push();
            let mut random = [(); 3].map(|()| channels.next().unwrap_or_default());
            self.field.fill(row, &span, &mut random);
            let produced = span.produced();
            for (random, sums) in random.into_iter().zip(channels) {
                span.mirror_edges(random);
                let around = produced.start - BORDER..produced.end + BORDER;
                rows::sums_of_5(&random[around], &mut sums[produced.clone()]);
            }
        }
    }
}
