use frame_arena::PlaneViewMut;

use super::Decoder;
use crate::budget::Budget;
use crate::grid::{Rect, Size};
use crate::image::Headers;
use crate::output::{Conversion, Output, Progress, stored_rect};
use crate::workers::Workers;
use crate::{Error, ImageInfo, Layout, OutputSample, PixelFormat, Reduction, Region, Stop};

/// Writes pictures of a file to the caller's memory.
#[derive(Clone, Copy)]
pub(crate) struct Painter<'p> {
    pub(crate) decoder: &'p Decoder,
    pub(crate) headers: &'p Headers,
    pub(crate) info: &'p ImageInfo,
    /// How much smaller pictures are decoded.
    pub(crate) reduction: Reduction,
}

/// The part of a picture that is decoded.
pub(crate) struct Part {
    /// Size as shown.
    pub(crate) size: Size,
    /// Columns and rows as stored; `None` for all.
    pub(crate) stored: Option<Rect>,
}

impl<'p> Painter<'p> {
    /// Calls `decode` with `buffer` as the output of a picture or of its `region`, and with the
    /// region as stored. A buffer that does not fit is refused first.
    ///
    /// # Errors
    /// The buffer, format or region does not fit the picture; the errors of `decode`.
    pub(crate) fn paint<R>(
        self,
        region: Option<Region>,
        buffer: Buffer<'_>,
        decode: impl FnOnce(Output<'_>, Option<Rect>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let Buffer {
            format,
            bytes,
            stride_bytes,
        } = buffer;
        if self.reduction != Reduction::Full && matches!(format.layout, Layout::Extra(_)) {
            return Err(Error::output(format!(
                "an extra channel of a picture reduced {}",
                self.reduction
            )));
        }
        let Part { size, stored } = self.part(region)?;
        let decoder = self.decoder;
        let progress = Progress::new(size.area() as u64, decoder.on_progress.as_deref());
        let conversion = Conversion::new(self.headers, format, decoder.color, progress)?;
        let row_bytes = row_bytes(size.width, format)?;
        if stride_bytes < row_bytes {
            return Err(Error::output(format!(
                "a stride of {stride_bytes} bytes for rows of {row_bytes}"
            )));
        }
        let needed_bytes = total_bytes(size.height, stride_bytes, row_bytes)?;
        if bytes.len() < needed_bytes {
            return Err(Error::output(format!(
                "{} bytes of buffer for {needed_bytes}",
                bytes.len()
            )));
        }
        let view = PlaneViewMut::from_slice(bytes, row_bytes, size.height, stride_bytes);
        decode(Output::new(view, &conversion), stored)
    }

    /// The limit on the work of one picture.
    pub(crate) fn budget(self) -> Budget<'p> {
        let size = self.headers.image.size;
        let pixels = u64::from(size.width) * u64::from(size.height);
        Budget::new(self.headers.limits, pixels, self.stop())
    }

    /// The rest of the limit on the work of one picture; `None` for all of it.
    pub(crate) fn resumed_budget(self, left: Option<i64>) -> Budget<'p> {
        match left {
            Some(left) => Budget::resume(self.headers.limits, left, self.stop()),
            None => self.budget(),
        }
    }

    /// The threads that decode.
    pub(crate) fn workers(self) -> Workers<'p> {
        self.decoder.workers()
    }

    fn stop(self) -> Option<&'p dyn Stop> {
        self.decoder.stop.as_deref()
    }

    /// The part to decode: `region`, or the whole picture.
    ///
    /// # Errors
    /// The region is empty or exceeds the picture; a reduced picture has no regions.
    pub(crate) fn part(self, region: Option<Region>) -> Result<Part, Error> {
        let Some(region) = region else {
            return Ok(Part {
                size: Size::new(self.info.width as usize, self.info.height as usize),
                stored: None,
            });
        };
        if self.reduction != Reduction::Full {
            let message = format!(
                "the region {region} of a picture reduced {}",
                self.reduction
            );
            return Err(Error::output(message));
        }
        let shown = region.within(self.info)?;
        Ok(Part {
            size: shown.size,
            stored: Some(stored_rect(&self.headers.image, shown)),
        })
    }
}

/// The caller's memory for a picture.
pub(crate) struct Buffer<'b> {
    pub(crate) format: PixelFormat,
    pub(crate) bytes: &'b mut [u8],
    pub(crate) stride_bytes: usize,
}

impl<'b> Buffer<'b> {
    /// A buffer of rows of `width` pixels, without gaps.
    ///
    /// # Errors
    /// A row exceeds the address space.
    pub(crate) fn of_samples<T: OutputSample>(
        layout: Layout,
        pixels: &'b mut [T],
        width: u32,
    ) -> Result<Self, Error> {
        let format = PixelFormat::new(layout, T::FORMAT);
        Ok(Self {
            format,
            bytes: bytemuck::cast_slice_mut(pixels),
            stride_bytes: row_bytes(width as usize, format)?,
        })
    }
}

/// Bytes of a row of pixels.
pub(super) fn row_bytes(width: usize, format: PixelFormat) -> Result<usize, Error> {
    width
        .checked_mul(format.pixel_bytes())
        .ok_or_else(too_large)
}

pub(super) fn total_bytes(
    height: usize,
    stride_bytes: usize,
    last_row_bytes: usize,
) -> Result<usize, Error> {
    (height - 1)
        .checked_mul(stride_bytes)
        .and_then(|bytes| bytes.checked_add(last_row_bytes))
        .ok_or_else(too_large)
}

fn too_large() -> Error {
    Error::output("the picture exceeds the address space")
}
