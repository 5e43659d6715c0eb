//! Conversion of a chunk of pixels by the picture's ICC profile.

use std::ops::Range;

use super::channel::ChannelConversion;
use super::decoded_rows::{ColorRows, ExtraRows};
use super::extra::Extra;
use super::pixel::{CHUNK, Planes, pack};
use super::sample::Sample;
use crate::Error;
use crate::color::{
    CmykToLight, DeviceSpace, LightToProfile, XybTransform, srgb_of_light, srgb_to_light,
};
use crate::headers::ExtraChannelType;
use crate::image::Headers;
use crate::{OutputColor, SampleFormat};

/// The conversion by a picture's ICC profile.
pub(super) struct ThroughProfile<'a> {
    way: Way<'a>,
    /// The conversion of stored colors to floats of full scale 1.0.
    color_to_float: ChannelConversion,
    /// Color channels of the picture: 1 or 3.
    color_channels: usize,
    /// Full scale of the output.
    full_scale: f32,
}

enum Way<'a> {
    CmykToSrgb {
        transform: CmykToLight<'a>,
        black: Extra,
    },
    /// From XYB.
    ToProfile(LightToProfile<'a>),
}

impl<'a> ThroughProfile<'a> {
    /// `None` if samples stay in their colors.
    ///
    /// # Errors
    /// Profiles that do not describe the picture's channels.
    pub(super) fn new(
        headers: &'a Headers,
        format: SampleFormat,
        color: OutputColor,
    ) -> Result<Option<Self>, Error> {
        let Some(icc) = &headers.icc else {
            return Ok(None);
        };
        let metadata = &headers.image.metadata;
        let is_cmyk = DeviceSpace::of_profile(icc) == Some(DeviceSpace::Cmyk);
        let way = match color {
            OutputColor::Automatic if is_cmyk && !metadata.xyb_encoded => {
                let black = |ty| ty == ExtraChannelType::Black;
                let black = Extra::first(metadata, SampleFormat::F32, black);
                Way::CmykToSrgb {
                    transform: CmykToLight::new(icc)?,
                    black: black.ok_or_else(|| Error::corrupt("CMYK without black"))?,
                }
            }
            OutputColor::Original if metadata.xyb_encoded => {
                Way::ToProfile(LightToProfile::new(icc, metadata.grayscale())?)
            }
            OutputColor::Automatic | OutputColor::Original => return Ok(None),
        };
        Ok(Some(Self {
            way,
            color_to_float: ChannelConversion::new(metadata.bit_depth, SampleFormat::F32),
            color_channels: metadata.color_channels(),
            full_scale: format.full_scale(),
        }))
    }

    /// Whether colors come from XYB as linear light.
    pub(super) fn takes_light(&self) -> bool {
        matches!(self.way, Way::ToProfile(_))
    }

    /// Fills the color planes for a range of columns and returns their number. `xyb` converts the
    /// rows of an XYB picture.
    pub(super) fn convert<T: Sample>(
        &self,
        (rows, xyb): (ColorRows<'_>, Option<&XybTransform>),
        extra: ExtraRows<'_>,
        range: Range<usize>,
        planes: &mut Planes<T>,
    ) -> usize {
        let mut floats = [[0f32; CHUNK]; 4];
        let len = range.len();
        let mut count = self.color_channels;
        let [a, b, c, d] = floats.each_mut().map(|plane| &mut plane[..len]);
        let colors = [&mut *a, &mut *b, &mut *c];
        self.read(rows, xyb, range.clone(), colors);
        match &self.way {
            Way::CmykToSrgb { transform, black } => {
                black.read(extra, range, d);
                transform.run([&mut *a, &mut *b, &mut *c, d]);
                srgb_of_light([a, b, c]);
                count = 3;
            }
            Way::ToProfile(transform) => transform.run([a, b, c]),
        }
        for (plane, converted) in planes.iter_mut().zip(&floats).take(count) {
            pack(&converted[..len], self.full_scale, plane);
        }
        count
    }

    /// Reads colors as samples of full scale 1.0. For an XYB picture, `xyb` converts them to linear
    /// light.
    fn read(
        &self,
        rows: ColorRows<'_>,
        xyb: Option<&XybTransform>,
        range: Range<usize>,
        mut to: [&mut [f32]; 3],
    ) {
        match rows {
            ColorRows::Integers(rows) => {
                for (to, row) in to.iter_mut().zip(rows) {
                    let from = &row[range.clone()];
                    self.color_to_float.run_into(from, to, f32::from_bits);
                }
            }
            ColorRows::Decoded(rows) | ColorRows::Converted(rows) => {
                for (to, row) in to.iter_mut().zip(rows) {
                    to.copy_from_slice(&row[range.clone()]);
                }
            }
        }
        match (rows, xyb) {
            (ColorRows::Decoded(_), Some(transform)) => transform.run(&mut to),
            // Colors that were blended have the transfer function of sRGB.
            _ if self.takes_light() => srgb_to_light(to),
            _ => {}
        }
    }
}
