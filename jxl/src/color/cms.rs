//! Color management: samples of a device to and from colors, as an ICC profile describes them
//! (ICC.1:2022).
//!
//! A transform refers to the profile's bytes and reads tables in place, so it takes no memory.

mod black;
mod clut;
mod curve;
mod lut;
mod model;
mod pcs;
mod profile;
mod step;
#[cfg(test)]
mod tests;

use super::encoding::RenderingIntent;
use super::matrix::{Matrix, xyz};
use crate::Error;
use crate::color::{Primaries, WhitePoint};
use black::{Scaling, black_point};
use model::Model;
use pcs::WHITE;
pub(crate) use profile::DeviceSpace;
use profile::{Profile, corrupt};
use step::{Direction, apply};

/// CMYK samples to linear sRGB.
pub(crate) struct CmykToLight<'a> {
    device: Model<'a>,
    scaling: Scaling,
    /// XYZ to linear sRGB.
    from_xyz: [[f32; 3]; 3],
}

/// Linear sRGB, or gray light, to samples of a profile.
pub(crate) struct LightToProfile<'a> {
    /// Linear sRGB to XYZ.
    to_xyz: [[f32; 3]; 3],
    scaling: Scaling,
    device: Model<'a>,
    space: DeviceSpace,
}

impl<'a> CmykToLight<'a> {
    /// Maps colors by the profile's rendering intent, and black to black, as libjxl does.
    ///
    /// # Errors
    /// Profiles that do not describe CMYK.
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        let profile = Profile::new(bytes)?;
        if profile.device_space()? != DeviceSpace::Cmyk {
            return Err(corrupt("no CMYK"));
        }
        let intent = profile.intent();
        let scaling = match intent {
            RenderingIntent::Absolute => Scaling::of_white(relative_white(profile)?),
            _ => Scaling::of_black(black_point(profile, intent)?, [0.0; 3]),
        };
        let from_xyz = linear_to_xyz().inverse();
        let from_xyz = from_xyz.ok_or_else(|| corrupt("no inverse"))?;
        Ok(Self {
            device: Model::new(profile, Direction::ToConnectionSpace, intent)?,
            scaling,
            from_xyz: from_xyz.to_f32(),
        })
    }

    /// Converts in place. Samples are those of JPEG XL: 0 is full ink, 1 is none. The fourth slice
    /// keeps its samples. All are equally long.
    pub(crate) fn run(&self, [cyan, magenta, yellow, black]: [&mut [f32]; 4]) {
        let pixels = cyan.iter_mut().zip(magenta).zip(yellow).zip(black);
        // Neighbors are often equal.
        let mut last = ([0.0; 4], self.light([0.0; 4]));
        for (((c, m), y), k) in pixels {
            let samples = [*c, *m, *y, *k];
            if samples != last.0 {
                last = (samples, self.light(samples));
            }
            [*c, *m, *y] = last.1;
        }
    }

    fn light(&self, samples: [f32; 4]) -> [f32; 3] {
        let ink = samples.map(|sample| 1.0 - sample);
        let xyz = self.scaling.apply(self.device.xyz_of_color(ink));
        apply(&self.from_xyz, xyz)
    }
}

impl<'a> LightToProfile<'a> {
    /// Maps colors by the profile's rendering intent, and black to black, as libjxl does.
    ///
    /// # Errors
    /// Profiles without the channels that `is_gray` requires: one, or three.
    pub(crate) fn new(bytes: &'a [u8], is_gray: bool) -> Result<Self, Error> {
        let profile = Profile::new(bytes)?;
        let space = profile.device_space()?;
        let expected = match is_gray {
            true => DeviceSpace::Gray,
            false => DeviceSpace::Rgb,
        };
        if space != expected {
            return Err(corrupt("other channels than the picture"));
        }
        let intent = profile.intent();
        let scaling = match intent {
            RenderingIntent::Absolute => {
                Scaling::of_white(relative_white(profile)?.map(|factor| 1.0 / factor))
            }
            _ => Scaling::of_black([0.0; 3], target_black(profile, intent)?),
        };
        Ok(Self {
            to_xyz: linear_to_xyz().to_f32(),
            scaling,
            device: Model::new(profile, Direction::FromConnectionSpace, intent)?,
            space,
        })
    }

    /// Converts in place: three slices, or only the first for a gray profile. All are equally long.
    pub(crate) fn run(&self, [red, green, blue]: [&mut [f32]; 3]) {
        if self.space == DeviceSpace::Gray {
            for sample in red {
                let xyz = WHITE.map(|white| white * *sample);
                [*sample, ..] = self.device.color_of_xyz(self.scaling.apply(xyz));
            }
            return;
        }
        for ((r, g), b) in red.iter_mut().zip(green).zip(blue) {
            let xyz = self.scaling.apply(apply(&self.to_xyz, [*r, *g, *b]));
            [*r, *g, *b, _] = self.device.color_of_xyz(xyz);
        }
    }
}

/// The black point of a profile that colors are converted to; no black for a profile without the
/// reverse direction.
fn target_black(profile: Profile<'_>, intent: RenderingIntent) -> Result<[f32; 3], Error> {
    match Model::new(profile, Direction::ToConnectionSpace, intent) {
        Ok(_) => black_point(profile, intent),
        Err(_) => Ok([0.0; 3]),
    }
}

/// The white of the medium over the white of the connection space (ICC.1:2022, 6.3.2.2). For
/// display profiles of version 2 both are the same, as in lcms2.
fn relative_white(profile: Profile<'_>) -> Result<[f32; 3], Error> {
    if profile.major_version() < 4 && profile.is_of_display() {
        return Ok([1.0; 3]);
    }
    let white = profile.xyz(b"wtpt");
    let white = white.ok_or_else(|| corrupt("no white point"))?;
    let factors: [f32; 3] = std::array::from_fn(|k| white[k] as f32 / WHITE[k]);
    match factors.iter().all(|&factor| factor > 0.0) {
        true => Ok(factors),
        false => Err(corrupt("white point without light")),
    }
}

/// Linear sRGB to XYZ of the connection space: white to white.
fn linear_to_xyz() -> Matrix {
    let white = WHITE.map(f64::from);
    let to_xyz = Matrix::rgb_to_xyz(Primaries::Srgb.xy(), WhitePoint::D65.xy());
    let adapt = Matrix::adaptation(xyz(WhitePoint::D65.xy()), white);
    match (to_xyz, adapt) {
        (Some(to_xyz), Some(adapt)) => adapt.times(to_xyz),
        // Both have an inverse, so both are there.
        _ => Matrix::IDENTITY,
    }
}
