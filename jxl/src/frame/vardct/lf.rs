use frame_arena::{Plane, PlaneAlloc, Scope};
use jxl_bitstream::Bitstream;
use jxl_frame::filter::EdgePreservingFilter;
use rayon::prelude::*;

use super::Frame;
use crate::Error;
use crate::frame::groups::SectionChannels;
use crate::render::{Sigma, block_sigma};
use crate::vardct::{
    BlockMaps, LfGroupTiles, LfImage, decode_hf_metadata, decode_lf_coefficients, lf_group_room,
    smooth,
};

/// What the LF groups say, and the LF image as groups use it.
pub(super) struct LfGroups<'a> {
    frame: &'a Frame<'a>,
    pub(super) maps: BlockMaps<'a>,
    pub(super) image: LfImage<'a>,
    /// Transforms in use, a bit for each.
    pub(super) used_transforms: u32,
    /// Of the edge-preserving filter, if the frame has it.
    sigma: Option<Plane<'a, f32>>,
}

impl<'a> LfGroups<'a> {
    pub(super) fn new(frame: &'a Frame<'a>) -> Result<Self, Error> {
        let scope = frame.context.scope;
        let has_lf_contexts = frame.vardct.has_lf_contexts();
        let (columns, rows) = (frame.geometry.columns, frame.geometry.rows);
        let epf = &frame.context.header.restoration_filter.epf;
        let has_sigma = matches!(epf, EdgePreservingFilter::Enabled(_));
        Ok(Self {
            frame,
            maps: BlockMaps::new(&frame.geometry, has_lf_contexts, scope)?,
            // Stale: computed when the maps are known.
            sigma: has_sigma
                .then(|| scope.stale_plane(columns, rows))
                .transpose()?,
            image: match frame.context.header.flags.use_lf_frame() {
                false => LfImage::new(&frame.geometry, scope)?,
                true => {
                    let level = frame.context.header.lf_level as usize;
                    let image = frame.context.place.kept.lf_image(level)?;
                    LfImage::kept(&frame.geometry, image)?
                }
            },
            used_transforms: 0,
        })
    }

    /// The strength of the edge-preserving filter.
    pub(super) fn sigma(&self) -> Sigma<'_> {
        let sigma = self.sigma.as_ref();
        sigma.map_or(Sigma::Constant(0.0), |sigma| Sigma::Blocks(sigma.view()))
    }

    /// Decodes all LF groups, with the extra channels in them, and smooths the LF image. `bits`
    /// is where they start if all is in one section.
    pub(super) fn decode(
        mut self,
        bits: &mut Bitstream<'_>,
        channels: Vec<SectionChannels<'_>>,
        stage: &Scope,
    ) -> Result<Self, Error> {
        self.decode_groups(bits, channels, stage)?;
        let header = self.frame.context.header;
        if let EdgePreservingFilter::Enabled(params) = &header.restoration_filter.epf {
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
        bits: &mut Bitstream<'_>,
        channels: Vec<SectionChannels<'_>>,
        stage: &Scope,
    ) -> Result<(), Error> {
        let frame = self.frame;
        let flags = frame.context.header.flags;
        if flags.skip_adaptive_lf_smoothing() || flags.use_lf_frame() {
            self.used_transforms = decode_groups(
                frame,
                bits,
                channels,
                &mut self.maps,
                &mut self.image,
                stage,
            )?;
            return Ok(());
        }
        if frame.geometry.is_subsampled() {
            return Err(Error::corrupt("smoothing of a subsampled LF image"));
        }
        let (maps, image) = (&mut self.maps, &mut self.image);
        self.used_transforms = decode_groups(frame, bits, channels, maps, image, stage)?;
        let steps = frame.vardct.lf_steps(frame.global.dequantisation);
        smooth(image, steps, stage)
    }
}

/// Returns the transforms in use.
fn decode_groups(
    frame: &Frame<'_>,
    bits: &mut Bitstream<'_>,
    channels: Vec<SectionChannels<'_>>,
    maps: &mut BlockMaps<'_>,
    image: &mut LfImage<'_>,
    stage: &Scope,
) -> Result<u32, Error> {
    let room_bytes = lf_group_room(&frame.geometry, image.views_mut().is_some())?;
    let tiles = maps.tiles(image, &frame.geometry);
    if frame.sections.is_single() {
        let mut groups = tiles.into_iter().zip(channels).enumerate();
        return groups.try_fold(0, |used, (group, (tiles, channels))| {
            Ok(used | decode_group(frame, group, bits, tiles, channels, room_bytes, stage)?)
        });
    }
    let groups = tiles.into_par_iter().zip(channels).enumerate();
    let results = groups.map(|(group, (tiles, channels))| {
        let mut bits = frame.sections.lf_group(group)?;
        decode_group(frame, group, &mut bits, tiles, channels, room_bytes, stage)
    });
    let results: Vec<_> = results.collect();
    results
        .into_iter()
        .try_fold(0, |used, result| Ok(used | result?))
}

fn decode_group(
    frame: &Frame<'_>,
    group: usize,
    bits: &mut Bitstream<'_>,
    mut tiles: LfGroupTiles<'_>,
    mut channels: SectionChannels<'_>,
    room_bytes: usize,
    stage: &Scope,
) -> Result<u32, Error> {
    let context = frame.context;
    let is_subsampled = frame.geometry.is_subsampled();
    let stream = frame.stream(context.lf_coefficients_stream(group), stage);
    let factors = frame.global.dequantisation;
    decode_lf_coefficients(
        bits,
        stream,
        frame.vardct,
        factors,
        is_subsampled,
        room_bytes,
        &mut tiles,
    )?;
    channels.decode(bits, frame.stream(context.lf_group_stream(group), stage))?;
    let stream = frame.stream(context.hf_metadata_stream(group), stage);
    decode_hf_metadata(bits, stream, is_subsampled, room_bytes, &mut tiles)
}
