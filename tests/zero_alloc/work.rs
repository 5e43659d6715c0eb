//! The memory of a lossy frame: whole planes, LF and metadata, coefficients of one stage and
//! filters of the next, scratch in every group, and a reference frame that outlives the frame.

use std::sync::Barrier;

use frame_arena::{AllocError, Arena, DetachedPlane, PlaneAlloc, PlaneSetViewMut, Stage, TileGrid};
use rayon::prelude::*;

pub(crate) const WIDTH: usize = 640;
pub(crate) const HEIGHT: usize = 320;

/// Rows of a group that any thread may take.
pub(crate) const STOLEN_ROWS: usize = 32;

/// Bytes that every scope and scratch of a thread requests in small parts.
const FILL_BYTES: usize = 56_000;

/// The distribution of a frame's groups over threads.
pub(crate) enum Spread {
    /// As many equal groups as threads, which wait for each other while they hold their scratch:
    /// every thread takes exactly one, each frame.
    OneEach(Barrier),
    /// Many groups of uneven work; whichever thread is free takes the next.
    Stealing,
}

/// Decodes one frame and replaces the reference frame. Returns a checksum of all its samples.
pub(crate) fn decode(
    arena: &Arena,
    reference: &mut DetachedPlane<f32>,
    spread: &Spread,
) -> Result<u64, AllocError> {
    let frame = arena.frame();
    let mut xyb = frame.planes::<f32>(3, WIDTH, HEIGHT)?;
    let lf = frame.plane_from_fn::<i16>(WIDTH / 8, HEIGHT / 8, |x, y| (x * 3 + y) as i16)?;
    let metadata = frame.slice_from_fn::<u8>(FILL_BYTES - HEIGHT / 8 * 192, |i| i as u8)?;
    {
        let coefficients = frame.stage("coefficients");
        let tile_height = match spread {
            Spread::OneEach(_) => HEIGHT / rayon::current_num_threads(),
            Spread::Stealing => STOLEN_ROWS,
        };
        let tiles = xyb.tiles(TileGrid::new(WIDTH, tile_height));
        let columns = tiles.columns();
        tiles
            .into_par_iter()
            .enumerate()
            .with_max_len(1)
            .try_for_each(|(index, mut tile)| {
                let row = lf.row(index / columns * 3);
                group(&coefficients, &mut tile, row, index, spread)
            })?;
    }
    let mut kept = frame.stale_plane::<f32>(WIDTH, HEIGHT)?;
    frame.with_stage("filters", |filters| -> Result<(), AllocError> {
        let mut smooth = filters.stale_plane::<f32>(WIDTH, HEIGHT)?;
        for (y, row) in smooth.rows_mut().enumerate() {
            let (before, here) = (xyb.plane(1), xyb.plane(0));
            for (x, sample) in row.iter_mut().enumerate() {
                *sample = here.get(x, y) + before.get(x, y.saturating_sub(1)) / 2.0;
            }
        }
        for (y, row) in kept.rows_mut().enumerate() {
            for ((to, &from), &old) in row.iter_mut().zip(smooth.row(y)).zip(xyb.plane(2).row(y)) {
                *to = from + old;
            }
        }
        Ok(())
    })?;
    let sum = checksum(xyb.planes().chain([kept.view()])) ^ u64::from(metadata[WIDTH]);
    *reference = frame.detach(kept)?;
    Ok(sum)
}

/// One group.
fn group(
    stage: &Stage<'_>,
    tile: &mut PlaneSetViewMut<'_, f32>,
    lf: &[i16],
    index: usize,
    spread: &Spread,
) -> Result<(), AllocError> {
    let passes = match spread {
        Spread::OneEach(_) => 1,
        Spread::Stealing => 1 + index % 5,
    };
    let scratch = stage.scratch();
    let mut blocks: [&mut [i32]; 5] = Default::default();
    for block in &mut blocks {
        *block = scratch.slice::<i32>(FILL_BYTES / 5 / 4)?;
    }
    let mut small: [&mut [i16]; 10] = Default::default();
    for part in &mut small {
        *part = stage.copied_slice(&lf[..lf.len().min(80)])?;
    }
    let maps = stage.slice_from_fn::<u16>((FILL_BYTES - 10 * 192) / 2, |i| (i * passes) as u16)?;
    let mut large = stage.planes::<i32>(3, 256, 80)?;
    for pass in 0..passes {
        if pass > 0 {
            large = stage.copied_planes(&large)?;
        }
        for (c, mut plane) in large.planes_mut().enumerate() {
            plane.fill((c * 5 + index + pass) as i32);
        }
    }
    if let Spread::OneEach(barrier) = spread {
        barrier.wait();
    }
    for (c, mut plane) in tile.planes_mut().enumerate() {
        for (y, row) in plane.rows_mut().enumerate() {
            let block = &mut blocks[y % 5];
            for (x, sample) in row.iter_mut().enumerate() {
                block[x] += i32::from(small[c][x % 80]);
                *sample = (block[x] + i32::from(maps[x])) as f32
                    + large.plane(c).get(x % 256, y % 80) as f32;
            }
        }
    }
    Ok(())
}

fn checksum<'p>(planes: impl Iterator<Item = frame_arena::PlaneView<'p, f32>>) -> u64 {
    let mut sum = 0xcbf2_9ce4_8422_2325u64;
    for row in planes.flat_map(|plane| plane.rows()) {
        for sample in row {
            sum = (sum ^ u64::from(sample.to_bits())).wrapping_mul(0x0100_0000_01b3);
        }
    }
    sum
}
