use std::ops::Range;

use frame_arena::{PlaneView, PlaneViewMut};

use super::conversion::Conversion;
use super::pixel::{CHUNK, MAX_PIXEL_BYTES, MAX_SAMPLES, Planes, interleave, pack, pack_xyb};
use super::profile::Extra;
use super::sample::Sample;
use crate::color::XybTransform;
use crate::{Error, SampleFormat};

/// Rows of all extra channels, in file order.
#[derive(Clone, Copy)]
pub(crate) enum ExtraRows<'a> {
    /// As stored.
    Integers(&'a [&'a [i32]]),
    /// Full scale is 1.0.
    Floats(PlaneView<'a, f32>),
}

/// An exclusive rectangle of the caller's buffer that takes rows of the frame's samples. `Send`.
pub(crate) struct OutputTile<'a> {
    view: PlaneViewMut<'a, u8>,
    conversion: &'a Conversion<'a>,
    width: usize,
    height: usize,
}

impl<'a> OutputTile<'a> {
    pub(super) fn new(view: PlaneViewMut<'a, u8>, conversion: &'a Conversion<'a>) -> Self {
        let shown = (view.width() / conversion.pixel_bytes(), view.height());
        // Transposing twice gives the stored size back.
        let (width, height) = conversion.orientation.shown_size(shown);
        Self {
            view,
            conversion,
            width,
            height,
        }
    }

    /// Pixels of a row of this tile, unoriented.
    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Rows of this tile, unoriented.
    pub(crate) fn height(&self) -> usize {
        self.height
    }

    /// Writes row `y` of the tile from integers: the color channels (one of grey pictures, else
    /// three), then all extra channels in file order. Samples out of their depth's range are
    /// clamped; floats are bit patterns.
    ///
    /// # Errors
    /// None today; color conversion of other encodings may fail.
    ///
    /// # Panics
    /// A row outside of the tile, missing or short channels.
    pub(crate) fn put_integer_row(&mut self, y: usize, channels: &[&[i32]]) -> Result<(), Error> {
        let (color, extra) = channels.split_at(self.conversion.color_channels);
        self.put_row(y, ColorRows::Integers(color), ExtraRows::Integers(extra))
    }

    /// Writes row `y` of the tile from floats: X, Y and B of an XYB picture, else colors of full
    /// scale 1.0, of which grey pictures use the first.
    ///
    /// # Errors
    /// Color conversion.
    ///
    /// # Panics
    /// A row outside of the tile, missing or short channels.
    pub(crate) fn put_float_row(
        &mut self,
        y: usize,
        color: [&[f32]; 3],
        extra: ExtraRows<'_>,
    ) -> Result<(), Error> {
        match &self.conversion.xyb {
            Some(transform) => self.put_row(y, ColorRows::Xyb(color, transform), extra),
            None => self.put_converted_row(y, color, extra),
        }
    }

    /// Writes row `y` of the tile from floats in the picture's own colors, also of an XYB picture:
    /// full scale is 1.0, and grey pictures use the first row.
    ///
    /// # Errors
    /// None today.
    ///
    /// # Panics
    /// A row outside of the tile, missing or short channels.
    pub(crate) fn put_converted_row(
        &mut self,
        y: usize,
        color: [&[f32]; 3],
        extra: ExtraRows<'_>,
    ) -> Result<(), Error> {
        self.put_row(y, ColorRows::Floats(color), extra)
    }

    /// Writes row `y` of the tile from X, Y and B of an XYB picture.
    ///
    /// # Errors
    /// Color conversion.
    ///
    /// # Panics
    /// A row outside of the tile, missing or short channels.
    pub(crate) fn put_xyb_row(
        &mut self,
        y: usize,
        xyb: [&[f32]; 3],
        extra: ExtraRows<'_>,
    ) -> Result<(), Error> {
        let Some(transform) = &self.conversion.xyb else {
            return Err(Error::corrupt(
                "XYB samples in a picture of another encoding",
            ));
        };
        self.put_row(y, ColorRows::Xyb(xyb, transform), extra)
    }

    fn put_row(
        &mut self,
        y: usize,
        color: ColorRows<'_>,
        extra: ExtraRows<'_>,
    ) -> Result<(), Error> {
        assert!(y < self.height, "row {y} of a tile of {}", self.height);
        match self.conversion.format.sample {
            SampleFormat::U8 { .. } => self.put_samples::<u8>(y, color, extra),
            SampleFormat::U16 { .. } => self.put_samples::<u16>(y, color, extra),
            SampleFormat::F32 => self.put_samples::<f32>(y, color, extra),
        }
    }

    /// Converts and places row `y` chunk by chunk.
    fn put_samples<T: Sample>(
        &mut self,
        y: usize,
        color: ColorRows<'_>,
        extra: ExtraRows<'_>,
    ) -> Result<(), Error> {
        let mut planes: Planes<T> = [[T::zeroed(); CHUNK]; MAX_SAMPLES];
        let mut x = 0;
        while x < self.width {
            let range = x..self.width.min(x + CHUNK);
            let found = match &self.conversion.profile {
                Some(profile) => {
                    let range = range.clone();
                    profile.convert(self.conversion, color, extra, range, &mut planes)
                }
                None => color.convert(self.conversion, range.clone(), &mut planes)?,
            };
            self.complete_pixels(found, extra, range.clone(), &mut planes);
            x = range.end;
            self.place(y, range, &mut planes);
        }
        Ok(())
    }

    /// Grey to as many color channels as the layout has, and black and alpha where it has them.
    fn complete_pixels<T: Sample>(
        &self,
        found: usize,
        extra: ExtraRows<'_>,
        range: Range<usize>,
        planes: &mut Planes<T>,
    ) {
        let layout = self.conversion.format.layout;
        let color = layout.color_channels();
        if found == 1 && color == 3 {
            let (grey, rest) = planes.split_at_mut(1);
            rest[..2].fill(grey[0]);
        }
        if let Some(black) = self.conversion.black {
            self.pack_extra(black, extra, range.clone(), &mut planes[color - 1]);
        }
        if !layout.has_alpha() {
            return;
        }
        let plane = &mut planes[color];
        match self.conversion.alpha {
            Some(alpha) => self.pack_extra(alpha, extra, range, plane),
            None => {
                let opaque = self.conversion.format.sample.max_value();
                plane.fill(T::from_bits(opaque.unwrap_or(1f32.to_bits())));
            }
        }
    }

    /// Output samples of an extra channel.
    fn pack_extra<T: Sample>(
        &self,
        channel: Extra,
        rows: ExtraRows<'_>,
        range: Range<usize>,
        plane: &mut [T; CHUNK],
    ) {
        match rows {
            ExtraRows::Integers(rows) => {
                let stored = &rows[channel.index][range];
                channel.conversion.run_into(stored, plane, T::from_bits);
            }
            ExtraRows::Floats(rows) => {
                let row = &rows.row(channel.index)[range];
                pack(row, self.conversion.full_scale(), plane);
            }
        }
    }

    /// Puts finished pixels of row `y`, columns `range`, where the orientation shows them.
    fn place<T: Sample>(&mut self, y: usize, range: Range<usize>, planes: &mut Planes<T>) {
        let format = self.conversion.format;
        let orientation = self.conversion.orientation;
        let channels = format.layout.channels();
        let pixel_bytes = format.pixel_bytes();
        let row = if orientation.flip_y {
            self.height - 1 - y
        } else {
            y
        };
        if orientation.keeps_rows() {
            let bytes = range.start * pixel_bytes..range.end * pixel_bytes;
            let pixels = &mut self.view.row_mut(row)[bytes];
            return interleave(planes, channels, format.order, pixels);
        }
        let mut buffer = [0u8; CHUNK * MAX_PIXEL_BYTES];
        let pixels = &mut buffer[..range.len() * pixel_bytes];
        interleave(planes, channels, format.order, pixels);
        let pixels = pixels.chunks_exact(pixel_bytes);
        if orientation.transpose {
            let column = if orientation.flip_x {
                self.height - 1 - y
            } else {
                y
            };
            for (x, pixel) in range.zip(pixels) {
                let row = if orientation.flip_y {
                    self.width - 1 - x
                } else {
                    x
                };
                let row = self.view.row_mut(row);
                row[column * pixel_bytes..][..pixel_bytes].copy_from_slice(pixel);
            }
        } else {
            let mirrored = self.width - range.end..self.width - range.start;
            let bytes = mirrored.start * pixel_bytes..mirrored.end * pixel_bytes;
            let shown = self.view.row_mut(row)[bytes].chunks_exact_mut(pixel_bytes);
            for (to, from) in shown.rev().zip(pixels) {
                to.copy_from_slice(from);
            }
        }
    }
}

/// A row of all color channels.
#[derive(Clone, Copy)]
pub(super) enum ColorRows<'a> {
    /// As stored.
    Integers(&'a [&'a [i32]]),
    /// Full scale is 1.0.
    Floats([&'a [f32]; 3]),
    Xyb([&'a [f32]; 3], &'a XybTransform),
}

impl ColorRows<'_> {
    /// Fills the color planes for a range of columns. Returns how many they are.
    fn convert<T: Sample>(
        &self,
        conversion: &Conversion<'_>,
        range: Range<usize>,
        planes: &mut Planes<T>,
    ) -> Result<usize, Error> {
        let max = conversion.full_scale();
        match *self {
            Self::Integers(rows) => {
                for (plane, row) in planes.iter_mut().zip(rows) {
                    conversion
                        .color
                        .run_into(&row[range.clone()], plane, T::from_bits);
                }
                Ok(rows.len())
            }
            Self::Floats(rows) => {
                let count = conversion.color_channels;
                for (plane, row) in planes.iter_mut().zip(rows).take(count) {
                    pack(&row[range.clone()], max, plane);
                }
                Ok(count)
            }
            Self::Xyb([x, y, b], transform) => {
                let xyb = [&x[range.clone()], &y[range.clone()], &b[range]];
                if let Some(to_srgb) = conversion.xyb_to_srgb {
                    pack_xyb(to_srgb, xyb, max, planes);
                    return Ok(3);
                }
                let count = if transform.is_grey() { 1 } else { 3 };
                let mut floats = [[0f32; CHUNK]; 3];
                let mut chunk = floats.each_mut().map(|plane| &mut plane[..xyb[0].len()]);
                for (to, from) in chunk.iter_mut().zip(xyb) {
                    to.copy_from_slice(from);
                }
                transform.run(&mut chunk);
                for (plane, converted) in planes.iter_mut().zip(&chunk).take(count) {
                    pack(converted, max, plane);
                }
                Ok(count)
            }
        }
    }
}

impl Drop for OutputTile<'_> {
    fn drop(&mut self) {
        self.conversion.finish_pixels(self.width * self.height);
    }
}
