//! Black points, the darkest colors of devices, computed as in lcms2 (`cmssamp.c`).

use super::model::Model;
use super::pcs::{self, WHITE};
use super::profile::{DeviceSpace, Profile};
use super::step::Direction;
use crate::Error;
use crate::color::encoding::RenderingIntent;

/// XYZ of black in the perceptual intent of version 4 (ICC.1:2022, 6.3.3).
const PERCEPTUAL: [f32; 3] = [0.003_36, 0.003_473_1, 0.002_87];
/// Lightness above which no color counts as black.
const MOST_LIGHTNESS: f32 = 50.0;

/// XYZ to XYZ: a factor and an offset for each of the three.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scaling {
    pub(super) factors: [f32; 3],
    pub(super) offsets: [f32; 3],
}

impl Scaling {
    /// Black of the source to black of the target, white to white.
    pub(super) fn of_black(from: [f32; 3], to: [f32; 3]) -> Self {
        let span = |black: [f32; 3], k: usize| WHITE[k] - black[k];
        let factors = std::array::from_fn(|k| span(to, k) / span(from, k));
        Self {
            factors,
            offsets: std::array::from_fn(|k| WHITE[k] * (1.0 - factors[k])),
        }
    }

    /// Factors without offsets.
    pub(super) fn of_white(factors: [f32; 3]) -> Self {
        Self {
            factors,
            offsets: [0.0; 3],
        }
    }

    pub(super) fn apply(&self, xyz: [f32; 3]) -> [f32; 3] {
        std::array::from_fn(|k| xyz[k] * self.factors[k] + self.offsets[k])
    }
}

/// The black point of a profile for an intent.
///
/// # Errors
/// The errors of the profile's models.
pub(super) fn black_point(
    profile: Profile<'_>,
    intent: RenderingIntent,
) -> Result<[f32; 3], Error> {
    let space = profile.device_space()?;
    let device = Model::new(profile, Direction::ToConnectionSpace, intent)?;
    let has_fixed_black = profile.major_version() >= 4
        && matches!(
            intent,
            RenderingIntent::Perceptual | RenderingIntent::Saturation
        );
    if has_fixed_black && device.has_tables() {
        return Ok(PERCEPTUAL);
    }
    let black = match space {
        DeviceSpace::Cmyk if intent == RenderingIntent::Relative && profile.is_of_printer() => {
            perceptual_black(profile, &device)?
        }
        DeviceSpace::Cmyk => device.xyz_of_color([1.0; 4]),
        DeviceSpace::Gray | DeviceSpace::Rgb => device.xyz_of_color([0.0; 4]),
    };
    let [lightness, ..] = pcs::xyz_to_lab(black);
    // A gray of that lightness.
    let lightness = lightness.clamp(0.0, MOST_LIGHTNESS);
    Ok(pcs::lab_to_xyz([lightness, 0.0, 0.0]))
}

/// The color that a printer prints for black with the perceptual intent, which limits ink; `device`
/// maps its inks to a color. The color of all inks at full is darker, but often cannot be printed.
fn perceptual_black(profile: Profile<'_>, device: &Model<'_>) -> Result<[f32; 3], Error> {
    let intent = RenderingIntent::Perceptual;
    if profile.tag(b"A2B0").is_none() || profile.tag(b"B2A0").is_none() {
        return Ok([0.0; 3]);
    }
    let printer = Model::new(profile, Direction::FromConnectionSpace, intent)?;
    Ok(device.xyz_of_color(printer.color_of_xyz([0.0; 3])))
}
