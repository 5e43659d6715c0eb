//! What of a file is decoded.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Error, Result};

use crate::image::{Layout, SampleFormat};

/// A part of a file or picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The whole file, in its full size.
    Whole,
    /// The picture as far as the first bytes of the file tell it, in its full size.
    Prefix {
        /// Number of bytes.
        bytes: usize,
    },
    /// The picture in an eighth of its width and height, rounded up.
    Eighth,
    /// A rectangle of the picture.
    Region(Rectangle),
}

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rectangle {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// First column.
    pub left: usize,
    /// First row.
    pub top: usize,
}

impl Part {
    /// The rectangle in the middle of a picture: 1024 x 768 pixels, or half the width and height if
    /// that is less.
    pub fn middle(whole: &Layout) -> Self {
        let (width, height) = (whole.width.div_ceil(2), whole.height.div_ceil(2));
        let (width, height) = (width.min(1024), height.min(768));
        Part::Region(Rectangle {
            width,
            height,
            left: (whole.width - width) / 2,
            top: (whole.height - height) / 2,
        })
    }

    /// The layout of this part of a picture of `whole`.
    pub fn layout(self, whole: &Layout) -> Layout {
        let (width, height) = match self {
            Part::Whole | Part::Prefix { .. } => (whole.width, whole.height),
            Part::Eighth => (whole.width.div_ceil(8), whole.height.div_ceil(8)),
            Part::Region(rectangle) => (rectangle.width, rectangle.height),
        };
        Layout {
            width,
            height,
            ..*whole
        }
    }

    /// The samples of this part, made from those of a whole picture of `layout`: a rectangle, or
    /// the averages of squares of 8 x 8 pixels and of what there is of them at the edges.
    pub fn of(self, layout: &Layout, whole: &[u8]) -> Vec<u8> {
        match self {
            Part::Whole | Part::Prefix { .. } => whole.to_vec(),
            Part::Region(rectangle) => {
                let pixel = layout.channels * layout.format.sample_bytes();
                let columns = rectangle.left * pixel..(rectangle.left + rectangle.width) * pixel;
                let rows = whole.chunks_exact(layout.row_bytes());
                let rows = rows.skip(rectangle.top).take(rectangle.height);
                rows.flat_map(|row| row[columns.clone()].iter().copied())
                    .collect()
            }
            Part::Eighth => averages(layout, whole),
        }
    }
}

fn averages(layout: &Layout, whole: &[u8]) -> Vec<u8> {
    let samples: Vec<f64> = layout.format.values(whole).collect();
    let size = Part::Eighth.layout(layout);
    let mut bytes = Vec::with_capacity(size.output_bytes());
    for (row, column) in (0..size.height).flat_map(|y| (0..size.width).map(move |x| (y, x))) {
        let ys = 8 * row..(8 * row + 8).min(layout.height);
        let xs = 8 * column..(8 * column + 8).min(layout.width);
        for channel in 0..layout.channels {
            let places = ys.clone().flat_map(|y| xs.clone().map(move |x| (y, x)));
            let sum: f64 = places
                .map(|(y, x)| samples[(y * layout.width + x) * layout.channels + channel])
                .sum();
            let average = sum / (ys.len() * xs.len()) as f64;
            match layout.format {
                SampleFormat::U8 { .. } => bytes.push(average.round() as u8),
                SampleFormat::U16 { .. } => {
                    bytes.extend((average.round() as u16).to_ne_bytes());
                }
                SampleFormat::F32 => bytes.extend((average as f32).to_ne_bytes()),
            }
        }
    }
    bytes
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Whole => f.write_str("whole"),
            Part::Prefix { bytes } => write!(f, "prefix {bytes}"),
            Part::Eighth => f.write_str("eighth"),
            Part::Region(Rectangle {
                width,
                height,
                left,
                top,
            }) => write!(f, "region {width} {height} {left} {top}"),
        }
    }
}

impl FromStr for Part {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut words = text.split(' ');
        let name = words.next().unwrap_or_default();
        let numbers: Vec<usize> = words
            .map(|word| word.parse().with_context(|| format!("part {text:?}")))
            .collect::<Result<_>>()?;
        let part = match (name, &numbers[..]) {
            ("whole", []) => Some(Part::Whole),
            ("prefix", &[bytes]) => Some(Part::Prefix { bytes }),
            ("eighth", []) => Some(Part::Eighth),
            ("region", &[width, height, left, top]) => Some(Part::Region(Rectangle {
                width,
                height,
                left,
                top,
            })),
            _ => None,
        };
        part.with_context(|| format!("unknown part {text:?}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_read_back() {
        let region = Rectangle {
            width: 1,
            height: 2,
            left: 3,
            top: 4,
        };
        for part in [
            Part::Whole,
            Part::Prefix { bytes: 7 },
            Part::Eighth,
            Part::Region(region),
        ] {
            assert_eq!(part.to_string().parse::<Part>().unwrap(), part);
        }
        assert!("eighth 1".parse::<Part>().is_err());
    }

    #[test]
    fn parts_of_a_whole_picture() {
        let layout = Layout {
            width: 9,
            height: 2,
            channels: 1,
            frames: 1,
            format: SampleFormat::U8 { bits: 8 },
        };
        let whole: Vec<u8> = (0..18).collect();
        assert_eq!(Part::Eighth.of(&layout, &whole), [8, 13]);
        assert_eq!(Part::Eighth.layout(&layout).output_bytes(), 2);
        let middle = Part::middle(&layout);
        assert_eq!(middle.of(&layout, &whole), [2, 3, 4, 5, 6]);
        assert_eq!(middle.layout(&layout).output_bytes(), 5);
    }
}
