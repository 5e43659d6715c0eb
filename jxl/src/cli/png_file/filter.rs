//! Filters of rows (PNG specification, third edition, clause 9).

use std::io;

/// Bytes that are filtered at once.
const PIECE_BYTES: usize = 1 << 10;

/// How bytes are predicted; the numbers are those of the format.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Filter {
    None,
    Sub,
    Up,
    Average,
    Paeth,
}

impl Filter {
    const ALL: [Self; 5] = [Self::None, Self::Sub, Self::Up, Self::Average, Self::Paeth];
}

/// The one of three bytes that is nearest to `left + above - corner`.
#[inline(always)]
fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, above, corner].map(i16::from);
    let [to_a, to_b, to_c] = [b - c, a - c, a + b - 2 * c].map(i16::abs);
    if to_a <= to_b && to_a <= to_c {
        left
    } else if to_b <= to_c {
        above
    } else {
        corner
    }
}

/// A row of pixels and the one above it.
#[derive(Clone, Copy)]
pub(super) struct Row<'p> {
    pixels: &'p [u8],
    /// Empty above the first row.
    above: &'p [u8],
    pixel_bytes: usize,
}

impl<'p> Row<'p> {
    pub(super) fn new(pixels: &'p [u8], above: &'p [u8], pixel_bytes: usize) -> Self {
        Self {
            pixels,
            above,
            pixel_bytes,
        }
    }

    /// Passes the row to `put`, after the number of the filter that leaves the smallest bytes.
    pub(super) fn put(self, mut put: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let best = Filter::ALL
            .into_iter()
            .min_by_key(|&filter| self.cost(filter));
        let best = best.unwrap_or(Filter::None);
        put(&[best as u8])?;
        let mut piece = [0; PIECE_BYTES];
        for start in (0..self.pixels.len()).step_by(PIECE_BYTES) {
            let piece = &mut piece[..PIECE_BYTES.min(self.pixels.len() - start)];
            self.filter(best, start, piece);
            put(piece)?;
        }
        Ok(())
    }

    /// The sum of the absolute values of the filtered bytes, as signed bytes.
    fn cost(self, filter: Filter) -> u64 {
        let mut piece = [0; PIECE_BYTES];
        let mut cost = 0;
        for start in (0..self.pixels.len()).step_by(PIECE_BYTES) {
            let piece = &mut piece[..PIECE_BYTES.min(self.pixels.len() - start)];
            self.filter(filter, start, piece);
            let sizes = piece
                .iter()
                .map(|&byte| u32::from(byte.cast_signed().unsigned_abs()));
            cost += u64::from(sizes.sum::<u32>());
        }
        cost
    }

    /// Filters the bytes from `start` on: each minus its prediction from the bytes to the left,
    /// above, and above left.
    fn filter(self, filter: Filter, start: usize, filtered: &mut [u8]) {
        // Each arm is a loop with a fixed prediction.
        match filter {
            Filter::None => self.filter_by(start, filtered, |_, _, _| 0),
            Filter::Sub => self.filter_by(start, filtered, |left, _, _| left),
            Filter::Up => self.filter_by(start, filtered, |_, above, _| above),
            Filter::Average => {
                self.filter_by(start, filtered, |left, above, _| left.midpoint(above))
            }
            Filter::Paeth => self.filter_by(start, filtered, paeth),
        }
    }

    #[inline(always)]
    fn filter_by(self, start: usize, filtered: &mut [u8], predict: impl Fn(u8, u8, u8) -> u8) {
        let zeros = [0; PIECE_BYTES];
        let count = filtered.len();
        let above = match self.above {
            [] => &zeros[..count],
            above => &above[start..][..count],
        };
        let pixels = &self.pixels[start..][..count];
        // The first pixel has no left neighbor.
        let edge = self.pixel_bytes.saturating_sub(start).min(count);
        for index in 0..edge {
            filtered[index] = pixels[index].wrapping_sub(predict(0, above[index], 0));
        }
        let (from, rest) = (
            start + edge - self.pixel_bytes.min(start + edge),
            count - edge,
        );
        let left = &self.pixels[from..][..rest];
        let corner = match self.above {
            [] => &zeros[..rest],
            above => &above[from..][..rest],
        };
        let inner = filtered[edge..].iter_mut().zip(&pixels[edge..]);
        let around = left.iter().zip(&above[edge..]).zip(corner);
        for ((filtered, pixel), ((&left, &above), &corner)) in inner.zip(around) {
            *filtered = pixel.wrapping_sub(predict(left, above, corner));
        }
    }
}
