use jxl_simd::{F32SimdVec, I32SimdVec, SimdDescriptor, SimdMask};

use super::RANKED_ERRORS;

/// One more than the highest rank.
pub(super) const RANKS: usize = 1024;

/// Bits of a float below its exponent and five bits of its mantissa.
const BELOW_RANK: u32 = 18;

/// A number below [`RANKS`] for each combination of an error's six highest bits. It is made from
/// the exponent and mantissa of a float, which are those of the error and half a unit.
pub(super) const fn rank(error: u32) -> usize {
    let bits = ((2 * error + 1) as f32).to_bits();
    (bits >> BELOW_RANK) as usize % RANKS
}

/// A number for each of the four sub-predictors, in one vector or several.
pub(in crate::modular) struct Quad<D: SimdDescriptor>([D::I32Vec; 4]);

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

    /// Numbers that are the [`rank`]s of the errors modulo [`RANKS`]. Returns `None` if an error is
    /// not below [`RANKED_ERRORS`]. Smaller ones have exact floats.
    #[inline(always)]
    pub(super) fn ranks(self, d: D) -> Option<[u32; 4]> {
        const LIMIT: u32 = RANKED_ERRORS.ilog2();
        const { assert!(LIMIT == 23 && BELOW_RANK == 18) }
        let mut above = D::I32Vec::splat(d, 0);
        for errors in &self.0[..4 / Self::LANES] {
            above |= errors.shr::<23, 23>();
        }
        if !above.eq_zero().all() {
            return None;
        }
        let one = D::I32Vec::splat(d, 1);
        let ranks = self.with(
            self,
            #[inline(always)]
            |errors, same| {
                (errors + same + one)
                    .as_f32()
                    .bitcast_to_i32()
                    .shr::<18, 18>()
            },
        );
        Some(ranks.numbers().map(|rank| rank as u32))
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
