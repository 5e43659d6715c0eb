use std::sync::atomic::{AtomicUsize, Ordering};

use super::alpha::AlphaChange;
use super::channel::ChannelConversion;
use super::extra::Extra;
use super::orientation::Orientation;
use super::profile::ThroughProfile;
use crate::color::{XybToSrgb, XybTransform};
use crate::headers::{ExtraChannelType, ImageMetadata};
use crate::image::Headers;
use crate::{Error, Layout, OutputColor, PixelFormat, SampleFormat};

/// Called with finished and total pixels, from any thread.
pub(crate) type OnProgress = dyn Fn(u64, u64) + Send + Sync;

/// The conversion of samples from the frame to the caller's buffer, shared by all tiles of a
/// decode.
pub(crate) struct Conversion<'a> {
    pub(super) format: PixelFormat,
    pub(super) orientation: Orientation,
    /// Color channels of the integer rows: 1 or 3.
    pub(super) color_channels: usize,
    /// Full scale of the samples.
    pub(super) full_scale: f32,
    /// The extra channel that is output in place of colors, if any.
    pub(super) only: Option<Extra>,
    /// The conversion of integer color samples to output samples.
    pub(super) color: ChannelConversion,
    /// The first black channel, if the layout has black.
    pub(super) black: Option<Extra>,
    /// The first alpha channel, if there is one and the layout has alpha.
    pub(super) alpha: Option<Extra>,
    /// What is done to colors for the format's alpha, if anything.
    pub(super) alpha_change: Option<AlphaChange>,
    /// The conversion by the picture's profile, if any.
    pub(super) profile: Option<ThroughProfile<'a>>,
    pub(super) xyb: Option<XybTransform>,
    /// A faster equivalent of `xyb` for integers, if there is one.
    pub(super) xyb_to_srgb: Option<XybToSrgb>,
    pub(super) progress: Progress<'a>,
}

/// Reports the number of finished pixels to the caller.
pub(crate) struct Progress<'a> {
    finished_pixels: AtomicUsize,
    total_pixels: u64,
    on_progress: Option<&'a OnProgress>,
}

impl<'a> Progress<'a> {
    /// Counts the pixels of a decode that finishes `total_pixels`.
    pub(crate) fn new(total_pixels: u64, on_progress: Option<&'a OnProgress>) -> Self {
        Self {
            finished_pixels: AtomicUsize::new(0),
            total_pixels,
            on_progress,
        }
    }

    pub(super) fn finish(&self, pixels: usize) {
        if let Some(on_progress) = self.on_progress {
            let before = self.finished_pixels.fetch_add(pixels, Ordering::Relaxed);
            on_progress((before + pixels) as u64, self.total_pixels);
        }
    }
}

impl<'a> Conversion<'a> {
    /// # Errors
    /// Formats that cannot hold the picture's colors; encodings and profiles that cannot be
    /// computed.
    pub(crate) fn new(
        headers: &'a Headers,
        format: PixelFormat,
        color: OutputColor,
        progress: Progress<'a>,
    ) -> Result<Self, Error> {
        let metadata = &headers.image.metadata;
        check_format(headers, format, color)?;
        let only = match format.layout {
            Layout::Extra(index) => Some(extra_channel(metadata, index, format.sample)?),
            _ => None,
        };
        let extra =
            |wanted: fn(ExtraChannelType) -> bool| Extra::first(metadata, format.sample, wanted);
        let alpha = extra(|ty| matches!(ty, ExtraChannelType::Alpha { .. }));
        let alpha = alpha.filter(|_| format.layout.has_alpha());
        let stored_alpha = metadata.alpha().and_then(|at| metadata.ec_info.get(at));
        let is_premultiplied = stored_alpha.is_some_and(|channel| channel.ty.is_premultiplied());
        let black = extra(|ty| ty == ExtraChannelType::Black);
        let profile = ThroughProfile::new(headers, format.sample, color)?;
        let takes_light = profile.as_ref().is_some_and(ThroughProfile::takes_light);
        let xyb = metadata.xyb_encoded.then(|| match takes_light {
            true => XybTransform::to_light(metadata),
            false => XybTransform::new(metadata),
        });
        let xyb = xyb.transpose()?;
        let is_integer = format.sample.max_value().is_some();
        Ok(Self {
            format,
            only,
            orientation: Orientation::from_header(metadata.orientation),
            color_channels: metadata.color_channels(),
            full_scale: format.sample.full_scale(),
            color: ChannelConversion::new(metadata.bit_depth, format.sample),
            black: black.filter(|_| format.layout.has_black()),
            alpha,
            alpha_change: alpha.and_then(|_| AlphaChange::new(is_premultiplied, format.alpha)),
            profile,
            xyb_to_srgb: xyb
                .as_ref()
                .filter(|_| is_integer)
                .and_then(XybTransform::to_srgb),
            xyb,
            progress,
        })
    }
}

/// # Errors
/// The picture has no such channel.
fn extra_channel(
    metadata: &ImageMetadata,
    index: u16,
    format: SampleFormat,
) -> Result<Extra, Error> {
    Extra::at(index.into(), metadata, format).ok_or_else(|| {
        let count = metadata.ec_info.len();
        Error::output(format!("extra channel {index} of a picture with {count}"))
    })
}

/// # Errors
/// Formats that cannot hold the picture's colors.
fn check_format(headers: &Headers, format: PixelFormat, color: OutputColor) -> Result<(), Error> {
    if !format.sample.is_valid() {
        return Err(Error::output("bits per sample out of the type's range"));
    }
    let layout = format.layout;
    if matches!(layout, Layout::Extra(_)) {
        return Ok(());
    }
    if layout.color_channels() == 1 && !headers.image.metadata.grayscale() {
        return Err(Error::output("a color picture has no gray layout"));
    }
    let keeps_cmyk = headers.is_cmyk() && color == OutputColor::Original;
    match (keeps_cmyk, layout.has_black()) {
        (true, false) => Err(Error::output("original CMYK samples have a CMYK layout")),
        (false, true) => Err(Error::output(
            "a CMYK layout is for CMYK pictures in their original colors",
        )),
        _ => Ok(()),
    }
}
