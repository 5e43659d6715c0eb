use super::clut::{Clut, Interpolation, MOST_CHANNELS};
use super::curve::Curve;

/// Most steps of a model: those of lutAToBType.
const MOST_STEPS: usize = 5;

pub(super) type Steps<'a> = [Option<Step<'a>>; MOST_STEPS];

/// A step of a model, on values from 0 to 1.
#[derive(Clone, Copy)]
pub(super) enum Step<'a> {
    Curves([Curve<'a>; MOST_CHANNELS]),
    InverseCurves([Curve<'a>; MOST_CHANNELS]),
    /// Factors and offsets.
    Matrix([[f32; 3]; 3], [f32; 3]),
    Clut(Clut<'a>),
}

/// The direction of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    ToConnectionSpace,
    FromConnectionSpace,
}

impl<'a> Step<'a> {
    pub(super) fn matrix(rows: [[f64; 3]; 3], offset: [f64; 3]) -> Self {
        let rows = rows.map(|row| row.map(|value| value as f32));
        Self::Matrix(rows, offset.map(|value| value as f32))
    }

    /// The curves of up to four channels, or their inverses.
    pub(super) fn of_curves(first: &[Curve<'a>], direction: Direction) -> Self {
        let mut curves = [Curve::IDENTITY; MOST_CHANNELS];
        curves[..first.len()].copy_from_slice(first);
        match direction {
            Direction::ToConnectionSpace => Self::Curves(curves),
            Direction::FromConnectionSpace => Self::InverseCurves(curves),
        }
    }

    pub(super) fn eval(
        &self,
        values: [f32; MOST_CHANNELS],
        interpolation: Interpolation,
    ) -> [f32; MOST_CHANNELS] {
        match self {
            Self::Curves(curves) => std::array::from_fn(|k| curves[k].eval(values[k])),
            Self::InverseCurves(curves) => {
                std::array::from_fn(|k| curves[k].eval_inverse(values[k]))
            }
            Self::Matrix(rows, offset) => {
                let [a, b, c, _] = values;
                let [x, y, z] = apply(rows, [a, b, c]);
                [x + offset[0], y + offset[1], z + offset[2], 0.0]
            }
            Self::Clut(clut) => clut.eval(values, interpolation),
        }
    }
}

pub(super) fn apply(matrix: &[[f32; 3]; 3], vector: [f32; 3]) -> [f32; 3] {
    matrix.map(|row| row[0] * vector[0] + row[1] * vector[1] + row[2] * vector[2])
}
