//! The sample format every decoder writes, so that their outputs can be compared byte by byte.

use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Error, Result, ensure};

/// How one sample is stored, in the machine's byte order. Integers keep the depth of the file, so
/// that a lossless decode is comparable sample by sample whatever its depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleFormat {
    /// Integers of 1 to 8 bits, one byte each.
    U8 {
        /// Full scale is `2^bits - 1`.
        bits: u8,
    },
    /// Integers of 9 to 16 bits, two bytes each.
    U16 {
        /// Full scale is `2^bits - 1`.
        bits: u8,
    },
    /// Float images and integers of more than 16 bits; full scale is 1.0.
    F32,
}

impl SampleFormat {
    /// The integer format for samples of `bits` bits, or floats where there is none.
    pub fn of_integers(bits: u32) -> SampleFormat {
        match bits {
            1..=8 => SampleFormat::U8 { bits: bits as u8 },
            9..=16 => SampleFormat::U16 { bits: bits as u8 },
            _ => SampleFormat::F32,
        }
    }

    /// Bytes of one sample.
    pub fn sample_bytes(self) -> usize {
        match self {
            SampleFormat::U8 { .. } => 1,
            SampleFormat::U16 { .. } => 2,
            SampleFormat::F32 => 4,
        }
    }

    /// The value of a sample, given as its bytes in the machine's order.
    pub fn value(self, sample: &[u8]) -> f64 {
        match self {
            SampleFormat::U8 { .. } => f64::from(sample[0]),
            SampleFormat::U16 { .. } => f64::from(u16::from_ne_bytes([sample[0], sample[1]])),
            SampleFormat::F32 => f64::from(f32::from_ne_bytes([
                sample[0], sample[1], sample[2], sample[3],
            ])),
        }
    }

    /// The values of samples, given as their bytes.
    pub fn values(self, samples: &[u8]) -> impl Iterator<Item = f64> {
        let samples = samples.chunks_exact(self.sample_bytes());
        samples.map(move |sample| self.value(sample))
    }

    /// The sample that stands for full intensity.
    pub fn full_scale(self) -> f64 {
        match self {
            SampleFormat::U8 { bits } | SampleFormat::U16 { bits } => f64::from((1u32 << bits) - 1),
            SampleFormat::F32 => 1.0,
        }
    }
}

impl fmt::Display for SampleFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SampleFormat::U8 { bits } | SampleFormat::U16 { bits } => write!(f, "u{bits}"),
            SampleFormat::F32 => f.write_str("f32"),
        }
    }
}

impl FromStr for SampleFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == "f32" {
            return Ok(SampleFormat::F32);
        }
        let bits: u32 = text
            .strip_prefix('u')
            .and_then(|bits| bits.parse().ok())
            .with_context(|| format!("unknown sample format {text:?}"))?;
        ensure!((1..=16).contains(&bits), "unknown sample format {text:?}");
        Ok(SampleFormat::of_integers(bits))
    }
}

/// Shape of a decoded file: shown frames one after the other, each with interleaved channels
/// (1 or 3 color channels, then alpha if there is one) and no padding between rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Width in pixels, orientation applied.
    pub width: usize,
    /// Height in pixels, orientation applied.
    pub height: usize,
    /// Interleaved channels, 1 to 4.
    pub channels: usize,
    /// Shown frames; 1 for a still.
    pub frames: usize,
    /// Sample type.
    pub format: SampleFormat,
}

impl Layout {
    /// Bytes of one row.
    pub fn row_bytes(&self) -> usize {
        self.width * self.channels * self.format.sample_bytes()
    }

    /// Bytes of one frame.
    pub fn frame_bytes(&self) -> usize {
        self.row_bytes() * self.height
    }

    /// Bytes of the whole output.
    pub fn output_bytes(&self) -> usize {
        self.frame_bytes() * self.frames
    }

    /// Pixels of one frame.
    pub fn frame_pixels(&self) -> usize {
        self.width * self.height
    }

    /// Pixels of all frames.
    pub fn pixels(&self) -> usize {
        self.frame_pixels() * self.frames
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Layout {
            width,
            height,
            channels,
            frames,
            format,
        } = self;
        write!(f, "{width}x{height}x{channels}x{frames}x{format}")
    }
}

impl FromStr for Layout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts: Vec<&str> = text.split('x').collect();
        ensure!(parts.len() == 5, "layout {text:?} has not five parts");
        let number = |i: usize| parts[i].parse().with_context(|| format!("layout {text:?}"));
        Ok(Layout {
            width: number(0)?,
            height: number(1)?,
            channels: number(2)?,
            frames: number(3)?,
            format: parts[4].parse()?,
        })
    }
}

/// Output memory of a decode, aligned for every sample format.
pub struct Buffer {
    words: Vec<u32>,
    used_bytes: usize,
}

/// What [`Buffer::spoil`] writes, so that samples a decoder forgets show up as a difference.
const SPOILED: u32 = 0xA5A5_A5A5;

impl Buffer {
    /// A buffer of `layout.output_bytes()` bytes whose pages are all resident.
    pub fn new(layout: &Layout) -> Buffer {
        let used_bytes = layout.output_bytes();
        Buffer {
            words: vec![SPOILED; used_bytes.div_ceil(4)],
            used_bytes,
        }
    }

    /// Overwrites every sample.
    pub fn spoil(&mut self) {
        self.words.fill(SPOILED);
    }

    /// The samples as bytes.
    pub fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.used_bytes]
    }

    /// The samples as bytes, to write; the start is aligned to 4 bytes.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut bytemuck::cast_slice_mut(&mut self.words)[..self.used_bytes]
    }

    /// FNV-1a over 32-bit words: equal for equal samples.
    pub fn digest(&self) -> u64 {
        self.words
            .iter()
            .fold(0xcbf2_9ce4_8422_2325, |hash, &word| {
                (hash ^ u64::from(word)).wrapping_mul(0x0000_0100_0000_01b3)
            })
    }
}
