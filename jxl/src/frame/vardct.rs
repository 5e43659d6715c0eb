//! VarDCT frames. LF groups are decoded first, then groups, whose samples go out immediately.

mod channels;
mod extra;
mod frame;
mod group_context;
mod group_rows;
mod lf;
mod lf_only;
mod lf_picture;
mod schedule;
mod seams;
mod shape;
mod window;

use crate::bits::Bits;
use frame_arena::{Scope, ScopePlan, Stage};

use super::bands::BandedChannels;
use super::channels::WholeChannels;
use super::groups::{GroupTasks, SectionChannels};
use super::lf_data::SharedLf;
use super::local_channels::LocalChannels;
use super::render::Renderer;
use super::target::Target;
use crate::Error;
use crate::memory::Memory;
use crate::modular::BandsShape;
use crate::render::Placed;
use crate::vardct::{GroupDecoder, GroupInput, HfGlobal, QuantBias, SectionCounts};
use extra::{ExtraChannels, ExtraSource};
pub(super) use frame::Frame;
use group_context::GroupContext;
use lf::{LfGroups, LfSource};
use lf_only::LfOnly;

/// Names of the frame's stage, with extra channels decoded in groups and without.
const STAGES: [&str; 2] = ["groups", "extra channels"];

/// Name of the stage in which LF groups are decoded alone.
const SHARED_LF_STAGE: &str = "LF groups";

impl<'a> Frame<'a> {
    /// Plans [`decode`](Self::decode).
    pub(super) fn plan(&self, threads: usize, scope: &mut ScopePlan<'_>) -> Result<(), Error> {
        let has_local_extra = self.parsed.has_local_extra();
        if has_local_extra {
            LocalChannels::plan(self.global, scope)?;
        }
        let has_shared_lf = self.context.place.lf.is_some();
        if !has_shared_lf {
            lf::plan(self, scope)?;
        }
        scope.stage(self.stage_name(), |stage| {
            match &self.parsed.bands {
                _ if has_local_extra => {}
                Some(bands) => BandedChannels::plan(self.parsed, bands, threads, stage)?,
                None => WholeChannels::plan(self.parsed, stage)?,
            }
            if !has_shared_lf {
                lf::plan_decode(self, threads, stage)?;
            }
            self.plan_hf_global(stage)?;
            Renderer::plan(self.parsed, stage)?;
            if !has_local_extra && self.parsed.bands.is_none() {
                GroupTasks::plan(self.parsed, threads, stage)?;
                self.global.layout.plan_inverse(threads, stage)?;
            }
            group_rows::plan(self, threads, stage)
        })
    }

    fn stage_name(&self) -> &'static str {
        STAGES[usize::from(!self.parsed.has_local_extra())]
    }

    /// Decodes the rest of the frame. `bits` stands in the LF global section.
    pub(super) fn decode(&self, bits: Bits<'a>, target: Target<'_>) -> Result<(), Error> {
        match &self.parsed.bands {
            _ if self.parsed.has_local_extra() => self.decode_with_local_extra(bits, target),
            Some(bands) => self.decode_with_banded_extra(bands, bits, target),
            None => self.decode_with_whole_extra(bits, target),
        }
    }

    /// Decodes the LF groups, for several decodes of groups. `None` if they cannot be decoded
    /// alone: other channels of the frame are decoded with them, or the frame has a single section.
    ///
    /// # Errors
    /// Truncated or corrupt sections, memory.
    pub(super) fn share_lf(&self) -> Result<Option<SharedLf>, Error> {
        let has_other_channels = self.context.extra_channels > 0 && !self.parsed.has_local_extra();
        if has_other_channels || self.sections.is_single() {
            return Ok(None);
        }
        let scope = self.context.scope;
        let kept = scope.scratch_beyond_plan();
        let tasks = GroupTasks::new(self.context, Memory::new(scope, &kept))?;
        let lf = scope.with_stage(SHARED_LF_STAGE, |stage| {
            // The LF groups have sections of their own.
            let mut bits = Bits::new(&[]);
            LfGroups::new(self)?.decode(&mut bits, tasks.lf_groups, stage)
        })?;
        lf.share().map(Some)
    }

    /// Decodes with squeezed extra channels, which are undone by rows of groups.
    fn decode_with_banded_extra(
        &self,
        bands: &BandsShape<'_>,
        mut bits: Bits<'a>,
        target: Target<'_>,
    ) -> Result<(), Error> {
        self.context.scope.with_stage(self.stage_name(), |stage| {
            let kept = stage.scratch_beyond_plan();
            let memory = Memory::new(stage, &kept);
            let mut channels = BandedChannels::new(self.parsed, bands, stage, memory)?;
            let tasks_memory = stage.scratch_beyond_plan();
            let tasks = channels.low_tasks(&mut bits, Memory::new(stage, &tasks_memory))?;
            let parts = self.parts(&mut bits, tasks.lf_groups, (stage, memory))?;
            drop(tasks_memory);
            channels.invert_low()?;
            let groups = self.groups(&parts, bits, (stage, memory))?;
            group_rows::decode(&groups, ExtraSource::Banded(&mut channels), target)
        })
    }

    /// Decodes extra channels together with the coefficients of each group.
    fn decode_with_local_extra(&self, mut bits: Bits<'a>, target: Target<'_>) -> Result<(), Error> {
        let kept = self.context.scope.scratch_beyond_plan();
        let memory = Memory::new(self.context.scope, &kept);
        let channels = LocalChannels::new(self.context, self.global, &mut bits, memory)?;
        let tasks = GroupTasks::new(self.context, memory)?;
        self.context.scope.with_stage(self.stage_name(), |stage| {
            let kept = stage.scratch_beyond_plan();
            let memory = Memory::new(stage, &kept);
            let parts = self.parts(&mut bits, tasks.lf_groups, (stage, memory))?;
            let groups = self.groups(&parts, bits, (stage, memory))?;
            let extra = ExtraChannels::Local(&channels);
            group_rows::decode(&groups, ExtraSource::Channels(extra), target)
        })
    }

    /// Decodes all extra channels, if any, before the groups.
    fn decode_with_whole_extra(&self, mut bits: Bits<'a>, target: Target<'_>) -> Result<(), Error> {
        self.context.scope.with_stage(self.stage_name(), |stage| {
            let kept = stage.scratch_beyond_plan();
            let memory = Memory::new(stage, &kept);
            let mut channels = WholeChannels::new(self.parsed, stage, memory)?;
            let tasks = channels.tasks(&mut bits)?;
            let parts = self.parts(&mut bits, tasks.lf_groups, (stage, memory))?;
            let groups = self.groups(&parts, bits, (stage, memory))?;
            if self.context.extra_channels > 0 {
                extra::decode_whole(&groups, tasks.groups, stage)?;
                channels.invert()?;
            }
            let whole = channels.picture()?;
            let whole = memory.collect(whole.into_iter().map(Placed::whole))?;
            let extra = ExtraChannels::Whole(&whole);
            group_rows::decode(&groups, ExtraSource::Channels(extra), target)
        })
    }

    /// Decodes the data that all groups depend on.
    fn parts<'s>(
        &'s self,
        bits: &mut Bits<'a>,
        channels: &mut [SectionChannels<'_, '_>],
        (stage, memory): (&'s Stage<'_>, Memory<'s>),
    ) -> Result<Parts<'s>, Error> {
        let lf = match self.context.place.lf {
            None => LfSource::Own(LfGroups::new(self)?.decode(bits, channels, stage)?),
            Some(shared) => LfSource::shared(self, shared)?,
        };
        let mut own = match self.sections.is_single() {
            true => None,
            false => Some(self.sections.hf_global()?),
        };
        let bits = match &mut own {
            None => Some(bits),
            Some(own) => own.as_mut(),
        };
        let hf = bits.map(|bits| self.hf_global(bits, lf.view().used_transforms, (stage, memory)));
        Ok(Parts {
            lf,
            hf: hf.unwrap_or(Ok(HfGlobal::MISSING))?,
        })
    }

    fn groups<'g>(
        &'g self,
        Parts { lf, hf }: &'g Parts<'_>,
        bits: Bits<'g>,
        (stage, memory): (&'g Stage<'_>, Memory<'g>),
    ) -> Result<GroupContext<'g>, Error> {
        let (context, lf) = (self.context, lf.view());
        let opsin = &self.parsed.image.metadata.opsin_inverse_matrix;
        let input = GroupInput {
            geometry: self.geometry,
            header: context.header,
            global: self.vardct,
            hf,
            maps: lf.maps,
            lf: lf.image,
            bias: QuantBias {
                unit: opsin.quant_bias,
                numerator: opsin.quant_bias_numerator,
            },
        };
        let correlation = self.vardct.base_correlation();
        Ok(GroupContext {
            frame: self,
            decoder: GroupDecoder::new(input),
            lf_only: LfOnly::new(self, lf.image),
            renderer: Renderer::new(self.parsed, lf.sigma, correlation, (stage, memory))?,
            bits,
        })
    }

    fn hf_global<'s>(
        &self,
        bits: &mut Bits<'_>,
        used_transforms: u32,
        (scope, memory): (&'s Scope, Memory<'s>),
    ) -> Result<HfGlobal<'s>, Error> {
        let context = self.context;
        let counts = SectionCounts {
            groups: context.header.num_groups() as u32,
            passes: context.header.passes.num_passes,
        };
        let stream = self.global.stream(context, scope, context.table_stream());
        let place = (scope, memory);
        HfGlobal::parse(bits, self.vardct, counts, stream, used_transforms, place)
    }

    /// Plans the contents of the HF global section. If the section stands alone, it is read for
    /// this; otherwise the plan assumes the largest contents.
    fn plan_hf_global(&self, stage: &mut ScopePlan<'_>) -> Result<(), Error> {
        let context = self.context;
        if self.sections.is_single() {
            let passes = context.header.passes.num_passes as usize;
            return Ok(HfGlobal::plan_largest(&self.geometry, passes, stage)?);
        }
        let Some(mut bits) = self.sections.hf_global()? else {
            return Ok(());
        };
        let kept = context.scope.scratch_beyond_plan();
        let place = (context.scope, Memory::new(context.scope, &kept));
        let hf = self.hf_global(&mut bits, 0, place)?;
        Ok(hf.plan(&self.geometry, stage)?)
    }
}

/// The data that all groups depend on.
struct Parts<'a> {
    lf: LfSource<'a>,
    hf: HfGlobal<'a>,
}
