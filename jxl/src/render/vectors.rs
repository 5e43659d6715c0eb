use jxl_simd::{F32SimdVec, SimdDescriptor};

/// The samples of a vector of `D`.
pub(super) type Lanes<D> = <<D as SimdDescriptor>::F32Vec as F32SimdVec>::UnderlyingArray;

/// `len` samples from `start`, in whole vectors. A loop over several slices of one `len` needs no
/// bounds checks.
#[inline(always)]
pub(super) fn vectors<D: SimdDescriptor>(row: &[f32], start: usize, len: usize) -> &[Lanes<D>] {
    D::F32Vec::make_array_slice(&row[start..start + len])
}

/// `len` samples from the start of each of three rows; see [`vectors`].
#[inline(always)]
pub(super) fn vectors_of_3<D: SimdDescriptor>(rows: [&[f32]; 3], len: usize) -> [&[Lanes<D>]; 3] {
    // Written out: the methods of arrays that take closures are not always inlined.
    let [a, b, c] = rows;
    [
        vectors::<D>(a, 0, len),
        vectors::<D>(b, 0, len),
        vectors::<D>(c, 0, len),
    ]
}

/// All samples of `row`, in whole vectors.
#[inline(always)]
pub(super) fn vectors_mut<D: SimdDescriptor>(row: &mut [f32]) -> &mut [Lanes<D>] {
    D::F32Vec::make_array_slice_mut(row)
}

/// Vector `i` of a row.
#[inline(always)]
pub(super) fn load<D: SimdDescriptor>(d: D, row: &[Lanes<D>], i: usize) -> D::F32Vec {
    D::F32Vec::load_array(d, &row[i])
}

/// The same value in all lanes.
#[inline(always)]
pub(super) fn splat<D: SimdDescriptor>(d: D, value: f32) -> D::F32Vec {
    D::F32Vec::splat(d, value)
}
