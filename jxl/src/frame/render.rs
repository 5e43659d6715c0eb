//! Rows of a frame from decoded samples to the output.

use std::ops::Range;

use frame_arena::{PlaneView, Scope};
use jxl_frame::filter::{EdgePreservingFilter, Gabor};
use jxl_image::{BitDepth, ImageHeader};

use super::context::FrameContext;
use super::lf_global::LfGlobal;
use super::plan::RowsPlan;
use super::target::TargetTile;
use crate::Error;
use crate::format::SampleFormat;
use crate::output::ChannelConversion;
use crate::render::{
    CodedPatches, FinishedRow, Noise, NoiseField, Patches, Pipeline, Placed, Sigma, Source,
    Splines, Weights,
};

/// What the rows of a frame go through after their samples are decoded.
pub(super) struct Renderer<'a> {
    context: &'a FrameContext<'a>,
    sigma: Sigma<'a>,
    upsampling: Option<Weights>,
    patches: Option<Patches<'a>>,
    splines: Option<Splines<'a>>,
    noise: Option<FrameNoise<'a>>,
    extra: Vec<Extra>,
    /// Extra channels leave as floats.
    floats_extra: bool,
    /// Of the scratch of a tile.
    room_bytes: usize,
}

struct FrameNoise<'a> {
    field: NoiseField<'a>,
    strength: [f32; 8],
    correlation: [f32; 2],
}

struct Extra {
    upsampling: Option<Weights>,
    to_float: ChannelConversion,
}

/// Weights of upsampling by 2, 4 or 8.
fn weights(image: &ImageHeader, factor: u32) -> Option<Weights> {
    let metadata = &image.metadata;
    match factor {
        2 => Weights::new(&metadata.up2_weight),
        4 => Weights::new(&metadata.up4_weight),
        8 => Weights::new(&metadata.up8_weight),
        _ => None,
    }
}

impl<'a> Renderer<'a> {
    /// `sigma` is the strength of the edge-preserving filter, `correlation` how much of Y is in X and B where nothing else is
    /// said.
    ///
    /// # Errors
    /// Patches and splines that the frame may not have; memory.
    pub(super) fn new(
        context: &'a FrameContext<'a>,
        image: &ImageHeader,
        global: &'a LfGlobal,
        sigma: Sigma<'a>,
        correlation: [f32; 2],
        scope: &'a Scope,
    ) -> Result<Self, Error> {
        let header = context.header;
        let (size, coded_size) = (context.size(), (context.width, context.height));
        let patches = global.features.patches.as_ref();
        let patches = patches.map(|coded| new_patches(context, coded, scope));
        let splines = global.features.splines.as_ref();
        let splines = splines.map(|coded| Splines::new(scope, coded, coded_size, correlation));
        let noise = global.features.noise.map(|strength| {
            let counts = context.place.counts;
            let field = NoiseField::new(scope, size, context.group_dim, counts)?;
            Ok::<_, Error>(FrameNoise {
                field,
                strength,
                correlation,
            })
        });
        let extra = image.metadata.ec_info.iter().zip(&header.ec_upsampling);
        let extra = extra.map(|(info, &upsampling)| Extra {
            upsampling: weights(image, upsampling << info.dim_shift),
            to_float: ChannelConversion::new(info.bit_depth, SampleFormat::F32),
        });
        let extra: Vec<_> = extra.collect();
        let upsamples_extra = extra.iter().any(|extra| extra.upsampling.is_some());
        let rows = RowsPlan::new(context, image, !context.place.wants_float_extra);
        Ok(Self {
            context,
            sigma,
            room_bytes: rows.room_bytes()?,
            floats_extra: upsamples_extra
                || context.place.wants_float_extra
                || header.flags.patches(),
            patches: patches.transpose()?,
            upsampling: weights(image, header.upsampling),
            splines: splines.transpose()?,
            noise: noise.transpose()?,
            extra,
        })
    }

    pub(super) fn context(&self) -> &'a FrameContext<'a> {
        self.context
    }

    /// True if rows of samples are finished as they are decoded.
    pub(super) fn is_plain(&self) -> bool {
        let filter = &self.context.header.restoration_filter;
        !filter.gab.enabled()
            && !filter.epf.enabled()
            && self.upsampling.is_none()
            && self.patches.is_none()
            && self.splines.is_none()
            && self.noise.is_none()
            && !self.context.header.do_ycbcr
            && !self.floats_extra
    }

    /// Calls `run` with the pipeline of this frame.
    fn with_pipeline<R>(&self, run: impl FnOnce(&Pipeline<'_>) -> R) -> R {
        let header = self.context.header;
        let filter = &header.restoration_filter;
        let gaborish = match filter.gab {
            Gabor::Enabled(weights) => Some(weights),
            Gabor::Disabled => None,
        };
        let epf = match &filter.epf {
            EdgePreservingFilter::Enabled(params) => Some((params, self.sigma)),
            EdgePreservingFilter::Disabled => None,
        };
        let extra_upsampling: Vec<_> = match self.floats_extra {
            true => self
                .extra
                .iter()
                .map(|extra| extra.upsampling.as_ref())
                .collect(),
            false => Vec::new(),
        };
        run(&Pipeline {
            coded_size: (self.context.width, self.context.height),
            size: self.context.size(),
            gaborish,
            epf,
            upsampling: self.upsampling.as_ref(),
            patches: self.patches.as_ref(),
            extra_kinds: &self.context.extra_kinds,
            splines: self.splines.as_ref(),
            noise: self.noise.as_ref().map(|noise| Noise {
                field: &noise.field,
                strength: noise.strength,
                correlation: noise.correlation,
            }),
            is_ycbcr: header.do_ycbcr && !self.context.place.stays_coded,
            extra_upsampling: &extra_upsampling,
        })
    }

    /// Rows of the colour channels, before upsampling, above and below a row that it depends on.
    pub(super) fn border(&self) -> usize {
        self.with_pipeline(|pipeline| pipeline.border())
    }

    /// Rows of the frame that follow from so many rows of the colour channels; `None` stands for all.
    pub(super) fn finished_rows(&self, coded_rows: Option<usize>) -> usize {
        let header = self.context.header;
        let height = header.sample_height(1) as usize;
        coded_rows.map_or(height, |rows| height.min(rows * header.upsampling as usize))
    }

    /// Column of the frame of a column of the colour channels.
    pub(super) fn finished_columns(&self, coded_columns: usize) -> usize {
        let header = self.context.header;
        let width = header.sample_width(1) as usize;
        width.min(coded_columns * header.upsampling as usize)
    }

    /// Finishes the rows of a tile of the frame.
    ///
    /// `colour` gives at least the samples of the tile and [`border`](Self::border) rows and columns around them; `extra` are all extra channels, in the size
    /// that they are coded in.
    ///
    /// # Errors
    /// Memory, colour conversion.
    pub(super) fn put_tile(
        &self,
        colour: &dyn Source,
        extra: &[Placed<'_, i32>],
        tile: &mut TargetTile<'_>,
        scope: &Scope,
    ) -> Result<(), Error> {
        let source = WithExtra {
            colour,
            extra,
            conversions: &self.extra,
        };
        let (columns, rows) = tile.place();
        let scratch = scope.scratch_with_room(self.room_bytes)?;
        let mut blender = tile.blender(&scratch)?;
        let mut integers: Vec<&[i32]> = Vec::with_capacity(extra.len());
        let finish = |row: FinishedRow<'_>| {
            let row_of_tile = row.y - rows.start;
            if self.floats_extra {
                return tile.put_row(row_of_tile, row, blender.as_mut());
            }
            let colour = row.colour.each_ref().map(|row| &**row);
            integers.clear();
            integers.extend(extra.iter().map(|plane| plane.row(row.y, columns.clone())));
            tile.put_plain_row(row_of_tile, colour, &integers)
        };
        self.with_pipeline(|pipeline| {
            pipeline.produce(&source, columns.clone(), rows.clone(), &scratch, finish)
        })
    }
}

/// # Errors
/// Patches that the frame may not have, or in channels of several sizes; memory.
fn new_patches<'a>(
    context: &'a FrameContext<'a>,
    coded: &'a CodedPatches,
    scope: &'a Scope,
) -> Result<Patches<'a>, Error> {
    let references = context.place.kept.references.each_ref().map(Option::as_ref);
    let is_coded = context.is_xyb || context.header.do_ycbcr;
    let size = (context.width, context.height);
    let extra_channels = context.extra_channels;
    let patches = Patches::new(scope, coded, references, size, extra_channels, is_coded)?;
    if context.header.upsampling > 1 && patches.touch_extra_channels() {
        return Err(Error::unsupported("patches in upsampled extra channels"));
    }
    Ok(patches)
}

/// Colour channels with extra channels beside.
struct WithExtra<'a> {
    colour: &'a dyn Source,
    extra: &'a [Placed<'a, i32>],
    conversions: &'a [Extra],
}

impl Source for WithExtra<'_> {
    fn read(&self, channel: usize, y: usize, columns: Range<usize>, out: &mut [f32]) {
        let Some(index) = channel.checked_sub(3) else {
            return self.colour.read(channel, y, columns, out);
        };
        let stored = self.extra[index].row(y, columns);
        let to_float = self.conversions[index].to_float;
        to_float.run(stored, bytemuck::cast_slice_mut(out));
    }
}

/// Colour channels of a Modular frame, decoded whole.
pub(super) struct ModularColour<'a> {
    channels: &'a [PlaneView<'a, i32>],
    meaning: Meaning,
}

enum Meaning {
    /// Y, X and B - Y, with the factors of X, Y and B.
    Xyb([f32; 3]),
    /// Samples of a bit depth, of which a grey channel stands for all three.
    Samples(ChannelConversion),
}

impl<'a> ModularColour<'a> {
    /// `channels` are the colour channels: one of grey frames, else three.
    pub(super) fn new(
        context: &FrameContext<'_>,
        global: &LfGlobal,
        depth: BitDepth,
        channels: &'a [PlaneView<'a, i32>],
    ) -> Self {
        let meaning = if context.is_xyb {
            Meaning::Xyb(global.dequantisation)
        } else {
            Meaning::Samples(ChannelConversion::new(depth, SampleFormat::F32))
        };
        Self { channels, meaning }
    }

    fn row(&self, channel: usize, y: usize, columns: Range<usize>) -> &'a [i32] {
        let channel = channel.min(self.channels.len() - 1);
        &self.channels[channel].row(y)[columns]
    }
}

impl Source for ModularColour<'_> {
    fn read(&self, channel: usize, y: usize, columns: Range<usize>, out: &mut [f32]) {
        match &self.meaning {
            Meaning::Samples(to_float) => {
                let stored = self.row(channel, y, columns);
                to_float.run(stored, bytemuck::cast_slice_mut(out));
            }
            Meaning::Xyb(factors) => {
                let factor = factors[channel];
                let luma = self.row(0, y, columns.clone());
                if channel == 2 {
                    let pairs = self.row(2, y, columns).iter().zip(luma);
                    for (out, (&b, &luma)) in out.iter_mut().zip(pairs) {
                        *out = b.wrapping_add(luma) as f32 * factor;
                    }
                } else {
                    let coded = self.row(1 - channel, y, columns);
                    for (out, &coded) in out.iter_mut().zip(coded) {
                        *out = coded as f32 * factor;
                    }
                }
            }
        }
    }
}
