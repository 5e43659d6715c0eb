use frame_arena::{Arena, Plane, PlaneAlloc};

use super::*;
use crate::workers::Workers;

/// The formula of ISO/IEC 18181-1, J.2, on a copy of the image.
fn naive(image: &[Vec<Vec<f32>>; 3], steps: [f32; 3]) -> [Vec<Vec<f32>>; 3] {
    let mut smoothed = image.clone();
    let (height, width) = (image[0].len(), image[0][0].len());
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let mean = |channel: usize| -> f32 {
                let mut sum = 0.0;
                for (dy, row) in image[channel][y - 1..=y + 1].iter().enumerate() {
                    for (dx, sample) in row[x - 1..=x + 1].iter().enumerate() {
                        sum += sample
                            * match (dx, dy) {
                                (1, 1) => CENTER,
                                (1, _) | (_, 1) => SIDE,
                                _ => CORNER,
                            };
                    }
                }
                sum
            };
            let gap =
                |channel: usize| (image[channel][y][x] - mean(channel)).abs() / steps[channel];
            let gap = gap(0).max(gap(1)).max(gap(2)).max(0.5);
            for channel in 0..3 {
                let share = (3.0 - 4.0 * gap).max(0.0);
                smoothed[channel][y][x] += (mean(channel) - image[channel][y][x]) * share;
            }
        }
    }
    smoothed
}

#[test]
fn bands_are_smoothed_as_the_whole_image() {
    let arena = Arena::new();
    let frame = arena.frame();
    let steps = [0.5, 1.0, 2.0];
    for (width, height) in [
        (1, 1),
        (2, 70),
        (9, 2),
        (3, 3),
        (20, 64),
        (17, 65),
        (33, 200),
    ] {
        let mut random = 1_u32;
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 20) as f32 / 4096.0
        };
        let image = steps.map(|step| {
            let mut row = || (0..width).map(|_| next() * step).collect::<Vec<_>>();
            (0..height).map(|_| row()).collect::<Vec<_>>()
        });
        let plane = |channel: &Vec<Vec<f32>>| {
            let plane = frame.plane_from_fn(width, height, |x, y| channel[y][x]);
            plane.unwrap()
        };
        let mut lf = LfImage::Own(image.each_ref().map(plane));
        smooth(&mut lf, steps, (&frame, Workers::ALONE)).unwrap();
        let LfImage::Own(planes) = &lf else { panic!() };
        for (plane, expected) in planes.iter().zip(naive(&image, steps)) {
            let plane: &Plane<'_, f32> = plane;
            for (row, expected) in plane.rows().zip(expected) {
                for (sample, expected) in row.iter().zip(expected) {
                    assert!((sample - expected).abs() < 1e-5, "{width} x {height}");
                }
            }
        }
    }
}
