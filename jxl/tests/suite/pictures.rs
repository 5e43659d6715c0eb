//! The pictures that the sample files were encoded from, drawn by arithmetic, the same on every
//! machine. A lossless decode must give them exactly.

/// Interleaved samples, rows without gaps.
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) channels: usize,
    pub(crate) samples: Samples,
}

pub(crate) enum Samples {
    /// Integers from 0 to `max`.
    Integers { max: u16, values: Vec<u16> },
    /// Floats, also outside of 0.0 to 1.0.
    Floats(Vec<f32>),
}

impl Picture {
    fn integers(
        (width, height, channels): (usize, usize, usize),
        max: u16,
        sample: impl Fn(u64, u64, u64) -> u64,
    ) -> Self {
        let value = |x, y, c| sample(x as u64, y as u64, c as u64).min(u64::from(max)) as u16;
        Self {
            width,
            height,
            channels,
            samples: Samples::Integers {
                max,
                values: over_all((width, height, channels), value),
            },
        }
    }
}

fn over_all<T>(
    (width, height, channels): (usize, usize, usize),
    sample: impl Fn(usize, usize, usize) -> T,
) -> Vec<T> {
    let mut samples = Vec::with_capacity(width * height * channels);
    for y in 0..height {
        for x in 0..width {
            for c in 0..channels {
                samples.push(sample(x, y, c));
            }
        }
    }
    samples
}

/// Draws a gradient with discs, lines and a noisy corner. The channel after gray or blue is alpha,
/// a soft disc. Alpha has 256 levels at every depth, since cjxl 0.7 stores it in 8 bits.
pub(crate) fn scene(width: usize, height: usize, channels: usize, max: u16) -> Picture {
    let (w, h, full) = (width as u64, height as u64, u64::from(max));
    let is_alpha = move |c| matches!((channels, c), (2, 1) | (4, 3));
    Picture::integers((width, height, channels), max, move |x, y, c| {
        if is_alpha(c) {
            let level = 255 * distance2((x, y), (w / 2, h / 2)) * 3 / (w * w + h * h);
            return 255u64.saturating_sub(level) * full / 255;
        }
        let gradient = (full * (x * (c + 1) + y * (4 - c))) / (w * (c + 1) + h * (4 - c));
        let disc = |cx, cy, r: u64| distance2((x, y), (cx, cy)) < r * r;
        if disc(w / 4, h / 3, h / 5) {
            return full / (c + 1);
        }
        if disc(2 * w / 3, h / 2, h / 4) {
            return full * (x % 8 + c) / 12;
        }
        if x > 3 * w / 4 && y > 3 * h / 4 {
            return (gradient + hash(x, y, c) % (full / 60 + 1)).min(full);
        }
        if (x + 2 * y) % 61 == 0 {
            full / 5
        } else {
            gradient
        }
    })
}

/// Draws a [`scene`] of 8 bits with fewer levels of color, but not of alpha: as many as 4 bits have
/// for RGB, and 1 bit for gray.
pub(crate) fn few_colors(width: usize, height: usize, channels: usize) -> Picture {
    let mut picture = scene(width, height, channels, 255);
    let step = if channels == 2 { 255 } else { 17 };
    if let Samples::Integers { values, .. } = &mut picture.samples {
        for pixel in values.chunks_exact_mut(channels) {
            let (_, colors) = pixel.split_last_mut().expect("a pixel");
            for color in colors {
                *color = (*color + step / 2) / step * step;
            }
        }
    }
    picture
}

/// Draws blocks of few colors, for which an encoder uses palettes.
pub(crate) fn blocks(width: usize, height: usize, channels: usize, max: u16) -> Picture {
    let full = u64::from(max);
    Picture::integers((width, height, channels), max, move |x, y, c| {
        let color = hash(x / 12, y / 9, 7) % 11;
        (full * ((color * (c + 3)) % 11) + 5) / 10
    })
}

/// Draws four shapes, each many times, on an even background, for which an encoder uses patches.
pub(crate) fn marks(width: usize, height: usize, channels: usize) -> Picture {
    let is_alpha = move |c| matches!((channels, c), (2, 1) | (4, 3));
    Picture::integers((width, height, channels), 255, move |x, y, c| {
        if is_alpha(c) {
            return 255 - x.min(200);
        }
        let (column, row) = (x / 16, y / 16);
        let (u, v) = (x % 16, y % 16);
        let is_drawn = match (column * column + 3 * row + column * row) % 4 {
            0 => u == 4 || u == 10,
            1 => u == v || v == 10,
            2 => v % 3 == 1,
            _ => (u + v) % 6 == 2,
        };
        match (4..11).contains(&u) && (4..11).contains(&v) && is_drawn {
            true => [20, 60, 90][c as usize],
            false => [235, 240, 225][c as usize],
        }
    })
}

/// A picture that is shown over others.
pub(crate) struct Layer {
    /// Column and row of the first layer where this one starts.
    pub(crate) place: (u32, u32),
    /// Whether it covers the others by its alpha; if not, it replaces them.
    pub(crate) is_blended: bool,
    /// Hundredths of a second for which it is shown.
    pub(crate) hundredths: u16,
    pub(crate) picture: Picture,
}

fn layer(
    place: (u32, u32),
    is_blended: bool,
    hundredths: u16,
    (width, height): (usize, usize),
    sample: fn(u64, u64, u64) -> u64,
) -> Layer {
    Layer {
        place,
        is_blended,
        hundredths,
        picture: Picture::integers((width, height, 4), 255, sample),
    }
}

/// Draws three layers, the first one as large as the whole picture.
pub(crate) fn layers() -> Vec<Layer> {
    vec![
        layer((0, 0), false, 0, (90, 70), |x, y, c| {
            [2 * x, 3 * y, 100, if x < 60 { 255 } else { 128 }][c as usize]
        }),
        layer((10, 5), true, 0, (40, 30), |x, y, c| {
            [255 - 5 * x, 40, 8 * y, 7 * x][c as usize]
        }),
        layer((35, 28), true, 1, (50, 40), |x, y, c| {
            let alpha = if (x / 5 + y / 5) % 2 == 1 { 255 } else { 90 };
            [30, 200, 5 * x, alpha][c as usize]
        }),
    ]
}

/// Draws six frames, which show five pictures: the second frame is not shown by itself. The fourth
/// replaces the whole picture, the fifth a part of it.
pub(crate) fn animation() -> Vec<Layer> {
    vec![
        layer((0, 0), false, 10, (90, 70), |x, y, c| {
            [2 * x, 3 * y, 100, if x < 60 { 255 } else { 128 }][c as usize]
        }),
        layer((10, 5), true, 0, (40, 30), |x, y, c| {
            [255 - 5 * x, 40, 8 * y, 7 * x][c as usize]
        }),
        layer((35, 28), true, 20, (50, 40), |x, y, c| {
            let alpha = if (x / 5 + y / 5) % 2 == 1 { 255 } else { 90 };
            [30, 200, 5 * x, alpha][c as usize]
        }),
        layer((0, 0), false, 7, (90, 70), |x, y, c| {
            [255 - 2 * x, 80, 3 * y, 255 - y][c as usize]
        }),
        layer((20, 20), false, 5, (30, 20), |x, y, c| {
            [8 * x, 10 * y, 200, 100 + 5 * x][c as usize]
        }),
        layer((50, 10), true, 300, (30, 35), |x, y, c| {
            [250, 6 * y, 7 * x, 255 - 7 * y][c as usize]
        }),
    ]
}

/// Draws an animation of which each picture replaces all of the canvas.
pub(crate) fn full_animation() -> Vec<Layer> {
    let size = (40, 30);
    vec![
        layer((0, 0), false, 10, size, |x, y, c| {
            [6 * x, 8 * y, 50, 255][c as usize]
        }),
        layer((0, 0), false, 20, size, |x, y, c| {
            [x * y % 256, 9, 5 * x, 200][c as usize]
        }),
        layer((0, 0), false, 30, size, |x, y, c| {
            [70, 3 * x + y, 8 * y, 255][c as usize]
        }),
        layer((0, 0), false, 40, size, |x, y, c| {
            [4 * x, 4 * y, x + y, 128][c as usize]
        }),
    ]
}

/// Draws floats from -2 to some hundreds, among them values that no narrower format holds.
pub(crate) fn float_scene(width: usize, height: usize, channels: usize) -> Picture {
    let sample = |x: usize, y: usize, c: usize| {
        let distance = distance2((x as u64, y as u64), (40, 30)) as f32;
        if y < 4 {
            return x as f32 / 16.0 - 2.0;
        }
        (x + 3 * y + 7 * c) as f32 / 97.0 + 900.0 / (distance + 3.0)
    };
    Picture {
        width,
        height,
        channels,
        samples: Samples::Floats(over_all((width, height, channels), sample)),
    }
}

fn distance2((x0, y0): (u64, u64), (x1, y1): (u64, u64)) -> u64 {
    x0.abs_diff(x1).pow(2) + y0.abs_diff(y1).pow(2)
}

fn hash(x: u64, y: u64, c: u64) -> u64 {
    let mut value = x
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .wrapping_add(y.wrapping_mul(0xC2B2_AE3D_27D4_EB4F))
        .wrapping_add(c.wrapping_mul(0x1656_67B1_9E37_79F9));
    value ^= value >> 29;
    value = value.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value ^ (value >> 32)
}
