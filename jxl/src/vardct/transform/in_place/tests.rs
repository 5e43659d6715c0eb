use std::f64::consts::{PI, SQRT_2};

use frame_arena::{Arena, PlaneAlloc};

use super::*;
use crate::simd::{Kernel, dispatch_octets};

struct Run<'a, 'p> {
    samples: &'a mut PlaneViewMut<'p, f32>,
    rect: Rect,
    spare: &'a mut [f32],
}

impl Kernel for Run<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        inverse_in_place(d, self.samples, self.rect, self.spare);
    }
}

/// The contribution of frequency `k` of `n` to sample `i` (ISO/IEC 18181-1, I.2.1).
fn cosine(k: usize, i: usize, n: usize) -> f64 {
    let scale = if k == 0 { 1.0 } else { SQRT_2 };
    scale * (k as f64 * (i as f64 + 0.5) * PI / n as f64).cos()
}

#[test]
fn frequencies_become_cosines_and_nothing_beside_changes() {
    let arena = Arena::new();
    let frame = arena.frame();
    let frequencies = [
        (0, 0, 2.0_f32),
        (1, 0, -1.0),
        (0, 1, 0.5),
        (5, 9, 3.0),
        (15, 15, -0.25),
    ];
    for (width, height) in [(128, 64), (64, 128), (256, 256), (16, 16), (256, 128)] {
        let (x, y) = (16, 3);
        // A transform of length n multiplies a rounding error by up to n / pi.
        let largest: f64 = frequencies.iter().map(|f| 2.0 * f64::from(f.2).abs()).sum();
        let bound = largest * f64::from(f32::EPSILON) * (width + height) as f64 / PI;
        let mut plane = frame.plane::<f32>(width + 40, height + 5).unwrap();
        let mut samples = plane.view_mut();
        samples.fill(7.0);
        for row in y..y + height {
            samples.row_mut(row)[x..x + width].fill(0.0);
        }
        for (u, v, amplitude) in frequencies {
            samples.row_mut(y + v)[x + u] = amplitude;
        }
        dispatch_octets(Run {
            samples: &mut samples,
            rect: Rect {
                pos: Pos::new(x, y),
                size: Size::new(width, height),
            },
            spare: &mut vec![f32::NAN; IN_PLACE_SPARE],
        });
        for row in 0..samples.height() {
            for (column, &sample) in samples.row(row).iter().enumerate() {
                let is_inside = (x..x + width).contains(&column) && (y..y + height).contains(&row);
                let expected = match is_inside {
                    false => 7.0,
                    true => frequencies
                        .iter()
                        .map(|&(u, v, amplitude)| {
                            f64::from(amplitude)
                                * cosine(u, column - x, width)
                                * cosine(v, row - y, height)
                        })
                        .sum(),
                };
                let apart = (f64::from(sample) - expected).abs();
                assert!(
                    apart < bound,
                    "{width} x {height}, {column}, {row}: {sample} {expected}"
                );
            }
        }
    }
}
