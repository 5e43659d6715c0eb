//! The LF image of a frame as a picture of an eighth of its width and height. HF coefficients are
//! not read, and filters, which look at samples around a place, are not applied.

use frame_arena::{PlaneSpec, Scope, ScopePlan, ScratchRoom, Spec, TileGrid};
use rayon::prelude::*;

use super::frame::Frame;
use super::lf;
use crate::Error;
use crate::bits::Bits;
use crate::frame::target::Target;
use crate::grid::Size;
use crate::headers::RestorationFilter;
use crate::memory::Memory;
use crate::output::{ColorRows, ExtraRows};
use crate::render::{Band, BandPlane, Pipeline, PipelineShape, Placed, STRIP_WIDTH, Sigma};
use crate::vardct::{
    BLOCK_DIM, LfGroupShape, LfImage, LfTile, decode_lf_samples, plan_smoothing, smooth,
};

/// Rows that one task finishes.
const TILE_ROWS: usize = 32;

const STAGE: &str = "LF image";

/// The planes of the frame's own LF image, if it has one.
type ImageSpec = Option<[PlaneSpec<f32>; 3]>;

fn spec(frame: &Frame<'_>) -> ImageSpec {
    let has_own_image = !frame.context.header.flags.use_lf_frame();
    has_own_image.then(|| LfImage::spec(&frame.geometry))
}

fn group_shape(frame: &Frame<'_>) -> LfGroupShape {
    LfGroupShape::new(&frame.geometry, spec(frame).is_some())
}

/// Size of the picture.
fn size(frame: &Frame<'_>) -> Size {
    let Size { width, height } = frame.context.coded_size();
    Size::new(width.div_ceil(BLOCK_DIM), height.div_ceil(BLOCK_DIM))
}

/// The processing of rows: only color differences become colors.
fn pipeline_shape<'p>(frame: &Frame<'_>) -> PipelineShape<'p> {
    let size = size(frame);
    PipelineShape {
        coded_size: size,
        size,
        restoration: &RestorationFilter::NONE,
        has_patches: false,
        has_splines: false,
        factor: 1,
        noise_group_dim: None,
        is_ycbcr: frame.parsed.rows.pipeline.is_ycbcr,
        extra_factors: &[],
    }
}

/// Scratch bytes sufficient for any strip.
fn strip_room(frame: &Frame<'_>) -> Result<usize, Error> {
    let mut room = ScratchRoom::new();
    let widest = size(frame).width.min(STRIP_WIDTH);
    pipeline_shape(frame).plan_strip(widest, &mut room)?;
    Ok(room.room_bytes())
}

impl<'a> Frame<'a> {
    /// Plans [`decode_lf_picture`](Self::decode_lf_picture).
    pub(in crate::frame) fn plan_lf_picture(
        &self,
        threads: usize,
        scope: &mut ScopePlan<'_>,
    ) -> Result<(), Error> {
        spec(self).plan(scope)?;
        scope.stage(STAGE, |stage| {
            if spec(self).is_some() {
                let groups = threads.min(self.context.lf_group_count());
                stage.tasks(groups, |task| group_shape(self).plan_samples(task))?;
            }
            if self.smooths_lf() {
                plan_smoothing(&self.geometry, threads, stage)?;
            }
            let Size { width, height } = size(self);
            let (columns, rows) = TileGrid::new(STRIP_WIDTH, TILE_ROWS).count(width, height);
            let room_bytes = strip_room(self)?;
            Ok(stage.tasks(threads.min(columns * rows), |task| task.room(room_bytes))?)
        })
    }

    /// Decodes the LF image and writes it to `target`, which has its size. `bits` stands in the LF
    /// global section.
    pub(in crate::frame) fn decode_lf_picture(
        &self,
        mut bits: Bits<'a>,
        target: Target<'_>,
    ) -> Result<(), Error> {
        let context = self.context;
        let own_image = spec(self).open(context.scope)?;
        let mut image = lf::image(self, own_image)?;
        context.scope.with_stage(STAGE, |stage| {
            self.decode_lf_groups(&mut bits, &mut image, stage)?;
            if self.smooths_lf() {
                self.check_smoothing()?;
                let steps = self.vardct.lf_steps(self.global.dequantization);
                smooth(&mut image, steps, stage)?;
            }
            self.write_lf(&image, target, stage)
        })
    }

    /// Decodes the LF coefficients of all LF groups. Samples are 0 where a section is missing.
    fn decode_lf_groups(
        &self,
        bits: &mut Bits<'_>,
        image: &mut LfImage<'_>,
        stage: &Scope,
    ) -> Result<(), Error> {
        let Some(views) = image.views_mut() else {
            return Ok(());
        };
        let room_bytes = group_shape(self).samples_room()?;
        let mut channel = 0;
        let [x, y, b] = views.map(|view| {
            let Size { width, height } = self.geometry.lf_group_blocks(channel);
            channel += 1;
            view.into_tiles(TileGrid::new(width, height))
        });
        let decode = |group: usize, bits: &mut Bits<'_>, tile: &mut LfTile<'_>| {
            let stream = self.stream(self.context.lf_coefficients_stream(group), stage);
            let factors = self.global.dequantization;
            let is_subsampled = self.geometry.is_subsampled();
            let place = (tile, None);
            decode_lf_samples(
                bits,
                stream,
                self.vardct,
                factors,
                is_subsampled,
                room_bytes,
                place,
            )
        };
        if self.sections.is_single() {
            let mut tiles = x.zip(y).zip(b).enumerate();
            return tiles.try_for_each(|(group, ((x, y), b))| decode(group, bits, &mut [x, y, b]));
        }
        let tiles = x.into_par_iter().zip(y).zip(b).enumerate();
        let results = tiles.map(|(group, ((x, y), b))| {
            let mut tile = [x, y, b];
            match self.sections.lf_group(group)? {
                Some(mut bits) => decode(group, &mut bits, &mut tile),
                None => {
                    tile.iter_mut().for_each(|samples| samples.fill(0.0));
                    Ok(())
                }
            }
        });
        results.find_map_first(Result::err).map_or(Ok(()), Err)
    }

    fn write_lf(
        &self,
        image: &LfImage<'_>,
        target: Target<'_>,
        stage: &Scope,
    ) -> Result<(), Error> {
        let geometry = &self.geometry;
        let views = image.views();
        let band = Band::new([0, 1, 2].map(|channel| {
            let Size { width, height } = geometry.channel_blocks(channel);
            BandPlane {
                placed: Placed::whole(views[channel].rect(0, 0, width, height)),
                width,
                height,
                halves_columns: geometry.hshift[channel] == 1,
                halves_rows: geometry.vshift[channel] == 1,
            }
        }));
        let pipeline = Pipeline {
            shape: pipeline_shape(self),
            sigma: Sigma::Constant(0.0),
            patches: None,
            extra_kinds: &[],
            splines: None,
            upsampling: None,
            noise: None,
            extra_upsampling: &[],
        };
        let room_bytes = strip_room(self)?;
        let kept = stage.scratch_beyond_plan();
        let tiles = target.into_tiles(STRIP_WIDTH, TILE_ROWS);
        let mut tiles = Memory::new(stage, &kept).collect(tiles)?;
        let results = tiles.par_iter_mut().map(|tile| {
            let (columns, rows) = (tile.columns(), tile.rows());
            let samples = 3 * columns.len() * rows.len();
            self.context.place.budget.spend(samples as u64)?;
            let scratch = stage.scratch_with_room(room_bytes)?;
            pipeline.produce(&band, columns, rows, &scratch, |row| {
                let color = row.color.each_ref().map(|row| &**row);
                let none = |_| &[][..];
                let extra = ExtraRows::Integers(&none);
                tile.put_plain_row(row.y, ColorRows::Decoded(color), extra);
            })?;
            tile.finish();
            Ok(())
        });
        results.find_map_first(Result::err).map_or(Ok(()), Err)
    }
}
