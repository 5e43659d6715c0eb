use frame_arena::Scope;
use jxl_frame::FrameHeader;
use jxl_frame::header::Encoding;
use jxl_image::ImageHeader;

use super::composition::extra_kinds;
use super::kept::Kept;
use crate::Error;
use crate::modular::ChannelShape;
use crate::render::ExtraKind;

/// What all sections of a frame share, known from its headers.
pub(super) struct FrameContext<'a> {
    /// Holds what several stages read.
    pub(super) scope: &'a Scope,
    pub(super) header: &'a FrameHeader,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) group_dim: usize,
    /// Colour channels in Modular coding: 1, 3, or none in VarDCT frames.
    pub(super) colour_channels: usize,
    pub(super) extra_channels: usize,
    /// log2 of the subsampling of each extra channel against the colour channels.
    extra_shifts: Vec<u32>,
    /// What each extra channel is to blending.
    pub(super) extra_kinds: Vec<ExtraKind>,
    pub(super) is_xyb: bool,
    pub(super) bit_depth: u32,
    pub(super) place: FramePlace<'a>,
}

/// What a frame must know of those before it, and of what becomes of it.
#[derive(Clone, Copy)]
pub(super) struct FramePlace<'a> {
    pub(super) kept: &'a Kept,
    /// Visible frames up to this one, and invisible ones since the last visible one, itself included.
    pub(super) counts: [u32; 2],
    /// Colours stay X, Y, B or Cb, Y, Cr.
    pub(super) stays_coded: bool,
    /// Extra channels are wanted as floats.
    pub(super) wants_float_extra: bool,
}

impl<'a> FrameContext<'a> {
    /// # Errors
    /// Extra channels that are larger than the colour channels or subsampled by more than 8.
    pub(super) fn new(
        scope: &'a Scope,
        image: &ImageHeader,
        header: &'a FrameHeader,
        place: FramePlace<'a>,
    ) -> Result<Self, Error> {
        let extra = image.metadata.ec_info.iter().zip(&header.ec_upsampling);
        let extra_shifts = extra.map(|(info, upsampling)| {
            let total = upsampling.ilog2() + info.dim_shift;
            let shift = total.checked_sub(header.upsampling.ilog2());
            shift.filter(|_| total <= 3).ok_or_else(|| {
                Error::corrupt("extra channel larger than the colours or subsampled by more than 8")
            })
        });
        Ok(Self {
            scope,
            header,
            width: header.color_sample_width() as usize,
            height: header.color_sample_height() as usize,
            group_dim: header.group_dim() as usize,
            colour_channels: match header.encoding {
                Encoding::Modular => header.encoded_color_channels(),
                Encoding::VarDct => 0,
            },
            extra_channels: image.metadata.ec_info.len(),
            extra_kinds: extra_kinds(image),
            place,
            is_xyb: image.metadata.xyb_encoded,
            bit_depth: image.metadata.bit_depth.bits_per_sample(),
            extra_shifts: extra_shifts.collect::<Result<_, _>>()?,
        })
    }

    /// Width and height of the frame, after upsampling.
    pub(super) fn size(&self) -> (usize, usize) {
        frame_size(self.header)
    }

    /// Columns and rows of groups.
    pub(super) fn groups(&self) -> (usize, usize) {
        self.cells(self.group_dim)
    }

    /// Columns and rows of LF groups.
    pub(super) fn lf_groups(&self) -> (usize, usize) {
        self.cells(self.group_dim * 8)
    }

    fn cells(&self, dim: usize) -> (usize, usize) {
        (self.width.div_ceil(dim), self.height.div_ceil(dim))
    }

    /// The channels of a rectangle of the picture: colour, then extra channels.
    pub(super) fn picture(&self, width: usize, height: usize) -> Vec<ChannelShape> {
        let mut channels = vec![ChannelShape::full(width, height); self.colour_channels];
        channels.extend(self.extra_shifts.iter().map(|&shift| ChannelShape {
            width: width.div_ceil(1 << shift),
            height: height.div_ceil(1 << shift),
            hshift: shift as i32,
            vshift: shift as i32,
        }));
        channels
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

    /// Number of the Modular stream of the first quantisation table.
    pub(super) fn table_stream(&self) -> u32 {
        (1 + 3 * self.lf_group_count()) as u32
    }

    /// Number of the Modular stream of one pass of a group.
    pub(super) fn group_stream(&self, pass: usize, group: usize) -> u32 {
        const QUANTISATION_TABLES: usize = 17;
        let (columns, rows) = self.groups();
        let before = self.table_stream() as usize + QUANTISATION_TABLES;
        (before + columns * rows * pass + group) as u32
    }

    pub(super) fn lf_group_count(&self) -> usize {
        let (columns, rows) = self.lf_groups();
        columns * rows
    }

    /// The pass that codes channels which are subsampled by 2^`shift`, `shift` from 0 to 2.
    pub(super) fn pass_of_shift(&self, shift: i32) -> usize {
        let passes = &self.header.passes;
        let mut lowest = 3;
        for pass in 0..passes.num_passes {
            let resolutions = passes.last_pass.iter().zip(&passes.downsample);
            for (_, downsample) in resolutions.filter(|&(&last, _)| last == pass) {
                lowest = downsample.trailing_zeros() as i32;
            }
            if lowest <= shift {
                return pass as usize;
            }
        }
        passes.num_passes as usize - 1
    }
}

/// Width and height of a frame, after upsampling.
pub(super) fn frame_size(header: &FrameHeader) -> (usize, usize) {
    (
        header.sample_width(1) as usize,
        header.sample_height(1) as usize,
    )
}
