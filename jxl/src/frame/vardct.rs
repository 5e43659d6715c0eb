//! VarDCT frames: LF groups first, then rows of groups, whose samples go out before the next
//! row is decoded.

mod groups;
mod lf;
mod rows;
mod run;
mod seams;
mod window;

use frame_arena::{Plane, PlaneAlloc, Scope, Stage};
use jxl_bitstream::Bitstream;
use jxl_image::ImageHeader;

use super::context::FrameContext;
use super::groups::GroupTasks;
use super::lf_global::LfGlobal;
use super::local::LocalChannels;
use super::render::Renderer;
use super::sections::Sections;
use super::target::Target;
use crate::Error;
use crate::modular::{Palettes, StreamContext};
use crate::render::Placed;
use crate::vardct::{Geometry, GroupDecoder, GroupInput, HfGlobal, QuantBias, VarDctGlobal};
use groups::{ExtraChannels, Groups};
use lf::LfGroups;
pub(super) use run::{run_room, runs, seams_room};
pub(super) use window::{Margins, WindowShape};

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
    pub(super) fn decode(&self, bits: Bitstream<'a>, target: Target<'_>) -> Result<(), Error> {
        if self.context.extra_channels > 0 && self.global.is_streamable(self.context) {
            self.decode_with_local_extra(bits, target)
        } else {
            self.decode_with_whole_extra(bits, target)
        }
    }

    /// Extra channels are decoded with the coefficients of each group.
    fn decode_with_local_extra(
        &self,
        mut bits: Bitstream<'a>,
        target: Target<'_>,
    ) -> Result<(), Error> {
        let channels = LocalChannels::new(self.context, self.global, &mut bits)?;
        let tasks = GroupTasks::new(self.context);
        self.context.scope.with_stage("groups", |stage| {
            let lf = LfGroups::new(self)?.decode(&mut bits, tasks.lf_groups, stage)?;
            let hf = self.hf_global(&mut bits, lf.used_transforms, stage)?;
            let groups = self.groups(&lf, &hf, bits, stage)?;
            groups.decode(ExtraChannels::Local(&channels), target)
        })
    }

    /// Extra channels, if there are any, are kept whole.
    fn decode_with_whole_extra(
        &self,
        mut bits: Bitstream<'a>,
        target: Target<'_>,
    ) -> Result<(), Error> {
        let (context, global, layout) = (self.context, self.global, &self.global.layout);
        context.scope.with_stage("extra channels", |stage| {
            let mut planes = Vec::new();
            for shape in context.picture(context.width, context.height) {
                planes.push(stage.plane(shape.width, shape.height)?);
            }
            for &(width, height) in layout.palettes() {
                planes.push(stage.plane(width, height)?);
            }
            let mut bases: Vec<_> = planes.iter_mut().map(Plane::view_mut).collect();
            let tasks = GroupTasks::after_global(context, global, &mut bits, &mut bases, stage)?;
            let lf = LfGroups::new(self)?.decode(&mut bits, tasks.lf_groups, stage)?;
            let hf = self.hf_global(&mut bits, lf.used_transforms, stage)?;
            let groups = self.groups(&lf, &hf, bits, stage)?;
            if context.extra_channels > 0 {
                groups.decode_extra_channels(tasks.groups, stage)?;
                layout.invert(&mut bases, Palettes::InBases, context.bit_depth, stage)?;
            }
            let extra = bases[..context.extra_channels].iter();
            let extra: Vec<_> = extra.map(|base| Placed::whole(base.view())).collect();
            groups.decode(ExtraChannels::Whole(&extra), target)
        })
    }

    fn groups<'g>(
        &'g self,
        lf: &'g LfGroups<'_>,
        hf: &'g HfGlobal<'_>,
        bits: Bitstream<'g>,
        stage: &'g Stage<'_>,
    ) -> Result<Groups<'g>, Error> {
        let context = self.context;
        let opsin = &self.image.metadata.opsin_inverse_matrix;
        let input = GroupInput {
            geometry: self.geometry,
            header: context.header,
            global: self.vardct,
            hf,
            maps: &lf.maps,
            lf: &lf.image,
            used_transforms: lf.used_transforms,
            bias: QuantBias {
                unit: opsin.quant_bias,
                numerator: opsin.quant_bias_numerator,
            },
        };
        let correlation = self.vardct.base_correlation();
        let sigma = lf.sigma();
        Ok(Groups {
            frame: self,
            decoder: GroupDecoder::new(input, stage)?,
            renderer: Renderer::new(context, self.image, self.global, sigma, correlation, stage)?,
            bits,
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

    fn stream<'s>(&'s self, stream_index: u32, scope: &'s Scope) -> StreamContext<'s> {
        self.global.stream(self.context, scope, stream_index)
    }
}
