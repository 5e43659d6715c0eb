use frame_arena::{Arena, Plane};

use super::invert;
use crate::modular::layout::PaletteInverse;
use crate::modular::predictor::{Neighbors, gradient};
use crate::modular::testing::{Rng, Rows, pieces, plane, rows, rows_of};
use crate::modular::{Predictor, Slot, WeightedParams};

/// The entry of an index by the standard (H.6.4), except for the table of deltas.
fn naive_entry(palette: &Rows, index: i32, channel: usize, bit_depth: u32) -> i32 {
    let colors = palette[0].len() as i32;
    if index < colors {
        return palette[channel][index as usize];
    }
    if channel >= 3 {
        return 0;
    }
    let index = index - colors;
    let max = (1_i64 << bit_depth) - 1;
    if index < 64 {
        let level = i64::from(index >> (2 * channel)) % 4;
        (level * max / 4) as i32 + (1 << bit_depth.saturating_sub(3))
    } else {
        let level = i64::from(index - 64) / 5_i64.pow(channel as u32) % 5;
        (level * max / 4) as i32
    }
}

struct Case {
    indices: Rows,
    palette: Rows,
    deltas: usize,
    predictor: Predictor,
    bit_depth: u32,
}

impl Case {
    fn decode(&self) -> Vec<Rows> {
        let arena = Arena::new();
        let frame = arena.frame();
        let (width, height) = (self.indices[0].len(), self.indices.len());
        let count = self.palette.len();
        let mut planes = vec![plane(&*frame, &self.indices)];
        for _ in 1..count {
            planes.push(plane(&*frame, &rows(width, height, || -1)));
        }
        let mut bases: Vec<_> = planes.iter_mut().map(Plane::view_mut).collect();
        let slot = |base| Slot {
            base,
            x: 0,
            y: 0,
            width,
            height,
        };
        let inverse = PaletteInverse {
            palette: 0,
            deltas: self.deltas,
            predictor: self.predictor,
            weighted: WeightedParams::DEFAULT,
            slots: &(0..count).map(slot).collect::<Vec<_>>(),
        };
        let palette = plane(&*frame, &self.palette);
        let done = invert(&inverse, palette.view(), &mut bases, self.bit_depth, &frame);
        done.expect("memory for rows");
        planes.iter().map(rows_of).collect()
    }
}

#[test]
fn indices_become_colors() {
    let mut rng = Rng(10);
    for bit_depth in [1, 8, 16, 32] {
        let case = Case {
            indices: rows(9, 5, || rng.below(10 + 64 + 125 + 40) as i32),
            palette: rows(10, 4, || rng.within(300)),
            deltas: 0,
            predictor: Predictor::ZERO,
            bit_depth,
        };
        for (channel, decoded) in case.decode().iter().enumerate() {
            for (row, indices) in decoded.iter().zip(&case.indices) {
                for (&sample, &index) in row.iter().zip(indices) {
                    let expected = naive_entry(&case.palette, index, channel, bit_depth.min(24));
                    assert_eq!(sample, expected, "index {index}, channel {channel}");
                }
            }
        }
    }
}

#[test]
fn deltas_are_added_to_a_prediction() {
    let mut rng = Rng(11);
    let case = Case {
        indices: rows(7, 6, || rng.below(8) as i32),
        palette: rows(8, 3, || rng.within(40)),
        deltas: 5,
        predictor: Predictor::GRADIENT,
        bit_depth: 8,
    };
    for (channel, decoded) in case.decode().iter().enumerate() {
        for (y, row) in decoded.iter().enumerate() {
            for (x, &sample) in row.iter().enumerate() {
                let above = |x: usize| y.checked_sub(1).map(|y| decoded[y][x]);
                let w = x.checked_sub(1).map(|x| row[x]).or(above(x)).unwrap_or(0);
                let n = above(x).unwrap_or(w);
                let nw = x.checked_sub(1).and_then(above).unwrap_or(w);
                let index = case.indices[y][x] as usize;
                let prediction = if index < 5 { gradient(w, n, nw) } else { 0 };
                let expected = case.palette[channel][index] + prediction;
                assert_eq!(sample, expected, "{x}, {y}, channel {channel}");
            }
        }
    }
}

#[test]
fn negative_indices_are_deltas_that_every_palette_has() {
    // Indices -1 and -144, 143 apart, are delta 0. Indices -142 and -143 are the last delta, with
    // both signs.
    let indices = vec![vec![-1, -2, -3, -4, -5, -144, -142, -143, i32::MIN]];
    let case = Case {
        indices,
        palette: rows(0, 4, || 0),
        deltas: 0,
        predictor: Predictor::ZERO,
        bit_depth: 8,
    };
    let decoded = case.decode();
    assert_eq!(
        decoded[0][0][..8],
        [0, 4, -4, 11, -11, 0, -24, 24].map(|x: i32| x)
    );
    assert_eq!(
        decoded[1][0][..8],
        [0, 4, -4, 0, 0, 0, 45, -45].map(|x: i32| x)
    );
    assert_eq!(decoded[3][0], [0; 9]);
    let deep = Case {
        bit_depth: 10,
        ..case
    };
    assert_eq!(deep.decode()[0][0][1..4], [16, -16, 44]);
}

#[test]
fn the_weighted_predictor_learns_from_all_samples() {
    // After colors in the first row, only zero deltas: each sample is its prediction.
    let mut indices = rows(6, 4, || 0);
    indices[0] = vec![1, 2, 3, 1, 2, 3];
    let case = Case {
        indices,
        palette: vec![vec![0, 10, 20, 30]],
        deltas: 1,
        predictor: Predictor::WEIGHTED,
        bit_depth: 8,
    };
    let decoded = &case.decode()[0];
    assert_eq!(decoded[0], [10, 20, 30, 10, 20, 30]);
    let arena = Arena::new();
    let frame = arena.frame();
    let scratch = frame.scratch();
    let mut memory = super::WeightedRows::new(&scratch, 6).expect("memory for rows");
    let mut weighted = memory.start(WeightedParams::DEFAULT, 6);
    for (y, row) in decoded.iter().enumerate() {
        let mut predictor = weighted.row();
        let row_above = y.checked_sub(1).map(|y| &*decoded[y]);
        for (columns, x) in pieces(6)
            .into_iter()
            .flat_map(|columns| columns.clone().map(move |x| (columns.clone(), x)))
        {
            let sample = row[x];
            if x == columns.start {
                predictor.begin(&columns, row_above);
            }
            let above = |x: usize, up: usize| y.checked_sub(up).map(|y| decoded[y][x]);
            let w = x
                .checked_sub(1)
                .map(|x| row[x])
                .or(above(x, 1))
                .unwrap_or(0);
            let n = above(x, 1).unwrap_or(w);
            let at = Neighbors {
                n,
                w,
                nw: x.checked_sub(1).and_then(|x| above(x, 1)).unwrap_or(w),
                ne: Some(x + 1)
                    .filter(|&x| x < 6)
                    .and_then(|x| above(x, 1))
                    .unwrap_or(n),
                nn: above(x, 2).unwrap_or(n),
                ..Neighbors::default()
            };
            let guess = predictor.predict(x, &at);
            if y > 0 {
                assert_eq!(sample, guess.prediction, "{x}, {y}");
            }
            predictor.update(x, sample);
            if x + 1 == columns.end {
                predictor.end(&columns);
            }
        }
    }
}
