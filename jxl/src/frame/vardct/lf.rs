use std::sync::atomic::{AtomicU32, Ordering};

use crate::bits::Bits;
use frame_arena::{AllocError, Plane, PlaneSpec, Scope, ScopePlan, Spec};
use rayon::prelude::*;

use super::frame::Frame;
use crate::Error;
use crate::frame::groups::SectionChannels;
use crate::grid::GroupPos;
use crate::memory::Memory;
use crate::modular::StreamShape;
use crate::render::{Sigma, block_sigma};
use crate::vardct::{
    BlockMaps, BlockMapsSpec, Geometry, LfGroupShape, LfGroupTiles, LfImage, decode_hf_metadata,
    decode_lf_coefficients, plan_smoothing, smooth,
};

/// The decoded LF groups: maps, and the LF image.
pub(super) struct LfGroups<'a> {
    frame: &'a Frame<'a>,
    pub(super) maps: BlockMaps<'a>,
    pub(super) image: LfImage<'a>,
    /// Transforms in use, one bit each.
    pub(super) used_transforms: u32,
    /// Strength of the edge-preserving filter at each block, if the frame uses the filter.
    sigma: Option<Plane<'a, f32>>,
}

/// Maps; strength of the edge-preserving filter; the frame's own LF image.
type LfGroupsSpec = (
    BlockMapsSpec,
    Option<PlaneSpec<f32>>,
    Option<[PlaneSpec<f32>; 3]>,
);

fn spec(frame: &Frame<'_>) -> LfGroupsSpec {
    let (geometry, header) = (&frame.geometry, frame.context.header);
    let has_sigma = frame.parsed.rows.pipeline.restoration.epf.is_some();
    let has_own_image = !header.flags.use_lf_frame();
    (
        BlockMaps::spec(geometry, frame.vardct.has_lf_contexts()),
        // Stale: computed when the maps are decoded.
        has_sigma.then(|| PlaneSpec::stale(geometry.columns, geometry.rows)),
        has_own_image.then(|| LfImage::spec(geometry)),
    )
}

/// Plans [`LfGroups::new`].
pub(super) fn plan(frame: &Frame<'_>, scope: &mut ScopePlan<'_>) -> Result<(), AllocError> {
    spec(frame).plan(scope)
}

/// Plans [`LfGroups::decode`].
pub(super) fn plan_decode(
    frame: &Frame<'_>,
    threads: usize,
    stage: &mut ScopePlan<'_>,
) -> Result<(), Error> {
    let (context, parsed) = (frame.context, frame.parsed);
    let is_weighted = may_need_weighted(frame)?;
    let blocks = frame.geometry.blocks().min(Geometry::LF_GROUP);
    let transformed = StreamShape::new(blocks.into(), context.extra_channels.max(3));
    let groups = frame.lf_groups().size.area();
    let task = stage.task(|task| {
        lf_group_shape(frame).plan(is_weighted, task)?;
        transformed.plan_transforms(task)
    })?;
    let mut tasks = vec![(groups, task)];
    if context.extra_channels > 0 && !parsed.has_local_extra() {
        let extra = StreamShape::new(context.group_size().into(), context.extra_channels);
        tasks.push((groups, stage.task(|task| extra.plan_plain(task))?));
    }
    stage.tasks_of_kinds(threads, &tasks);
    match frame.smooths_lf() {
        true => Ok(plan_smoothing(&frame.geometry, threads, stage)?),
        false => Ok(()),
    }
}

/// True if the streams of HF metadata may need the weighted predictor.
fn may_need_weighted(frame: &Frame<'_>) -> Result<bool, Error> {
    let context = frame.context;
    let first = context.hf_metadata_stream(0);
    let streams = first..first + context.lf_group_count() as u32;
    let kept = context.scope.scratch_beyond_plan();
    match &frame.global.tree {
        Some(tree) => tree.may_need_weighted(streams, Memory::new(context.scope, &kept)),
        None => Ok(true),
    }
}

fn lf_group_shape(frame: &Frame<'_>) -> LfGroupShape {
    let has_lf = !frame.context.header.flags.use_lf_frame();
    LfGroupShape::new(&frame.geometry, has_lf)
}

impl<'a> LfGroups<'a> {
    pub(super) fn new(frame: &'a Frame<'a>) -> Result<Self, Error> {
        let context = frame.context;
        let (maps, sigma, own_image) = spec(frame).open(context.scope)?;
        let image = match own_image {
            Some(planes) => LfImage::Own(planes),
            None => {
                let image = context
                    .place
                    .kept
                    .lf_image(context.header.lf_level as usize)?;
                LfImage::kept(&frame.geometry, image)?
            }
        };
        Ok(Self {
            frame,
            maps: BlockMaps::new(maps),
            image,
            used_transforms: 0,
            sigma,
        })
    }

    /// The strength of the edge-preserving filter at each block.
    pub(super) fn sigma(&self) -> Sigma<'_> {
        let sigma = self.sigma.as_ref();
        sigma.map_or(Sigma::Constant(0.0), |sigma| Sigma::Blocks(sigma.view()))
    }

    /// Decodes all LF groups needed, with the extra channels in them, and smooths the LF image. If
    /// the frame has a single section, `bits` stands where the LF groups start.
    pub(super) fn decode(
        mut self,
        bits: &mut Bits<'_>,
        channels: &mut [SectionChannels<'_, '_>],
        stage: &Scope,
    ) -> Result<Self, Error> {
        self.decode_groups(bits, channels, stage)?;
        if let Some(params) = &self.frame.parsed.rows.pipeline.restoration.epf {
            let step = self.frame.vardct.hf_step();
            let sigma = |multiplier: u32, sharpness| {
                block_sigma(params, step, multiplier as i32, sharpness)
            };
            if let Some(plane) = &mut self.sigma {
                self.maps.fill_sigma(plane, sigma);
            }
        }
        Ok(self)
    }

    fn decode_groups(
        &mut self,
        bits: &mut Bits<'_>,
        channels: &mut [SectionChannels<'_, '_>],
        stage: &Scope,
    ) -> Result<(), Error> {
        let frame = self.frame;
        frame.check_smoothing()?;
        let (maps, image) = (&mut self.maps, &mut self.image);
        self.used_transforms = decode_groups(frame, bits, channels, maps, image, stage)?;
        if !frame.smooths_lf() {
            return Ok(());
        }
        let steps = frame.vardct.lf_steps(frame.global.dequantization);
        smooth(image, steps, stage)
    }
}

/// Decodes the LF groups. Returns the transforms in use, one bit each.
fn decode_groups(
    frame: &Frame<'_>,
    bits: &mut Bits<'_>,
    channels: &mut [SectionChannels<'_, '_>],
    maps: &mut BlockMaps<'_>,
    image: &mut LfImage<'_>,
    stage: &Scope,
) -> Result<u32, Error> {
    let room_bytes = lf_group_shape(frame).room_bytes()?;
    let kept = stage.scratch_beyond_plan();
    let mut tiles = maps.tiles(image, &frame.geometry, Memory::new(stage, &kept))?;
    if frame.sections.is_single() {
        let mut groups = tiles.iter_mut().zip(channels).enumerate();
        return groups.try_fold(0, |used, (group, (tiles, channels))| {
            Ok(used | decode_group(frame, group, bits, tiles, channels, room_bytes, stage)?)
        });
    }
    let groups = tiles
        .par_iter_mut()
        .zip(channels.par_iter_mut())
        .enumerate();
    let (wanted, columns) = (frame.lf_groups(), frame.context.lf_groups().width);
    let used = AtomicU32::new(0);
    let results = groups.map(|(group, (tiles, channels))| {
        if !wanted.contains(GroupPos::of_index(group, columns).into()) {
            return Ok(());
        }
        let Some(mut bits) = frame.sections.lf_group(group)? else {
            tiles.clear();
            return Ok(());
        };
        let transforms = decode_group(frame, group, &mut bits, tiles, channels, room_bytes, stage)?;
        used.fetch_or(transforms, Ordering::Relaxed);
        Ok(())
    });
    let failed = results.find_map_first(Result::err);
    failed.map_or(Ok(used.into_inner()), Err)
}

fn decode_group(
    frame: &Frame<'_>,
    group: usize,
    bits: &mut Bits<'_>,
    tiles: &mut LfGroupTiles<'_>,
    channels: &mut SectionChannels<'_, '_>,
    room_bytes: usize,
    stage: &Scope,
) -> Result<u32, Error> {
    let context = frame.context;
    let is_subsampled = frame.geometry.is_subsampled();
    let stream = frame.stream(context.lf_coefficients_stream(group), stage);
    let factors = frame.global.dequantization;
    decode_lf_coefficients(
        bits,
        stream,
        frame.vardct,
        factors,
        is_subsampled,
        room_bytes,
        tiles,
    )?;
    channels.decode(bits, frame.stream(context.lf_group_stream(group), stage))?;
    let stream = frame.stream(context.hf_metadata_stream(group), stage);
    decode_hf_metadata(bits, stream, is_subsampled, room_bytes, tiles)
}
