//! Conversion of floats to planar samples, and of planar samples to whole pixels.

use jxl_simd::{F32SimdVec, SimdDescriptor};

use super::sample::Sample;
use crate::color::XybToSrgb;
use crate::simd::{Kernel, dispatch, load_up_to};
use crate::{ByteOrder, PixelFormat};

/// Pixels converted together, in arrays on the stack: a whole number of vectors of any size.
pub(super) const CHUNK: usize = 256;
/// Most samples of a pixel: CMYK and alpha.
pub(super) const MAX_SAMPLES: usize = 5;
/// Most bytes of a pixel, of floats.
pub(super) const MAX_PIXEL_BYTES: usize = 4 * MAX_SAMPLES;

/// Output samples of up to [`CHUNK`] pixels, planar.
pub(super) type Planes<T> = [[T; CHUNK]; MAX_SAMPLES];

/// Converts samples of full scale 1.0 to output samples of full scale `max`. `row` has up to
/// [`CHUNK`] samples; the plane is written up to the next whole vector.
pub(super) fn pack<T: Sample>(row: &[f32], max: f32, plane: &mut [T; CHUNK]) {
    dispatch(Pack { row, max, plane });
}

struct Pack<'a, T> {
    row: &'a [f32],
    max: f32,
    plane: &'a mut [T; CHUNK],
}

impl<T: Sample> Kernel for Pack<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        let max = D::F32Vec::splat(d, self.max);
        let lanes = D::F32Vec::LEN;
        let whole = self.row.len() / lanes * lanes;
        let (vectors, rest) = self.row.split_at(whole);
        let (out, after) = self.plane.split_at_mut(whole);
        let vectors = D::F32Vec::make_array_slice(vectors).iter();
        for (values, out) in vectors.zip(out.chunks_exact_mut(lanes)) {
            T::store(d, D::F32Vec::load_array(d, values), max, out);
        }
        if !rest.is_empty() {
            T::store(d, load_up_to(d, rest), max, &mut after[..lanes]);
        }
    }
}

/// Converts X, Y and B to red, green and blue, with rows and planes as for [`pack`].
pub(super) fn pack_xyb<T: Sample>(
    transform: XybToSrgb,
    xyb: [&[f32]; 3],
    max: f32,
    planes: &mut Planes<T>,
) {
    dispatch(PackXyb {
        transform,
        xyb,
        max,
        planes,
    });
}

struct PackXyb<'a, T> {
    transform: XybToSrgb,
    xyb: [&'a [f32]; 3],
    max: f32,
    planes: &'a mut Planes<T>,
}

impl<T: Sample> Kernel for PackXyb<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        let max = D::F32Vec::splat(d, self.max);
        let lanes = D::F32Vec::LEN;
        let [x, y, b] = self.xyb;
        let [red, green, blue, ..] = self.planes;
        let whole = x.len() / lanes * lanes;
        let rows = D::F32Vec::make_array_slice(&x[..whole]).iter();
        let rows = rows.zip(D::F32Vec::make_array_slice(&y[..whole]));
        let rows = rows.zip(D::F32Vec::make_array_slice(&b[..whole]));
        let out = red[..whole].chunks_exact_mut(lanes);
        let out = out.zip(green[..whole].chunks_exact_mut(lanes));
        let out = out.zip(blue[..whole].chunks_exact_mut(lanes));
        for (((x, y), b), ((red, green), blue)) in rows.zip(out) {
            let load = [
                D::F32Vec::load_array(d, x),
                D::F32Vec::load_array(d, y),
                D::F32Vec::load_array(d, b),
            ];
            let rgb = self.transform.convert(d, load);
            T::store_unit(d, rgb[0], max, red);
            T::store_unit(d, rgb[1], max, green);
            T::store_unit(d, rgb[2], max, blue);
        }
        if whole < x.len() {
            let xyb = [&x[whole..], &y[whole..], &b[whole..]];
            let xyb = [
                load_up_to(d, xyb[0]),
                load_up_to(d, xyb[1]),
                load_up_to(d, xyb[2]),
            ];
            let rgb = self.transform.convert(d, xyb);
            T::store_unit(d, rgb[0], max, &mut red[whole..][..lanes]);
            T::store_unit(d, rgb[1], max, &mut green[whole..][..lanes]);
            T::store_unit(d, rgb[2], max, &mut blue[whole..][..lanes]);
        }
    }
}

/// As [`interleave`], of floats as halves.
pub(super) fn interleave_halves(planes: &mut Planes<f32>, format: PixelFormat, pixels: &mut [u8]) {
    let mut halves = [[0; CHUNK]; MAX_SAMPLES];
    let planes = &planes[..format.layout.channels()];
    for (plane, halves) in planes.iter().zip(&mut halves) {
        dispatch(ToHalves { plane, halves });
    }
    interleave(&mut halves, format, pixels);
}

struct ToHalves<'a> {
    plane: &'a [f32; CHUNK],
    halves: &'a mut [u16; CHUNK],
}

impl Kernel for ToHalves<'_> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        let lanes = D::F32Vec::LEN;
        let halves = self.halves.chunks_exact_mut(lanes);
        for (values, halves) in self.plane.chunks_exact(lanes).zip(halves) {
            D::F32Vec::load(d, values).store_f16_bits(halves);
        }
    }
}

/// Interleaves the first samples of the planes of a format into `pixels`, whole pixels of any
/// alignment.
pub(super) fn interleave<T: Sample>(
    planes: &mut Planes<T>,
    format: PixelFormat,
    pixels: &mut [u8],
) {
    let (channels, order) = (format.layout.channels(), format.order);
    let count = pixels.len() / (channels * size_of::<T>());
    if order != ByteOrder::NATIVE {
        for plane in planes.iter_mut().take(channels) {
            plane[..count]
                .iter_mut()
                .for_each(|sample| *sample = sample.with_order(order));
        }
    }
    let mut rows: [&[T]; MAX_SAMPLES] = [&[]; MAX_SAMPLES];
    for (row, plane) in rows.iter_mut().zip(planes.iter()) {
        *row = &plane[..count];
    }
    if format.layout.is_reversed() {
        rows.swap(0, 2);
    }
    let rows = &rows[..channels];
    match bytemuck::try_cast_slice_mut(pixels) {
        Ok(pixels) => dispatch(Interleave { rows, pixels }),
        Err(_) => interleave_bytes(rows, pixels),
    }
}

struct Interleave<'a, T> {
    rows: &'a [&'a [T]],
    pixels: &'a mut [T],
}

impl<T: Sample> Kernel for Interleave<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) {
        if let [row] = self.rows {
            return self.pixels.copy_from_slice(row);
        }
        let done = T::interleave(d, self.rows, self.pixels);
        let channels = self.rows.len();
        for (channel, row) in self.rows.iter().enumerate() {
            let pixels = self.pixels.chunks_exact_mut(channels).zip(*row);
            for (pixel, &sample) in pixels.skip(done) {
                pixel[channel] = sample;
            }
        }
    }
}

/// Interleaves pixels that are not aligned as their samples.
fn interleave_bytes<T: Sample>(rows: &[&[T]], pixels: &mut [u8]) {
    let sample_bytes = size_of::<T>();
    for (channel, row) in rows.iter().enumerate() {
        let pixels = pixels.chunks_exact_mut(rows.len() * sample_bytes);
        for (pixel, sample) in pixels.zip(*row) {
            pixel[channel * sample_bytes..][..sample_bytes]
                .copy_from_slice(bytemuck::bytes_of(sample));
        }
    }
}

#[cfg(test)]
mod tests;
