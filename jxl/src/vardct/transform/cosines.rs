//! Tables of cosines, computed at compile time.

use std::f64::consts::{PI, SQRT_2};

/// Longest transform.
pub(super) const MAX_LEN: usize = 256;
/// Longest side of the matrices of coefficients that are folded.
const MAX_FOLDED: usize = 64;
/// Most LF samples along a side of a varblock.
const MAX_LF: usize = 32;

/// The cosine of an angle between 0 and pi / 2, by its Taylor series.
const fn cos(angle: f64) -> f64 {
    let (mut sum, mut term, mut n) = (0.0, 1.0, 0);
    while n < 32 {
        sum += term;
        term *= -angle * angle / ((n + 1) * (n + 2)) as f64;
        n += 2;
    }
    sum
}

/// The cosine of (i + 1/2) pi / n, where `place` is `n / 2 + i` and `i` is less than `n / 2`.
const fn cos_at(place: usize) -> f64 {
    let half = 1 << place.ilog2();
    cos(((place - half) as f64 + 0.5) * PI / (2 * half) as f64)
}

/// 1 / (2 cos((i + 1/2) pi / n)) for i below n / 2, from `n / 2` on, for each power of two `n` from
/// 2 to [`MAX_LEN`].
pub(super) static SECANTS: [f32; MAX_LEN] = {
    let mut secants = [0.0; MAX_LEN];
    let mut place = 1;
    while place < MAX_LEN {
        secants[place] = (0.5 / cos_at(place)) as f32;
        place += 1;
    }
    secants
};

/// sqrt(2) cos((i + 1/2) pi / n), indexed as [`SECANTS`]: samples of the second lowest frequency.
pub(super) static COSINES: [f32; MAX_LEN] = {
    let mut cosines = [0.0; MAX_LEN];
    let mut place = 1;
    while place < MAX_LEN {
        cosines[place] = (SQRT_2 * cos_at(place)) as f32;
        place += 1;
    }
    cosines
};

/// cos(k pi / 4 n) for k below n, from `n` on, for each power of two `n` up to half of the longest
/// side of varblocks that are folded.
pub(super) static FOLD_COSINES: [f32; MAX_FOLDED] = {
    let mut cosines = [1.0; MAX_FOLDED];
    let mut place = 1;
    while place < MAX_FOLDED {
        cosines[place] = cos(fold_angle(place)) as f32;
        place += 1;
    }
    cosines
};

/// sin(k pi / 4 n), indexed as [`FOLD_COSINES`].
pub(super) static FOLD_SINES: [f32; MAX_FOLDED] = {
    let mut sines = [0.0; MAX_FOLDED];
    let mut place = 1;
    while place < MAX_FOLDED {
        let n = 1 << place.ilog2();
        if place > n {
            sines[place] = cos(PI / 2.0 - fold_angle(place)) as f32;
        }
        place += 1;
    }
    sines
};

/// k pi / 4 n, where `place` is `n + k`.
const fn fold_angle(place: usize) -> f64 {
    let n = 1 << place.ilog2();
    (place - n) as f64 * PI / (4 * n) as f64
}

/// 1 / (cos(t) cos(2 t) cos(4 t)) with t = k pi / (16 n) for k below n, from `n` on, for each power
/// of two `n` up to [`MAX_LF`]. Frequency `k` of 8 n samples is larger by this factor than
/// frequency `k` of their n means of eight (ISO/IEC 18181-1, I.2.5: `ScaleF`).
pub(super) static LF_SCALES: [f32; 2 * MAX_LF] = {
    let mut scales = [1.0; 2 * MAX_LF];
    let mut place = 1;
    while place < 2 * MAX_LF {
        let n = 1 << place.ilog2();
        let t = (place - n) as f64 * PI / (16 * n) as f64;
        scales[place] = (1.0 / (cos(t) * cos(2.0 * t) * cos(4.0 * t))) as f32;
        place += 1;
    }
    scales
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosines_are_those_of_the_standard_library() {
        for step in 0..=1000 {
            let angle = f64::from(step) * PI / 2000.0;
            assert!((cos(angle) - angle.cos()).abs() < 4e-16, "{angle}");
        }
    }
}
