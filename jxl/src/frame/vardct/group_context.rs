use frame_arena::Scope;

use super::frame::Frame;
use super::lf_only::LfOnly;
use crate::Error;
use crate::bits::Bits;
use crate::frame::render::{Color, Renderer};
use crate::frame::target::Target;
use crate::grid::GroupPos;
use crate::memory::{List, Memory};
use crate::render::Placed;
use crate::vardct::GroupDecoder;

/// The data and tools for decoding and finishing the groups of a frame.
pub(super) struct GroupContext<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) decoder: GroupDecoder<'a>,
    /// Fills groups whose sections are missing.
    pub(super) lf_only: LfOnly<'a>,
    pub(super) renderer: Renderer<'a>,
    /// Start of the only group, if the frame has a single section.
    pub(super) bits: Bits<'a>,
}

impl<'a> GroupContext<'a> {
    /// Readers of the wanted passes of a group before the first missing one. There are none if the
    /// LF group or the HF global section is missing, because coefficients depend on both.
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
        let wanted = self.frame.wanted_passes().min(self.decoder.pass_count());
        let mut passes = memory.list(wanted)?;
        if !self.frame.has_lf_group(pos)? {
            return Ok(passes);
        }
        for pass in 0..wanted {
            match sections.group(pass, group)? {
                Some(bits) => memory.add(&mut passes, bits)?,
                None => break,
            }
        }
        Ok(passes)
    }

    /// Finishes a piece of the frame. `color` and `extra` hold the samples that it depends on.
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
