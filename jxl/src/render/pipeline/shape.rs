use crate::grid::Size;
use crate::headers::{FrameHeader, RestorationFilter};
use crate::render::filter::Filter;
use crate::render::restoration::AnyFilter;
use crate::render::upsampling;

/// The processing of a frame's rows as determined by headers. It tells which samples a strip
/// depends on and how much memory it takes.
#[derive(Clone, Copy)]
pub(crate) struct PipelineShape<'p> {
    /// Size of the color channels before upsampling.
    pub(crate) coded_size: Size,
    /// Size of the frame: that of the color channels after upsampling, without
    /// padding.
    pub(crate) size: Size,
    pub(crate) restoration: &'p RestorationFilter,
    /// Whether patches are drawn after the filters.
    pub(crate) has_patches: bool,
    /// Whether splines are painted after the patches.
    pub(crate) has_splines: bool,
    /// Factor of the upsampling of the color channels.
    pub(crate) factor: usize,
    /// Side of the groups in which noise is made, if there is noise.
    pub(crate) noise_group_dim: Option<usize>,
    /// Whether channels are Cb, Y, Cr and become R, G, B.
    pub(crate) is_ycbcr: bool,
    /// Factors of the upsampling of the extra channels that are wanted as floats, in the order of
    /// the source.
    pub(crate) extra_factors: &'p [usize],
}

impl<'p> PipelineShape<'p> {
    /// The shape for a frame. `extra_factors` are those of the extra channels that are wanted as
    /// floats. Colors that stay coded are not converted to R, G, B.
    pub(crate) fn new(
        header: &'p FrameHeader<'_>,
        stays_coded: bool,
        extra_factors: &'p [usize],
    ) -> Self {
        let samples = |[width, height]: [u32; 2]| Size::new(width as usize, height as usize);
        Self {
            coded_size: samples([header.color_sample_width(), header.color_sample_height()]),
            size: samples([header.sample_width(1), header.sample_height(1)]),
            restoration: &header.restoration_filter,
            has_patches: header.flags.patches(),
            has_splines: header.flags.splines(),
            factor: header.upsampling as usize,
            noise_group_dim: header.flags.noise().then(|| header.group_dim() as usize),
            is_ycbcr: header.do_ycbcr && !stays_coded,
            extra_factors,
        }
    }

    /// The shape for a frame whose color channels are decoded smaller, to `size`, and filtered by
    /// `restoration`. Noise is left out.
    pub(crate) fn reduced(self, size: Size, restoration: &'p RestorationFilter) -> Self {
        Self {
            coded_size: size,
            size,
            restoration,
            noise_group_dim: None,
            ..self
        }
    }

    /// True if rows are output unchanged.
    pub(crate) fn is_empty(&self) -> bool {
        self.filters().next().is_none()
            && self.factor == 1
            && self.noise_group_dim.is_none()
            && self.extra_factors.is_empty()
            && !(self.has_patches || self.has_splines || self.is_ycbcr)
    }

    /// Number of rows above and below a row of the color channels, before upsampling, that it
    /// depends on.
    pub(crate) fn border(&self) -> usize {
        self.borders().sum()
    }

    /// Restoration filters in the order of application.
    pub(super) fn filters(&self) -> impl Iterator<Item = AnyFilter> {
        AnyFilter::of_frame(self.restoration)
    }

    /// How far each filter, and then upsampling, reads around a sample.
    pub(super) fn borders(&self) -> impl Iterator<Item = usize> {
        let upsampling = match self.factor {
            1 => 0,
            _ => upsampling::BORDER,
        };
        self.filters()
            .map(|filter| filter.border())
            .chain([upsampling])
    }
}
