//! Renders rows of a frame from decoded samples to their target, for all kinds of frames.

mod averages;
mod color;

use frame_arena::{AllocError, PlaneSpec, Scope, ScopePlan, ScratchPlan, Spec};

use super::context::FrameContext;
use super::parsed::ParsedFrame;
use super::target::Target;
use crate::Error;
use crate::format::SampleFormat;
use crate::grid::Rect;
use crate::headers::ImageHeader;
use crate::memory::Memory;
use crate::output::{ChannelConversion, ColorRows, ExtraRows};
use crate::render::{
    CodedPatches, FinishedRow, Noise, NoiseField, Patches, Pipeline, Placed, STRIP_WIDTH, Sigma,
    Source, Splines, Weights,
};
pub(super) use averages::ExtraAverages;
pub(super) use color::Color;

/// Renders the rows of a frame from decoded samples.
pub(super) struct Renderer<'a> {
    frame: &'a ParsedFrame<'a>,
    sigma: Sigma<'a>,
    upsampling: Option<Weights>,
    patches: Option<Patches<'a>>,
    splines: Option<Splines<'a>>,
    noise: Option<FrameNoise<'a>>,
    extra: &'a [Extra],
    /// Upsampling weights of each extra channel, if extra channels are output as floats.
    extra_upsampling: &'a [Option<&'a Weights>],
    /// Room of the scratch of a tile.
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
    let weights = &image.metadata.upsampling_weights;
    match factor {
        2 => Weights::new(&weights.up2),
        4 => Weights::new(&weights.up4),
        8 => Weights::new(&weights.up8),
        _ => None,
    }
}

impl<'a> Renderer<'a> {
    /// `sigma` is the strength of the edge-preserving filter, `correlation` the default
    /// chroma-from-luma factors of X and B.
    ///
    /// # Errors
    /// Patches and splines that the frame may not have; memory.
    pub(super) fn new(
        frame: &'a ParsedFrame<'a>,
        sigma: Sigma<'a>,
        correlation: [f32; 2],
        (scope, memory): (&'a Scope, Memory<'a>),
    ) -> Result<Self, Error> {
        let ParsedFrame {
            image,
            context,
            global,
            rows,
            ..
        } = frame;
        let header = context.header;
        let (size, coded_size) = (context.size(), context.coded_size());
        let patches = global.features.patches.as_ref();
        let patches = patches.map(|coded| new_patches(context, coded, scope));
        let splines = global.features.splines.as_ref();
        let splines = splines.map(|coded| {
            let splines = Splines::new(scope, coded, coded_size, correlation)?;
            context.place.budget.spend(splines.work())?;
            Ok::<_, Error>(splines)
        });
        let noise = global
            .features
            .noise
            .filter(|_| rows.pipeline.noise_group_dim.is_some());
        let noise = noise.map(|strength| {
            let counts = context.place.counts;
            let wanted = context.place.wanted.unwrap_or(Rect::whole(size));
            let field = NoiseField::new(scope, (size, wanted), context.group_dim, counts)?;
            Ok::<_, Error>(FrameNoise {
                field,
                strength,
                correlation,
            })
        });
        let extra = image.metadata.ec_info.iter().zip(header.ec_upsampling());
        let extra = extra.map(|(info, upsampling)| Extra {
            upsampling: weights(image, upsampling << info.dim_shift),
            to_float: ChannelConversion::new(info.bit_depth, SampleFormat::F32),
        });
        let extra: &'a [Extra] = memory.collect(extra)?.leak();
        let floats = if rows.floats_extra { extra } else { &[] };
        let extra_upsampling = floats.iter().map(|extra| extra.upsampling.as_ref());
        Ok(Self {
            frame,
            sigma,
            room_bytes: rows.room_bytes()?,
            extra_upsampling: memory.collect(extra_upsampling)?.leak(),
            patches: patches.transpose()?,
            upsampling: weights(image, header.upsampling),
            splines: splines.transpose()?,
            noise: noise.transpose()?,
            extra,
        })
    }

    /// As [`new`](Self::new), for a Modular frame.
    ///
    /// # Errors
    /// The errors of [`new`](Self::new).
    pub(super) fn of_modular(
        frame: &'a ParsedFrame<'a>,
        place: (&'a Scope, Memory<'a>),
    ) -> Result<Self, Error> {
        let filter = frame.context.header.restoration_filter.epf.as_ref();
        Self::new(frame, Sigma::of_modular(filter), [0.0, 1.0], place)
    }

    /// Plans [`new`](Self::new): patches, splines and noise.
    pub(super) fn plan(frame: &ParsedFrame<'_>, scope: &mut ScopePlan<'_>) -> Result<(), Error> {
        let (context, features) = (&frame.context, &frame.global.features);
        if let Some(patches) = &features.patches {
            patches.plan(context.height, scope)?;
        }
        if let Some(splines) = &features.splines {
            splines.plan(context.coded_size(), scope)?;
        }
        let noise = frame.rows.pipeline.noise_group_dim;
        let noise = noise.map(|_| NoiseField::spec(context.size(), context.group_dim));
        Ok(noise.plan(scope)?)
    }

    /// Calls `run` with the pipeline of this frame.
    fn with_pipeline<R>(&self, run: impl FnOnce(&Pipeline<'_>) -> R) -> R {
        run(&Pipeline {
            shape: self.frame.rows.pipeline,
            sigma: self.sigma,
            upsampling: self.upsampling.as_ref(),
            patches: self.patches.as_ref(),
            extra_kinds: self.frame.context.extra_kinds,
            splines: self.splines.as_ref(),
            noise: self.noise.as_ref().map(|noise| Noise {
                field: &noise.field,
                strength: noise.strength,
                correlation: noise.correlation,
            }),
            extra_upsampling: self.extra_upsampling,
        })
    }

    /// Rows of the frame that are finished once `coded_rows` rows of the color channels are;
    /// `None` stands for all.
    pub(super) fn finished_rows(&self, coded_rows: Option<usize>) -> usize {
        let shape = &self.frame.rows.pipeline;
        let height = shape.size.height;
        coded_rows.map_or(height, |rows| height.min(rows * shape.factor))
    }

    /// Converts a column of the color channels to a column of the frame.
    pub(super) fn finished_columns(&self, coded_columns: usize) -> usize {
        let shape = &self.frame.rows.pipeline;
        shape.size.width.min(coded_columns * shape.factor)
    }

    /// Finishes the rows of a tile of the frame.
    ///
    /// `color` has at least the samples of the tile and
    /// [border](crate::render::PipelineShape::border) rows and columns around them; `extra` has all
    /// extra channels in their coded size.
    ///
    /// # Errors
    /// Memory.
    pub(super) fn put_tile(
        &self,
        color: &Color<'_>,
        extra: &[Placed<'_, i32>],
        tile: &mut Target<'_>,
        scope: &Scope,
    ) -> Result<(), Error> {
        match color {
            Color::Integers(channels) if self.frame.rows.is_direct => {
                put_integers(channels, extra, tile);
            }
            _ => self.put_floats(color, extra, tile, scope)?,
        }
        tile.finish();
        Ok(())
    }

    /// Plans [`put_converted`](Self::put_converted) of a picture of `width` columns.
    pub(super) fn plan_converted(width: usize, task: &mut ScratchPlan) -> Result<(), AllocError> {
        task.room(converted_rows(width.min(STRIP_WIDTH)).room_bytes()?)
    }

    /// Writes a tile of a smaller picture of the frame, whose samples are only converted. `color`
    /// and `extra` are the channels of that picture.
    ///
    /// # Errors
    /// Memory.
    pub(super) fn put_converted(
        &self,
        color: &Color<'_>,
        extra: &[Placed<'_, i32>],
        tile: &mut Target<'_>,
        scope: &Scope,
    ) -> Result<(), Error> {
        if self.frame.rows.is_direct {
            return self.put_tile(color, extra, tile, scope);
        }
        let columns = tile.columns();
        let spec = converted_rows(columns.len());
        let scratch = scope.scratch_with_room(spec.room_bytes()?)?;
        let mut rows = spec.open(&scratch)?;
        let source = self.source(color, extra);
        for y in tile.rows() {
            for channel in 0..3 {
                source.read(channel, y, columns.clone(), rows.row_mut(channel));
            }
            let color = [0, 1, 2].map(|channel| rows.row(channel));
            let extra = |channel: usize| extra[channel].row(y, columns.clone());
            tile.put_plain_row(y, ColorRows::Decoded(color), ExtraRows::Integers(&extra));
        }
        tile.finish();
        Ok(())
    }

    fn put_floats(
        &self,
        color: &Color<'_>,
        extra: &[Placed<'_, i32>],
        tile: &mut Target<'_>,
        scope: &Scope,
    ) -> Result<(), Error> {
        let (columns, rows) = (tile.columns(), tile.rows());
        let context = &self.frame.context;
        let samples = columns.len() * rows.len() * (3 + context.extra_channels);
        context.place.budget.spend(samples as u64)?;
        let source = self.source(color, extra);
        let scratch = scope.scratch_with_room(self.room_bytes)?;
        let mut blender = tile.blender(&scratch)?;
        let mut averages = match self.frame.rows.extra_averages {
            Some(averages) => Some((averages, averages.spec(columns.len()).open(&scratch)?)),
            None => None,
        };
        let finish = |row: FinishedRow<'_>| {
            if self.frame.rows.floats_extra {
                return tile.put_row(row, blender.as_mut());
            }
            let y = row.y;
            let color = row.color.each_ref().map(|row| &**row);
            if let Some((averages, rows)) = &mut averages {
                let extra = averages.row(&source, y, columns.clone(), rows);
                return tile.put_plain_row(y, ColorRows::Decoded(color), ExtraRows::Floats(extra));
            }
            let extra = |channel: usize| extra[channel].row(y, columns.clone());
            tile.put_plain_row(y, ColorRows::Decoded(color), ExtraRows::Integers(&extra));
        };
        self.with_pipeline(|pipeline| {
            pipeline.produce(&source, columns.clone(), rows, &scratch, finish)
        })?;
        Ok(())
    }
}

/// A row of each color channel.
fn converted_rows(width: usize) -> PlaneSpec<f32> {
    // Stale: rows are written before they are read.
    PlaneSpec::stale(width, 3)
}

/// Finishes the rows of a tile whose samples are written without changes.
fn put_integers(color: &[Placed<'_, i32>], extra: &[Placed<'_, i32>], tile: &mut Target<'_>) {
    let columns = tile.columns();
    for y in tile.rows() {
        let mut rows: [&[i32]; 3] = [&[]; 3];
        for (row, channel) in rows.iter_mut().zip(color) {
            *row = channel.row(y, columns.clone());
        }
        let extra = |channel: usize| extra[channel].row(y, columns.clone());
        let color = ColorRows::Integers(&rows[..color.len()]);
        tile.put_plain_row(y, color, ExtraRows::Integers(&extra));
    }
}

/// # Errors
/// Patches that the frame may not have, or in channels of several sizes; memory.
fn new_patches<'a>(
    context: &'a FrameContext<'a>,
    coded: &'a CodedPatches<'a>,
    scope: &'a Scope,
) -> Result<Patches<'a>, Error> {
    let references = context.place.kept.references.each_ref().map(Option::as_ref);
    let is_coded = context.is_xyb || context.header.do_ycbcr;
    let size = context.coded_size();
    let extra_channels = context.extra_channels;
    let patches = Patches::new(scope, coded, references, size, extra_channels, is_coded)?;
    context.place.budget.spend(patches.samples())?;
    if context.header.upsampling > 1 && patches.touch_extra_channels() {
        return Err(Error::unsupported("patches in upsampled extra channels"));
    }
    Ok(patches)
}
