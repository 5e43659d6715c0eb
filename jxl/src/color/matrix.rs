use super::encoding::{Primaries, WhitePoint};

/// A 3 x 3 matrix over colors, rows first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matrix([[f64; 3]; 3]);

/// Cone responses of the Bradford adaptation (ICC.1:2022, annex E).
const BRADFORD: Matrix = Matrix([
    [0.8951, 0.2664, -0.1614],
    [-0.7502, 1.7135, 0.0367],
    [0.0389, -0.0685, 1.0296],
]);

impl Matrix {
    pub(super) const IDENTITY: Self = Self([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);

    pub(super) fn new(rows: [[f64; 3]; 3]) -> Self {
        Self(rows)
    }

    pub(super) fn rows(self) -> [[f64; 3]; 3] {
        self.0
    }

    pub(super) fn from_f32(rows: [[f32; 3]; 3]) -> Self {
        Self(rows.map(|row| row.map(f64::from)))
    }

    pub(super) fn to_f32(self) -> [[f32; 3]; 3] {
        self.0.map(|row| row.map(|value| value as f32))
    }

    pub(super) fn scaled(self, factor: f64) -> Self {
        Self(self.0.map(|row| row.map(|value| value * factor)))
    }

    /// The matrix that applies `other` first, then `self`.
    pub(super) fn times(self, other: Self) -> Self {
        Self(self.0.map(|row| {
            std::array::from_fn(|column| (0..3).map(|k| row[k] * other.0[k][column]).sum())
        }))
    }

    pub(super) fn apply(self, vector: [f64; 3]) -> [f64; 3] {
        self.0
            .map(|row| (0..3).map(|k| row[k] * vector[k]).sum::<f64>())
    }

    /// `None` if there is no inverse of finite numbers.
    pub(super) fn inverse(self) -> Option<Self> {
        let m = self.0;
        let minor = |row: usize, column: usize| {
            let (r0, r1) = ((row + 1) % 3, (row + 2) % 3);
            let (c0, c1) = ((column + 1) % 3, (column + 2) % 3);
            m[r0][c0] * m[r1][c1] - m[r0][c1] * m[r1][c0]
        };
        let determinant: f64 = (0..3).map(|column| m[0][column] * minor(0, column)).sum();
        let inverse = std::array::from_fn(|row| {
            std::array::from_fn(|column| minor(column, row) / determinant)
        });
        Self(inverse).finite()
    }

    fn finite(self) -> Option<Self> {
        self.0
            .iter()
            .flatten()
            .all(|value| value.is_finite())
            .then_some(self)
    }

    /// Linear RGB with these chromaticities to XYZ with the white point at Y = 1.
    pub(super) fn rgb_to_xyz(primaries: [[f64; 2]; 3], white: [f64; 2]) -> Option<Self> {
        let columns = primaries.map(|[x, y]| [x, y, 1.0 - x - y]);
        let unscaled = Self(std::array::from_fn(|row| columns.map(|column| column[row])));
        let weights = unscaled.inverse()?.apply(xyz(white));
        Self(
            unscaled
                .0
                .map(|row| std::array::from_fn(|k| row[k] * weights[k])),
        )
        .finite()
    }

    /// Adapts XYZ from one white to another, by Bradford's cone responses. Both whites are XYZ at Y
    /// = 1.
    pub(super) fn adaptation(from: [f64; 3], to: [f64; 3]) -> Option<Self> {
        let (from, to) = (BRADFORD.apply(from), BRADFORD.apply(to));
        let mut scale = Self([[0.0; 3]; 3]);
        for k in 0..3 {
            scale.0[k][k] = to[k] / from[k];
        }
        BRADFORD.inverse()?.times(scale).times(BRADFORD).finite()
    }

    /// Linear sRGB to XYZ at D65.
    pub(super) fn srgb_to_xyz() -> Option<Self> {
        Self::rgb_to_xyz(Primaries::Srgb.xy(), WhitePoint::D65.xy())
    }

    /// The matrix with this first row and zeros below.
    pub(super) fn of_one_row(row: [f64; 3]) -> Self {
        Self([row, [0.0; 3], [0.0; 3]])
    }

    pub(super) fn row(&self, row: usize) -> [f64; 3] {
        self.0[row]
    }

    pub(super) fn column(&self, column: usize) -> [f64; 3] {
        self.0.map(|row| row[column])
    }
}

/// XYZ of a chromaticity at Y = 1.
pub(super) fn xyz([x, y]: [f64; 2]) -> [f64; 3] {
    [x / y, 1.0, (1.0 - x - y) / y]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IEC 61966-2-1 gives this matrix to four digits.
    #[test]
    fn srgb_matrix_is_the_published_one() {
        let published = [
            [0.4124, 0.3576, 0.1805],
            [0.2126, 0.7152, 0.0722],
            [0.0193, 0.1192, 0.9505],
        ];
        let Matrix(computed) = Matrix::srgb_to_xyz().unwrap();
        for (published, computed) in published.iter().flatten().zip(computed.iter().flatten()) {
            assert!(
                (published - computed).abs() < 2e-4,
                "{published} {computed}"
            );
        }
    }

    /// The Bradford matrix from D65 to D50 of the ICC's sRGB profile.
    #[test]
    fn adaptation_to_d50_is_the_published_one() {
        let published = [
            [1.0479, 0.0229, -0.0502],
            [0.0296, 0.9904, -0.0171],
            [-0.0092, 0.0151, 0.7519],
        ];
        let Matrix(computed) =
            Matrix::adaptation(xyz(WhitePoint::D65.xy()), xyz([0.3457, 0.3585])).unwrap();
        for (published, computed) in published.iter().flatten().zip(computed.iter().flatten()) {
            assert!(
                (published - computed).abs() < 1e-3,
                "{published} {computed}"
            );
        }
    }

    #[test]
    fn inverse_of_a_singular_matrix_is_none() {
        assert_eq!(Matrix([[1.0; 3]; 3]).inverse(), None);
        let m = Matrix([[2.0, 0.0, 1.0], [0.0, 3.0, 0.0], [1.0, 0.0, 1.0]]);
        let Matrix(product) = m.inverse().unwrap().times(m);
        for (a, b) in product
            .iter()
            .flatten()
            .zip(Matrix::IDENTITY.0.iter().flatten())
        {
            assert!((a - b).abs() < 1e-12);
        }
    }
}
