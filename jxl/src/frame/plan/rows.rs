use frame_arena::{AllocError, PlanRequest, ScopePlan, ScratchPlan, ScratchRoom};
use jxl_frame::header::Encoding;
use jxl_image::ImageHeader;

use super::{Described, PlannedFrame};
use crate::frame::context::FrameContext;
use crate::frame::vardct::Margins;
use crate::render::{STRIP_WIDTH, StripPlan};
use crate::vardct::Geometry;

/// How rows get from decoded samples to the target.
pub(in crate::frame) struct RowsPlan {
    pub(super) strip: StripPlan,
    /// Extra channels that rows are blended with, if they are.
    blended: Option<usize>,
    /// Nothing is done to decoded samples.
    is_unfiltered: bool,
    /// Columns of the widest strip.
    widest: usize,
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
        let strip = StripPlan::new(header, factors);
        Self {
            widest: widest_strip(context, &strip),
            strip,
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
        let mut room = ScratchRoom::new();
        if let Some(extra) = self.blended {
            room.plane::<f32>(self.widest, extra)?;
        }
        self.strip.describe(self.widest, &mut room)?;
        Ok(room.room_bytes())
    }
}

/// Columns of the widest strip of a frame.
fn widest_strip(context: &FrameContext<'_>, strip: &StripPlan) -> usize {
    let header = context.header;
    let columns = match header.encoding {
        Encoding::Modular => STRIP_WIDTH,
        Encoding::VarDct => {
            let margins = Margins::new(context, &Geometry::new(header), strip.border());
            (context.group_dim + margins.columns) * header.upsampling as usize
        }
    };
    columns.min(STRIP_WIDTH).min(strip.width)
}

impl PlannedFrame<'_> {
    /// Strips of the frame, finished by tasks; `bands` of them below one another are there at once.
    pub(super) fn describe_strips(&self, scope: &mut ScopePlan<'_>, bands: usize) -> Described {
        let count = self.rows.strip.width.div_ceil(STRIP_WIDTH) * bands;
        Ok(scope.tasks(self.at_once(count), |task| self.describe_strip(task))?)
    }

    /// One strip.
    pub(super) fn describe_strip(&self, task: &mut ScratchPlan) -> Result<(), AllocError> {
        task.room(self.rows.room_bytes()?)
    }

    /// Rows of integers, finished as they are.
    pub(super) fn describe_integer_rows(&self, task: &mut ScratchPlan, width: usize) -> Described {
        if self.context.is_xyb {
            task.plane::<f32>(width, 3)?;
        }
        Ok(())
    }
}
