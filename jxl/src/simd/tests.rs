use std::cell::Cell;

use jxl_simd::{F32SimdVec, SimdDescriptor};

use super::{Kernel, MOST_LANES, dispatch, max, min, round_store_u8, round_store_u16};

thread_local! {
    static ALLOWED_LANES: Cell<usize> = const { Cell::new(MOST_LANES) };
}

pub(super) fn allowed_lanes() -> usize {
    ALLOWED_LANES.get()
}

/// Lets kernels of this thread use vectors of up to `lanes` lanes.
pub(crate) fn allow_lanes(lanes: usize) {
    ALLOWED_LANES.set(lanes);
}

/// Lanes of the widest vectors that are allowed.
struct WidestLanes;

impl Kernel for WidestLanes {
    type Output = usize;

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, _: D) -> usize {
        D::F32Vec::LEN
    }
}

/// The numbers of lanes that vectors of this processor can have.
pub(crate) fn levels() -> impl Iterator<Item = usize> {
    [1, 4, 8, 16].into_iter().filter(|&lanes| {
        let before = ALLOWED_LANES.replace(lanes);
        let has_level = dispatch(WidestLanes) == lanes;
        allow_lanes(before);
        has_level
    })
}

/// The results of the functions of this module that depend on pairs of numbers.
struct Results<'a>(&'a [f32]);

impl Kernel for Results<'_> {
    type Output = Vec<u32>;

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) -> Self::Output {
        let mut results = Vec::new();
        for &a in self.0 {
            for &b in self.0 {
                let (a, b) = (D::F32Vec::splat(d, a), D::F32Vec::splat(d, b));
                let mut floats = [0.0; MOST_LANES];
                max(a, b).store(&mut floats);
                results.push(floats[0].to_bits());
                min(a, b).store(&mut floats);
                results.push(floats[0].to_bits());
            }
        }
        for halves in 0..=510 {
            let value = D::F32Vec::splat(d, halves as f32 / 2.0);
            let (mut bytes, mut words) = ([0; MOST_LANES], [0; MOST_LANES]);
            round_store_u8(d, value, &mut bytes);
            round_store_u16(d, value * D::F32Vec::splat(d, 257.0), &mut words);
            results.extend([u32::from(bytes[0]), u32::from(words[0])]);
        }
        results
    }
}

#[test]
fn numbers_are_compared_and_rounded_alike_at_all_levels() {
    let numbers = [
        0.0,
        -0.0,
        1.0,
        -2.5,
        f32::INFINITY,
        -f32::INFINITY,
        f32::NAN,
    ];
    let mut of_scalars = None;
    for lanes in levels() {
        allow_lanes(lanes);
        let results = dispatch(Results(&numbers));
        let expected = of_scalars.get_or_insert_with(|| results.clone());
        assert_eq!(*expected, results, "{lanes} lanes");
    }
}
