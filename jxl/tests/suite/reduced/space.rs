//! Averages of samples, as they are or as X, Y and B.

use std::ops::Range;

/// The samples of a picture, pixel by pixel.
#[derive(Clone)]
pub(crate) struct Samples {
    pub(crate) width: usize,
    pub(crate) channels: usize,
    pub(crate) values: Vec<f32>,
}

impl Samples {
    fn height(&self) -> usize {
        self.values.len() / (self.width * self.channels)
    }

    pub(crate) fn bits(&self) -> Vec<u32> {
        self.values.iter().map(|value| value.to_bits()).collect()
    }

    /// The averages of squares of `factor` x `factor` pixels, those at the right and bottom edges
    /// of what there is.
    pub(crate) fn averaged(&self, factor: usize) -> Self {
        let (width, height) = (self.width.div_ceil(factor), self.height().div_ceil(factor));
        let mut values = Vec::with_capacity(width * height * self.channels);
        for y in 0..height {
            let rows = y * factor..self.height().min((y + 1) * factor);
            for x in 0..width {
                let columns = x * factor..self.width.min((x + 1) * factor);
                let count = (rows.len() * columns.len()) as f64;
                for channel in 0..self.channels {
                    let at = |x: usize, y: usize| {
                        f64::from(self.values[(y * self.width + x) * self.channels + channel])
                    };
                    let rows = rows
                        .clone()
                        .map(|y| columns.clone().map(|x| at(x, y)).sum::<f64>());
                    values.push((rows.sum::<f64>() / count) as f32);
                }
            }
        }
        Self {
            width,
            channels: self.channels,
            values,
        }
    }

    /// Some columns of the picture.
    pub(crate) fn columns(&self, columns: Range<usize>) -> Self {
        let rows = self.values.chunks_exact(self.width * self.channels);
        let part = columns.start * self.channels..columns.end * self.channels;
        Self {
            width: columns.len(),
            values: rows.flat_map(|row| &row[part.clone()]).copied().collect(),
            ..*self
        }
    }

    /// The picture with an orientation, numbered as in Exif.
    pub(crate) fn oriented(&self, orientation: u32) -> Self {
        let (width, height) = (self.width, self.height());
        let (columns, rows) = match orientation {
            ..=4 => (width, height),
            _ => (height, width),
        };
        let mut values = Vec::with_capacity(self.values.len());
        for y in 0..rows {
            for x in 0..columns {
                let (x, y) = match orientation {
                    1 => (x, y),
                    2 => (width - 1 - x, y),
                    3 => (width - 1 - x, height - 1 - y),
                    4 => (x, height - 1 - y),
                    5 => (y, x),
                    6 => (y, height - 1 - x),
                    7 => (width - 1 - y, height - 1 - x),
                    _ => (width - 1 - y, x),
                };
                let start = (y * width + x) * self.channels;
                values.extend_from_slice(&self.values[start..start + self.channels]);
            }
        }
        Self {
            width: columns,
            values,
            ..*self
        }
    }

    /// The colors as X, Y and B, from sRGB. Of a gray pixel, this is Y.
    pub(crate) fn to_xyb(&self) -> Self {
        let mut values = self.values.clone();
        for pixel in values.chunks_exact_mut(self.channels) {
            if let Some(color) = pixel.first_chunk_mut() {
                *color = xyb_of_srgb(*color);
            } else if let Some(gray) = pixel.first_mut() {
                *gray = xyb_of_srgb([*gray; 3])[1];
            }
        }
        Self { values, ..*self }
    }

    /// The largest magnitude, at least 1.
    pub(crate) fn largest(&self) -> f32 {
        let magnitudes = self.values.iter().map(|value| value.abs());
        magnitudes.fold(1.0, f32::max)
    }

    /// The root of the mean square of differences.
    pub(crate) fn rms_difference(&self, other: &Self) -> f64 {
        assert_eq!(self.values.len(), other.values.len());
        let pairs = self.values.iter().zip(&other.values);
        let sum = pairs.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
        (sum / self.values.len() as f64).sqrt()
    }

    pub(crate) fn largest_difference(&self, other: &Self) -> f32 {
        assert_eq!(self.values.len(), other.values.len());
        let pairs = self.values.iter().zip(&other.values);
        // Not-a-number is never the larger of two.
        pairs.fold(0.0, |largest, (a, b)| (a - b).abs().max(largest))
    }
}

/// Linear light from sRGB (IEC 61966-2-1), beyond 0 and 1 by symmetry and continuation.
fn light_of_srgb(value: f32) -> f64 {
    let value = f64::from(value);
    let magnitude = match value.abs() {
        small if small <= 0.04045 => small / 12.92,
        large => ((large + 0.055) / 1.055).powf(2.4),
    };
    magnitude.copysign(value)
}

/// X, Y and B by the default matrix and bias, at 255 nits (ISO/IEC 18181-1, L.2.2: the inverse of
/// the XYB to linear RGB conversion).
fn xyb_of_srgb(color: [f32; 3]) -> [f32; 3] {
    const BIAS: f64 = 0.003_793_073_255_275_449_3;
    const MATRIX: [[f64; 3]; 3] = [
        [0.3, 0.622, 0.078],
        [0.23, 0.692, 0.078],
        [
            0.243_422_689_245_478_2,
            0.204_767_444_244_968_2,
            0.551_809_866_509_553_6,
        ],
    ];
    let light = color.map(light_of_srgb);
    let [l, m, s] = MATRIX.map(|row| {
        let mixed = row.iter().zip(light).map(|(a, b)| a * b).sum::<f64>();
        (mixed + BIAS).cbrt() - BIAS.cbrt()
    });
    [((l - m) / 2.0) as f32, ((l + m) / 2.0) as f32, s as f32]
}
