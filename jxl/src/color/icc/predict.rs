//! Predictions of a profile's bytes.

use crate::Error;

/// The header that a profile most often has: a display of version 4, RGB, XYZ, D50 (ISO/IEC
/// 18181-1, E.4.3: ICC header).
const USUAL_HEADER: &[u8; 80] = b"\
    \0\0\0\0\0\0\0\0\x04\0\0\0mntrRGB XYZ \0\0\0\0\0\0\0\0\
    \0\0\0\0acsp\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\
    \0\0\0\0\0\0\0\0\0\0\xF6\xD6\0\x01\0\0\0\0\xD3\x2D";
/// Platforms that the header names: the bytes from 40 on.
const PLATFORMS: [&[u8; 4]; 4] = [b"APPL", b"MSFT", b"SGI ", b"SUNW"];

/// Predicts byte `index` of the header of a profile of `size` bytes from the bytes before it.
pub(super) fn predict_header_byte(index: usize, size: u32, done: &[u8]) -> u8 {
    match index {
        0..4 => size.to_be_bytes()[index],
        41..44 => predict_platform(index - 40, &done[40..]),
        80..84 => done[index - 76],
        _ => USUAL_HEADER.get(index).copied().unwrap_or(0),
    }
}

/// Predicts byte `place` of the platform, whose first bytes are `done`. The second byte tells the
/// two platforms that begin with S apart.
fn predict_platform(place: usize, done: &[u8]) -> u8 {
    let needed = if done[0] == b'S' { 2 } else { 1 };
    let matching = |name: &&&[u8; 4]| place >= needed && name[..needed] == done[..needed];
    let platform = PLATFORMS.iter().find(matching);
    platform.map_or(0, |name| name[place])
}

/// The bytes of a matrix of `width` rows, column by column. If `bytes` are too few, the last rows
/// are shorter (as in libjxl, `icc_codec.cc`).
pub(super) fn shuffled(bytes: &[u8], width: usize) -> impl Iterator<Item = u8> {
    let columns = bytes.len().div_ceil(width);
    let places = move |column| (column..bytes.len()).step_by(columns.max(1));
    (0..columns).flat_map(places).map(|place| bytes[place])
}

/// The prediction of numbers from earlier ones.
pub(super) struct Prediction {
    /// Bytes of a number, most significant first.
    width: usize,
    /// Number of earlier numbers used: 1 to 3.
    order: u8,
    /// Bytes from one used number to the next.
    stride: usize,
}

impl Prediction {
    /// From the flags of a command.
    pub(super) fn new(flags: u8) -> Result<Self, Error> {
        let (width, order) = (usize::from(flags & 3) + 1, (flags >> 2 & 3) + 1);
        if width == 3 || order == 4 {
            return Err(Error::corrupt("ICC prediction of an unknown kind"));
        }
        Ok(Self {
            width,
            order,
            stride: width,
        })
    }

    /// # Errors
    /// Strides below the width.
    pub(super) fn set_stride(&mut self, stride: u64) -> Result<(), Error> {
        self.stride = usize::try_from(stride).unwrap_or(usize::MAX);
        match self.stride < self.width {
            true => Err(Error::corrupt(
                "ICC stride less than the width of its numbers",
            )),
            false => Ok(()),
        }
    }

    /// # Errors
    /// At most four strides of decoded bytes.
    pub(super) fn check(&self, done: usize) -> Result<(), Error> {
        match self.stride.checked_mul(4) {
            Some(needed) if needed < done => Ok(()),
            _ => Err(Error::corrupt("ICC stride beyond the start of the profile")),
        }
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Byte `index` of numbers that start at `start`; `done` has the bytes before it.
    pub(super) fn byte(&self, done: &[u8], start: usize, index: usize) -> u8 {
        let number_at = start + index / self.width * self.width;
        let before = |count: usize| {
            let at = number_at - count * self.stride;
            let bytes = &done[at..at + self.width];
            bytes
                .iter()
                .fold(0, |number, &byte| number << 8 | u32::from(byte))
        };
        let predicted = match self.order {
            1 => before(1),
            2 => before(1).wrapping_mul(2).wrapping_sub(before(2)),
            _ => {
                let slope = before(1).wrapping_sub(before(2));
                slope.wrapping_mul(3).wrapping_add(before(3))
            }
        };
        let place = index % self.width;
        (predicted >> (8 * (self.width - 1 - place))) as u8
    }
}
