use frame_arena::{PlaneAlloc, PlaneView, PlaneViewMut, Stage, TileGrid};
use jxl_bitstream::Bitstream;
use rayon::prelude::*;

use super::{ExtraChannels, Frame};
use crate::Error;
use crate::output::{ExtraRows, Output, OutputTile};
use crate::vardct::{BLOCK_DIM, GroupDecoder};

/// Columns that one task hands to the output.
const STRIP_COLUMNS: usize = 1024;

/// Decodes the groups of a frame, a row of them at a time, and hands out finished rows. `bits`
/// is where the only group starts if all is in one section.
pub(super) fn decode(
    frame: &Frame<'_>,
    decoder: &GroupDecoder<'_>,
    bits: &Bitstream<'_>,
    extra: &ExtraChannels<'_>,
    mut output: Output<'_>,
) -> Result<(), Error> {
    let context = frame.context;
    context.scope.with_stage("XYB band", |stage| {
        // Stale: groups write all blocks of a row of groups before rows of it are read.
        let mut planes = Vec::with_capacity(3);
        for channel in 0..3 {
            let (columns, rows) = frame.geometry.channel_blocks(channel);
            let height =
                (rows * BLOCK_DIM).min(context.group_dim >> frame.geometry.vshift[channel]);
            planes.push(stage.stale_plane(columns * BLOCK_DIM, height)?);
        }
        for row in 0..context.groups().1 {
            let [x, y, b] = &mut planes[..] else {
                return Ok(());
            };
            let band = [x.view_mut(), y.view_mut(), b.view_mut()];
            decode_row(frame, decoder, bits, row, band, stage)?;
            let first = row * context.group_dim;
            let height = context.group_dim.min(context.height - first);
            let (rows, rest) = output.split_at_row(height);
            output = rest;
            let band = [planes[0].view(), planes[1].view(), planes[2].view()];
            write_rows(band, extra, first, rows)?;
        }
        Ok(())
    })
}

/// Decodes a row of groups into the planes of a band.
fn decode_row(
    frame: &Frame<'_>,
    decoder: &GroupDecoder<'_>,
    bits: &Bitstream<'_>,
    row: usize,
    band: [PlaneViewMut<'_, f32>; 3],
    stage: &Stage<'_>,
) -> Result<(), Error> {
    let (columns, _) = frame.context.groups();
    let dim = frame.context.group_dim;
    let mut channel = 0;
    let [x, y, b] = band.map(|plane| {
        let (hshift, vshift) = (
            frame.geometry.hshift[channel],
            frame.geometry.vshift[channel],
        );
        channel += 1;
        plane.into_tiles(TileGrid::new(dim >> hshift, dim >> vshift))
    });
    let tiles = x.into_par_iter().zip(y).zip(b).enumerate();
    let results = tiles.map(|(column, ((x, y), b))| {
        let mut sections = frame.pass_sections(row * columns + column, bits)?;
        decoder.decode((column, row), &mut sections, [x, y, b], stage)
    });
    results.find_map_first(Result::err).map_or(Ok(()), Err)
}

/// Hands rows from `first` on to the output.
fn write_rows(
    band: [PlaneView<'_, f32>; 3],
    extra: &ExtraChannels<'_>,
    first: usize,
    output: Output<'_>,
) -> Result<(), Error> {
    let height = output.height();
    let tiles = output
        .into_tiles(STRIP_COLUMNS, height)
        .into_par_iter()
        .enumerate();
    tiles.try_for_each(|(strip, mut tile)| {
        write_strip(band, extra, (strip * STRIP_COLUMNS, first), &mut tile)
    })
}

fn write_strip(
    band: [PlaneView<'_, f32>; 3],
    extra: &ExtraChannels<'_>,
    (left, first): (usize, usize),
    tile: &mut OutputTile<'_>,
) -> Result<(), Error> {
    let columns = left..left + tile.width();
    let mut extra_rows: Vec<&[i32]> = Vec::with_capacity(extra.len());
    for y in 0..tile.height() {
        extra_rows.clear();
        let rows = extra
            .iter()
            .map(|channel| &channel.row(first + y)[columns.clone()]);
        extra_rows.extend(rows);
        let xyb = band.map(|plane| &plane.row(y)[columns.clone()]);
        tile.put_xyb_row(y, xyb, ExtraRows::Integers(&extra_rows))?;
    }
    Ok(())
}
