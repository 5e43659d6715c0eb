use frame_arena::{
    AllocError, DetachedPlane, DetachedPlaneSet, Plane, PlaneSpec, PlaneView, PlaneViewMut, Scope,
    Spec, TileGrid,
};

use super::geometry::{CORRELATION_BLOCKS, Geometry};
use super::transform::TransformType;
use crate::Error;
use crate::grid::Size;
use crate::memory::{List, Memory};

/// The LF image: one sample per block of X, Y and B, subsampled like the channels.
pub(crate) enum LfImage<'f> {
    /// Decoded from the frame's own LF coefficients.
    Own([Plane<'f, f32>; 3]),
    /// An LF frame that precedes the frame.
    Kept([PlaneView<'f, f32>; 3]),
}

impl<'f> LfImage<'f> {
    /// The planes of an LF image decoded from the frame's own LF coefficients.
    pub(crate) fn spec(geometry: &Geometry) -> [PlaneSpec<f32>; 3] {
        [0, 1, 2].map(|channel| {
            let Size { width, height } = geometry.channel_blocks(channel);
            // Stale: LF groups write all of it.
            PlaneSpec::stale(width, height)
        })
    }

    /// The channels of the LF frame `image` as the LF image. A frame that is smaller than the
    /// picture uses the first columns and rows of it.
    ///
    /// # Errors
    /// An LF frame that is smaller than the frame.
    pub(crate) fn kept(
        geometry: &Geometry,
        image: &'f DetachedPlaneSet<f32>,
    ) -> Result<[PlaneView<'f, f32>; 3], Error> {
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
        Ok([0, 1, 2].map(|channel| image.plane(channel)))
    }

    /// Views of the channels, each at least as large as the blocks of its channel.
    pub(crate) fn views(&self) -> [PlaneView<'_, f32>; 3] {
        match self {
            Self::Own(channels) => channels.each_ref().map(Plane::view),
            Self::Kept(channels) => *channels,
        }
    }

    /// Views of the channels to write; `None` if an LF frame is the LF image.
    pub(crate) fn views_mut(&mut self) -> Option<[PlaneViewMut<'_, f32>; 3]> {
        match self {
            Self::Own(channels) => Some(channels.each_mut().map(Plane::view_mut)),
            Self::Kept(_) => None,
        }
    }
}

/// Properties of each block of a frame, apart from coefficients. They take one byte each because
/// these maps live as long as the frame.
pub(crate) struct BlockMaps<'f> {
    /// Entries made by [`first_block`] and [`other_block`].
    pub(super) transforms: Plane<'f, u8>,
    /// Multipliers of the quantization step, minus 1.
    pub(super) multipliers: Plane<'f, u8>,
    /// Strength of the edge-preserving filter, 0 to 7.
    pub(super) sharpness: Plane<'f, u8>,
    /// Coded chroma-from-luma factors of X and B, for squares of 8 x 8 blocks.
    pub(super) correlations: [Plane<'f, i8>; 2],
    /// LF contexts. The plane has no columns if there is only one context.
    pub(super) lf_contexts: Plane<'f, u8>,
}

/// The maps that groups read.
#[derive(Clone, Copy)]
pub(crate) struct BlockMapsView<'p> {
    pub(super) transforms: PlaneView<'p, u8>,
    pub(super) multipliers: PlaneView<'p, u8>,
    pub(super) correlations: [PlaneView<'p, i8>; 2],
    pub(super) lf_contexts: PlaneView<'p, u8>,
}

/// The maps that groups read, outside of all scopes.
pub(crate) struct DetachedBlockMaps {
    transforms: DetachedPlane<u8>,
    multipliers: DetachedPlane<u8>,
    correlations: [DetachedPlane<i8>; 2],
    lf_contexts: DetachedPlane<u8>,
}

impl DetachedBlockMaps {
    pub(crate) fn view(&self) -> BlockMapsView<'_> {
        BlockMapsView {
            transforms: self.transforms.view(),
            multipliers: self.multipliers.view(),
            correlations: self.correlations.each_ref().map(DetachedPlane::view),
            lf_contexts: self.lf_contexts.view(),
        }
    }
}

/// Specifications of transforms, multipliers and sharpness; of correlations; of LF contexts.
pub(crate) type BlockMapsSpec = ([PlaneSpec<u8>; 3], [PlaneSpec<i8>; 2], PlaneSpec<u8>);

impl<'f> BlockMaps<'f> {
    /// The planes of the maps.
    pub(crate) fn spec(geometry: &Geometry, has_lf_contexts: bool) -> BlockMapsSpec {
        let (columns, rows) = (geometry.columns, geometry.rows);
        let square = CORRELATION_BLOCKS;
        let lf_columns = if has_lf_contexts { columns } else { 0 };
        (
            [
                // Zero: no varblock covers the blocks yet.
                PlaneSpec::zeros(columns, rows),
                // Stale: varblocks fill them.
                PlaneSpec::stale(columns, rows),
                PlaneSpec::stale(columns, rows),
            ],
            // Stale: LF groups write all of it.
            [PlaneSpec::stale(columns.div_ceil(square), rows.div_ceil(square)); 2],
            // Zero: without LF coefficients, every LF context is 0.
            PlaneSpec::zeros(lf_columns, rows),
        )
    }

    /// `memory` was opened from [`spec`](Self::spec).
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

    pub(crate) fn view(&self) -> BlockMapsView<'_> {
        BlockMapsView {
            transforms: self.transforms.view(),
            multipliers: self.multipliers.view(),
            correlations: self.correlations.each_ref().map(Plane::view),
            lf_contexts: self.lf_contexts.view(),
        }
    }

    /// Moves the maps that groups read out of `scope`, in which they were requested.
    ///
    /// # Errors
    /// Memory for planes that are copied.
    pub(crate) fn detach(self, scope: &Scope) -> Result<DetachedBlockMaps, AllocError> {
        let [x_from_y, b_from_y] = self.correlations;
        Ok(DetachedBlockMaps {
            transforms: scope.detach(self.transforms)?,
            multipliers: scope.detach(self.multipliers)?,
            correlations: [scope.detach(x_from_y)?, scope.detach(b_from_y)?],
            lf_contexts: scope.detach(self.lf_contexts)?,
        })
    }

    /// Fills `out` with the strength of the edge-preserving filter at each block: `sigma` of the
    /// block's multiplier and sharpness.
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

    /// Cuts all maps and the LF image into one part per LF group.
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

/// The parts of the maps that one LF group writes.
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
    /// Clears the maps of a missing LF group: LF samples become 0, and no varblocks remain.
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

/// The transform map's entry for the first block of a varblock. Entry 0 is a block without a
/// varblock.
pub(super) fn first_block(transform: TransformType) -> u8 {
    FIRST | other_block(transform)
}

/// The transform map's entry for the other blocks of a varblock.
pub(super) fn other_block(transform: TransformType) -> u8 {
    transform as u8 + 1
}

/// The transform of the varblock that starts at a block with this entry; `None` if none starts
/// there.
#[inline]
pub(super) fn varblock_at(entry: u8) -> Option<TransformType> {
    TransformType::from_number(usize::from(entry ^ FIRST).wrapping_sub(1))
}
