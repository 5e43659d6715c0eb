//! Jobs in vectors: made for each job, or kept.

use std::mem;
use std::sync::{Mutex, PoisonError};

use frame_arena::{PlaneView, PlaneViewMut};

use super::{Failure, Job, Live, Memory, Worker, passes};
use crate::checksum::Checksum;

/// Decodes the coefficients and dequantizes them. The slices hold three planes each, without gaps.
pub(super) fn first_stage(
    job: &Job,
    values: &mut [f32],
    coefficients: &mut [i16],
    row: &mut [f32],
) -> Result<(), Failure> {
    let &Job { width, height, .. } = job;
    let plane_len = width * height;
    for (index, plane) in coefficients.chunks_exact_mut(plane_len).enumerate() {
        let plane = PlaneViewMut::from_slice(plane, width, height, width);
        passes::decode_coefficients(job, index, plane)?;
    }
    let coefficients = coefficients.chunks_exact(plane_len);
    for (coefficients, values) in coefficients.zip(values.chunks_exact_mut(plane_len)) {
        let coefficients = PlaneView::from_slice(coefficients, width, height, width);
        let values = PlaneViewMut::from_slice(values, width, height, width);
        passes::dequantize(coefficients, values, row);
    }
    Ok(())
}

/// Writes the output and returns its checksum.
pub(super) fn second_stage(job: &Job, values: &[f32], output: &mut [u8]) -> u64 {
    let &Job { width, height, .. } = job;
    let mut sum = Checksum::default();
    for values in values.chunks_exact(width * height) {
        let values = PlaneView::from_slice(values, width, height, width);
        let output = PlaneViewMut::from_slice(output, width, height, width);
        passes::write_output(values, output, &mut sum);
    }
    sum.value()
}

/// Vectors made for each job and stage.
pub(super) struct Fresh;

impl Memory for Fresh {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(Self)
    }
}

impl Worker for Fresh {
    fn decode(&mut self, job: &Job, live: &Live) -> Result<u64, Failure> {
        let pixels = job.width * job.height;
        let mut values = vec![0.0; 3 * pixels];
        let _frame_bytes = live.add(job.frame_bytes());
        {
            let mut coefficients = vec![0; 3 * pixels];
            let mut row = vec![0.0; job.width];
            let _stage_bytes = live.add(job.coefficient_bytes() + job.row_bytes());
            first_stage(job, &mut values, &mut coefficients, &mut row)?;
        }
        let mut output = vec![0; pixels];
        let _stage_bytes = live.add(job.output_bytes());
        Ok(second_stage(job, &values, &mut output))
    }
}

/// Vectors kept for the jobs that come later, on any worker.
#[derive(Default)]
pub(super) struct Kept {
    free: Mutex<Vec<Buffers>>,
}

/// The vectors of a job. They keep the capacity of the largest job that they served.
#[derive(Default)]
struct Buffers {
    values: Vec<f32>,
    coefficients: Vec<i16>,
    row: Vec<f32>,
    output: Vec<u8>,
}

/// Buffers in use. They return to `kept` even if the job panics.
struct Taken<'k> {
    kept: &'k Kept,
    buffers: Buffers,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let buffers = mem::take(&mut self.buffers);
        let mut free = self
            .kept
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        free.push(buffers);
    }
}

impl Memory for Kept {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(self)
    }
}

impl Worker for &Kept {
    fn decode(&mut self, job: &Job, live: &Live) -> Result<u64, Failure> {
        let pixels = job.width * job.height;
        let free = self
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let mut taken = Taken {
            kept: self,
            buffers: free.unwrap_or_default(),
        };
        let buffers = &mut taken.buffers;
        buffers.values.resize(3 * pixels, 0.0);
        let _frame_bytes = live.add(job.frame_bytes());
        {
            buffers.coefficients.resize(3 * pixels, 0);
            buffers.row.resize(job.width, 0.0);
            let _stage_bytes = live.add(job.coefficient_bytes() + job.row_bytes());
            let Buffers {
                values,
                coefficients,
                row,
                ..
            } = buffers;
            first_stage(job, values, coefficients, row)?;
        }
        buffers.output.resize(pixels, 0);
        let _stage_bytes = live.add(job.output_bytes());
        Ok(second_stage(job, &buffers.values, &mut buffers.output))
    }
}
