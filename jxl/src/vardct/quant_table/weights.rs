use std::f32::consts::SQRT_2;

use super::encoding::{ALMOST_ZERO, Bands, Encoding};
use crate::Error;
use crate::grid::Size;

/// Frequencies at which the weights of AFV's corner transform are interpolated. Frequencies at the
/// start of the first two rows have coded weights instead (ISO/IEC 18181-1, I.2.4).
#[rustfmt::skip]
const AFV_FREQUENCIES: [f32; 16] = [
    0.0, 0.0, 0.8517779, 5.3777843,
    0.0, 0.0, 4.734748, 5.4492455,
    1.659827, 4.0, 7.275749, 10.423227,
    2.6629324, 7.6306577, 8.962389, 12.971662,
];

/// Computes the table of a transform that covers `blocks`: the reciprocals of the encoding's
/// weights, of X, then Y, then B.
///
/// # Errors
/// Weights that are not positive, too small or too large.
pub(super) fn fill(encoding: &Encoding, blocks: Size, out: &mut [f32]) -> Result<(), Error> {
    let len = out.len() / 3;
    for (channel, out) in out.chunks_exact_mut(len).enumerate() {
        match encoding {
            Encoding::Hornuss(weights) => hornuss(&weights[channel], out),
            Encoding::Dct2(weights) => dct2(&weights[channel], out),
            Encoding::Dct4 { divisors, bands } => dct4(divisors[channel], bands, channel, out)?,
            Encoding::Dct4x8 { divisors, bands } => {
                let mut weights = [0.0; 32];
                radial(bands, channel, 8, &mut weights)?;
                for (y, row) in out.chunks_exact_mut(8).enumerate() {
                    row.copy_from_slice(&weights[y / 2 * 8..][..8]);
                }
                out[8] /= divisors[channel];
            }
            Encoding::Afv { weights, bands } => afv(&weights[channel], bands, channel, out)?,
            Encoding::Dct(bands) => {
                radial(bands, channel, 8 * blocks.width.max(blocks.height), out)?
            }
        }
        for weight in out {
            if !(ALMOST_ZERO..=1.0 / ALMOST_ZERO).contains(weight) {
                return Err(Error::corrupt("quantization weight out of range"));
            }
            *weight = 1.0 / *weight;
        }
    }
    Ok(())
}

/// Weights by their distance from the lowest frequency, for rows of `width` weights.
fn radial(bands: &Bands, channel: usize, width: usize, out: &mut [f32]) -> Result<(), Error> {
    let height = out.len() / width;
    let (bands, count) = absolute(bands.channel(channel))?;
    let scale = (count - 1) as f32 / (SQRT_2 + 1e-6);
    let (x_scale, y_scale) = (scale / (width - 1) as f32, scale / (height - 1) as f32);
    for (y, row) in out.chunks_exact_mut(width).enumerate() {
        let dy = y as f32 * y_scale;
        for (x, weight) in row.iter_mut().enumerate() {
            let dx = x as f32 * x_scale;
            *weight = interpolate((dx * dx + dy * dy).sqrt(), &bands[..count]);
        }
    }
    Ok(())
}

/// The absolute weight of each band, and the number of bands.
fn absolute(parameters: &[f32]) -> Result<([f32; 17], usize), Error> {
    let mut bands = [0.0; 17];
    let mut weight = 1.0;
    for (index, (band, &parameter)) in bands.iter_mut().zip(parameters).enumerate() {
        weight *= match index {
            0 => parameter,
            _ if parameter > 0.0 => 1.0 + parameter,
            _ => 1.0 / (1.0 - parameter),
        };
        if weight < ALMOST_ZERO {
            return Err(Error::corrupt("quantization band too small"));
        }
        *band = weight;
    }
    Ok((bands, parameters.len()))
}

/// Geometric interpolation between neighboring bands.
fn interpolate(position: f32, bands: &[f32]) -> f32 {
    let index = position as usize;
    let band = bands[index.min(bands.len() - 1)];
    match bands.get(index + 1) {
        Some(next) => band * (next / band).powf(position - index as f32),
        None => band,
    }
}

fn hornuss(weights: &[f32; 3], out: &mut [f32]) {
    out.fill(weights[0]);
    // The lowest frequency is not a coefficient; its weight only has to be valid.
    out[0] = 1.0;
    (out[1], out[8], out[9]) = (weights[1], weights[1], weights[2]);
}

/// Each octave has one weight for horizontal and vertical details, and one for diagonal details.
fn dct2(weights: &[f32; 6], out: &mut [f32]) {
    for (position, out) in out.iter_mut().enumerate() {
        let (x, y) = (position % 8, position / 8);
        *out = match x.max(y).checked_ilog2() {
            None => 1.0,
            Some(octave) => {
                let is_diagonal = x.min(y) >> octave == 1;
                weights[2 * octave as usize + usize::from(is_diagonal)]
            }
        };
    }
}

fn dct4(divisors: [f32; 2], bands: &Bands, channel: usize, out: &mut [f32]) -> Result<(), Error> {
    let mut weights = [0.0; 16];
    radial(bands, channel, 4, &mut weights)?;
    for (position, out) in out.iter_mut().enumerate() {
        *out = weights[position / 16 * 4 + position % 8 / 2];
    }
    out[1] /= divisors[0];
    out[8] /= divisors[0];
    out[9] /= divisors[1];
    Ok(())
}

/// Places the weights of an AFV transform. The corner's coefficients are at even columns of even
/// rows. Those of its 4 x 4 neighbor lie between them. Those of the 4 x 8 half are on odd rows.
fn afv(
    weights: &[f32; 9],
    [bands4x8, bands4x4]: &[Bands; 2],
    channel: usize,
    out: &mut [f32],
) -> Result<(), Error> {
    let (mut wide, mut square) = ([0.0; 32], [0.0; 16]);
    radial(bands4x8, channel, 8, &mut wide)?;
    radial(bands4x4, channel, 4, &mut square)?;
    let (bands, count) = absolute(&weights[5..])?;
    let (lowest, highest) = (AFV_FREQUENCIES[2], AFV_FREQUENCIES[15]);
    let scale = (count - 1) as f32 / (highest - lowest + 1e-6);
    for (position, out) in out.iter_mut().enumerate() {
        let (x, y) = (position % 8, position / 8);
        *out = match (x, y) {
            (0, 0) => 1.0,
            (0, 1) => weights[0],
            (1, 0) => weights[1],
            (0, 2) => weights[2],
            (2, 0) => weights[3],
            (2, 2) => weights[4],
            (x, y) if y % 2 == 1 => wide[y / 2 * 8 + x],
            (x, y) if x % 2 == 1 => square[y / 2 * 4 + x / 2],
            (x, y) => {
                let frequency = AFV_FREQUENCIES[y / 2 * 4 + x / 2];
                interpolate((frequency - lowest) * scale, &bands[..count])
            }
        };
    }
    Ok(())
}
