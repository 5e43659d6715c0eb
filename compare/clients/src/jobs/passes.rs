//! The passes over the samples of a job, the same for every strategy.

use frame_arena::{PlaneView, PlaneViewMut};

use super::{Failure, Fate, Job, panic_as_fated};
use crate::checksum::Checksum;

/// Writes the coefficients of component `index` into every sample of `plane`. A job that is corrupt
/// or panics does so halfway through component 1.
pub(super) fn decode_coefficients(
    job: &Job,
    index: usize,
    mut plane: PlaneViewMut<'_, i16>,
) -> Result<(), Failure> {
    for (y, row) in plane.rows_mut().enumerate() {
        if (index, y) == (1, job.height / 2) {
            match job.fate {
                Fate::Good => {}
                Fate::Corrupt => return Err(Failure::Corrupt),
                Fate::Panic => panic_as_fated(),
            }
        }
        let start = (job.seed >> 20) as usize + index + 13 * y;
        for (x, coefficient) in row.iter_mut().enumerate() {
            *coefficient = (start ^ (7 * x)) as i16;
        }
    }
    Ok(())
}

/// Dequantizes a plane of coefficients into every sample of `values`, with a row of working memory
/// in between.
pub(super) fn dequantize(
    coefficients: PlaneView<'_, i16>,
    mut values: PlaneViewMut<'_, f32>,
    row: &mut [f32],
) {
    for (values, coefficients) in values.rows_mut().zip(coefficients.rows()) {
        for (scaled, &coefficient) in row.iter_mut().zip(coefficients) {
            *scaled = f32::from(coefficient) * 0.5;
        }
        for (value, &scaled) in values.iter_mut().zip(&*row) {
            *value = scaled + 0.5;
        }
    }
}

/// Writes a plane of values as 8-bit samples into `output`, and adds all of them to the checksum.
pub(super) fn write_output(
    values: PlaneView<'_, f32>,
    mut output: PlaneViewMut<'_, u8>,
    sum: &mut Checksum,
) {
    for (samples, values) in output.rows_mut().zip(values.rows()) {
        for (sample, &value) in samples.iter_mut().zip(values) {
            *sample = value as i32 as u8;
        }
        sum.add_row(samples);
    }
}
