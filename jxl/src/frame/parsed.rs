use super::context::{FrameContext, FramePlace, LF_SHIFT};
use super::lf_global::LfGlobal;
use super::margins::border_of;
use super::rows_shape::RowsShape;
use super::sections::Sections;
use super::unsupported;
use crate::Error;
use crate::bits::Bits;
use crate::grid::{Rect, Size};
use crate::headers::ImageHeader;
use crate::image::CodedFrame;
use crate::input::Available;
use crate::memory::Memory;
use crate::modular::{BandsShape, ChannelShape};
use crate::vardct::{Geometry, VarDctGlobal};
use frame_arena::Scope;

/// A frame read up to the samples in its LF global section, which decides how it is decoded.
pub(super) struct ParsedFrame<'a> {
    pub(super) image: &'a ImageHeader,
    pub(super) context: FrameContext<'a>,
    pub(super) sections: Sections<'a>,
    pub(super) global: LfGlobal<'a>,
    pub(super) rows: RowsShape<'a>,
    /// How Modular channels are undone by rows of groups, if they are.
    pub(super) bands: Option<BandsShape<'a>>,
}

/// The three ways to decode a frame.
pub(super) enum Way<'a> {
    /// LF groups, then rows of groups.
    VarDct(&'a VarDctGlobal<'a>),
    /// Groups are decoded and written out one by one, as each pixel depends only on coded samples
    /// of its own place.
    Streamed,
    /// Squeezed channels are undone by rows of groups.
    Banded(&'a BandsShape<'a>),
    /// Channels are kept whole.
    Whole,
}

impl<'a> ParsedFrame<'a> {
    /// Reads a frame of `image`, whose sections are in `codestream`. The reader goes on in the LF
    /// global section.
    ///
    /// # Errors
    /// Truncated or corrupt sections, parts of the standard not decoded yet, memory.
    pub(super) fn new(
        (scope, memory): (&'a Scope, Memory<'a>),
        image: &'a ImageHeader,
        coded: &'a CodedFrame<'_>,
        codestream: Available<'a>,
        place: FramePlace<'a>,
    ) -> Result<(Self, Bits<'a>), Error> {
        let header = &coded.header;
        unsupported::check(header)?;
        let sections = Sections::new(coded.toc, codestream, coded.sections.start);
        let context = FrameContext::new((scope, memory), image, header, place)?;
        place.budget.check(context.samples())?;
        let mut bits = sections.lf_global()?;
        let global = LfGlobal::parse(&mut bits, &context, memory)?;
        let rows = RowsShape::new(&context, image, memory)?;
        let mut frame = Self {
            image,
            context,
            sections,
            global,
            rows,
            bands: None,
        };
        frame.bands = frame.bands(memory)?;
        frame.spend_transforms()?;
        Ok((frame, bits))
    }

    /// Counts the work of undoing the transforms of the Modular channels.
    fn spend_transforms(&self) -> Result<(), Error> {
        let context = &self.context;
        let groups = self.wanted_groups();
        let Size { width, height } = groups.cells(context.group_dim, context.coded_size()).size;
        let work = (self.global.header).transform_work(context.picture(width, height));
        context.place.budget.spend(work)
    }

    pub(super) fn way(&self) -> Way<'_> {
        match &self.global.vardct {
            Some(vardct) => Way::VarDct(vardct),
            None if self.rows.is_plain() && self.global.is_streamable(&self.context) => {
                Way::Streamed
            }
            None => match &self.bands {
                Some(bands) => Way::Banded(bands),
                None => Way::Whole,
            },
        }
    }

    /// How Modular channels are undone by rows of groups. None if they are not squeezed, if they
    /// have other transforms, or if their rows depend on others when they are finished.
    fn bands(&self, memory: Memory<'a>) -> Result<Option<BandsShape<'a>>, Error> {
        let Self {
            context, global, ..
        } = self;
        let header = context.header;
        let border = self.rows.pipeline.border();
        let is_modular = global.vardct.is_none();
        if self.sections.is_single() || header.upsampling > 1 || is_modular && border > 0 {
            return Ok(None);
        }
        let margin = match context.groups().height {
            1 => 0,
            _ => border_of(&Geometry::new(header, context.place.reduction), border).height,
        };
        let margin = if is_modular { 0 } else { margin };
        let picture = memory.collect(context.picture(context.width, context.height))?;
        let is_in_group = |index: usize, shape: &ChannelShape| {
            index >= global.global_channels && shape.shift() < LF_SHIFT
        };
        let factor = context.place.reduction.factor() as usize;
        let sizes = (context.group_dim, margin * factor, factor);
        BandsShape::new(&global.layout, &picture, sizes, is_in_group, memory)
    }

    /// The shape of the squeezed channels whose averages are channels of an eighth of the width and
    /// height: all of a Modular frame whose samples are only converted, or the extra channels of a
    /// VarDCT frame.
    pub(super) fn averages(&self) -> Option<&BandsShape<'a>> {
        let is_wanted = self.global.vardct.is_some() || self.rows.is_plain();
        let bands = self.bands.as_ref().filter(|_| is_wanted);
        bands.filter(|bands| bands.has_eighths())
    }

    /// Rows of squeezed channels that are finished with the next row of groups.
    pub(super) fn lag(&self) -> usize {
        self.bands.as_ref().map_or(0, BandsShape::lag)
    }

    /// Groups that the Modular channels of the wanted part depend on.
    pub(super) fn wanted_groups(&self) -> Rect {
        let border = self.rows.pipeline.border();
        match self.global.is_streamable(&self.context) {
            true => self.context.wanted_groups(Size::square(border)),
            // Transforms look at samples of other groups.
            false => Rect::whole(self.context.groups()),
        }
    }

    /// True if the extra channels of a VarDCT frame are decoded with the coefficients of each
    /// group.
    pub(super) fn has_local_extra(&self) -> bool {
        self.context.extra_channels > 0 && self.global.is_streamable(&self.context)
    }
}
