use frame_arena::Stage;
use jxl_bitstream::Bitstream;
use rayon::prelude::*;

use super::Frame;
use super::rows::Rows;
use crate::Error;
use crate::frame::groups::SectionChannels;
use crate::frame::local::LocalChannels;
use crate::frame::render::Renderer;
use crate::frame::target::Target;
use crate::render::Placed;
use crate::vardct::GroupDecoder;

/// What the groups of a frame are decoded and finished with.
pub(super) struct Groups<'a> {
    pub(super) frame: &'a Frame<'a>,
    pub(super) decoder: GroupDecoder<'a>,
    pub(super) renderer: Renderer<'a>,
    /// Where the only group starts if all is in one section.
    pub(super) bits: Bitstream<'a>,
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
    /// Decodes the groups and hands what is finished to the output.
    pub(super) fn decode(&self, extra: ExtraChannels<'_>, target: Target<'_>) -> Result<(), Error> {
        Rows {
            groups: self,
            extra,
        }
        .decode(target)
    }

    /// Decodes the extra channels that are in groups, which come after the coefficients there.
    pub(super) fn decode_extra_channels(
        &self,
        mut channels: Vec<SectionChannels<'_>>,
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
            let mut sections = self.pass_sections(place)?;
            self.decoder.skip(place, &mut sections)?;
            for (pass, (bits, channels)) in sections.iter_mut().zip(channels).enumerate() {
                let stream_index = context.group_stream(pass, group);
                channels.decode(bits, self.frame.stream(stream_index, stage))?;
            }
            Ok(())
        });
        results.find_map_first(Result::err).map_or(Ok(()), Err)
    }

    /// Readers of all passes of the group at a column and row of groups.
    pub(super) fn pass_sections(
        &self,
        (column, row): (usize, usize),
    ) -> Result<Vec<Bitstream<'a>>, Error> {
        let Frame {
            context, sections, ..
        } = self.frame;
        if sections.is_single() {
            return Ok(vec![self.bits.clone()]);
        }
        let group = row * context.groups().0 + column;
        let passes = 0..context.header.passes.num_passes as usize;
        passes.map(|pass| sections.group(pass, group)).collect()
    }
}
