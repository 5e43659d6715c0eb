use frame_arena::Arena;

use jxl_simd::{ScalarDescriptor, SimdDescriptor};

use super::{Halves, Horizontal, STRIP_COLUMNS, Vertical, VerticalStrip, interleave, invert};
use crate::modular::testing::{Rng, Rows, plane, rows, rows_of};
use crate::simd::Kernel;
use crate::workers::Workers;

/// The formula of the standard (H.6.2).
fn tendency(a: i64, b: i64, c: i64) -> i64 {
    let mut x = 0;
    if a >= b && b >= c {
        x = (4 * a - 3 * c - b + 6) / 12;
        if x - (x & 1) > 2 * (a - b) {
            x = 2 * (a - b) + 1;
        }
        if x + (x & 1) > 2 * (b - c) {
            x = 2 * (b - c);
        }
    } else if a <= b && b <= c {
        x = (4 * a - 3 * c - b - 6) / 12;
        if x + (x & 1) < 2 * (a - b) {
            x = 2 * (a - b) - 1;
        }
        if x - (x & 1) < 2 * (b - c) {
            x = 2 * (b - c);
        }
    }
    x
}

/// The encoder's side: averages, then the differences of the samples minus their tendencies.
fn squeeze(row: &[i32]) -> Vec<i32> {
    let pairs: Vec<(i64, Option<i64>)> = row
        .chunks(2)
        .map(|pair| (pair[0].into(), pair.get(1).map(|&second| second.into())))
        .collect();
    let average = |&(first, second): &(i64, Option<i64>)| match second {
        Some(second) => (first + second + i64::from(first > second)) >> 1,
        None => first,
    };
    let averages: Vec<i64> = pairs.iter().map(average).collect();
    let mut out: Vec<i32> = averages.iter().map(|&average| average as i32).collect();
    for (x, &(first, second)) in pairs.iter().enumerate() {
        let Some(second) = second else { continue };
        let next = averages.get(x + 1).copied().unwrap_or(averages[x]);
        let before = if x == 0 {
            averages[0]
        } else {
            row[2 * x - 1].into()
        };
        out.push((first - second - tendency(before, averages[x], next)) as i32);
    }
    out
}

fn transpose(picture: &Rows) -> Rows {
    let column = |x: usize| picture.iter().map(|row| row[x]).collect();
    (0..picture[0].len()).map(column).collect()
}

fn squeezed(horizontal: bool, picture: &Rows) -> Rows {
    if horizontal {
        picture.iter().map(|row| squeeze(row)).collect()
    } else {
        transpose(&squeezed(true, &transpose(picture)))
    }
}

#[test]
fn what_an_encoder_squeezed_comes_back() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut rng = Rng(6);
    let long = STRIP_COLUMNS + 9;
    for (width, height) in [
        (1, 1),
        (2, 1),
        (1, 2),
        (3, 3),
        (8, 5),
        (5, 8),
        (long, 7),
        (4, 131),
    ] {
        for limit in [1, 9, 255, 65535, (1 << 24) - 1, 1 << 24, 1 << 28] {
            for horizontal in [true, false] {
                let picture = rows(width, height, || rng.within(limit));
                let mut channel = plane(&*frame, &squeezed(horizontal, &picture));
                invert(horizontal, channel.view_mut(), (&frame, Workers::ALONE))
                    .expect("memory for rows");
                assert_eq!(
                    rows_of(&channel),
                    picture,
                    "{width} x {height}, {horizontal}"
                );
            }
        }
    }
}

#[test]
fn residuals_of_the_whole_range_do_not_overflow() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut rng = Rng(7);
    for horizontal in [true, false] {
        let extreme = || [i32::MIN, i32::MAX, 0, rng.sample()][rng.below(4)];
        let mut channel = plane(&*frame, &rows(33, 33, extreme));
        invert(horizontal, channel.view_mut(), (&frame, Workers::ALONE)).expect("memory for rows");
    }
}

/// Undoes a horizontal step sample by sample, in 64 bits.
fn undone(rows: &Rows) -> Rows {
    let undo = |row: &Vec<i32>| {
        let mut out = row.clone();
        let (averages, residuals) = row.split_at(row.len().div_ceil(2));
        interleave::<i64>(averages[0], averages, residuals, &mut out);
        out
    };
    rows.iter().map(undo).collect()
}

/// Compares steps undone with the vectors of `d` and steps undone sample by sample.
fn check_vectors<D: SimdDescriptor>(d: D) {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut rng = Rng(8);
    for limit in [1, 30, 4000, (1 << 24) - 1, 1 << 24] {
        for (width, height) in [(1, 9), (2, 8), (15, 8), (17, 16), (18, 17), (131, 19)] {
            let halves = rows(width, height, || rng.within(limit));
            let mut band = plane(&*frame, &halves);
            let mut room = vec![0; Halves::new(width).len()];
            let horizontal = Horizontal {
                band: &mut band.view_mut(),
                halves: &mut room,
            };
            d.call(|d| horizontal.run(d));
            let expected = undone(&halves);
            assert_eq!(rows_of(&band), expected, "{d:?}, {width} x {height}");
            let (height, width) = (width, height.min(STRIP_COLUMNS));
            let strip = transpose(&halves);
            let strip = strip.iter().map(|row| row[..width].to_vec());
            let mut strip = plane(&*frame, &strip.collect());
            let copy = plane(&*frame, &rows_of(&strip));
            let averages = height.div_ceil(2);
            let part = VerticalStrip {
                averages: copy.view().rect(0, 0, width, averages),
                residuals: copy.view().rect(0, averages, width, height / 2),
                pairs: height / 2,
                ends_alone: height % 2 == 1,
            };
            let vertical = Vertical {
                part: &part,
                above: &mut copy.row(0).to_vec(),
                out: &mut strip.view_mut(),
            };
            d.call(|d| vertical.run(d));
            assert_eq!(
                rows_of(&strip),
                transpose(&expected),
                "{d:?}, {width} x {height}"
            );
        }
    }
}

#[test]
fn vectors_undo_what_single_samples_do() {
    check_vectors(ScalarDescriptor);
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(d) = jxl_simd::Sse42Descriptor::new() {
            check_vectors(d);
        }
        if let Some(d) = jxl_simd::AvxDescriptor::new() {
            check_vectors(d);
        }
    }
    #[cfg(target_arch = "aarch64")]
    if let Some(d) = jxl_simd::NeonDescriptor::new() {
        check_vectors(d);
    }
}
