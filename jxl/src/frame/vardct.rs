//! VarDCT frames: LF groups first, then rows of groups, whose samples go out before the next
//! row is decoded.

mod bands;
mod lf;

use frame_arena::{Plane, PlaneAlloc, PlaneViewMut, Scope, Stage};
use jxl_bitstream::Bitstream;
use jxl_image::ImageHeader;
use rayon::prelude::*;

use super::context::FrameContext;
use super::groups::{GroupTasks, SectionChannels};
use super::lf_global::LfGlobal;
use super::render::Renderer;
use super::sections::Sections;
use super::target::Target;
use crate::Error;
use crate::modular::{Palettes, StreamContext};
use crate::vardct::{Geometry, GroupDecoder, GroupInput, HfGlobal, QuantBias, VarDctGlobal};
pub(super) use bands::BandShape;
use lf::LfGroups;

/// A VarDCT frame whose LF global section is read up to the samples in it.
pub(super) struct Frame<'a> {
    context: &'a FrameContext<'a>,
    image: &'a ImageHeader,
    sections: &'a Sections<'a>,
    global: &'a LfGlobal,
    vardct: &'a VarDctGlobal,
    geometry: Geometry,
}

impl<'a> Frame<'a> {
    pub(super) fn new(
        context: &'a FrameContext<'a>,
        image: &'a ImageHeader,
        sections: &'a Sections<'a>,
        global: &'a LfGlobal,
        vardct: &'a VarDctGlobal,
    ) -> Self {
        Self {
            context,
            image,
            sections,
            global,
            vardct,
            geometry: Geometry::new(context.header),
        }
    }

    /// Decodes the rest of the frame. `bits` goes on in the LF global section.
    pub(super) fn decode(&self, mut bits: Bitstream<'a>, target: Target<'_>) -> Result<(), Error> {
        let layout = &self.global.layout;
        self.context.scope.with_stage("extra channels", |stage| {
            let mut planes = Vec::new();
            for shape in self
                .context
                .picture(self.context.width, self.context.height)
            {
                planes.push(stage.plane(shape.width, shape.height)?);
            }
            for &(width, height) in layout.palettes() {
                planes.push(stage.plane(width, height)?);
            }
            let mut bases: Vec<_> = planes.iter_mut().map(Plane::view_mut).collect();
            let (context, global) = (self.context, self.global);
            let tasks = GroupTasks::after_global(context, global, &mut bits, &mut bases, stage)?;
            let lf = LfGroups::new(self)?.decode(&mut bits, tasks.lf_groups, stage)?;
            let hf = self.hf_global(&mut bits, lf.used_transforms, stage)?;
            let opsin = &self.image.metadata.opsin_inverse_matrix;
            let input = GroupInput {
                geometry: self.geometry,
                header: context.header,
                global: self.vardct,
                hf: &hf,
                maps: &lf.maps,
                lf: &lf.image,
                used_transforms: lf.used_transforms,
                bias: QuantBias {
                    unit: opsin.quant_bias,
                    numerator: opsin.quant_bias_numerator,
                },
            };
            let decoder = GroupDecoder::new(input, stage)?;
            if context.extra_channels > 0 {
                self.decode_extra_channels(&decoder, &bits, tasks.groups, stage)?;
                layout.invert(&mut bases, Palettes::InBases, context.bit_depth, stage)?;
            }
            let correlation = self.vardct.base_correlation();
            let sigma = lf.sigma();
            let renderer = Renderer::new(context, self.image, global, sigma, correlation, stage)?;
            let extra = bases[..context.extra_channels].iter();
            let extra: Vec<_> = extra.map(PlaneViewMut::view).collect();
            bands::decode(self, &decoder, &renderer, &bits, &extra, target)
        })
    }

    fn hf_global<'s>(
        &self,
        bits: &mut Bitstream<'a>,
        used_transforms: u32,
        stage: &'s Stage<'_>,
    ) -> Result<HfGlobal<'s>, Error> {
        let context = self.context;
        let counts = (
            context.header.num_groups(),
            context.header.passes.num_passes,
        );
        let stream = self.global.stream(context, stage, context.table_stream());
        let mut own;
        let bits = if self.sections.is_single() {
            bits
        } else {
            own = self.sections.hf_global()?;
            &mut own
        };
        HfGlobal::parse(bits, self.vardct, counts, stream, used_transforms, stage)
    }

    /// Decodes the extra channels that are in groups, which come after the coefficients there.
    fn decode_extra_channels(
        &self,
        decoder: &GroupDecoder<'_>,
        bits: &Bitstream<'_>,
        mut channels: Vec<SectionChannels<'_>>,
        stage: &Stage<'_>,
    ) -> Result<(), Error> {
        if channels.iter().all(SectionChannels::is_empty) {
            return Ok(());
        }
        let passes = self.context.header.passes.num_passes as usize;
        let groups = channels.par_chunks_exact_mut(passes).enumerate();
        let results = groups.map(|(group, channels)| {
            let mut sections = self.pass_sections(group, bits)?;
            decoder.skip(self.group_place(group), &mut sections)?;
            for (pass, (bits, channels)) in sections.iter_mut().zip(channels).enumerate() {
                let stream_index = self.context.group_stream(pass, group);
                channels.decode(bits, self.stream(stream_index, stage))?;
            }
            Ok(())
        });
        results.find_map_first(Result::err).map_or(Ok(()), Err)
    }

    /// Readers of all passes of a group. `bits` is where the group starts if all is in one section.
    fn pass_sections<'b>(
        &'b self,
        group: usize,
        bits: &Bitstream<'b>,
    ) -> Result<Vec<Bitstream<'b>>, Error> {
        if self.sections.is_single() {
            return Ok(vec![bits.clone()]);
        }
        let passes = 0..self.context.header.passes.num_passes as usize;
        passes
            .map(|pass| self.sections.group(pass, group))
            .collect()
    }

    /// Column and row of a group, in groups.
    fn group_place(&self, group: usize) -> (usize, usize) {
        let (columns, _) = self.context.groups();
        (group % columns, group / columns)
    }

    fn stream<'s>(&'s self, stream_index: u32, scope: &'s Scope) -> StreamContext<'s> {
        self.global.stream(self.context, scope, stream_index)
    }
}
