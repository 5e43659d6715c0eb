//! A made-up video: the order of its pictures, and the coded data of each.

/// Pictures of one size: one that refers to none, and groups of eight that refer to two each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Segment {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) groups: usize,
}

/// A picture of the stream, in the order of decoding.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Coded {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Place in the order of display.
    pub(crate) order: usize,
    /// Places of the two pictures that it is predicted from.
    pub(crate) references: Option<[usize; 2]>,
}

/// Displacement of a block's prediction, in half samples.
#[derive(Clone, Copy)]
pub(crate) struct Motion {
    pub(crate) x: isize,
    pub(crate) y: isize,
}

/// Columns and rows of a luma block.
pub(crate) const BLOCK: usize = 16;

/// Largest motion of a luma block, in half samples: predictions reach 24.5 samples beyond the
/// picture.
const MOST_MOTION: u32 = 49;

/// A group of pictures in the order of decoding: a picture and its references, counted from the
/// first picture of the group. -1 is the last picture of the previous group.
const GROUP: [(isize, [isize; 2]); 8] = [
    (7, [-1, -1]),
    (3, [-1, 7]),
    (1, [-1, 3]),
    (0, [-1, 1]),
    (2, [1, 3]),
    (5, [3, 7]),
    (4, [3, 5]),
    (6, [5, 7]),
];

impl Segment {
    pub(crate) fn frames(&self) -> usize {
        1 + self.groups * GROUP.len()
    }

    /// The picture at place `index` in the order of decoding.
    pub(crate) fn coded(&self, index: usize) -> Coded {
        let (order, references) = match index.checked_sub(1) {
            None => (0, None),
            Some(behind) => {
                let (place, references) = GROUP[behind % GROUP.len()];
                let first = behind / GROUP.len() * GROUP.len() + 1;
                let order = |place| first.wrapping_add_signed(place);
                (order(place), Some(references.map(order)))
            }
        };
        Coded {
            width: self.width,
            height: self.height,
            order,
            references,
        }
    }

    /// Whether a picture decoded after `index` refers to the one shown as `order`.
    pub(crate) fn is_needed_after(&self, index: usize, order: usize) -> bool {
        let later = index + 1..self.frames().min(index + 2 * GROUP.len());
        later
            .filter_map(|index| self.coded(index).references)
            .any(|references| references.contains(&order))
    }
}

impl Coded {
    /// The motion of a luma block relative to one of the references.
    pub(crate) fn motion(&self, reference: usize, column: usize, row: usize) -> Motion {
        let bits = hash(self.order, reference, column, row);
        let component = |bits: u32| (bits % (2 * MOST_MOTION + 1)) as isize - MOST_MOTION as isize;
        Motion {
            x: component(bits & 0xffff),
            y: component(bits >> 16),
        }
    }

    /// The residuals of a row of a plane, which are added to the predictions.
    pub(crate) fn residual(&self, plane: usize, y: usize) -> impl Fn(usize) -> i16 {
        let bits = hash(self.order, plane, y, self.width) | 1;
        move |x| (bits.wrapping_mul(2 * x as u32 + 1) >> 28) as i16 - 8
    }
}

impl Motion {
    /// The motion of the block's chroma samples, of which there are half as many.
    pub(crate) fn chroma(self) -> Self {
        Self {
            x: self.x >> 1,
            y: self.y >> 1,
        }
    }
}

/// The mean of four samples, some of which are equal if the motion is by whole samples.
pub(crate) fn interpolated(samples: [u8; 4]) -> u16 {
    let sum: u16 = samples.into_iter().map(u16::from).sum();
    (sum + 2) >> 2
}

/// A sample from its two predictions and its residual.
pub(crate) fn reconstructed(predictions: [u16; 2], residual: i16) -> u8 {
    let mean = (predictions[0] + predictions[1] + 1) >> 1;
    (mean as i16 + residual).clamp(0, 255) as u8
}

/// A checksum of the rows of all planes.
pub(crate) fn checksum<'p>(rows: impl Iterator<Item = &'p [u8]>) -> u64 {
    rows.flatten().fold(0, |sum: u64, &sample| {
        (sum.rotate_left(5) ^ u64::from(sample)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    })
}

fn hash(a: usize, b: usize, c: usize, d: usize) -> u32 {
    [a, b, c, d].into_iter().fold(0x811c_9dc5, |hash: u32, n| {
        let mixed = (hash ^ n as u32).wrapping_mul(0x0100_0193);
        mixed ^ (mixed >> 15)
    })
}
