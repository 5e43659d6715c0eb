use frame_arena::Scope;

use super::composition::extra_kinds;
use super::saved_frames::Kept;
use crate::budget::Budget;
use crate::grid::{Rect, Size};
use crate::headers::{Encoding, FrameHeader, ImageHeader};
use crate::memory::Memory;
use crate::modular::ChannelShape;
use crate::render::ExtraKind;
use crate::{Error, Reduction};

/// Channels that are subsampled at least so much in both directions are in LF groups.
pub(super) const LF_SHIFT: i32 = 3;

/// The state that all sections of a frame share, known from its headers.
pub(super) struct FrameContext<'a> {
    /// Scope of planes that several stages read.
    pub(super) scope: &'a Scope,
    pub(super) header: &'a FrameHeader<'a>,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) group_dim: usize,
    /// Color channels in Modular coding: 1, 3, or none in VarDCT frames.
    pub(super) color_channels: usize,
    pub(super) extra_channels: usize,
    /// log2 of the subsampling of each extra channel against the color channels.
    extra_shifts: &'a [u32],
    /// The kind of each extra channel for blending.
    pub(super) extra_kinds: &'a [ExtraKind],
    pub(super) is_xyb: bool,
    pub(super) bit_depth: u32,
    pub(super) place: FramePlace<'a>,
}

/// The position of a frame in the sequence, and its use.
#[derive(Clone, Copy)]
pub(super) struct FramePlace<'a> {
    pub(super) kept: &'a Kept,
    /// Visible frames up to this one, and invisible ones since the last visible one, itself
    /// included.
    pub(super) counts: [u32; 2],
    /// Whether colors stay X, Y, B or Cb, Y, Cr.
    pub(super) stays_coded: bool,
    /// Whether extra channels are wanted as floats.
    pub(super) wants_float_extra: bool,
    /// The part of the frame that is wanted; `None` stands for the whole frame, including parts
    /// outside of the canvas.
    pub(super) wanted: Option<Rect>,
    /// How much smaller than coded the samples of a VarDCT frame are made. A smaller frame is
    /// wanted whole.
    pub(super) reduction: Reduction,
    pub(super) budget: &'a Budget<'a>,
}

impl<'a> FramePlace<'a> {
    /// The place of a whole frame that is shown as it is, for planning.
    pub(super) fn planning(kept: &'a Kept, budget: &'a Budget<'a>) -> Self {
        Self {
            kept,
            counts: [1, 0],
            stays_coded: false,
            wants_float_extra: false,
            wanted: None,
            reduction: Reduction::Full,
            budget,
        }
    }
}

impl<'a> FrameContext<'a> {
    /// # Errors
    /// Memory.
    pub(super) fn new(
        (scope, memory): (&'a Scope, Memory<'a>),
        image: &ImageHeader,
        header: &'a FrameHeader<'a>,
        place: FramePlace<'a>,
    ) -> Result<Self, Error> {
        let extra = image.metadata.ec_info.iter().zip(header.ec_upsampling());
        let extra_shifts = extra.map(|(info, upsampling)| {
            // The frame header is refused where an extra channel is larger than the colors.
            (upsampling << info.dim_shift).ilog2() - header.upsampling.ilog2()
        });
        Ok(Self {
            scope,
            header,
            width: header.color_sample_width() as usize,
            height: header.color_sample_height() as usize,
            group_dim: header.group_dim() as usize,
            color_channels: match header.encoding {
                Encoding::Modular => header.encoded_color_channels(),
                Encoding::VarDct => 0,
            },
            extra_channels: image.metadata.ec_info.len(),
            extra_kinds: memory.collect(extra_kinds(image))?.leak(),
            place,
            is_xyb: image.metadata.xyb_encoded,
            bit_depth: image.metadata.bit_depth.bits(),
            extra_shifts: memory.collect(extra_shifts)?.leak(),
        })
    }

    /// Number of wanted samples over all channels and passes: the least work of the frame.
    pub(super) fn samples(&self) -> u64 {
        let color = match self.header.encoding {
            Encoding::Modular => self.color_channels as u64,
            Encoding::VarDct => 3 * u64::from(self.header.passes.num_passes),
        };
        let Size { width, height } = self.wanted_samples(Size::default()).size;
        let pixels = width as u64 * height as u64;
        let extra = self.extra_shifts.iter().map(|&shift| pixels >> (2 * shift));
        color.saturating_mul(pixels).saturating_add(extra.sum())
    }

    /// The size of the frame, after upsampling.
    pub(super) fn size(&self) -> Size {
        self.header.frame_size()
    }

    /// The size of the color channels, before upsampling.
    pub(super) fn coded_size(&self) -> Size {
        Size::new(self.width, self.height)
    }

    /// The size of the color channels as they are decoded, before upsampling.
    pub(super) fn decoded_size(&self) -> Size {
        let factor = self.place.reduction.factor() as usize;
        Size::new(self.width.div_ceil(factor), self.height.div_ceil(factor))
    }

    /// Side of a group of the color channels as they are decoded.
    pub(super) fn decoded_group_dim(&self) -> usize {
        self.group_dim >> self.place.reduction.log2()
    }

    /// The size of the largest group.
    pub(super) fn group_size(&self) -> Size {
        Size::square(self.group_dim).min(self.coded_size())
    }

    /// Columns and rows of groups.
    pub(super) fn groups(&self) -> Size {
        self.cells(self.group_dim)
    }

    /// The wanted samples of the color channels before upsampling, extended by `border`.
    fn wanted_samples(&self, border: Size) -> Rect {
        let size = self.coded_size();
        let Some(wanted) = self.place.wanted else {
            return Rect::whole(size);
        };
        wanted
            .squares(self.header.upsampling as usize)
            .grown(border, size)
    }

    /// The groups that the wanted part depends on, with `border` samples around it.
    pub(super) fn wanted_groups(&self, border: Size) -> Rect {
        self.wanted_samples(border).squares(self.group_dim)
    }

    /// Columns and rows of LF groups.
    pub(super) fn lf_groups(&self) -> Size {
        self.cells(self.group_dim * 8)
    }

    fn cells(&self, dim: usize) -> Size {
        Size::new(self.width.div_ceil(dim), self.height.div_ceil(dim))
    }

    /// The channels of a rectangle of the picture: color, then extra channels.
    pub(super) fn picture(
        &self,
        width: usize,
        height: usize,
    ) -> impl Iterator<Item = ChannelShape> + use<'a> {
        let color = (0..self.color_channels).map(move |_| ChannelShape::full(width, height));
        let extra = self.extra_shifts.iter().map(move |&shift| ChannelShape {
            width: width.div_ceil(1 << shift),
            height: height.div_ceil(1 << shift),
            hshift: shift as i32,
            vshift: shift as i32,
        });
        color.chain(extra)
    }

    /// Number of the Modular stream of the LF coefficients of an LF group
    /// (ISO/IEC 18181-1, annex H).
    pub(super) fn lf_coefficients_stream(&self, lf_group: usize) -> u32 {
        (1 + lf_group) as u32
    }

    /// Number of the Modular stream of an LF group.
    pub(super) fn lf_group_stream(&self, lf_group: usize) -> u32 {
        (1 + self.lf_group_count() + lf_group) as u32
    }

    /// Number of the Modular stream of the HF metadata of an LF group.
    pub(super) fn hf_metadata_stream(&self, lf_group: usize) -> u32 {
        (1 + 2 * self.lf_group_count() + lf_group) as u32
    }

    /// Number of the Modular stream of the first quantization table.
    pub(super) fn table_stream(&self) -> u32 {
        (1 + 3 * self.lf_group_count()) as u32
    }

    /// Number of the Modular stream of one pass of a group.
    pub(super) fn group_stream(&self, pass: usize, group: usize) -> u32 {
        const QUANTIZATION_TABLES: usize = 17;
        let before = self.table_stream() as usize + QUANTIZATION_TABLES;
        (before + self.group_count() * pass + group) as u32
    }

    pub(super) fn group_count(&self) -> usize {
        self.groups().area()
    }

    pub(super) fn lf_group_count(&self) -> usize {
        self.lf_groups().area()
    }

    /// The pass that codes channels subsampled by 2^`shift`, `shift` from 0 to 2.
    pub(super) fn pass_of_shift(&self, shift: i32) -> usize {
        let passes = &self.header.passes;
        let mut lowest = 3;
        for pass in 0..passes.num_passes {
            let mut resolutions = passes.resolutions().iter();
            if let Some((downsample, _)) = resolutions.find(|&&(_, last)| last == pass) {
                lowest = downsample.trailing_zeros() as i32;
            }
            if lowest <= shift {
                return pass as usize;
            }
        }
        passes.num_passes as usize - 1
    }
}
