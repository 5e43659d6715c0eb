//! Requests of Modular streams, as far as they are known before the stream is read: its picture, not its transforms.

use frame_arena::{AllocError, PlanRequest, ScratchPlan};

use super::inverse::{BAND_ROWS, STRIP_COLUMNS};
use super::tree::REFERENCE_PROPERTIES;

/// The requests of the channels of a stream: `channels` of them, up to `width` wide.
pub(crate) fn describe_channels(
    task: &mut ScratchPlan,
    width: usize,
    channels: usize,
) -> Result<(), AllocError> {
    describe_weighted(task, width)?;
    let references = channels.saturating_sub(1);
    task.possibly(|task| task.slice::<i32>(references * REFERENCE_PROPERTIES * width))
}

/// The requests of a stream of `channels`, up to `width` wide, that has no transforms.
pub(crate) fn describe_stream(
    task: &mut ScratchPlan,
    width: usize,
    channels: usize,
) -> Result<(), AllocError> {
    task.scratch(|task| describe_channels(task, width, channels))
}

/// The requests of a stream for transforms, which it may have: a palette of a block, and undoing one transform at a time. Of a
/// squeeze, the last step is the largest.
pub(crate) fn describe_transforms(
    task: &mut ScratchPlan,
    (width, height): (usize, usize),
    channels: usize,
) -> Result<(), AllocError> {
    task.possibly(|task| {
        task.scratch(|task| task.bytes(1))?;
        task.scratch(|task| {
            describe_unsqueeze(task, false, width, height)?;
            describe_rows(task, width, channels)
        })
    })
}

/// The requests of undoing palettes, or of colour transforms in halves of a squeeze, of `channels`.
pub(crate) fn describe_rows(
    task: &mut ScratchPlan,
    width: usize,
    channels: usize,
) -> Result<(), AllocError> {
    (0..channels.max(3)).try_for_each(|_| task.slice::<i32>(width))?;
    describe_weighted(task, width)
}

/// The requests of a task that undoes a squeeze step.
pub(crate) fn describe_unsqueeze(
    task: &mut ScratchPlan,
    horizontal: bool,
    width: usize,
    height: usize,
) -> Result<(), AllocError> {
    match horizontal {
        true => task.slice::<i32>(width),
        false => task.plane::<i32>(STRIP_COLUMNS.min(width), height),
    }
}

/// Tasks of a squeeze step.
pub(crate) fn squeeze_tasks(horizontal: bool, width: usize, height: usize) -> usize {
    match horizontal {
        true => height.div_ceil(BAND_ROWS),
        false => width.div_ceil(STRIP_COLUMNS),
    }
}

/// The weighted predictor's memory of rows.
pub(crate) fn describe_weighted(task: &mut ScratchPlan, width: usize) -> Result<(), AllocError> {
    task.possibly(|task| {
        task.slice::<[u32; 4]>(width)?;
        task.slice::<i32>(width)
    })
}
