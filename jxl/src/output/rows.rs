use std::ops::Range;

use super::conversion::Conversion;
use super::decoded_rows::{ColorRows, ExtraRows};
use super::orientation::OrientedPixels;
use super::pixel::{CHUNK, MAX_SAMPLES, Planes, interleave, interleave_halves, pack, pack_xyb};
use super::sample::Sample;
use super::{Output, Sink};
use crate::color::XybTransform;
use crate::{PixelFormat, SampleFormat};

impl Output<'_> {
    /// Writes row `y` of the rectangle.
    ///
    /// # Panics
    /// A row outside of the rectangle, missing or short channels.
    pub(crate) fn put_row(&mut self, y: usize, color: ColorRows<'_>, extra: ExtraRows<'_>) {
        let height = self.size().height;
        assert!(y < height, "row {y} of an output of {height}");
        let conversion = self.conversion;
        match &mut self.sink {
            Sink::Pixels(pixels) => match conversion.format.sample {
                SampleFormat::U8 { .. } => {
                    conversion.put::<u8>(y, (color, extra), pixels, interleave);
                }
                SampleFormat::U16 { .. } => {
                    conversion.put::<u16>(y, (color, extra), pixels, interleave);
                }
                SampleFormat::F16 => {
                    conversion.put::<f32>(y, (color, extra), pixels, interleave_halves);
                }
                SampleFormat::F32 => {
                    conversion.put::<f32>(y, (color, extra), pixels, interleave);
                }
            },
            Sink::Reduced(pixels) => pixels.put_row(y, color, extra),
        }
    }
}

impl Conversion<'_> {
    /// Converts row `y` chunk by chunk, and places what `interleave` makes of it.
    fn put<T: Sample>(
        &self,
        y: usize,
        (color, extra): (ColorRows<'_>, ExtraRows<'_>),
        pixels: &mut OrientedPixels<'_>,
        interleave: fn(&mut Planes<T>, PixelFormat, &mut [u8]),
    ) {
        let mut planes: Planes<T> = [[T::zeroed(); CHUNK]; MAX_SAMPLES];
        let width = pixels.width();
        let mut x = 0;
        while x < width {
            let range = x..width.min(x + CHUNK);
            let found = match (self.only, &self.profile) {
                (Some(only), _) => {
                    only.pack(extra, range.clone(), &mut planes[0]);
                    1
                }
                (None, Some(profile)) => {
                    let xyb = self.xyb.as_ref();
                    profile.convert((color, xyb), extra, range.clone(), &mut planes)
                }
                (None, None) => color.convert(self, range.clone(), &mut planes),
            };
            self.complete_pixels(found, extra, range.clone(), &mut planes);
            x = range.end;
            pixels.put(y, range, |pixels| {
                interleave(&mut planes, self.format, pixels);
            });
        }
    }

    /// Copies gray to all color channels of the layout, adds black and alpha if it has them, and
    /// multiplies colors by alpha or divides them if the format wants it.
    fn complete_pixels<T: Sample>(
        &self,
        found: usize,
        extra: ExtraRows<'_>,
        range: Range<usize>,
        planes: &mut Planes<T>,
    ) {
        let layout = self.format.layout;
        let color = layout.color_channels();
        if found == 1 && color == 3 {
            let (gray, rest) = planes.split_at_mut(1);
            rest[..2].fill(gray[0]);
        }
        if let Some(black) = self.black {
            black.pack(extra, range.clone(), &mut planes[color - 1]);
        }
        if !layout.has_alpha() {
            return;
        }
        let plane = &mut planes[color];
        match self.alpha {
            Some(alpha) => alpha.pack(extra, range, plane),
            None => {
                let opaque = self.format.sample.max_value();
                plane.fill(T::from_bits(opaque.unwrap_or(1f32.to_bits())));
            }
        }
        if let Some(change) = self.alpha_change {
            change.run(planes, color, self.format.sample.max_value().unwrap_or(1));
        }
    }
}

impl ColorRows<'_> {
    /// Fills the color planes for a range of columns. Returns the number of planes.
    fn convert<T: Sample>(
        self,
        conversion: &Conversion<'_>,
        range: Range<usize>,
        planes: &mut Planes<T>,
    ) -> usize {
        match (self, &conversion.xyb) {
            (Self::Integers(rows), _) => {
                for (plane, row) in planes.iter_mut().zip(rows) {
                    let stored = &row[range.clone()];
                    conversion.color.run_into(stored, plane, T::from_bits);
                }
                rows.len()
            }
            (Self::Decoded([x, y, b]), Some(transform)) => {
                let xyb = [&x[range.clone()], &y[range.clone()], &b[range]];
                convert_xyb(conversion, transform, xyb, planes)
            }
            (Self::Decoded(rows) | Self::Converted(rows), _) => {
                let count = conversion.color_channels;
                for (plane, row) in planes.iter_mut().zip(rows).take(count) {
                    pack(&row[range.clone()], conversion.full_scale, plane);
                }
                count
            }
        }
    }
}

/// As [`ColorRows::convert`], of X, Y and B.
fn convert_xyb<T: Sample>(
    conversion: &Conversion<'_>,
    transform: &XybTransform,
    xyb: [&[f32]; 3],
    planes: &mut Planes<T>,
) -> usize {
    let max = conversion.full_scale;
    if let Some(to_srgb) = conversion.xyb_to_srgb {
        pack_xyb(to_srgb, xyb, max, planes);
        return 3;
    }
    let count = if transform.is_gray() { 1 } else { 3 };
    let mut floats = [[0f32; CHUNK]; 3];
    let mut chunk = floats.each_mut().map(|plane| &mut plane[..xyb[0].len()]);
    for (to, from) in chunk.iter_mut().zip(xyb) {
        to.copy_from_slice(from);
    }
    transform.run(&mut chunk);
    for (plane, converted) in planes.iter_mut().zip(&chunk).take(count) {
        pack(converted, max, plane);
    }
    count
}
