use frame_arena::{AllocError, PlanRequest, ScopePlan, ScratchPlan, ScratchRoom};
use jxl_image::ImageHeader;

use super::{Described, PlannedFrame};
use crate::frame::context::FrameContext;
use crate::render::{STRIP_WIDTH, StripPlan};

/// How rows get from decoded samples to the target.
pub(in crate::frame) struct RowsPlan {
    pub(super) strip: StripPlan,
    /// Extra channels that rows are blended with, if they are.
    blended: Option<usize>,
    /// Nothing is done to decoded samples.
    is_unfiltered: bool,
}

impl RowsPlan {
    pub(in crate::frame) fn new(
        context: &FrameContext<'_>,
        image: &ImageHeader,
        is_plain: bool,
    ) -> Self {
        let header = context.header;
        let extra = image.metadata.ec_info.iter().zip(&header.ec_upsampling);
        let factors = extra.map(|(info, &upsampling)| (upsampling << info.dim_shift) as usize);
        let mut factors: Vec<_> = factors.collect();
        let are_wanted = !is_plain || header.flags.patches();
        if !are_wanted && factors.iter().all(|&factor| factor == 1) {
            factors.clear();
        }
        let flags = &header.flags;
        let is_unfiltered = factors.is_empty()
            && header.upsampling == 1
            && !header.restoration_filter.gab.enabled()
            && !header.restoration_filter.epf.enabled()
            && !(flags.patches() || flags.splines() || flags.noise() || header.do_ycbcr);
        Self {
            strip: StripPlan::new(header, factors),
            is_unfiltered,
            blended: (!is_plain).then_some(context.extra_channels),
        }
    }

    /// True if rows of samples are finished as they are decoded.
    pub(super) fn is_plain(&self) -> bool {
        self.blended.is_none() && self.is_unfiltered
    }

    /// Room that the scratch of any strip does with.
    pub(in crate::frame) fn room_bytes(&self) -> Result<usize, AllocError> {
        // Strips of a layer may start anywhere: in this column they have most around them.
        let moved = STRIP_WIDTH - 1 + 9;
        let moved = moved..(moved + STRIP_WIDTH).min(self.strip.width);
        let moved = (self.blended.is_some() && !moved.is_empty()).then_some(moved);
        let mut most = 0;
        for columns in self.strip.strips().chain(moved) {
            let mut room = ScratchRoom::new();
            if let Some(extra) = self.blended {
                room.plane::<f32>(columns.len(), extra)?;
            }
            self.strip.describe(columns, &mut room)?;
            most = most.max(room.room_bytes());
        }
        Ok(most)
    }
}

impl PlannedFrame<'_> {
    /// Strips of the frame, finished by tasks; `bands` of them below one another are there at once.
    pub(super) fn describe_strips(&self, scope: &mut ScopePlan<'_>, bands: usize) -> Described {
        let count = self.rows.strip.width.div_ceil(STRIP_WIDTH) * bands;
        let room_bytes = self.rows.room_bytes()?;
        Ok(scope.tasks(self.at_once(count), |task| task.room(room_bytes))?)
    }

    /// Rows of integers, finished as they are.
    pub(super) fn describe_integer_rows(&self, task: &mut ScratchPlan, width: usize) -> Described {
        if self.context.is_xyb {
            task.plane::<f32>(width, 3)?;
        }
        Ok(())
    }
}
