//! The formulas of ISO/IEC 18181-1, sample by sample on whole planes, for comparison with the row
//! kernels.

use super::mirror::mirror;

/// A whole plane.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) samples: Vec<f32>,
}

impl Picture {
    pub(super) fn from_fn(
        width: usize,
        height: usize,
        sample: impl Fn(isize, isize) -> f32,
    ) -> Self {
        let places = (0..width * height).map(|i| ((i % width) as isize, (i / width) as isize));
        Self {
            width,
            height,
            samples: places.map(|(x, y)| sample(x, y)).collect(),
        }
    }

    /// The sample at a place, mirrored at the edges.
    pub(super) fn at(&self, x: isize, y: isize) -> f32 {
        self.samples[mirror(y, self.height) * self.width + mirror(x, self.width)]
    }

    fn map(&self, sample: impl Fn(isize, isize) -> f32) -> Self {
        Self::from_fn(self.width, self.height, sample)
    }

    pub(super) fn cropped(&self, width: usize, height: usize) -> Self {
        Self::from_fn(width, height, |x, y| self.at(x, y))
    }
}

/// ISO/IEC 18181-1, J.3: Gabor-like filter.
pub(super) fn gaborish(plane: &Picture, [side, corner]: [f32; 2]) -> Picture {
    plane.map(|x, y| {
        let mut sum = 0.0;
        let mut total = 0.0;
        for dy in -1isize..=1 {
            for dx in -1isize..=1 {
                let weight = [1.0, side, corner][dx.unsigned_abs() + dy.unsigned_abs()];
                sum += weight * plane.at(x + dx, y + dy);
                total += weight;
            }
        }
        sum / total
    })
}

/// The parameters of one pass of the edge-preserving filter.
pub(super) struct EpfPass<'a> {
    /// Neighbors, and places of the compared shapes.
    pub(super) neighbors: &'a [(isize, isize)],
    pub(super) places: &'a [(isize, isize)],
    pub(super) channel_scale: [f32; 3],
    pub(super) sigma_scale: f32,
    pub(super) border_sad_mul: f32,
}

pub(super) const CROSS: [(isize, isize); 4] = [(0, -1), (-1, 0), (1, 0), (0, 1)];
pub(super) const PLUS: [(isize, isize); 5] = [(0, 0), (-1, 0), (0, -1), (1, 0), (0, 1)];
pub(super) const DIAMOND: [(isize, isize); 12] = [
    (0, -2),
    (-1, -1),
    (0, -1),
    (1, -1),
    (-2, 0),
    (-1, 0),
    (1, 0),
    (2, 0),
    (-1, 1),
    (0, 1),
    (1, 1),
    (0, 2),
];

/// ISO/IEC 18181-1, J.4: edge-preserving filter. `sigma` returns that of the block at a place.
pub(super) fn epf(
    planes: &[Picture; 3],
    pass: &EpfPass<'_>,
    sigma: impl Fn(isize, isize) -> f32,
) -> [Picture; 3] {
    let mean = |c: usize, x: isize, y: isize| {
        let sigma = sigma(x, y);
        if sigma < 0.3 {
            return planes[c].at(x, y);
        }
        let is_border = [x, y].iter().any(|place| matches!(place % 8, 0 | 7));
        let factor = if is_border { pass.border_sad_mul } else { 1.0 };
        let inverse = pass.sigma_scale * factor * 6.6 * (0.5f32.sqrt() - 1.0) / sigma;
        let (mut sum, mut total) = (planes[c].at(x, y), 1.0);
        for &(nx, ny) in pass.neighbors {
            let mut distance = 0.0;
            for (plane, scale) in planes.iter().zip(pass.channel_scale) {
                for &(px, py) in pass.places {
                    let here = plane.at(x + px, y + py);
                    distance += scale * (here - plane.at(x + nx + px, y + ny + py)).abs();
                }
            }
            let weight = (1.0 + distance * inverse).max(0.0);
            sum += weight * planes[c].at(x + nx, y + ny);
            total += weight;
        }
        sum / total
    };
    [0, 1, 2].map(|c| planes[c].map(|x, y| mean(c, x, y)))
}

/// ISO/IEC 18181-1, J.2: upsampling.
pub(super) fn upsampled(plane: &Picture, factor: usize, weights: &[f32]) -> Picture {
    let half = factor / 2;
    // The stored triangle as a whole matrix.
    let size = 5 * half;
    let mut matrix = vec![vec![0.0; size]; size];
    let triangle = (0..size).flat_map(|y| (y..size).map(move |x| (x, y)));
    for ((x, y), &weight) in triangle.zip(weights) {
        matrix[y][x] = weight;
        matrix[x][y] = weight;
    }
    Picture::from_fn(plane.width * factor, plane.height * factor, |x, y| {
        let (place_x, place_y) = (x as usize % factor, y as usize % factor);
        let (x, y) = (x / factor as isize, y / factor as isize);
        let (mut sum, mut low, mut high) = (0.0, f32::MAX, f32::MIN);
        for dy in 0..5 {
            for dx in 0..5 {
                let sample = plane.at(x + dx as isize - 2, y + dy as isize - 2);
                let column = |place, d| {
                    if place < half {
                        5 * place + d
                    } else {
                        5 * (factor - 1 - place) + 4 - d
                    }
                };
                sum += sample * matrix[column(place_y, dy)][column(place_x, dx)];
                low = sample.min(low);
                high = sample.max(high);
            }
        }
        sum.clamp(low, high)
    })
}

/// ISO/IEC 18181-1, J.1: chroma upsampling, one halved direction after the other.
pub(super) fn chroma(
    plane: &Picture,
    (width, height): (usize, usize),
    halved: (bool, bool),
) -> Picture {
    let side = |place: isize| if place % 2 == 0 { -1 } else { 1 };
    let wide = Picture::from_fn(width, plane.height, |x, y| {
        if !halved.0 {
            return plane.at(x, y);
        }
        0.75 * plane.at(x / 2, y) + 0.25 * plane.at(x / 2 + side(x), y)
    });
    Picture::from_fn(width, height, |x, y| {
        if !halved.1 {
            return wide.at(x, y);
        }
        0.75 * wide.at(x, y / 2) + 0.25 * wide.at(x, y / 2 + side(y))
    })
}

/// ISO/IEC 18181-1, L.3: inverse YCbCr.
pub(super) fn rgb([cb, luma, cr]: &[Picture; 3]) -> [Picture; 3] {
    let at = |plane: &Picture, x, y| plane.at(x, y);
    let luma = |x, y| luma.at(x, y) + 128.0 / 255.0;
    [
        cr.map(|x, y| luma(x, y) + 1.402 * at(cr, x, y)),
        cr.map(|x, y| luma(x, y) - 0.344_136 * at(cb, x, y) - 0.714_136 * at(cr, x, y)),
        cr.map(|x, y| luma(x, y) + 1.772 * at(cb, x, y)),
    ]
}

/// ISO/IEC 18181-1, K.5.2: noise as three channels of random samples.
pub(super) fn random(
    (width, height): (usize, usize),
    group_dim: usize,
    frames: [u32; 2],
) -> [Picture; 3] {
    let mut channels = [(); 3].map(|()| Picture::from_fn(width, height, |_, _| 0.0));
    for y0 in (0..height).step_by(group_dim) {
        for x0 in (0..width).step_by(group_dim) {
            let mut batches = Batches::new(frames, [x0 as u32, y0 as u32]);
            for channel in &mut channels {
                for y in y0..height.min(y0 + group_dim) {
                    let right = width.min(x0 + group_dim);
                    for x in (x0..right).step_by(16) {
                        for (x, sample) in (x..right).zip(batches.next()) {
                            channel.samples[y * width + x] = sample;
                        }
                    }
                }
            }
        }
    }
    channels
}

struct Batches {
    s0: [u64; 8],
    s1: [u64; 8],
}

impl Batches {
    fn new([visible, invisible]: [u32; 2], [x0, y0]: [u32; 2]) -> Self {
        let split_mix = |mut z: u64| {
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d049bb133111eb);
            z ^ (z >> 31)
        };
        let golden = 0x9e3779b97f4a7c15u64;
        let (mut s0, mut s1) = ([0; 8], [0; 8]);
        s0[0] = split_mix((((visible as u64) << 32) + invisible as u64).wrapping_add(golden));
        s1[0] = split_mix((((x0 as u64) << 32) + y0 as u64).wrapping_add(golden));
        for i in 1..8 {
            s0[i] = split_mix(s0[i - 1]);
            s1[i] = split_mix(s1[i - 1]);
        }
        Self { s0, s1 }
    }

    fn next(&mut self) -> [f32; 16] {
        let mut bits = [0u32; 16];
        for i in 0..8 {
            let (mut s1, s0) = (self.s0[i], self.s1[i]);
            let word = s1.wrapping_add(s0);
            self.s0[i] = s0;
            s1 ^= s1 << 23;
            self.s1[i] = s1 ^ s0 ^ (s1 >> 18) ^ (s0 >> 5);
            bits[2 * i] = word as u32;
            bits[2 * i + 1] = (word >> 32) as u32;
        }
        bits.map(|bits| f32::from_bits((bits >> 9) | 0x3f80_0000))
    }
}

/// ISO/IEC 18181-1, K.5.2 and K.5.3: noise, filtered and added.
pub(super) fn with_noise(
    [x, y, b]: &[Picture; 3],
    random: &[Picture; 3],
    strength: [f32; 8],
    [to_x, to_b]: [f32; 2],
) -> [Picture; 3] {
    let high_pass = |plane: &Picture| {
        plane.map(|x, y| {
            let around = (-2..=2).flat_map(|dy| (-2..=2).map(move |dx| (dx, dy)));
            let sum: f32 = around.map(|(dx, dy)| plane.at(x + dx, y + dy)).sum();
            0.16 * sum - 4.0 * plane.at(x, y)
        })
    };
    let [red, green, both] = [0, 1, 2].map(|c| high_pass(&random[c]));
    let strength_at = |intensity: f32| {
        let scaled = (intensity * 6.0).max(0.0);
        let low = scaled as usize;
        if low >= 7 {
            return strength[7];
        }
        strength[low] + (strength[low + 1] - strength[low]) * (scaled - low as f32)
    };
    let noise = |own: &Picture, strength: f32, px, py| {
        0.22 * strength * (own.at(px, py) / 128.0 + 127.0 / 128.0 * both.at(px, py))
    };
    let parts = |px, py| {
        let (x, y) = (x.at(px, py), y.at(px, py));
        let red = noise(&red, strength_at(0.5 * (y + x)), px, py);
        (red, noise(&green, strength_at(0.5 * (y - x)), px, py))
    };
    let added = |plane: &Picture, part: &dyn Fn(f32, f32) -> f32| {
        plane.map(|px, py| {
            let (red, green) = parts(px, py);
            plane.at(px, py) + part(red, green)
        })
    };
    [
        added(x, &|red, green| to_x * (red + green) + red - green),
        added(y, &|red, green| red + green),
        added(b, &|red, green| to_b * (red + green)),
    ]
}

/// ISO/IEC 18181-1, K.4.4: dots of splines, with constant color and sigma.
pub(super) fn dotted(plane: &Picture, dots: &[(f64, f64)], color: f32, sigma: f32) -> Picture {
    let (color, sigma) = (f64::from(color), f64::from(sigma));
    plane.map(|x, y| {
        let painted = dots.iter().map(|&(dot_x, dot_y)| {
            let half_distance = 0.5 * (x as f64 - dot_x).hypot(y as f64 - dot_y);
            let near = 0.125f64.sqrt();
            let factor = error_function((half_distance + near) / sigma)
                - error_function((half_distance - near) / sigma);
            0.25 * sigma * color * factor * factor
        });
        plane.at(x, y) + painted.sum::<f64>() as f32
    })
}

/// The error function from its integral, by the midpoint rule.
fn error_function(x: f64) -> f64 {
    const PARTS: usize = 64;
    let part = x / PARTS as f64;
    let places = (0..PARTS).map(|i| (i as f64 + 0.5) * part);
    let sum: f64 = places.map(|place| (-place * place).exp()).sum();
    std::f64::consts::FRAC_2_SQRT_PI * sum * part
}
