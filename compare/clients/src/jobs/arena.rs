//! Jobs in memory of frame-arena.

use frame_arena::{AllocError, Arena, FramePlan, PlaneSetSpec, PlaneSpec, SliceSpec, Spec};

use super::{Failure, Job, Live, Memory, Worker, passes};
use crate::checksum::Checksum;

const COEFFICIENTS: &str = "coefficients";
const OUTPUT: &str = "output";

/// What a job requests.
struct Requests {
    values: PlaneSetSpec<f32>,
    coefficients: PlaneSetSpec<i16>,
    row: SliceSpec<f32>,
    output: PlaneSpec<u8>,
}

impl Requests {
    fn new(&Job { width, height, .. }: &Job) -> Self {
        // Stale: all samples are written before they are read.
        Self {
            values: PlaneSetSpec::stale(3, width, height),
            coefficients: PlaneSetSpec::stale(3, width, height),
            row: SliceSpec::stale(width),
            output: PlaneSpec::stale(width, height),
        }
    }
}

/// Plans [`decode`].
///
/// # Errors
/// If a size overflows.
pub fn plan(arena: &Arena, job: &Job) -> Result<FramePlan, AllocError> {
    let requests = Requests::new(job);
    let mut plan = FramePlan::new(arena);
    plan.frame(|frame| {
        requests.values.plan(frame)?;
        frame.stage(COEFFICIENTS, |stage| {
            requests.coefficients.plan(stage)?;
            stage.tasks(1, |scratch| requests.row.plan(scratch))
        })?;
        frame.stage(OUTPUT, |stage| requests.output.plan(stage))
    })?;
    Ok(plan)
}

/// Decodes a job in a frame of `arena`.
///
/// # Errors
/// If the arena refuses memory or the file is corrupt.
pub fn decode(arena: &Arena, job: &Job, live: &Live) -> Result<u64, Failure> {
    let requests = Requests::new(job);
    let frame = arena.frame();
    let mut values = requests.values.open(&frame)?;
    let _frame_bytes = live.add(job.frame_bytes());
    {
        let stage = frame.stage(COEFFICIENTS);
        let mut coefficients = requests.coefficients.open(&stage)?;
        let scratch = stage.scratch();
        let row = requests.row.open(&scratch)?;
        let _stage_bytes = live.add(job.coefficient_bytes() + job.row_bytes());
        for (index, plane) in coefficients.planes_mut().enumerate() {
            passes::decode_coefficients(job, index, plane)?;
        }
        for (coefficients, values) in coefficients.planes().zip(values.planes_mut()) {
            passes::dequantize(coefficients, values, row);
        }
    }
    let stage = frame.stage(OUTPUT);
    let mut output = requests.output.open(&stage)?;
    let _stage_bytes = live.add(job.output_bytes());
    let mut sum = Checksum::default();
    for values in values.planes() {
        passes::write_output(values, output.view_mut(), &mut sum);
    }
    Ok(sum.value())
}

impl Memory for Arena {
    fn worker(&self) -> Box<dyn Worker + '_> {
        Box::new(self)
    }
}

impl Worker for &Arena {
    fn decode(&mut self, job: &Job, live: &Live) -> Result<u64, Failure> {
        decode(self, job, live)
    }
}
