//! Transfer functions as tags, from samples to linear light.

use super::numbers::{fixed, put_u32};
use crate::color::encoding::TransferFunction;

/// Entries of a table: the most allowed in 16-bit tables (ICC.1:2022, 10.10: lut16Type).
const TABLE_ENTRIES: u32 = 4096;

/// The curve of a channel. `None` if only a profile of the file describes it.
pub(super) fn encode(function: TransferFunction) -> Option<Vec<u8>> {
    if let Some(exponent) = function.exponent() {
        return power(1.0 / exponent);
    }
    match function {
        // IEC 61966-2-1 and ITU-R BT.709, inverted.
        TransferFunction::Srgb => {
            power_and_line([2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045])
        }
        TransferFunction::Bt709 => {
            power_and_line([1.0 / 0.45, 1.0 / 1.099, 0.099 / 1.099, 1.0 / 4.5, 0.081])
        }
        TransferFunction::Pq => Some(table(pq_to_light)),
        TransferFunction::Hlg => Some(table(hlg_to_light)),
        _ => None,
    }
}

/// ICC.1:2022, 10.18: parametricCurveType, function 0.
pub(super) fn power(exponent: f64) -> Option<Vec<u8>> {
    parametric(0, &[exponent])
}

/// Function 3 with parameters g, a, b, c, d: `(a x + b)^g` from `d` on, and `c x` below.
pub(super) fn power_and_line(parameters: [f64; 5]) -> Option<Vec<u8>> {
    parametric(3, &parameters)
}

fn parametric(function: u8, parameters: &[f64]) -> Option<Vec<u8>> {
    let mut data = b"para\0\0\0\0\0\0\0\0".to_vec();
    data[9] = function;
    for &parameter in parameters {
        put_u32(&mut data, fixed(parameter)?);
    }
    Some(data)
}

/// ICC.1:2022, 10.6: curveType.
fn table(to_light: fn(f64) -> f64) -> Vec<u8> {
    let mut data = b"curv\0\0\0\0".to_vec();
    put_u32(&mut data, TABLE_ENTRIES);
    for entry in 0..TABLE_ENTRIES {
        let light = to_light(f64::from(entry) / f64::from(TABLE_ENTRIES - 1));
        let rounded = (light.clamp(0.0, 1.0) * 65_535.0).round() as u16;
        data.extend_from_slice(&rounded.to_be_bytes());
    }
    data
}

/// ITU-R BT.2100, table 4: EOTF. 1.0 is 10,000 nits.
fn pq_to_light(sample: f64) -> f64 {
    let (m1, m2) = (2610.0 / 16384.0, 2523.0 / 32.0);
    let (c1, c2, c3) = (3424.0 / 4096.0, 2413.0 / 128.0, 2392.0 / 128.0);
    let root = sample.powf(1.0 / m2);
    ((root - c1).max(0.0) / (c2 - c3 * root)).powf(1.0 / m1)
}

/// ITU-R BT.2100, table 5: inverse OETF, to light of the scene.
fn hlg_to_light(sample: f64) -> f64 {
    let a = 0.178_832_77f64;
    let (b, c) = (1.0 - 4.0 * a, 0.5 - a * (4.0 * a).ln());
    match sample <= 0.5 {
        true => sample * sample / 3.0,
        false => (((sample - c) / a).exp() + b) / 12.0,
    }
}
