//! Requests of VarDCT frames, as far as they are known before their sections are read.

use frame_arena::{AllocError, PlanRequest, ScopePlan, ScratchPlan};

use super::dequantise::Workspace;
use super::geometry::{CORRELATION_BLOCKS, Geometry};
use super::{order, quant_table};
use crate::modular::{describe_channels, describe_stream};

/// An HF global section that is not read: it may have all orders and tables.
pub(crate) fn describe_hf_global(
    passes: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), AllocError> {
    (0..passes).try_for_each(|_| order::describe(u32::MAX, scope))?;
    quant_table::describe(scope)
}

/// The maps of blocks, and the strength of the edge-preserving filter.
pub(crate) fn describe_maps(
    geometry: &Geometry,
    has_lf_contexts: bool,
    has_sigma: bool,
    scope: &mut ScopePlan<'_>,
) -> Result<(), AllocError> {
    let (columns, rows) = (geometry.columns, geometry.rows);
    (0..3 + usize::from(has_lf_contexts)).try_for_each(|_| scope.plane::<u8>(columns, rows))?;
    let square = CORRELATION_BLOCKS;
    (0..2).try_for_each(|_| scope.plane::<i8>(columns.div_ceil(square), rows.div_ceil(square)))?;
    if has_sigma {
        scope.plane::<f32>(columns, rows)?;
    }
    Ok(())
}

/// The LF image.
pub(crate) fn describe_lf_image(
    geometry: &Geometry,
    scope: &mut ScopePlan<'_>,
) -> Result<(), AllocError> {
    (0..3).try_for_each(|channel| {
        let (columns, rows) = geometry.channel_blocks(channel);
        scope.plane::<f32>(columns, rows)
    })
}

/// The coefficients of an LF group of so many blocks.
pub(crate) fn describe_lf_coefficients(
    geometry: &Geometry,
    (columns, rows): (usize, usize),
    task: &mut ScratchPlan,
) -> Result<(), AllocError> {
    for channel in [1, 0, 2] {
        task.plane::<i32>(
            columns >> geometry.hshift[channel],
            rows >> geometry.vshift[channel],
        )?;
    }
    describe_stream(task, columns, 3)
}

/// The HF metadata of an LF group of so many blocks, but for its varblocks.
pub(crate) fn describe_hf_metadata(
    (columns, rows): (usize, usize),
    task: &mut ScratchPlan,
) -> Result<(), AllocError> {
    let square = CORRELATION_BLOCKS;
    (0..2).try_for_each(|_| task.plane::<i32>(columns.div_ceil(square), rows.div_ceil(square)))?;
    task.plane::<i32>(columns, rows)
}

/// The varblocks of an LF group of so many blocks: at most as many.
pub(crate) fn describe_varblocks(
    (columns, rows): (usize, usize),
    task: &mut ScratchPlan,
) -> Result<(), AllocError> {
    let varblocks = columns * rows;
    task.possibly(|task| {
        task.plane::<i32>(varblocks, 2)?;
        task.scratch(|task| describe_channels(task, varblocks, 1))
    })
}

/// The workspace of a group's varblocks.
pub(crate) fn describe_workspace(task: &mut ScratchPlan) -> Result<(), AllocError> {
    task.slice::<i32>(Workspace::SAMPLES)
}
