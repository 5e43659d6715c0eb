use std::ops::Range;

use frame_arena::{PlaneView, PlaneViewMut};

use super::channel::quantise;
use super::conversion::Conversion;
use super::pixel::{CHUNK, MAX_PIXEL_BYTES, Samples, interleave};
use crate::Error;

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

    /// Writes row `y` of the tile from integers: the colour channels (one of grey pictures, else three), then all extra
    /// channels in file order. Samples out of their depth's range are clamped; floats are bit patterns.
    ///
    /// # Errors
    /// None today; colour conversion of other encodings may fail.
    ///
    /// # Panics
    /// A row outside of the tile, missing or short channels.
    pub(crate) fn put_integer_row(&mut self, y: usize, channels: &[&[i32]]) -> Result<(), Error> {
        let conversion = self.conversion;
        let (color, extra) = channels.split_at(conversion.color_channels);
        self.put_row(y, ExtraRows::Integers(extra), |range, samples| {
            for (plane, stored) in samples.iter_mut().zip(color) {
                conversion.color.run(&stored[range.clone()], plane);
            }
            Ok(color.len())
        })
    }

    /// Writes row `y` of the tile from floats: X, Y and B of an XYB picture, else colours of full scale 1.0, of which grey
    /// pictures use the first.
    ///
    /// # Errors
    /// Colour conversion.
    ///
    /// # Panics
    /// A row outside of the tile, missing or short channels.
    pub(crate) fn put_float_row(
        &mut self,
        y: usize,
        colour: [&[f32]; 3],
        extra: ExtraRows<'_>,
    ) -> Result<(), Error> {
        let conversion = self.conversion;
        if conversion.xyb.is_some() {
            return self.put_xyb_row(y, colour, extra);
        }
        self.put_converted_row(y, colour, extra)
    }

    /// Writes row `y` of the tile from floats in the picture's own colours, also of an XYB picture: full scale is 1.0, and grey
    /// pictures use the first row.
    ///
    /// # Errors
    /// None today.
    ///
    /// # Panics
    /// A row outside of the tile, missing or short channels.
    pub(crate) fn put_converted_row(
        &mut self,
        y: usize,
        colour: [&[f32]; 3],
        extra: ExtraRows<'_>,
    ) -> Result<(), Error> {
        let conversion = self.conversion;
        let max = conversion.float_max();
        self.put_row(y, extra, |range, samples| {
            for (plane, row) in samples.iter_mut().zip(colour) {
                float_samples(&row[range.clone()], max, plane);
            }
            Ok(conversion.color_channels)
        })
    }

    /// Writes row `y` of the tile from X, Y and B of an XYB picture.
    ///
    /// # Errors
    /// Colour conversion.
    ///
    /// # Panics
    /// A row outside of the tile, missing or short channels.
    pub(crate) fn put_xyb_row(
        &mut self,
        y: usize,
        xyb: [&[f32]; 3],
        extra: ExtraRows<'_>,
    ) -> Result<(), Error> {
        let conversion = self.conversion;
        let Some(transform) = &conversion.xyb else {
            return Err(Error::corrupt(
                "XYB samples in a picture of another encoding",
            ));
        };
        let max = conversion.float_max();
        self.put_row(y, extra, |range, samples| {
            let mut floats = [[0f32; CHUNK]; 3];
            let mut chunk = floats.each_mut().map(|plane| &mut plane[..range.len()]);
            for (to, from) in chunk.iter_mut().zip(xyb) {
                to.copy_from_slice(&from[range.clone()]);
            }
            transform.run(&mut chunk)?;
            let count = if transform.is_grey() { 1 } else { 3 };
            for (plane, converted) in samples.iter_mut().zip(&chunk).take(count) {
                float_samples(converted, max, plane);
            }
            Ok(count)
        })
    }

    /// Converts and places row `y` chunk by chunk. `convert_color` fills the colour planes for a range of columns and says
    /// how many they are.
    fn put_row(
        &mut self,
        y: usize,
        extra: ExtraRows<'_>,
        convert_color: impl Fn(Range<usize>, &mut Samples) -> Result<usize, Error>,
    ) -> Result<(), Error> {
        assert!(y < self.height, "row {y} of a tile of {}", self.height);
        let mut samples: Samples = [[0; CHUNK]; 4];
        let mut x = 0;
        while x < self.width {
            let range = x..self.width.min(x + CHUNK);
            let found = convert_color(range.clone(), &mut samples)?;
            self.complete_pixels(found, extra, range.clone(), &mut samples);
            self.place(y, range.clone(), &samples);
            x = range.end;
        }
        Ok(())
    }

    /// Grey to as many colour channels as the layout has, and alpha where it has alpha.
    fn complete_pixels(
        &self,
        found: usize,
        extra: ExtraRows<'_>,
        range: Range<usize>,
        samples: &mut Samples,
    ) {
        let layout = self.conversion.format.layout;
        let color = layout.color_channels();
        if found == 1 && color == 3 {
            let (grey, rest) = samples.split_at_mut(1);
            rest[..2].fill(grey[0]);
        }
        if !layout.has_alpha() {
            return;
        }
        match &self.conversion.alpha {
            Some((index, conversion)) => {
                let alpha = &mut samples[color][..range.len()];
                match extra {
                    ExtraRows::Integers(rows) => conversion.run(&rows[*index][range], alpha),
                    ExtraRows::Floats(rows) => {
                        let max = self.conversion.float_max();
                        float_samples(&rows.row(*index)[range], max, alpha);
                    }
                }
            }
            None => {
                let opaque = self.conversion.format.sample.max_value();
                samples[color].fill(opaque.unwrap_or(1f32.to_bits()));
            }
        }
    }

    /// Puts finished pixels of row `y`, columns `range`, where the orientation shows them.
    fn place(&mut self, y: usize, range: Range<usize>, samples: &Samples) {
        let format = self.conversion.format;
        let orientation = self.conversion.orientation;
        let (channels, sample_bytes) = (format.layout.channels(), format.sample.sample_bytes());
        let pixel_bytes = channels * sample_bytes;
        let row = if orientation.flip_y {
            self.height - 1 - y
        } else {
            y
        };
        if orientation.keeps_rows() {
            let bytes = range.start * pixel_bytes..range.end * pixel_bytes;
            let pixels = &mut self.view.row_mut(row)[bytes];
            return interleave(samples, channels, sample_bytes, format.order, pixels);
        }
        let mut buffer = [0u8; CHUNK * MAX_PIXEL_BYTES];
        let pixels = &mut buffer[..range.len() * pixel_bytes];
        interleave(samples, channels, sample_bytes, format.order, pixels);
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

/// Samples of full scale 1.0 to integers up to `max`, or to the bits of floats.
fn float_samples(row: &[f32], max: Option<f32>, samples: &mut [u32]) {
    for (to, &from) in samples.iter_mut().zip(row) {
        *to = max.map_or(from.to_bits(), |max| quantise(from, max));
    }
}

impl Drop for OutputTile<'_> {
    fn drop(&mut self) {
        self.conversion.finish_pixels(self.width * self.height);
    }
}
