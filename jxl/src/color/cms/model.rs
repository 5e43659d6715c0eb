use super::clut::{Interpolation, MOST_CHANNELS};
use super::curve::Curve;
use super::lut;
use super::pcs::{Encoding, WHITE};
use super::profile::{ConnectionSpace, DeviceSpace, Fields, Profile, corrupt};
use super::step::{Direction, Step, Steps};
use crate::Error;
use crate::color::encoding::RenderingIntent;
use crate::color::matrix::Matrix;

/// A profile's model of a device in one direction, as a sequence of steps that read the profile's
/// tables in place.
#[derive(Clone, Copy)]
pub(super) struct Model<'a> {
    steps: Steps<'a>,
    interpolation: Interpolation,
    /// Encoding of the connection space.
    encoding: Encoding,
    has_tables: bool,
}

impl<'a> Model<'a> {
    /// The model for an intent.
    ///
    /// # Errors
    /// Tags that are missing or contradict the specification.
    pub(super) fn new(
        profile: Profile<'a>,
        direction: Direction,
        intent: RenderingIntent,
    ) -> Result<Self, Error> {
        let space = profile.device_space()?;
        let connection_space = profile.connection_space()?;
        if let Some(tag) = lut_tag(profile, direction, intent) {
            let steps = lut::read(tag, direction, space.channels());
            let (steps, is_legacy) = steps.ok_or_else(|| corrupt("wrong table"))?;
            return Ok(Self::of_tables(
                steps,
                is_legacy,
                connection_space,
                direction,
            ));
        }
        let model = match space {
            DeviceSpace::Rgb => Self::rgb(profile, direction),
            DeviceSpace::Gray => Self::gray(profile, connection_space, direction),
            DeviceSpace::Cmyk => None,
        };
        model.ok_or_else(|| corrupt("no model of its channels"))
    }

    fn of_tables(
        steps: Steps<'a>,
        is_legacy: bool,
        connection_space: ConnectionSpace,
        direction: Direction,
    ) -> Self {
        let encoding = match (connection_space, is_legacy) {
            (ConnectionSpace::Xyz, _) => Encoding::Xyz,
            (ConnectionSpace::Lab, true) => Encoding::LegacyLab,
            (ConnectionSpace::Lab, false) => Encoding::Lab,
        };
        let takes_lab = direction == Direction::FromConnectionSpace && encoding != Encoding::Xyz;
        Self {
            steps,
            interpolation: match takes_lab {
                true => Interpolation::Trilinear,
                false => Interpolation::Tetrahedral,
            },
            encoding,
            has_tables: true,
        }
    }

    /// A model of a matrix and curves, with `encoding` for the connection space.
    fn of_light(
        matrix: Matrix,
        offset: [f64; 3],
        curves: &[Curve<'a>],
        encoding: Encoding,
        direction: Direction,
    ) -> Self {
        let matrix = Some(Step::matrix(matrix.rows(), offset));
        let curves = Some(Step::of_curves(curves, direction));
        Self {
            steps: match direction {
                Direction::ToConnectionSpace => [curves, matrix, None, None, None],
                Direction::FromConnectionSpace => [matrix, curves, None, None, None],
            },
            interpolation: Interpolation::Tetrahedral,
            encoding,
            has_tables: false,
        }
    }

    /// ICC.1:2022, F.3: three-component matrix-based profiles.
    fn rgb(profile: Profile<'a>, direction: Direction) -> Option<Self> {
        let columns = [b"rXYZ", b"gXYZ", b"bXYZ"].map(|name| profile.xyz(name));
        let [Some(red), Some(green), Some(blue)] = columns else {
            return None;
        };
        let matrix = Matrix::new(std::array::from_fn(|k| [red[k], green[k], blue[k]]));
        let matrix = match direction {
            Direction::ToConnectionSpace => matrix,
            Direction::FromConnectionSpace => matrix.inverse()?,
        };
        let curve = |name| Some(Curve::read(profile.tag(name)?)?.0);
        let curves = [curve(b"rTRC")?, curve(b"gTRC")?, curve(b"bTRC")?];
        let light = Encoding::Light;
        Some(Self::of_light(matrix, [0.0; 3], &curves, light, direction))
    }

    /// ICC.1:2022, F.2: monochrome profiles, whose curve ends in light or in lightness.
    fn gray(
        profile: Profile<'a>,
        connection_space: ConnectionSpace,
        direction: Direction,
    ) -> Option<Self> {
        let curve = Curve::read(profile.tag(b"kTRC")?)?.0;
        let [x, y, z] = WHITE.map(f64::from);
        let column = |x, y, z| Matrix::new([[x, 0.0, 0.0], [y, 0.0, 0.0], [z, 0.0, 0.0]]);
        let (encoding, to_space, neutral, value) = match connection_space {
            ConnectionSpace::Xyz => (Encoding::Light, column(x, y, z), 0.0, [0.0, 1.0, 0.0]),
            ConnectionSpace::Lab => {
                let neutral = 128.0 / 255.0;
                (
                    Encoding::Lab,
                    column(1.0, 0.0, 0.0),
                    neutral,
                    [1.0, 0.0, 0.0],
                )
            }
        };
        let (matrix, offset) = match direction {
            Direction::ToConnectionSpace => (to_space, [0.0, neutral, neutral]),
            Direction::FromConnectionSpace => (Matrix::of_one_row(value), [0.0; 3]),
        };
        Some(Self::of_light(
            matrix,
            offset,
            &[curve],
            encoding,
            direction,
        ))
    }

    pub(super) fn has_tables(&self) -> bool {
        self.has_tables
    }

    /// Evaluates a model [to the connection space](Direction::ToConnectionSpace). Full ink is 1.
    pub(super) fn xyz_of_color(&self, color: [f32; MOST_CHANNELS]) -> [f32; 3] {
        self.encoding.to_xyz(self.eval(color))
    }

    /// Evaluates a model [from the connection space](Direction::FromConnectionSpace).
    pub(super) fn color_of_xyz(&self, xyz: [f32; 3]) -> [f32; MOST_CHANNELS] {
        self.eval(self.encoding.encode_xyz(xyz))
    }

    fn eval(&self, values: [f32; MOST_CHANNELS]) -> [f32; MOST_CHANNELS] {
        let steps = self.steps.iter().flatten();
        steps.fold(values, |values, step| step.eval(values, self.interpolation))
    }
}

/// The tables for an intent, or those of the perceptual intent if they are missing (ICC.1:2022,
/// 8.10.2).
fn lut_tag<'a>(
    profile: Profile<'a>,
    direction: Direction,
    intent: RenderingIntent,
) -> Option<Fields<'a>> {
    let [perceptual, relative, saturation] = match direction {
        Direction::ToConnectionSpace => [b"A2B0", b"A2B1", b"A2B2"],
        Direction::FromConnectionSpace => [b"B2A0", b"B2A1", b"B2A2"],
    };
    let name = match intent {
        RenderingIntent::Perceptual => perceptual,
        RenderingIntent::Relative | RenderingIntent::Absolute => relative,
        RenderingIntent::Saturation => saturation,
    };
    profile.tag(name).or_else(|| profile.tag(perceptual))
}
