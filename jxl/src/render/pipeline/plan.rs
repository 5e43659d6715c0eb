use frame_arena::{AllocError, PlanRequest};
use jxl_frame::FrameHeader;
use jxl_frame::filter::{EdgePreservingFilter, Gabor};

use crate::render::epf::Pass;
use crate::render::noise;
use crate::render::span::Span;
use crate::render::upsampling;

/// The scratch of a [`Pipeline`](super::Pipeline), as far as headers tell it.
pub(crate) struct StripPlan {
    /// Columns of the colour channels before upsampling, and of the frame.
    pub(crate) coded_width: usize,
    pub(crate) width: usize,
    has_gaborish: bool,
    passes: &'static [Pass],
    factor: usize,
    /// Side of groups, with noise.
    noise_groups: Option<usize>,
    has_patches: bool,
    /// Of the extra channels that are wanted as floats.
    pub(crate) extra_factors: Vec<usize>,
}

impl StripPlan {
    /// For a frame; `extra_factors` are those of the extra channels that are wanted as floats.
    pub(crate) fn new(header: &FrameHeader, extra_factors: Vec<usize>) -> Self {
        let filter = &header.restoration_filter;
        Self {
            coded_width: header.color_sample_width() as usize,
            width: header.sample_width(1) as usize,
            has_gaborish: matches!(filter.gab, Gabor::Enabled(_)),
            passes: match &filter.epf {
                EdgePreservingFilter::Enabled(params) => Pass::of_iterations(params.iters),
                EdgePreservingFilter::Disabled => &[],
            },
            factor: header.upsampling as usize,
            noise_groups: header.flags.noise().then(|| header.group_dim() as usize),
            has_patches: header.flags.patches(),
            extra_factors,
        }
    }

    /// Rows above and below a row of the colour channels that it depends on.
    pub(crate) fn border(&self) -> usize {
        let passes: usize = self.passes.iter().map(|pass| pass.border()).sum();
        usize::from(self.has_gaborish) + passes + self.upsampling_border()
    }

    fn upsampling_border(&self) -> usize {
        match self.factor {
            1 => 0,
            _ => upsampling::BORDER,
        }
    }

    /// The requests of a strip of at most `count` columns of the frame.
    pub(crate) fn describe(
        &self,
        count: usize,
        task: &mut impl PlanRequest,
    ) -> Result<(), AllocError> {
        let span = |factor: usize, border: usize, width: usize| {
            // Columns of the frame may start inside of one that is upsampled.
            let count = count.div_ceil(factor) + usize::from(factor > 1);
            Span::most(count, border, width)
        };
        let extra_factors = self.extra_factors.iter();
        for &factor in extra_factors.filter(|&&factor| factor > 1) {
            let span = span(factor, upsampling::BORDER, self.width.div_ceil(factor));
            task.plane::<f32>(span, 2 * upsampling::BORDER + 1)?;
            upsampler(factor, 1, span, task)?;
        }
        if let Some(group_dim) = self.noise_groups {
            noise::describe(count, self.width, group_dim, task)?;
        }
        let span = span(self.factor, self.border(), self.coded_width);
        if self.factor > 1 {
            upsampler(self.factor, 3, span, task)?;
        }
        for &pass in self.passes {
            task.slice::<f32>(span)?;
            for rows in pass.difference_rows() {
                task.plane::<f32>(span, rows)?;
            }
        }
        // A ring keeps what its reader looks at; they are made from the last to the first.
        let gaborish = self.has_gaborish.then_some(1);
        let passes = self.passes.iter().map(|pass| pass.border());
        let readers = gaborish.into_iter().chain(passes);
        for border in readers.chain([self.upsampling_border()]).rev() {
            task.plane::<f32>(span, 3 * (2 * border + 1))?;
        }
        if self.has_patches {
            task.plane::<f32>(span, self.extra_factors.len())?;
        }
        task.plane::<f32>(count, self.extra_factors.len())
    }
}

fn upsampler(
    factor: usize,
    channels: usize,
    span: usize,
    task: &mut impl PlanRequest,
) -> Result<(), AllocError> {
    task.plane::<f32>(span * factor, factor * channels)?;
    task.slice::<f32>(span)?;
    task.slice::<f32>(span)
}
