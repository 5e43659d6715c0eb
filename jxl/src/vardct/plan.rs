//! Requests of VarDCT frames, as far as they are known before their sections are read.

use frame_arena::{AllocError, PlanRequest, ScopePlan, ScratchPlan, ScratchRoom};

use super::dequantise::Workspace;
use super::geometry::{CORRELATION_BLOCKS, Geometry};
use super::{order, quant_table};
use crate::modular::{describe_stream, describe_weighted};

/// An HF global section that is not read: it may have all orders and tables.
pub(crate) fn describe_hf_global(
    geometry: &Geometry,
    passes: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), AllocError> {
    let fitting = geometry.fitting_transforms();
    let orders = order::used_orders(fitting);
    (0..passes).try_for_each(|_| order::describe(orders, scope))?;
    quant_table::describe(fitting, scope)
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

/// Room that the scratch of any LF group does with, for its coefficients, should it have them (`has_lf`), or its HF metadata, should
/// each of its blocks be a varblock.
pub(crate) fn lf_group_room(geometry: &Geometry, has_lf: bool) -> Result<usize, AllocError> {
    let (most_columns, most_rows) = Geometry::LF_GROUP;
    let columns = geometry.columns.min(most_columns);
    let rows = geometry.rows.min(most_rows);
    let mut coefficients = ScratchRoom::new();
    if has_lf {
        for channel in 0..3 {
            let width = columns >> geometry.hshift[channel];
            coefficients.plane::<i32>(width, rows >> geometry.vshift[channel])?;
        }
    }
    let mut metadata = ScratchRoom::new();
    let square = CORRELATION_BLOCKS;
    for _ in 0..2 {
        metadata.plane::<i32>(columns.div_ceil(square), rows.div_ceil(square))?;
    }
    metadata.plane::<i32>(columns * rows, 2)?;
    metadata.plane::<i32>(columns, rows)?;
    Ok(coefficients.room_bytes().max(metadata.room_bytes()))
}

/// The streams of an LF group. `weighted_metadata` says whether the one of its varblocks may need the weighted predictor.
pub(crate) fn describe_lf_group(
    geometry: &Geometry,
    room_bytes: usize,
    weighted_metadata: bool,
    task: &mut ScratchPlan,
) -> Result<(), AllocError> {
    let (most_columns, most_rows) = Geometry::LF_GROUP;
    let columns = geometry.columns.min(most_columns);
    task.room(room_bytes)?;
    describe_stream(task, columns, 3)?;
    if weighted_metadata {
        let varblocks = columns * geometry.rows.min(most_rows);
        task.scratch(|task| describe_weighted(task, varblocks))?;
    }
    Ok(())
}

/// The workspace of a group's varblocks.
pub(crate) fn describe_workspace(task: &mut ScratchPlan) -> Result<(), AllocError> {
    task.slice::<i32>(Workspace::SAMPLES)
}
