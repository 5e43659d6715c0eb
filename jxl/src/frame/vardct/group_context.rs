use frame_arena::Scope;

use super::frame::Frame;
use crate::Error;
use crate::bits::Bits;
use crate::frame::render::{Color, Renderer};
use crate::frame::target::Target;
use crate::grid::GroupPos;
use crate::memory::{List, Memory};
use crate::render::Placed;
use crate::vardct::GroupDecoder;

/// What the groups of a frame are decoded and finished with.
pub(super) struct GroupContext<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) decoder: GroupDecoder<'a>,
    pub(super) renderer: Renderer<'a>,
    /// Where the only group starts if all is in one section.
    pub(super) bits: Bits<'a>,
}

impl<'a> GroupContext<'a> {
    /// Readers of all passes of a group.
    pub(super) fn pass_sections<'m>(
        &self,
        pos: GroupPos,
        memory: Memory<'m>,
    ) -> Result<List<'m, Bits<'a>>, Error> {
        let Frame {
            context, sections, ..
        } = self.frame;
        if sections.is_single() {
            return memory.collect([self.bits.clone()]);
        }
        let group = pos.index(context.groups().width);
        let passes = 0..context.header.passes.num_passes as usize;
        memory.try_collect(passes.map(|pass| sections.group(pass, group)))
    }

    /// Finishes a piece of the frame; `color` and `extra` have the samples it depends on.
    pub(super) fn finish(
        &self,
        color: &Color<'_>,
        extra: &[Placed<'_, i32>],
        piece: Target<'_>,
        scope: &Scope,
    ) -> Result<(), Error> {
        for mut tile in piece.into_strips() {
            self.renderer.put_tile(color, extra, &mut tile, scope)?;
        }
        Ok(())
    }
}
