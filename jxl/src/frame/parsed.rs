use super::context::{FrameContext, FramePlace};
use super::lf_global::LfGlobal;
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
use crate::vardct::VarDctGlobal;
use frame_arena::Scope;

/// A frame read up to the samples in its LF global section, which decides how it is decoded.
pub(super) struct ParsedFrame<'a> {
    pub(super) image: &'a ImageHeader,
    pub(super) context: FrameContext<'a>,
    pub(super) sections: Sections<'a>,
    pub(super) global: LfGlobal<'a>,
    pub(super) rows: RowsShape<'a>,
}

/// The three ways to decode a frame.
pub(super) enum Way<'a> {
    /// LF groups, then rows of groups.
    VarDct(&'a VarDctGlobal<'a>),
    /// Groups are decoded and written out one by one, as each pixel depends only on coded samples
    /// of its own place.
    Streamed,
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
        let frame = Self {
            image,
            context,
            sections,
            global,
            rows,
        };
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
            None => Way::Whole,
        }
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
