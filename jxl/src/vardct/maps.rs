use frame_arena::{DetachedPlaneSet, Plane, PlaneAlloc, PlaneView, PlaneViewMut, Scope, TileGrid};
use jxl_transforms::transform_map::HfTransformType;

use super::geometry::{CORRELATION_BLOCKS, Geometry};
use crate::Error;

/// The LF image: one sample for each block of X, Y, B, subsampled as the channels are.
pub(crate) enum LfImage<'f> {
    /// Decoded from the frame's own LF coefficients.
    Own([Plane<'f, f32>; 3]),
    /// An LF frame before it.
    Kept(&'f DetachedPlaneSet<f32>),
}

impl<'f> LfImage<'f> {
    /// Stale: LF groups write all of it.
    pub(crate) fn new(geometry: &Geometry, scope: &'f Scope) -> Result<Self, Error> {
        let plane = |channel| {
            let (width, height) = geometry.channel_blocks(channel);
            scope.stale_plane(width, height)
        };
        Ok(Self::Own([plane(0)?, plane(1)?, plane(2)?]))
    }

    /// The LF image that `image`, an LF frame, is.
    ///
    /// # Errors
    /// An LF frame of another size.
    pub(crate) fn kept(
        geometry: &Geometry,
        image: &'f DetachedPlaneSet<f32>,
    ) -> Result<Self, Error> {
        let size = (image.width(), image.height());
        if image.count() != 3 || (0..3).any(|channel| geometry.channel_blocks(channel) != size) {
            return Err(Error::corrupt("LF frame of another size"));
        }
        Ok(Self::Kept(image))
    }

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
    /// Multipliers of the quantisation step, less 1.
    pub(super) multipliers: Plane<'f, u8>,
    /// Which of eight strengths the edge-preserving filter has.
    pub(super) sharpness: Plane<'f, u8>,
    /// Factors of X from Y and B from Y, for squares of 8 x 8 blocks.
    pub(super) correlations: [Plane<'f, i8>; 2],
    /// Contexts from the LF image; without columns if there is only one.
    pub(super) lf_contexts: Plane<'f, u8>,
}

impl<'f> BlockMaps<'f> {
    pub(crate) fn new(
        geometry: &Geometry,
        has_lf_contexts: bool,
        scope: &'f Scope,
    ) -> Result<Self, Error> {
        let (columns, rows) = (geometry.columns, geometry.rows);
        let correlation = || {
            let square = CORRELATION_BLOCKS;
            // Stale: LF groups write all of it.
            scope.stale_plane(columns.div_ceil(square), rows.div_ceil(square))
        };
        let lf_columns = if has_lf_contexts { columns } else { 0 };
        Ok(Self {
            // Zero: blocks without a varblock yet.
            transforms: scope.plane(columns, rows)?,
            // Stale: varblocks fill them.
            multipliers: scope.stale_plane(columns, rows)?,
            sharpness: scope.stale_plane(columns, rows)?,
            correlations: [correlation()?, correlation()?],
            // Zero: without LF coefficients all contexts are the first.
            lf_contexts: scope.plane(lf_columns, rows)?,
        })
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
    pub(crate) fn tiles<'p>(
        &'p mut self,
        lf: &'p mut LfImage<'_>,
        geometry: &Geometry,
    ) -> Vec<LfGroupTiles<'p>> {
        let (width, height) = Geometry::LF_GROUP;
        let grid = TileGrid::new(width, height);
        let correlation_grid =
            TileGrid::new(width / CORRELATION_BLOCKS, height / CORRELATION_BLOCKS);
        let mut channel = 0;
        let mut lf = lf.views_mut().map(|views| {
            views.map(|view| {
                let (width, height) = geometry.lf_group_blocks(channel);
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
        let mut tiles = Vec::with_capacity(blocks.len());
        for (((transforms, multipliers), sharpness), (x_from_y, b_from_y)) in
            blocks.zip(correlations)
        {
            let lf = lf.as_mut().map(|lf| lf.each_mut().map(Iterator::next));
            let lf = match lf {
                None => None,
                Some([Some(x), Some(y), Some(b)]) => Some([x, y, b]),
                Some(_) => break,
            };
            tiles.push(LfGroupTiles {
                lf,
                transforms,
                multipliers,
                sharpness,
                correlations: [x_from_y, b_from_y],
                lf_contexts: lf_contexts.next(),
            });
        }
        tiles
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

const FIRST: u8 = 0x80;

/// The entry of the transform map for the first block of a varblock. Entries of 0 stand for
/// blocks without a varblock.
pub(super) fn first_block(transform: HfTransformType) -> u8 {
    FIRST | other_block(transform)
}

/// The entry for the other blocks of a varblock.
pub(super) fn other_block(transform: HfTransformType) -> u8 {
    transform as u8 + 1
}

/// The transform of the varblock that starts at the block of this entry, if one does.
#[inline]
pub(super) fn varblock_at(entry: u8) -> Option<HfTransformType> {
    HfTransformType::from_usize(usize::from(entry ^ FIRST).wrapping_sub(1))
}
