use frame_arena::Scope;

use crate::frame::context::FrameContext;
use crate::frame::lf_global::LfGlobal;
use crate::frame::margins::border_of;
use crate::frame::parsed::ParsedFrame;
use crate::frame::sections::Sections;
use crate::grid::{GroupPos, Rect, Size};
use crate::modular::StreamContext;
use crate::vardct::{BLOCK_DIM, Geometry, VarDctGlobal};
use crate::{Error, Reduction};

/// Groups along a side of an LF group.
const LF_GROUPS: usize = 8;

/// A VarDCT frame. Its LF global section has been read up to the samples.
pub(in crate::frame) struct Frame<'a> {
    pub(super) parsed: &'a ParsedFrame<'a>,
    pub(super) context: &'a FrameContext<'a>,
    pub(super) sections: &'a Sections<'a>,
    pub(super) global: &'a LfGlobal<'a>,
    pub(super) vardct: &'a VarDctGlobal<'a>,
    pub(super) geometry: Geometry,
    /// Groups that the wanted part of the frame depends on.
    pub(super) groups: Rect,
}

impl<'a> Frame<'a> {
    pub(in crate::frame) fn new(parsed: &'a ParsedFrame<'a>, vardct: &'a VarDctGlobal<'a>) -> Self {
        let geometry = Geometry::new(parsed.context.header, parsed.context.place.reduction);
        let mut border = border_of(&geometry, parsed.rows.pipeline.border());
        border.height = border.height.max(parsed.lag());
        Self {
            parsed,
            context: &parsed.context,
            sections: &parsed.sections,
            global: &parsed.global,
            vardct,
            geometry,
            groups: parsed.context.wanted_groups(border),
        }
    }

    /// True if extra channels depend on all LF groups, because they are not decoded group by group.
    fn reads_all_lf_groups(&self) -> bool {
        self.context.extra_channels > 0 && !self.parsed.has_local_extra()
    }

    /// LF groups to decode.
    pub(super) fn lf_groups(&self) -> Rect {
        if self.reads_all_lf_groups() {
            return Rect::whole(self.context.lf_groups());
        }
        let blocks = self.geometry.blocks();
        let group_blocks = self.context.group_dim / BLOCK_DIM;
        let wanted = self.groups.cells(group_blocks, blocks);
        // Smoothing reads one LF sample beyond each side.
        let border = Size::square(usize::from(self.smooths_lf()));
        wanted
            .grown(border, blocks)
            .squares(Geometry::LF_GROUP.width)
    }

    /// The number of passes of each group that are read, from the first. A smaller frame needs
    /// those of a frame twice as large, whose further coefficients change averages. Extra channels
    /// may be in any pass.
    pub(super) fn wanted_passes(&self) -> usize {
        let (passes, reduction) = (&self.context.header.passes, self.context.place.reduction);
        match reduction != Reduction::Full && self.context.extra_channels == 0 {
            true => passes.needed_for(reduction.factor() / 2),
            false => passes.num_passes as usize,
        }
    }

    /// True if the LF group that contains group `pos` has its section.
    pub(super) fn has_lf_group(&self, pos: GroupPos) -> Result<bool, Error> {
        if self.sections.is_single() {
            return Ok(true);
        }
        let lf_group = GroupPos {
            column: pos.column / LF_GROUPS,
            row: pos.row / LF_GROUPS,
        };
        let index = lf_group.index(self.context.lf_groups().width);
        Ok(self.sections.lf_group(index)?.is_some())
    }

    /// True if the frame's LF image is smoothed.
    pub(super) fn smooths_lf(&self) -> bool {
        let flags = self.context.header.flags;
        !(flags.skip_adaptive_lf_smoothing() || flags.use_lf_frame())
    }

    /// # Errors
    /// A subsampled LF image that is smoothed.
    pub(super) fn check_smoothing(&self) -> Result<(), Error> {
        match self.smooths_lf() && self.geometry.is_subsampled() {
            true => Err(Error::corrupt("smoothing of a subsampled LF image")),
            false => Ok(()),
        }
    }

    pub(super) fn stream<'s>(&'s self, stream_index: u32, scope: &'s Scope) -> StreamContext<'s> {
        self.global.stream(self.context, scope, stream_index)
    }
}
