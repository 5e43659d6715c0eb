//! A profile for the color space XYB, whose samples are scaled.

use super::curve;
use super::numbers::{fixed, put_u32};
use crate::color::{SCALED_XYB_FACTOR, SCALED_XYB_OFFSET};

/// Cone responses to half of XYZ relative to D50, the form of the connection space (libjxl,
/// `jxl_cms_internal.h`).
const CONES_TO_XYZ: [[f64; 3]; 3] = [
    [1.517_009_5, -1.106_522_5, 0.071_623],
    [-0.050_022, 0.568_365_5, -0.018_344],
    [-1.387_676, 1.114_555_5, 0.685_725_5],
];
/// The bias of cone responses (libjxl, `opsin_params.h`).
const BIAS: f64 = 0.003_793_073_255_275_449_3;

/// Offsets of the parts of a lutAToBType: identical curves, the table, the cubes, the matrix.
const IDENTITY_AT: u32 = 32;
const TABLE_AT: u32 = 80;
const CUBES_AT: u32 = 148;
const MATRIX_AT: u32 = 244;

/// ICC.1:2022, 10.12: lutAToBType. Its table of two points a side turns X, Y, B - Y into the roots
/// of the cone responses, Y + X, Y - X and B.
pub(super) fn to_connection_space() -> Option<Vec<u8>> {
    let mut data = b"mAB \0\0\0\0\x03\x03\0\0".to_vec();
    for offset in [IDENTITY_AT, MATRIX_AT, CUBES_AT, TABLE_AT, IDENTITY_AT] {
        put_u32(&mut data, offset);
    }
    put_identity(&mut data)?;
    data.extend_from_slice(&[2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0]);
    put_table(&mut data);
    for root in Root::all() {
        data.extend_from_slice(&root.cube()?);
    }
    put_matrix(&mut data)?;
    Some(data)
}

/// ICC.1:2022, 10.13: lutBToAType that changes nothing. Some readers require one (libjxl,
/// `jxl_cms_internal.h`).
pub(super) fn from_connection_space() -> Option<Vec<u8>> {
    let mut data = vec![b'm', b'B', b'A', b' '];
    data.extend_from_slice(b"\0\0\0\0\x03\x03\0\0");
    for offset in [IDENTITY_AT, 0, 0, 0, 0] {
        put_u32(&mut data, offset);
    }
    put_identity(&mut data)?;
    Some(data)
}

fn put_identity(data: &mut Vec<u8>) -> Option<()> {
    for _ in 0..3 {
        data.extend_from_slice(&curve::power(1.0)?);
    }
    Some(())
}

/// The roots at the eight corners of scaled XYB, X slowest.
fn put_table(data: &mut Vec<u8>) {
    let unscaled = |channel: usize, corner: u32| {
        let factor = f64::from(SCALED_XYB_FACTOR[channel]);
        f64::from(corner) / factor - f64::from(SCALED_XYB_OFFSET[channel])
    };
    for corner in 0..8 {
        let (x, y) = (unscaled(0, corner >> 2), unscaled(1, corner >> 1 & 1));
        let b = unscaled(2, corner & 1) + y;
        for (root, value) in Root::all().into_iter().zip([y + x, y - x, b]) {
            let entry = ((value + root.offset) / root.range * 65_535.0).round();
            data.extend_from_slice(&(entry.clamp(0.0, 65_535.0) as u16).to_be_bytes());
        }
    }
}

/// Adds the matrix from cones to the connection space, and the offset that corrects the bias.
fn put_matrix(data: &mut Vec<u8>) -> Option<()> {
    for value in CONES_TO_XYZ.as_flattened() {
        put_u32(data, fixed(*value)?);
    }
    for row in CONES_TO_XYZ {
        put_u32(data, fixed(-BIAS * row.iter().sum::<f64>())?);
    }
    Some(())
}

/// The scaling of a cone response's root, without its bias, in the table: `(root + offset) / range`
/// is 0 to 1.
struct Root {
    offset: f64,
    range: f64,
}

impl Root {
    fn all() -> [Self; 3] {
        let range = |channel: usize| 1.0 / f64::from(SCALED_XYB_FACTOR[channel]);
        let offset = |channel: usize| f64::from(SCALED_XYB_OFFSET[channel]);
        let sum = range(0) + range(1);
        [
            Self {
                offset: offset(1) + offset(0),
                range: sum,
            },
            Self {
                offset: offset(1) + range(0) - offset(0),
                range: sum,
            },
            Self {
                offset: offset(1) + offset(2),
                range: range(1) + range(2),
            },
        ]
    }

    /// From the table's value to the cone response: `(range value - offset + root of the bias)^3`.
    fn cube(&self) -> Option<Vec<u8>> {
        let constant = BIAS.cbrt() - self.offset;
        // Below 0 the curve is a line of no slope.
        let zero = (-constant / self.range).max(0.0);
        curve::power_and_line([3.0, self.range, constant, 0.0, zero])
    }
}
