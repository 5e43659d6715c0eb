//! Checks that a strategy grants usable memory that nobody else writes.

use crate::strategies::{Fill, Rows, Strategy, Wanted};

/// Writes every sample and reads it back; samples must be zero first if zeros were requested. It
/// does so twice, to check reused memory too.
pub(crate) fn verify(name: &str, strategy: &mut dyn Strategy, wanted: Wanted, fill: Fill) {
    let mut wrong = 0u64;
    for round in 0..2u32 {
        strategy.with_planes(wanted, &mut |planes| {
            for plane in 0..wanted.count {
                for y in 0..wanted.height {
                    let row = planes.row_mut(plane, y);
                    assert_eq!(row.len(), wanted.width, "{name}");
                    for (x, sample) in row.iter_mut().enumerate() {
                        wrong += u64::from(fill == Fill::Zero && sample.to_bits() != 0);
                        *sample = value(plane, x, y, round);
                    }
                }
            }
            wrong += count_wrong(planes, wanted, round);
        });
    }
    assert_eq!(wrong, 0, "{name}: wrong samples");
}

fn count_wrong(planes: &mut dyn Rows, wanted: Wanted, round: u32) -> u64 {
    let mut wrong = 0;
    for plane in 0..wanted.count {
        for y in 0..wanted.height {
            for (x, sample) in planes.row_mut(plane, y).iter().enumerate() {
                wrong += u64::from(*sample != value(plane, x, y, round));
            }
        }
    }
    wrong
}

fn value(plane: usize, x: usize, y: usize, round: u32) -> f32 {
    ((plane * 31 + y * 17 + x * 5) % 8191 + 1) as f32 + round as f32 / 2.0
}
