use frame_arena::Stage;
use rayon::prelude::*;

use super::frame::Frame;
use crate::Error;
use crate::bits::Bits;
use crate::frame::groups::SectionChannels;
use crate::frame::local::LocalChannels;
use crate::frame::render::Renderer;
use crate::memory::{List, Memory};
use crate::render::Placed;
use crate::vardct::GroupDecoder;

/// What the groups of a frame are decoded and finished with.
pub(super) struct Groups<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) decoder: GroupDecoder<'a>,
    pub(super) renderer: Renderer<'a>,
    /// Where the only group starts if all is in one section.
    pub(super) bits: Bits<'a>,
}

/// The extra channels of a frame.
#[derive(Clone, Copy)]
pub(super) enum ExtraChannels<'a> {
    /// Decoded before the groups.
    Whole(&'a [Placed<'a, i32>]),
    /// Decoded with the coefficients of each group.
    Local(&'a LocalChannels<'a>),
}

impl<'a> ExtraChannels<'a> {
    /// Those that were decoded before, or `local`.
    pub(super) fn or(self, local: &'a [Placed<'a, i32>]) -> &'a [Placed<'a, i32>] {
        match self {
            Self::Whole(planes) => planes,
            Self::Local(_) => local,
        }
    }
}

impl<'a> Groups<'a> {
    /// Decodes the extra channels that are in groups, which come after the coefficients there.
    pub(super) fn decode_extra_channels(
        &self,
        channels: &mut [SectionChannels<'_, '_>],
        stage: &Stage<'_>,
    ) -> Result<(), Error> {
        if channels.iter().all(SectionChannels::is_empty) {
            return Ok(());
        }
        let context = self.frame.context;
        let (columns, _) = context.groups();
        let passes = context.header.passes.num_passes as usize;
        let groups = channels.par_chunks_exact_mut(passes).enumerate();
        let results = groups.map(|(group, channels)| {
            let place = (group % columns, group / columns);
            let kept = stage.scratch_beyond_plan();
            let mut sections = self.pass_sections(place, Memory::new(stage, &kept))?;
            self.decoder.skip(place, &mut sections, stage)?;
            for (pass, (bits, channels)) in sections.iter_mut().zip(channels).enumerate() {
                let stream_index = context.group_stream(pass, group);
                channels.decode(bits, self.frame.stream(stream_index, stage))?;
            }
            Ok(())
        });
        results.find_map_first(Result::err).map_or(Ok(()), Err)
    }

    /// Readers of all passes of the group at a column and row of groups.
    pub(super) fn pass_sections<'m>(
        &self,
        (column, row): (usize, usize),
        memory: Memory<'m>,
    ) -> Result<List<'m, Bits<'a>>, Error> {
        let Frame {
            context, sections, ..
        } = self.frame;
        if sections.is_single() {
            return memory.collect([self.bits.clone()]);
        }
        let group = row * context.groups().0 + column;
        let passes = 0..context.header.passes.num_passes as usize;
        memory.try_collect(passes.map(|pass| sections.group(pass, group)))
    }
}
