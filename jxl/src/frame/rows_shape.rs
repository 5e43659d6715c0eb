use frame_arena::{AllocError, ScratchPlan, ScratchRoom, Spec};

use crate::frame::context::FrameContext;
use crate::frame::margins::Margins;
use crate::frame::render::ExtraAverages;
use crate::headers::{Encoding, ImageHeader};
use crate::memory::Memory;
use crate::render::{Blender, PipelineShape, STRIP_WIDTH};
use crate::vardct::Geometry;
use crate::{Error, Reduction};

/// The part of a frame's rendering that headers determine.
pub(super) struct RowsShape<'a> {
    pub(super) pipeline: PipelineShape<'a>,
    /// Whether extra channels are output as floats.
    pub(super) floats_extra: bool,
    /// Whether samples are integers that go to the caller's buffer without changes.
    pub(super) is_direct: bool,
    /// How extra channels become as small as the colors, if they are larger.
    pub(super) extra_averages: Option<ExtraAverages>,
    /// Number of extra channels, if rows are blended.
    blended: Option<usize>,
    /// Columns of the widest strip.
    widest: usize,
}

impl<'a> RowsShape<'a> {
    /// # Errors
    /// Memory.
    pub(super) fn new(
        context: &FrameContext<'a>,
        image: &ImageHeader,
        memory: Memory<'a>,
    ) -> Result<Self, Error> {
        let (header, place) = (context.header, &context.place);
        let extra = image.metadata.ec_info.iter().zip(header.ec_upsampling());
        let factors = extra.map(|(info, upsampling)| (upsampling << info.dim_shift) as usize);
        let factors: &[usize] = memory.collect(factors)?.leak();
        let floats_extra = place.wants_float_extra
            || header.flags.patches()
            || factors.iter().any(|&factor| factor > 1);
        let factors = if floats_extra { factors } else { &[] };
        let pipeline = PipelineShape::new(header, place.stays_coded, factors);
        let pipeline = match place.reduction {
            Reduction::Full => pipeline,
            reduction => {
                let filter = header.restoration_filter.reduced(reduction);
                let filter = memory.collect([filter])?.leak();
                pipeline.reduced(context.decoded_size(), &filter[0])
            }
        };
        let blended = place.wants_float_extra.then_some(context.extra_channels);
        let is_integer = header.encoding == Encoding::Modular && !context.is_xyb;
        Ok(Self {
            is_direct: is_integer && !floats_extra && pipeline.is_empty(),
            widest: widest_strip(context, &pipeline),
            pipeline,
            floats_extra,
            extra_averages: extra_averages(context),
            blended,
        })
    }

    /// True if rows are finished as they are decoded, and go to the caller's buffer.
    pub(super) fn is_plain(&self) -> bool {
        !self.floats_extra && self.pipeline.is_empty()
    }

    /// Scratch bytes sufficient for any strip.
    pub(super) fn room_bytes(&self) -> Result<usize, AllocError> {
        let mut room = ScratchRoom::new();
        let blender = self.blended.map(|extra| Blender::spec(extra, self.widest));
        blender.plan(&mut room)?;
        let averages = self.extra_averages;
        let averages = averages.map(|averages| averages.spec(self.widest));
        averages.plan(&mut room)?;
        self.pipeline.plan_strip(self.widest, &mut room)?;
        Ok(room.room_bytes())
    }

    /// Plans [`Renderer::put_tile`](super::render::Renderer::put_tile).
    pub(super) fn plan_tile(&self, task: &mut ScratchPlan) -> Result<(), AllocError> {
        match self.is_direct {
            true => Ok(()),
            false => task.room(self.room_bytes()?),
        }
    }
}

fn extra_averages(context: &FrameContext<'_>) -> Option<ExtraAverages> {
    let reduction = context.place.reduction;
    let is_needed = reduction != Reduction::Full && context.extra_channels > 0;
    is_needed.then(|| ExtraAverages {
        factor: reduction.factor() as usize,
        size: context.coded_size(),
        channels: context.extra_channels,
    })
}

/// Columns of the widest strip of a frame.
fn widest_strip(context: &FrameContext<'_>, pipeline: &PipelineShape<'_>) -> usize {
    let header = context.header;
    let columns = match header.encoding {
        Encoding::Modular => STRIP_WIDTH,
        Encoding::VarDct => {
            let geometry = Geometry::new(header, context.place.reduction);
            let margins = Margins::new(context, &geometry, (pipeline.border(), 0));
            (context.decoded_group_dim() + margins.columns) * pipeline.factor
        }
    };
    columns.min(STRIP_WIDTH).min(pipeline.size.width)
}
