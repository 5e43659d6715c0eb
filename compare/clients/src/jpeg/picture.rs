//! The picture that is decoded: drawn here, so that no photograph is needed, and encoded by another
//! crate.

use anyhow::{Result, anyhow};
use pixo::jpeg::{JpegOptions, Subsampling};
use rayon::prelude::*;

use crate::random::hash;

/// Draws a picture of `width` x `height` pixels, three bytes each.
///
/// It has what makes a photograph large: detail of all sizes, edges, and the noise of a sensor.
pub fn draw(width: usize, height: usize) -> Vec<u8> {
    let mut rgb = vec![0; 3 * width * height];
    let rows = rgb.par_chunks_exact_mut(3 * width).enumerate();
    rows.for_each(|(y, row)| {
        let (pixels, _) = row.as_chunks_mut();
        for (x, pixel) in pixels.iter_mut().enumerate() {
            *pixel = color(x as u32, y as u32);
        }
    });
    rgb
}

/// Encodes a picture as baseline JPEG with chroma at half the width and height (4:2:0), or at full
/// size.
///
/// # Errors
/// If the encoder refuses the dimensions.
pub fn encode(
    rgb: &[u8],
    width: usize,
    height: usize,
    subsampled: bool,
    restart_interval: Option<u16>,
) -> Result<Vec<u8>> {
    let options = JpegOptions::builder(u32::try_from(width)?, u32::try_from(height)?)
        .quality(90)
        .subsampling(match subsampled {
            true => Subsampling::S420,
            false => Subsampling::S444,
        })
        .restart_interval(restart_interval)
        .build();
    pixo::jpeg::encode(rgb, &options).map_err(|error| anyhow!("{error}"))
}

fn color(x: u32, y: u32) -> [u8; 3] {
    let light = octaves(x, y, 0) + disc(x, y);
    let warmth = octaves(x / 2, y / 2, 1) - 0.5;
    let rgb = [light + 0.5 * warmth, light, light - 0.6 * warmth];
    let mut channel = 0;
    rgb.map(|value| {
        channel += 1;
        let noise = (lattice(x, y, 7 + channel) - 0.5) * 0.08;
        ((value + noise).clamp(0.0, 1.0) * 255.0) as u8
    })
}

/// Discs with hard edges, one in most squares of 256 pixels.
fn disc(x: u32, y: u32) -> f32 {
    let (column, row) = (x / 256, y / 256);
    let radius = 90.0 * lattice(column, row, 5);
    let (dx, dy) = ((x % 256) as f32 - 128.0, (y % 256) as f32 - 128.0);
    match dx * dx + dy * dy < radius * radius {
        true => lattice(column, row, 6) * 0.6 - 0.3,
        false => 0.0,
    }
}

/// Smooth noise of periods from 4 to 512 pixels, the strength falling with the period.
fn octaves(x: u32, y: u32, layer: u32) -> f32 {
    const PERIODS: [(u32, f32); 5] = [(512, 0.5), (128, 0.26), (32, 0.14), (8, 0.06), (4, 0.04)];
    let of_period = |(period, strength)| strength * smooth(x, y, period, 10 * layer + period);
    PERIODS.into_iter().map(of_period).sum()
}

/// Interpolates random values at the corners of squares of `period` pixels.
fn smooth(x: u32, y: u32, period: u32, layer: u32) -> f32 {
    let (column, row) = (x / period, y / period);
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (right, down) = (
        ease((x % period) as f32 / period as f32),
        ease((y % period) as f32 / period as f32),
    );
    let edge = |row| {
        let (from, to) = (lattice(column, row, layer), lattice(column + 1, row, layer));
        from + (to - from) * right
    };
    let (upper, lower) = (edge(row), edge(row + 1));
    upper + (lower - upper) * down
}

/// A random value from 0 to 1 for a point.
fn lattice(x: u32, y: u32, layer: u32) -> f32 {
    let bits = hash(u64::from(x) | u64::from(y) << 24 | u64::from(layer) << 48);
    (bits >> 40) as f32 / (1 << 24) as f32
}
