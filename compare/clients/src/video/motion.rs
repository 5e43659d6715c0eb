//! Motion compensation. Planes have a border, so vectors are not clamped.

use frame_arena::{PlaneView, PlaneViewMut, TileGrid};
use rayon::prelude::*;

use super::residual::rows_per_task;
use super::{Coded, Shape};
use crate::random::hash;

/// Columns and rows of a luma block that has motion vectors of its own.
const BLOCK: usize = 16;

/// Largest component of a motion vector, in luma samples.
const REACH: i64 = 24;

/// Reconstructs plane `index` with its border: writes every sample of `plane`, on all threads.
/// `references` are whole planes too; without them, the prediction is gray.
pub(super) fn reconstruct(
    coded: &Coded,
    index: usize,
    residual: PlaneView<'_, i16>,
    references: Option<[PlaneView<'_, u8>; 2]>,
    mut plane: PlaneViewMut<'_, u8>,
) {
    let shape = coded.shape(index);
    let Shape {
        width,
        height,
        border,
    } = shape;
    let visible = plane.reborrow().into_rect(border, border, width, height);
    let rows = rows_per_task(index);
    let bands = visible.into_tiles(TileGrid::new(width, rows));
    bands
        .into_par_iter()
        .enumerate()
        .for_each(|(band, mut tile)| {
            let top = band * rows;
            match references {
                Some(references) => {
                    predict_band(coded, index, top, residual, references, &mut tile)
                }
                None => {
                    for (y, row) in tile.rows_mut().enumerate() {
                        for (sample, &residual) in row.iter_mut().zip(residual.row(top + y)) {
                            *sample = (128 + residual) as u8;
                        }
                    }
                }
            }
        });
    extend(shape, plane);
}

/// Predicts the blocks of a band of rows, from row `top` of the plane, and adds the residual.
fn predict_band(
    coded: &Coded,
    index: usize,
    top: usize,
    residual: PlaneView<'_, i16>,
    references: [PlaneView<'_, u8>; 2],
    band: &mut PlaneViewMut<'_, u8>,
) {
    let border = coded.shape(index).border;
    let block = if index == 0 { BLOCK } else { BLOCK / 2 };
    for block_top in (0..band.height()).step_by(block) {
        for left in (0..band.width()).step_by(block) {
            let right = (left + block).min(band.width());
            let vectors = vectors(coded, index, left / block, (top + block_top) / block);
            let bottom = (block_top + block).min(band.height());
            for y in block_top..bottom {
                let [from, to] = [0, 1].map(|which| {
                    let (dx, dy) = vectors[which];
                    let row = references[which].row(moved(top + y + border, dy));
                    &row[moved(left + border, dx)..][..right - left]
                });
                let residual = &residual.row(top + y)[left..right];
                let samples = &mut band.row_mut(y)[left..right];
                add(samples, from, to, residual);
            }
        }
    }
}

/// Averages two predictions and adds the residual.
fn add(samples: &mut [u8], from: &[u8], to: &[u8], residual: &[i16]) {
    for (((sample, &from), &to), &residual) in samples.iter_mut().zip(from).zip(to).zip(residual) {
        let predicted = (i16::from(from) + i16::from(to) + 1) >> 1;
        *sample = (predicted + residual).clamp(0, 255) as u8;
    }
}

/// Returns the motion vectors of a block into both references. Those of chroma are half of those of
/// luma.
fn vectors(coded: &Coded, index: usize, column: usize, row: usize) -> [(i64, i64); 2] {
    let bits = hash(coded.number << 32 | (row as u64) << 16 | column as u64);
    let component = |shift: u32| {
        let luma = (bits >> shift) as i64 & 0xff;
        let luma = luma % (REACH + 1) * 2 - REACH;
        if index == 0 { luma } else { luma / 2 }
    };
    [(component(0), component(8)), (component(16), component(24))]
}

fn moved(place: usize, by: i64) -> usize {
    place.wrapping_add_signed(by as isize)
}

/// Fills the border with the nearest visible samples.
fn extend(shape: Shape, mut plane: PlaneViewMut<'_, u8>) {
    let Shape {
        width,
        height,
        border,
    } = shape;
    for y in border..border + height {
        let row = plane.row_mut(y);
        let (first, last) = (row[border], row[border + width - 1]);
        row[..border].fill(first);
        row[border + width..].fill(last);
    }
    let (mut above, rest) = plane.split_at_row(border);
    let (visible, mut below) = rest.split_at_row(height);
    for row in above.rows_mut() {
        row.copy_from_slice(visible.row(0));
    }
    for row in below.rows_mut() {
        row.copy_from_slice(visible.row(height - 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_stay_within_the_border() {
        for number in 0..2000 {
            let coded = Coded {
                number,
                references: Some([0, 0]),
                dimensions: (64, 64),
            };
            for index in 0..2 {
                let border = coded.shape(index).border as i64;
                for (dx, dy) in vectors(&coded, index, 3, 5) {
                    assert!(dx.abs() <= border && dy.abs() <= border, "{dx} {dy}");
                }
            }
        }
    }

    #[test]
    fn the_border_repeats_the_edge() {
        let shape = Shape {
            width: 3,
            height: 2,
            border: 2,
        };
        let mut samples = vec![9; shape.full_len()];
        let mut plane = PlaneViewMut::from_slice(&mut samples, 7, 6, 7);
        for (y, row) in [[1, 2, 3], [4, 5, 6]].iter().enumerate() {
            plane.row_mut(2 + y)[2..5].copy_from_slice(row);
        }
        extend(shape, plane);
        let (upper, lower) = ([1, 1, 1, 2, 3, 3, 3], [4, 4, 4, 5, 6, 6, 6]);
        assert_eq!(samples, [upper, upper, upper, lower, lower, lower].concat());
    }
}
