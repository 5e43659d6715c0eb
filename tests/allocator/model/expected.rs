//! Dimensions of random requests, and the layout that each must have.

use super::super::tape::Tape;

#[derive(Clone, Copy)]
pub(crate) struct Dimensions {
    pub(crate) count: usize,
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Dimensions {
    pub(crate) fn random(tape: &mut Tape<'_>) -> Self {
        let count = match tape.pick(64) {
            63 => 0,
            n => 1 + n % 4,
        };
        let (width, height) = match tape.pick(16) {
            0 => (0, tape.pick(5)),
            1 => (tape.pick(300), 0),
            2 if count > 0 => (usize::MAX - tape.pick(200), 1 + tape.pick(3)),
            3 => (256 << tape.pick(4), 1 + tape.pick(6)),
            4 | 5 => (1 + tape.below(700), 1 + tape.pick(40)),
            _ => (1 + tape.pick(70), 1 + tape.pick(12)),
        };
        Self {
            count,
            width,
            height,
        }
    }
}

pub(crate) struct Layout {
    pub(crate) stride_bytes: usize,
    pub(crate) bytes: usize,
}

/// No request is larger than half the address space that Rust allows.
const LARGEST: u128 = isize::MAX as u128 / 2;

/// Rows start at multiples of 64 bytes if these hold whole samples, and follow each other
/// otherwise. If rows would be a multiple of 2048 bytes apart, their distance grows by 64 bytes,
/// rounded up to whole samples.
pub(crate) fn planes(dimensions: Dimensions, sample_bytes: usize) -> Option<Layout> {
    let [count, width, height] =
        [dimensions.count, dimensions.width, dimensions.height].map(|n| n as u128);
    if count * width * height == 0 {
        return Some(Layout {
            stride_bytes: dimensions.width * sample_bytes,
            bytes: 0,
        });
    }
    let sample_bytes = sample_bytes as u128;
    let unit = (1..).map(|n| n * sample_bytes).find(|&n| n >= 64)?;
    let mut stride = width * sample_bytes;
    if unit == 64 {
        stride = stride.next_multiple_of(64);
    }
    if height > 1 && stride.is_multiple_of(2048) {
        stride += unit;
    }
    let bytes = stride.checked_mul(height)?.checked_mul(count)?;
    (bytes <= LARGEST).then_some(Layout {
        stride_bytes: stride as usize,
        bytes: bytes as usize,
    })
}

pub(crate) fn slice(len: usize, sample_bytes: usize) -> Option<Layout> {
    let bytes = len as u128 * sample_bytes as u128;
    (bytes <= LARGEST).then_some(Layout {
        stride_bytes: bytes as usize,
        bytes: bytes as usize,
    })
}
