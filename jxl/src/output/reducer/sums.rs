use crate::output::channel::ChannelConversion;
use crate::{SampleDepth, SampleFormat};

/// The integers that stand for a float sample.
#[derive(Clone, Copy)]
pub(super) enum Fixed {
    /// For samples from -128 to 128, in which all sensible colors of integer depths lie.
    Narrow,
    /// For samples from -2^24 to 2^24.
    Wide,
}

/// Units of a sample of 1.0: [`Fixed::Narrow`] and [`Fixed::Wide`].
const NARROW_UNIT: f32 = (1 << 24) as f32;
const WIDE_UNIT: f64 = (1u64 << 32) as f64;
const WIDE_MOST: f64 = (1u64 << 24) as f64;

impl Fixed {
    /// Units of a sample of 1.0.
    pub(super) fn unit(self) -> f64 {
        match self {
            Self::Narrow => f64::from(NARROW_UNIT),
            Self::Wide => WIDE_UNIT,
        }
    }
}

/// Samples that are converted to floats together.
const CHUNK: usize = 256;

/// The meaning of the stored integers of a channel.
#[derive(Clone, Copy)]
pub(super) struct Depth {
    pub(super) is_integer: bool,
    to_float: ChannelConversion,
}

impl Depth {
    pub(super) fn new(depth: SampleDepth) -> Self {
        Self {
            is_integer: matches!(depth, SampleDepth::Integer { .. }),
            to_float: ChannelConversion::new(depth, SampleFormat::F32),
        }
    }

    pub(super) fn fixed(self) -> Fixed {
        match self.is_integer {
            true => Fixed::Narrow,
            false => Fixed::Wide,
        }
    }
}

/// The sums of a channel, to which samples from column `x` on are added.
pub(super) struct Sums<'s> {
    pub(super) sums: &'s mut [i64],
    pub(super) x: usize,
    pub(super) factor: usize,
}

impl Sums<'_> {
    /// Adds stored samples: as the integers that they are, or as floats.
    pub(super) fn add_stored(&mut self, row: &[i32], depth: Depth, as_integers: bool) {
        if as_integers {
            return self.add(row, i64::from);
        }
        let mut floats = [0f32; CHUNK];
        for stored in row.chunks(CHUNK) {
            let floats = &mut floats[..stored.len()];
            depth.to_float.run_into(stored, floats, f32::from_bits);
            self.add_floats(floats, depth.fixed());
            self.x += stored.len();
        }
    }

    /// Adds floats. Larger ones are clamped, and not-a-number counts as 0.
    pub(super) fn add_floats(&mut self, row: &[f32], fixed: Fixed) {
        match fixed {
            Fixed::Narrow => self.add(row, |sample| i64::from((sample * NARROW_UNIT) as i32)),
            Fixed::Wide => self.add(row, |sample| {
                let sample = f64::from(sample).clamp(-WIDE_MOST, WIDE_MOST);
                (sample * WIDE_UNIT) as i64
            }),
        }
    }

    fn add<T: Copy>(&mut self, row: &[T], value: impl Fn(T) -> i64 + Copy) {
        match self.factor {
            2 => self.add_squares::<2, T>(row, value),
            4 => self.add_squares::<4, T>(row, value),
            _ => self.add_squares::<8, T>(row, value),
        }
    }

    /// [`add`](Self::add) for squares of `FACTOR` columns.
    fn add_squares<const FACTOR: usize, T: Copy>(
        &mut self,
        row: &[T],
        value: impl Fn(T) -> i64 + Copy,
    ) {
        let sum = |samples: &[T]| samples.iter().map(|&sample| value(sample)).sum::<i64>();
        let before = self.x.next_multiple_of(FACTOR) - self.x;
        let (first, row) = row.split_at(before.min(row.len()));
        let mut sums = self.sums[self.x / FACTOR..].iter_mut();
        if !first.is_empty()
            && let Some(to) = sums.next()
        {
            *to += sum(first);
        }
        let (squares, last) = row.as_chunks::<FACTOR>();
        for (square, to) in squares.iter().zip(sums.by_ref()) {
            *to += sum(square);
        }
        if !last.is_empty()
            && let Some(to) = sums.next()
        {
            *to += sum(last);
        }
    }
}

/// Averages rounded to nearest, halves up. All sums are of `whole` samples, the last of `last`.
pub(super) fn average_integers(sums: &[i64], to: &mut [i32], whole: usize, last: usize) {
    let rounded = |sum: i64, count: usize| {
        let count = count as i64;
        (2 * sum + count).div_euclid(2 * count) as i32
    };
    for (to, &sum) in to.iter_mut().zip(sums) {
        *to = rounded(sum, whole);
    }
    if let (Some(to), Some(&sum)) = (to.last_mut(), sums.last()) {
        *to = rounded(sum, last);
    }
}

/// Averages of floats of which 1.0 is `unit`, with counts as for [`average_integers`].
pub(super) fn average_floats(sums: &[i64], to: &mut [f32], unit: f64, whole: usize, last: usize) {
    let factor = |count: usize| 1.0 / (unit * count as f64);
    let whole = factor(whole);
    for (to, &sum) in to.iter_mut().zip(sums) {
        *to = (sum as f64 * whole) as f32;
    }
    if let (Some(to), Some(&sum)) = (to.last_mut(), sums.last()) {
        *to = (sum as f64 * factor(last)) as f32;
    }
}
