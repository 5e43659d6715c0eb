//! Jobs in bumps, one per worker.
//!
//! Safe code cannot get stale memory from a bump, so every plane is filled with zeros.

use bump_scope::BumpBox;

use super::vectors::{first_stage, second_stage};
use super::{Failure, Job, Live, Memory, Worker};

/// A bump of bumpalo per worker, reset before each job.
pub(super) struct Bumpalo;

/// A bump of bump-scope per worker, with a scope for each job and each stage.
pub(super) struct BumpScope;

impl Memory for Bumpalo {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(bumpalo::Bump::new())
    }
}

impl Memory for BumpScope {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(bump_scope::Bump::<bump_scope::alloc::Global>::new())
    }
}

impl Worker for bumpalo::Bump {
    fn decode(&mut self, job: &Job, live: &Live) -> Result<u64, Failure> {
        let pixels = job.width * job.height;
        self.reset();
        let values = self.alloc_slice_fill_copy(3 * pixels, 0.0);
        let _frame_bytes = live.add(job.frame_bytes());
        {
            let coefficients = self.alloc_slice_fill_copy(3 * pixels, 0);
            let row = self.alloc_slice_fill_copy(job.width, 0.0);
            let _stage_bytes = live.add(job.coefficient_bytes() + job.row_bytes());
            first_stage(job, values, coefficients, row)?;
        }
        let output = self.alloc_slice_fill_copy(pixels, 0);
        let _stage_bytes = live.add(job.output_bytes());
        Ok(second_stage(job, values, output))
    }
}

impl Worker for bump_scope::Bump {
    fn decode(&mut self, job: &Job, live: &Live) -> Result<u64, Failure> {
        let pixels = job.width * job.height;
        self.scoped(|scope| {
            let values = BumpBox::into_mut(scope.alloc_slice_fill(3 * pixels, 0.0));
            let _frame_bytes = live.add(job.frame_bytes());
            scope.scoped(|stage| {
                let coefficients = BumpBox::into_mut(stage.alloc_slice_fill(3 * pixels, 0));
                let row = BumpBox::into_mut(stage.alloc_slice_fill(job.width, 0.0));
                let _stage_bytes = live.add(job.coefficient_bytes() + job.row_bytes());
                first_stage(job, values, coefficients, row)
            })?;
            let output = BumpBox::into_mut(scope.alloc_slice_fill(pixels, 0));
            let _stage_bytes = live.add(job.output_bytes());
            Ok(second_stage(job, values, output))
        })
    }
}
