use frame_arena::{PlaneViewMut, Scope, Stage};

use super::group_context::GroupContext;
use crate::Error;
use crate::bits::Bits;
use crate::frame::bands::BandedChannels;
use crate::frame::groups::SectionChannels;
use crate::frame::local_channels::LocalChannels;
use crate::grid::GroupPos;
use crate::memory::Memory;
use crate::modular::FinishedBand;
use crate::render::Placed;

/// The source of a frame's extra channels.
pub(super) enum ExtraSource<'b, 's> {
    /// The same channels for every row of groups.
    Channels(ExtraChannels<'b>),
    /// Squeezed channels, undone by rows of groups.
    Banded(&'b mut BandedChannels<'s>),
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
    /// The channels decoded before the groups; if there are none, `local`.
    pub(super) fn or(self, local: &'a [Placed<'a, i32>]) -> &'a [Placed<'a, i32>] {
        match self {
            Self::Whole(planes) => planes,
            Self::Local(_) => local,
        }
    }

    /// Decodes the samples of a group, if they follow its coefficients. `sections` are the group's
    /// passes, read to the end of the coefficients. Samples are zero if their pass is missing.
    pub(super) fn decode_group<'p>(
        self,
        group: usize,
        sections: &mut [Bits<'_>],
        samples: impl Iterator<Item = PlaneViewMut<'p, i32>>,
        (stage, memory): (&Scope, Memory<'_>),
    ) -> Result<(), Error> {
        let Self::Local(channels) = self else {
            return Ok(());
        };
        let mut samples = memory.collect(samples)?;
        match sections.get_mut(channels.pass) {
            Some(bits) => channels.decode(group, bits, &mut samples, stage),
            None => {
                samples.iter_mut().for_each(|samples| samples.fill(0));
                Ok(())
            }
        }
    }
}

/// Decodes the next row of squeezed channels. They follow the coefficients of each group.
pub(super) fn decode_row(
    groups: &GroupContext<'_>,
    channels: &mut BandedChannels<'_>,
) -> Result<FinishedBand, Error> {
    let stage = channels.stage;
    channels.decode_row(|group, channels| decode_sections(groups, group, channels, stage))
}

/// Decodes the channels that follow the coefficients of each group, of all groups. This happens
/// before the groups themselves are decoded.
pub(super) fn decode_whole(
    groups: &GroupContext<'_>,
    channels: &mut [SectionChannels<'_, '_>],
    stage: &Stage<'_>,
) -> Result<(), Error> {
    if channels.iter().all(SectionChannels::is_empty) {
        return Ok(());
    }
    let passes = groups.frame.context.header.passes.num_passes as usize;
    let sections = channels.chunks_exact_mut(passes).enumerate();
    let workers = groups.frame.context.place.workers;
    workers.for_each(sections, |(group, channels)| {
        decode_sections(groups, group, channels, stage)
    })
}

/// Decodes the channels of all passes of a group.
fn decode_sections(
    groups: &GroupContext<'_>,
    group: usize,
    channels: &mut [SectionChannels<'_, '_>],
    stage: &Scope,
) -> Result<(), Error> {
    let (frame, context) = (groups.frame, groups.frame.context);
    let pos = GroupPos::of_index(group, context.groups().width);
    let kept = stage.scratch_beyond_plan();
    let mut sections = groups.pass_sections(pos, Memory::new(stage, &kept))?;
    groups.decoder.skip(pos, &mut sections, stage)?;
    let (there, missing) = channels.split_at_mut(sections.len());
    missing.iter_mut().for_each(SectionChannels::clear);
    for (pass, (bits, channels)) in sections.iter_mut().zip(there).enumerate() {
        let stream_index = context.group_stream(pass, group);
        channels.decode(bits, frame.stream(stream_index, stage))?;
    }
    Ok(())
}
