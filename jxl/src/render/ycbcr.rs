use crate::simd::simd_function;
use jxl_simd::F32SimdVec;

use super::vectors::{load, splat, vectors_mut};

simd_function!(
    ycbcr_to_rgb,
    d: D,
    /// Converts Cb, Y and Cr to R, G and B in place (ISO/IEC 18181-1, L.3: inverse YCbCr). All rows
    /// have one length, in whole vectors.
    pub(crate) fn ycbcr_to_rgb_simd(rows: &mut [&mut [f32]; 3]) {
        let len = rows[0].len();
        let [first, second, third] = rows;
        let first = vectors_mut::<D>(first);
        let second = vectors_mut::<D>(&mut second[..len]);
        let third = vectors_mut::<D>(&mut third[..len]);
        let middle = splat(d, 128.0 / 255.0);
        let (cr_in_r, cb_in_b) = (splat(d, 1.402), splat(d, 1.772));
        let cb_in_g = splat(d, -0.114 * 1.772 / 0.587);
        let cr_in_g = splat(d, -0.299 * 1.402 / 0.587);
        for i in 0..first.len() {
            let cb = load(d, first, i);
            let luma = load(d, second, i) + middle;
            let cr = load(d, third, i);
            (cr * cr_in_r + luma).store_array(&mut first[i]);
            let green = cb * cb_in_g + luma;
            (cr * cr_in_g + green).store_array(&mut second[i]);
            (cb * cb_in_b + luma).store_array(&mut third[i]);
        }
    }
);
