use jxl_simd::{I32SimdVec, SimdDescriptor};

/// A number for each of the four sub-predictors, in one vector or several.
pub(super) struct Quad<D: SimdDescriptor>([D::I32Vec; 4]);

impl<D: SimdDescriptor> Clone for Quad<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: SimdDescriptor> Copy for Quad<D> {}

impl<D: SimdDescriptor> Quad<D> {
    const LANES: usize = {
        assert!(D::I32Vec::LEN <= 4);
        D::I32Vec::LEN
    };

    #[inline(always)]
    pub(super) fn splat(d: D, number: i32) -> Self {
        Self([D::I32Vec::splat(d, number); 4])
    }

    #[inline(always)]
    pub(super) fn load(d: D, numbers: &[i32; 4]) -> Self {
        // Places behind those of the four numbers are never read.
        let vector = |i: usize| D::I32Vec::load(d, &numbers[i * Self::LANES % 4..]);
        Self([vector(0), vector(1), vector(2), vector(3)])
    }

    #[inline(always)]
    pub(super) fn store(self, numbers: &mut [i32; 4]) {
        for i in 0..4 / Self::LANES {
            self.0[i].store(&mut numbers[i * Self::LANES..]);
        }
    }

    #[inline(always)]
    pub(super) fn numbers(self) -> [i32; 4] {
        let mut numbers = [0; 4];
        self.store(&mut numbers);
        numbers
    }

    #[inline(always)]
    fn with(self, other: Self, f: impl Fn(D::I32Vec, D::I32Vec) -> D::I32Vec) -> Self {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (self.0, other.0);
        Self([f(a0, b0), f(a1, b1), f(a2, b2), f(a3, b3)])
    }

    /// Wrapping sums.
    #[inline(always)]
    pub(super) fn plus(self, other: Self) -> Self {
        self.with(
            other,
            #[inline(always)]
            |a, b| a + b,
        )
    }

    /// Distances from `other`, which is in eighths, as whole numbers.
    #[inline(always)]
    pub(super) fn distance_in_eighths(self, d: D, other: Self) -> Self {
        let three = D::I32Vec::splat(d, 3);
        self.with(
            other,
            #[inline(always)]
            |a, b| ((a - b).abs() + three).shr::<3, 3>(),
        )
    }
}
