use std::sync::atomic::{AtomicUsize, Ordering};

use jxl_image::ImageHeader;

use super::channel::ChannelConversion;
use super::orientation::Orientation;
use crate::color::{XybToSrgb, XybTransform};
use crate::{Error, PixelFormat};

/// Called with finished and total pixels, from any thread.
pub(crate) type OnProgress = dyn Fn(u64, u64) + Send + Sync;

/// What happens to a sample between the frame and the caller's buffer; shared by all tiles of a decode.
pub(crate) struct Conversion<'a> {
    pub(super) format: PixelFormat,
    pub(super) orientation: Orientation,
    /// Of the frame as stored.
    pub(super) width: usize,
    pub(super) height: usize,
    /// Colour channels of the integer rows: 1 or 3.
    pub(super) color_channels: usize,
    /// How integer colour samples become output samples.
    pub(super) color: ChannelConversion,
    /// The first alpha channel's place among the extra channels, where there is one and the format asks for it.
    pub(super) alpha: Option<(usize, ChannelConversion)>,
    pub(super) xyb: Option<XybTransform>,
    /// Does what `xyb` does, faster and only for integers, where it can.
    pub(super) xyb_to_srgb: Option<XybToSrgb>,
    finished_pixels: AtomicUsize,
    on_progress: Option<&'a OnProgress>,
}

impl<'a> Conversion<'a> {
    /// # Errors
    /// Formats without room for the picture's colours; encodings that cannot be computed.
    pub(crate) fn new(
        image: &ImageHeader,
        format: PixelFormat,
        on_progress: Option<&'a OnProgress>,
    ) -> Result<Self, Error> {
        let metadata = &image.metadata;
        if !format.sample.is_valid() {
            return Err(Error::output("bits per sample out of the type's range"));
        }
        if format.layout.color_channels() == 1 && !metadata.grayscale() {
            return Err(Error::output("a colour picture has no grey layout"));
        }
        let alpha = metadata.alpha().filter(|_| format.layout.has_alpha());
        let alpha = alpha.and_then(|index| {
            let depth = metadata.ec_info.get(index)?.bit_depth;
            Some((index, ChannelConversion::new(depth, format.sample)))
        });
        let xyb = metadata.xyb_encoded.then(|| XybTransform::new(metadata));
        let xyb = xyb.transpose()?;
        let is_integer = format.sample.max_value().is_some();
        Ok(Self {
            format,
            orientation: Orientation::from_header(metadata.orientation),
            width: image.size.width as usize,
            height: image.size.height as usize,
            color_channels: if metadata.grayscale() { 1 } else { 3 },
            color: ChannelConversion::new(metadata.bit_depth, format.sample),
            alpha,
            xyb_to_srgb: xyb
                .as_ref()
                .filter(|_| is_integer)
                .and_then(XybTransform::to_srgb),
            xyb,
            finished_pixels: AtomicUsize::new(0),
            on_progress,
        })
    }

    pub(super) fn pixel_bytes(&self) -> usize {
        self.format.pixel_bytes()
    }

    /// Full scale of the samples.
    pub(super) fn full_scale(&self) -> f32 {
        self.format.sample.max_value().map_or(1.0, |max| max as f32)
    }

    pub(super) fn finish_pixels(&self, pixels: usize) {
        if let Some(on_progress) = self.on_progress {
            let before = self.finished_pixels.fetch_add(pixels, Ordering::Relaxed);
            let total = self.width as u64 * self.height as u64;
            on_progress((before + pixels) as u64, total);
        }
    }
}
