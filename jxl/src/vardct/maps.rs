use frame_arena::{DetachedPlaneSet, Plane, PlaneSpec, PlaneView, PlaneViewMut, Spec, TileGrid};

use super::geometry::{CORRELATION_BLOCKS, Geometry};
use super::transform::TransformType;
use crate::Error;
use crate::grid::Size;
use crate::memory::{List, Memory};

/// The LF image: one sample for each block of X, Y, B, subsampled as the channels are.
pub(crate) enum LfImage<'f> {
    /// Decoded from the frame's own LF coefficients.
    Own([Plane<'f, f32>; 3]),
    /// An LF frame before it.
    Kept(&'f DetachedPlaneSet<f32>),
}

impl<'f> LfImage<'f> {
    /// The planes of a frame's own image.
    pub(crate) fn spec(geometry: &Geometry) -> [PlaneSpec<f32>; 3] {
        [0, 1, 2].map(|channel| {
            let Size { width, height } = geometry.channel_blocks(channel);
            // Stale: LF groups write all of it.
            PlaneSpec::stale(width, height)
        })
    }

    /// The LF image that `image`, an LF frame, is: a frame that is smaller than the picture uses
    /// its first columns and rows.
    ///
    /// # Errors
    /// An LF frame that is smaller than the frame.
    pub(crate) fn kept(
        geometry: &Geometry,
        image: &'f DetachedPlaneSet<f32>,
    ) -> Result<Self, Error> {
        let is_covered = |channel| {
            let blocks = geometry.channel_blocks(channel);
            blocks.width <= image.width() && blocks.height <= image.height()
        };
        if image.count() != 3 || !(0..3).all(is_covered) {
            return Err(Error::corrupt(format!(
                "LF frame of {} x {} samples for {} x {} blocks",
                image.width(),
                image.height(),
                geometry.columns,
                geometry.rows
            )));
        }
        Ok(Self::Kept(image))
    }

    /// Each at least as large as the blocks of its channel.
    pub(crate) fn views(&self) -> [PlaneView<'_, f32>; 3] {
        match self {
            Self::Own(channels) => channels.each_ref().map(Plane::view),
            Self::Kept(image) => [0, 1, 2].map(|channel| image.plane(channel)),
        }
    }

    /// The channels to write; `None` of an LF frame.
    pub(crate) fn views_mut(&mut self) -> Option<[PlaneViewMut<'_, f32>; 3]> {
        match self {
            Self::Own(channels) => Some(channels.each_mut().map(Plane::view_mut)),
            Self::Kept(_) => None,
        }
    }
}

/// What is known of each block of a frame beside its coefficients. One byte each: these maps
/// stay as long as the frame.
pub(crate) struct BlockMaps<'f> {
    /// See [`first_block`].
    pub(super) transforms: Plane<'f, u8>,
    /// Multipliers of the quantization step, less 1.
    pub(super) multipliers: Plane<'f, u8>,
    /// Which of eight strengths the edge-preserving filter has.
    pub(super) sharpness: Plane<'f, u8>,
    /// Factors of X from Y and B from Y, for squares of 8 x 8 blocks.
    pub(super) correlations: [Plane<'f, i8>; 2],
    /// Contexts from the LF image; without columns if there is only one.
    pub(super) lf_contexts: Plane<'f, u8>,
}

/// Transforms, multipliers and sharpness; correlations; LF contexts.
pub(crate) type BlockMapsSpec = ([PlaneSpec<u8>; 3], [PlaneSpec<i8>; 2], PlaneSpec<u8>);

impl<'f> BlockMaps<'f> {
    /// The planes of the maps.
    pub(crate) fn spec(geometry: &Geometry, has_lf_contexts: bool) -> BlockMapsSpec {
        let (columns, rows) = (geometry.columns, geometry.rows);
        let square = CORRELATION_BLOCKS;
        let lf_columns = if has_lf_contexts { columns } else { 0 };
        (
            [
                // Zero: blocks that no varblock covers yet.
                PlaneSpec::zeros(columns, rows),
                // Stale: varblocks fill them.
                PlaneSpec::stale(columns, rows),
                PlaneSpec::stale(columns, rows),
            ],
            // Stale: LF groups write all of it.
            [PlaneSpec::stale(columns.div_ceil(square), rows.div_ceil(square)); 2],
            // Zero: without LF coefficients all contexts are the first.
            PlaneSpec::zeros(lf_columns, rows),
        )
    }

    /// `memory` is as [specified](Self::spec).
    pub(crate) fn new(memory: <BlockMapsSpec as Spec>::Memory<'f>) -> Self {
        let ([transforms, multipliers, sharpness], correlations, lf_contexts) = memory;
        Self {
            transforms,
            multipliers,
            sharpness,
            correlations,
            lf_contexts,
        }
    }

    /// The strength of the edge-preserving filter of each block: `sigma` of its multiplier and
    /// its sharpness.
    pub(crate) fn fill_sigma(&self, out: &mut Plane<'_, f32>, sigma: impl Fn(u32, u8) -> f32) {
        let maps = self.multipliers.rows().zip(self.sharpness.rows());
        for (out, (multipliers, sharpness)) in out.rows_mut().zip(maps) {
            for (out, (&multiplier, &sharpness)) in
                out.iter_mut().zip(multipliers.iter().zip(sharpness))
            {
                *out = sigma(u32::from(multiplier) + 1, sharpness);
            }
        }
    }

    /// Tiles of all maps and of the LF image, one for each LF group.
    ///
    /// # Errors
    /// Memory.
    pub(crate) fn tiles<'p, 'm>(
        &'p mut self,
        lf: &'p mut LfImage<'_>,
        geometry: &Geometry,
        memory: Memory<'m>,
    ) -> Result<List<'m, LfGroupTiles<'p>>, Error> {
        let Size { width, height } = Geometry::LF_GROUP;
        let grid = TileGrid::new(width, height);
        let correlation_grid =
            TileGrid::new(width / CORRELATION_BLOCKS, height / CORRELATION_BLOCKS);
        let mut channel = 0;
        let mut lf = lf.views_mut().map(|views| {
            views.map(|view| {
                let Size { width, height } = geometry.lf_group_blocks(channel);
                channel += 1;
                view.into_tiles(TileGrid::new(width, height))
            })
        });
        let mut lf_contexts = self.lf_contexts.tiles(grid);
        let [x_from_y, b_from_y] = &mut self.correlations;
        let correlations = x_from_y
            .tiles(correlation_grid)
            .zip(b_from_y.tiles(correlation_grid));
        let blocks = self.transforms.tiles(grid);
        let blocks = blocks
            .zip(self.multipliers.tiles(grid))
            .zip(self.sharpness.tiles(grid));
        let mut tiles = memory.list(blocks.len())?;
        for (((transforms, multipliers), sharpness), (x_from_y, b_from_y)) in
            blocks.zip(correlations)
        {
            let lf = lf.as_mut().map(|lf| lf.each_mut().map(Iterator::next));
            let lf = match lf {
                None => None,
                Some([Some(x), Some(y), Some(b)]) => Some([x, y, b]),
                Some(_) => break,
            };
            let group = LfGroupTiles {
                lf,
                transforms,
                multipliers,
                sharpness,
                correlations: [x_from_y, b_from_y],
                lf_contexts: lf_contexts.next(),
            };
            memory.add(&mut tiles, group)?;
        }
        Ok(tiles)
    }
}

/// The part of the maps that an LF group writes.
pub(crate) struct LfGroupTiles<'p> {
    /// `None` if an LF frame is the LF image.
    pub(super) lf: Option<[PlaneViewMut<'p, f32>; 3]>,
    pub(super) transforms: PlaneViewMut<'p, u8>,
    pub(super) multipliers: PlaneViewMut<'p, u8>,
    pub(super) sharpness: PlaneViewMut<'p, u8>,
    pub(super) correlations: [PlaneViewMut<'p, i8>; 2],
    /// `None` if there is only one context.
    pub(super) lf_contexts: Option<PlaneViewMut<'p, u8>>,
}

impl LfGroupTiles<'_> {
    /// Stands for an LF group that is missing: samples of 0, and no varblocks.
    pub(crate) fn clear(&mut self) {
        for lf in self.lf.iter_mut().flatten() {
            lf.fill(0.0);
        }
        for map in [
            &mut self.transforms,
            &mut self.multipliers,
            &mut self.sharpness,
        ] {
            map.fill(0);
        }
        for correlations in &mut self.correlations {
            correlations.fill(0);
        }
        if let Some(contexts) = &mut self.lf_contexts {
            contexts.fill(0);
        }
    }
}

const FIRST: u8 = 0x80;

/// The entry of the transform map for the first block of a varblock. Entries of 0 stand for
/// blocks without a varblock.
pub(super) fn first_block(transform: TransformType) -> u8 {
    FIRST | other_block(transform)
}

/// The entry for the other blocks of a varblock.
pub(super) fn other_block(transform: TransformType) -> u8 {
    transform as u8 + 1
}

/// The transform of the varblock that starts at the block of this entry, if one does.
#[inline]
pub(super) fn varblock_at(entry: u8) -> Option<TransformType> {
    TransformType::from_number(usize::from(entry ^ FIRST).wrapping_sub(1))
}
