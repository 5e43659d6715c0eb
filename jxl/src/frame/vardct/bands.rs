use frame_arena::{Plane, PlaneAlloc, PlaneView, PlaneViewMut, Scope, TileGrid};
use jxl_bitstream::Bitstream;
use rayon::prelude::*;

use super::Frame;
use crate::Error;
use crate::frame::context::FrameContext;
use crate::frame::render::Renderer;
use crate::frame::target::Target;
use crate::render::{Band, BandPlane, STRIP_WIDTH};
use crate::vardct::{BLOCK_DIM, Geometry, GroupDecoder};

/// Decodes the groups of a frame, a row of them at a time, and hands finished rows to the
/// output. `bits` is where the only group starts if all is in one section.
pub(super) fn decode(
    frame: &Frame<'_>,
    decoder: &GroupDecoder<'_>,
    renderer: &Renderer<'_>,
    bits: &Bitstream<'_>,
    extra: &[PlaneView<'_, i32>],
    mut target: Target<'_>,
) -> Result<(), Error> {
    let context = frame.context;
    context.scope.with_stage("XYB band", |stage| {
        let mut band = BandPlanes::new(frame, renderer, stage)?;
        let (columns, rows) = context.groups();
        for row in 0..rows {
            let tiles = band.tiles();
            let results = tiles.into_par_iter().enumerate().map(|(column, tile)| {
                let mut sections = frame.pass_sections(row * columns + column, bits)?;
                decoder.decode((column, row), &mut sections, tile, stage)
            });
            results.find_map_first(Result::err).map_or(Ok(()), Err)?;
            let finished_rows = renderer.finished_rows(band.finished_rows(row));
            let (piece, rest) = target.split_at_row(finished_rows);
            target = rest;
            let source = band.source(row);
            let height = piece.height();
            if height > 0 {
                let tiles = piece.into_tiles(STRIP_WIDTH, height);
                tiles
                    .into_par_iter()
                    .try_for_each(|mut tile| renderer.put_tile(&source, extra, &mut tile, stage))?;
            }
            band.keep_last_rows();
        }
        Ok(())
    })
}

/// The planes of a row of groups.
pub(in crate::frame) struct BandShape {
    /// Rows (of the channel that is not subsampled) above and below a row that it depends on.
    border: usize,
    /// Rows kept above the row of groups, of each channel.
    kept: [usize; 3],
    /// Columns and rows of each channel.
    pub(in crate::frame) sizes: [(usize, usize); 3],
}

impl BandShape {
    /// `border` is the [renderer's](Renderer::border).
    pub(in crate::frame) fn new(
        context: &FrameContext<'_>,
        geometry: &Geometry,
        border: usize,
    ) -> Self {
        // Chroma upsampling looks at a row of chroma above and below.
        let border = border + 2 * usize::from(geometry.vshift != [0; 3]);
        let is_single = context.groups().1 == 1;
        let kept = geometry.vshift.map(|vshift| match is_single {
            true => 0,
            false => (2 * border) >> vshift,
        });
        let sizes = [0, 1, 2].map(|channel| {
            let (columns, rows) = geometry.channel_blocks(channel);
            let group_rows = context.group_dim >> geometry.vshift[channel];
            let height = kept[channel] + group_rows.min(rows * BLOCK_DIM);
            (columns * BLOCK_DIM, height)
        });
        Self {
            border,
            kept,
            sizes,
        }
    }
}

/// A row of groups, and what is still needed of the rows above.
struct BandPlanes<'a, 's> {
    frame: &'a Frame<'a>,
    planes: [Plane<'s, f32>; 3],
    /// Rows (of the channel that is not subsampled) above and below a row that it depends on.
    border: usize,
    /// Rows kept above the row of groups, of each channel.
    kept: [usize; 3],
}

impl<'a, 's> BandPlanes<'a, 's> {
    fn new(frame: &'a Frame<'a>, renderer: &Renderer<'_>, stage: &'s Scope) -> Result<Self, Error> {
        let BandShape {
            border,
            kept,
            sizes,
        } = BandShape::new(frame.context, &frame.geometry, renderer.border());
        // Stale: groups write all blocks of a row of groups before rows of it are read, and
        // the rows above the first one are not read.
        let plane = |channel: usize| stage.stale_plane(sizes[channel].0, sizes[channel].1);
        Ok(Self {
            frame,
            planes: [plane(0)?, plane(1)?, plane(2)?],
            border,
            kept,
        })
    }

    /// The samples of each group of the row.
    fn tiles(&mut self) -> Vec<[PlaneViewMut<'_, f32>; 3]> {
        let dim = self.frame.context.group_dim;
        let geometry = &self.frame.geometry;
        let mut channel = 0;
        let mut tiles = self.planes.each_mut().map(|plane| {
            let (_, rows) = plane.view_mut().split_at_row(self.kept[channel]);
            let (hshift, vshift) = (geometry.hshift[channel], geometry.vshift[channel]);
            channel += 1;
            rows.into_tiles(TileGrid::new(dim >> hshift, dim >> vshift))
        });
        let mut groups = Vec::with_capacity(tiles[0].len());
        while let [Some(x), Some(y), Some(b)] = tiles.each_mut().map(Iterator::next) {
            groups.push([x, y, b]);
        }
        groups
    }

    /// How many rows of the colour channels can be finished after row `row` of groups, but for
    /// what filters and upsampling look at; `None` if all.
    fn finished_rows(&self, row: usize) -> Option<usize> {
        let end = (row + 1) * self.frame.context.group_dim;
        (row + 1 < self.frame.context.groups().1).then(|| end - self.border)
    }

    /// The rows that are there after row `row` of groups is decoded.
    fn source(&self, row: usize) -> Band<'_> {
        let (context, geometry) = (self.frame.context, &self.frame.geometry);
        let plane = |channel: usize| {
            let (hshift, vshift) = (geometry.hshift[channel], geometry.vshift[channel]);
            let samples = self.planes[channel].view();
            let (kept, start) = (self.kept[channel], (row * context.group_dim) >> vshift);
            // There is nothing above the first row of groups.
            let unused = kept.saturating_sub(start);
            let (width, height) = (samples.width(), samples.height());
            BandPlane {
                samples: samples.rect(0, unused, width, height - unused),
                first_row: (start + unused) - kept,
                width: context.width.div_ceil(1 << hshift),
                height: context.height.div_ceil(1 << vshift),
                halves_columns: hshift == 1,
                halves_rows: vshift == 1,
            }
        };
        Band::new([plane(0), plane(1), plane(2)])
    }

    fn keep_last_rows(&mut self) {
        for (plane, kept) in self.planes.iter_mut().zip(self.kept) {
            let (mut above, rows) = plane.view_mut().split_at_row(kept);
            if rows.height() >= kept && kept > 0 {
                let (width, height) = (rows.width(), rows.height());
                above.copy_from(rows.view().rect(0, height - kept, width, kept));
            }
        }
    }
}
