//! The work of one group, the same for every memory strategy.

use frame_arena::{PlaneViewMut, TileGrid, Tiles};

pub(crate) const WIDTH: usize = 3840;
pub(crate) const HEIGHT: usize = 2160;
const GROUP: usize = 256;
const BLOCKS: usize = GROUP / 8;

/// Memory of one group, all zeros.
pub(crate) struct Buffers<'b> {
    pub(crate) coefficients: [&'b mut [i32]; 3],
    /// Samples of a transformed block.
    pub(crate) block: &'b mut [f32],
    /// Non-zero coefficients of the blocks of each plane.
    pub(crate) non_zeros: &'b mut [u8],
}

impl Buffers<'_> {
    pub(crate) const COEFFICIENTS: usize = GROUP * GROUP;
    pub(crate) const BLOCK: usize = 64;
    pub(crate) const NON_ZEROS: usize = 3 * BLOCKS * BLOCKS;
}

/// The groups of a frame's plane.
pub(crate) fn tiles(samples: &mut [f32]) -> Tiles<PlaneViewMut<'_, f32>> {
    PlaneViewMut::from_slice(samples, WIDTH, HEIGHT, WIDTH).into_tiles(TileGrid::new(GROUP, GROUP))
}

/// Fills few of the coefficients, as an entropy decoder does, and sums the planes' blocks into the
/// tile. It reads only samples that it wrote or that must be zero.
pub(crate) fn decode(index: usize, buffers: Buffers<'_>, mut tile: PlaneViewMut<'_, f32>) {
    let Buffers {
        coefficients,
        block,
        non_zeros,
    } = buffers;
    for (c, plane) in coefficients.into_iter().enumerate() {
        for position in (c..plane.len()).step_by(13) {
            plane[position] += (index + position) as i32 % 255;
            let of = position / GROUP / 8 * BLOCKS + position % GROUP / 8;
            non_zeros[c * BLOCKS * BLOCKS + of] += 1;
        }
        for block_index in 0..BLOCKS * BLOCKS {
            let (column, row) = (block_index % BLOCKS * 8, block_index / BLOCKS * 8);
            let scale = f32::from(non_zeros[c * BLOCKS * BLOCKS + block_index]);
            for (y, line) in block.chunks_exact_mut(8).enumerate() {
                let from = &plane[(row + y) * GROUP + column..][..8];
                for (to, &from) in line.iter_mut().zip(from) {
                    *to = from as f32 + scale;
                }
            }
            add_block(&mut tile, column, row, block);
        }
    }
}

fn add_block(tile: &mut PlaneViewMut<'_, f32>, column: usize, row: usize, block: &[f32]) {
    let width = tile.width().saturating_sub(column).min(8);
    for (y, line) in block.chunks_exact(8).enumerate() {
        if row + y < tile.height() && width > 0 {
            let to = &mut tile.row_mut(row + y)[column..][..width];
            for (to, from) in to.iter_mut().zip(line) {
                *to += from;
            }
        }
    }
}

/// A checksum that depends on the place of every sample.
pub(crate) fn checksum(samples: &[f32]) -> u64 {
    let sums = samples.chunks(WIDTH).enumerate().map(|(y, row)| {
        let places = 1u64..;
        let sum: u64 = row
            .iter()
            .zip(places)
            .map(|(&s, x)| u64::from(s.to_bits()) ^ x)
            .fold(0, u64::wrapping_add);
        sum.wrapping_mul(y as u64 * 2 + 1)
    });
    sums.fold(0, u64::wrapping_add)
}

/// The checksum of the work done in fresh vectors, one group after the other.
pub(crate) fn expected() -> u64 {
    let mut output = vec![0.0; WIDTH * HEIGHT];
    for (index, tile) in tiles(&mut output).enumerate() {
        let mut planes = [(); 3].map(|()| vec![0; Buffers::COEFFICIENTS]);
        let buffers = Buffers {
            coefficients: planes.each_mut().map(|plane| &mut plane[..]),
            block: &mut [0.0; Buffers::BLOCK],
            non_zeros: &mut [0; Buffers::NON_ZEROS],
        };
        decode(index, buffers, tile);
    }
    checksum(&output)
}
