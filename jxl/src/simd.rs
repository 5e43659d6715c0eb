//! Choice of the instruction set at run time, and arithmetic whose results do not depend on it.
//!
//! Kernels multiply and add with two roundings. `mul_add` of `jxl_simd` has one rounding on
//! processors that fuse the two, so `clippy.toml` forbids it, along with other functions whose
//! results differ. [`max`], [`min`] and the `round_store` functions take their place.

use jxl_simd::{F32SimdVec, ScalarDescriptor, SimdDescriptor, SimdMask};

/// Work that is compiled once for each instruction set.
pub(crate) trait Kernel {
    type Output;

    /// Does the work with the instructions of `d`. Implementations are `#[inline(always)]`, so that
    /// inlined callees are compiled for these instructions too.
    fn run<D: SimdDescriptor>(self, d: D) -> Self::Output;
}

/// Lanes of the widest vectors of `f32`.
const MOST_LANES: usize = 16;

/// A vector of the values. If there are fewer values than lanes, the other lanes are zero.
#[inline(always)]
pub(crate) fn load_up_to<D: SimdDescriptor>(d: D, values: &[f32]) -> D::F32Vec {
    if values.len() >= D::F32Vec::LEN {
        return D::F32Vec::load(d, values);
    }
    let mut padded = [0.0; MOST_LANES];
    padded[..values.len()].copy_from_slice(values);
    D::F32Vec::load(d, &padded)
}

/// Writes the first lanes of a vector to `values`.
#[inline(always)]
pub(crate) fn store_up_to<D: SimdDescriptor>(_: D, vector: D::F32Vec, values: &mut [f32]) {
    if values.len() >= D::F32Vec::LEN {
        return vector.store(values);
    }
    let mut padded = [0.0; MOST_LANES];
    vector.store(&mut padded);
    values.copy_from_slice(&padded[..values.len()]);
}

/// Whether the vectors' own `max` and `min` are those of x86: the second operand if one is not a
/// number, or if both are zero.
const fn has_x86_order<V: F32SimdVec>() -> bool {
    cfg!(target_arch = "x86_64") && V::LEN > 1
}

/// `a` where it is larger than `b`, and `b` elsewhere: also if one of them is not a number.
#[inline(always)]
#[expect(clippy::disallowed_methods, reason = "guarded")]
pub(crate) fn max<V>(a: V, b: V) -> V
where
    V: F32SimdVec,
    V::Descriptor: SimdDescriptor<F32Vec = V>,
{
    match has_x86_order::<V>() {
        true => a.max(b),
        false => a.gt(b).if_then_else_f32(a, b),
    }
}

/// `a` where it is smaller than `b`, and `b` elsewhere: also if one of them is not a number.
#[inline(always)]
#[expect(clippy::disallowed_methods, reason = "guarded")]
pub(crate) fn min<V>(a: V, b: V) -> V
where
    V: F32SimdVec,
    V::Descriptor: SimdDescriptor<F32Vec = V>,
{
    match has_x86_order::<V>() {
        true => a.min(b),
        false => b.gt(a).if_then_else_f32(a, b),
    }
}

/// Values of 0 to 65535 so that their vectors' own `round_store` functions round ties to even. That
/// of a single number rounds ties away from zero.
#[inline(always)]
fn tied_to_even<D: SimdDescriptor>(d: D, values: D::F32Vec) -> D::F32Vec {
    // Floats from 2^23 on are integers.
    let integers = D::F32Vec::splat(d, 8_388_608.0);
    match D::F32Vec::LEN {
        1 => values + integers - integers,
        _ => values,
    }
}

/// Stores values of 0 to 255 as integers, with ties to even.
#[inline(always)]
#[expect(clippy::disallowed_methods, reason = "ties are taken care of")]
pub(crate) fn round_store_u8<D: SimdDescriptor>(d: D, values: D::F32Vec, out: &mut [u8]) {
    tied_to_even(d, values).round_store_u8(out);
}

/// Stores values of 0 to 65535 as integers, with ties to even.
#[inline(always)]
#[expect(clippy::disallowed_methods, reason = "ties are taken care of")]
pub(crate) fn round_store_u16<D: SimdDescriptor>(d: D, values: D::F32Vec, out: &mut [u16]) {
    tied_to_even(d, values).round_store_u16(out);
}

/// The most lanes that vectors may have. Tests lower it.
#[cfg(not(test))]
#[inline(always)]
#[allow(dead_code, reason = "other processors have no vectors here")]
fn allowed_lanes() -> usize {
    MOST_LANES
}

#[cfg(test)]
#[allow(unused_imports, reason = "other processors have no vectors here")]
use tests::allowed_lanes;

#[cfg(test)]
pub(crate) use tests::{allow_lanes, levels};

/// Instruction sets of this processor, from the widest vectors on. Those with more lanes than are
/// allowed count as missing. Each is detected once, as detecting takes 20 instructions.
#[cfg(target_arch = "x86_64")]
pub(crate) mod sets {
    use std::sync::LazyLock;

    use super::allowed_lanes;
    use jxl_simd::{Avx512Descriptor, AvxDescriptor, SimdDescriptor, Sse42Descriptor};

    static AVX512: LazyLock<Option<Avx512Descriptor>> = LazyLock::new(Avx512Descriptor::new);
    static AVX: LazyLock<Option<AvxDescriptor>> = LazyLock::new(AvxDescriptor::new);
    static SSE42: LazyLock<Option<Sse42Descriptor>> = LazyLock::new(Sse42Descriptor::new);

    #[inline(always)]
    pub(crate) fn avx512() -> Option<Avx512Descriptor> {
        AVX512.filter(|_| allowed_lanes() >= 16)
    }

    #[inline(always)]
    pub(crate) fn avx() -> Option<AvxDescriptor> {
        AVX.filter(|_| allowed_lanes() >= 8)
    }

    #[inline(always)]
    pub(crate) fn sse42() -> Option<Sse42Descriptor> {
        SSE42.filter(|_| allowed_lanes() >= 4)
    }
}

/// As for x86.
#[cfg(target_arch = "aarch64")]
pub(crate) mod sets {
    use super::allowed_lanes;
    use jxl_simd::{NeonDescriptor, SimdDescriptor};

    #[inline(always)]
    pub(crate) fn neon() -> Option<NeonDescriptor> {
        NeonDescriptor::new().filter(|_| allowed_lanes() >= 4)
    }
}

/// As for x86.
#[cfg(target_arch = "wasm32")]
pub(crate) mod sets {
    use super::allowed_lanes;
    use jxl_simd::{Simd128Descriptor, SimdDescriptor};

    #[inline(always)]
    pub(crate) fn simd128() -> Option<Simd128Descriptor> {
        Simd128Descriptor::new().filter(|_| allowed_lanes() >= 4)
    }
}

/// Returns from the function with the value of `$call`, which is compiled once for each instruction
/// set, with `$d` as its descriptor.
macro_rules! return_widest {
    ($d:ident => $call:expr) => {
        #[cfg(target_arch = "x86_64")]
        if let Some($d) = $crate::simd::sets::avx512() {
            return ::jxl_simd::SimdDescriptor::call(
                $d,
                #[inline(always)]
                |$d| $call,
            );
        }
        $crate::simd::return_octets!($d => $call)
    };
}
pub(crate) use return_widest;

/// As [`return_widest`], with at most eight lanes.
macro_rules! return_octets {
    ($d:ident => $call:expr) => {
        #[cfg(target_arch = "x86_64")]
        if let Some($d) = $crate::simd::sets::avx() {
            return ::jxl_simd::SimdDescriptor::call(
                $d,
                #[inline(always)]
                |$d| $call,
            );
        }
        #[cfg(target_arch = "x86_64")]
        if let Some($d) = $crate::simd::sets::sse42() {
            return ::jxl_simd::SimdDescriptor::call(
                $d,
                #[inline(always)]
                |$d| $call,
            );
        }
        #[cfg(target_arch = "aarch64")]
        if let Some($d) = $crate::simd::sets::neon() {
            return ::jxl_simd::SimdDescriptor::call(
                $d,
                #[inline(always)]
                |$d| $call,
            );
        }
        #[cfg(target_arch = "wasm32")]
        if let Some($d) = $crate::simd::sets::simd128() {
            return $call;
        }
        let $d = ::jxl_simd::ScalarDescriptor;
        return $call;
    };
}
pub(crate) use return_octets;

/// Declares a function of two names: the second one is compiled once for each instruction set, and
/// the first one calls it with the widest vectors of the processor.
macro_rules! simd_function {
    (
        $dispatched:ident,
        $d:ident: $descriptor:ident,
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $body:block
    ) => {
        #[inline(always)]
        fn $name<$descriptor: ::jxl_simd::SimdDescriptor>($d: $descriptor, $($argument: $type),*) $body

        $(#[$attribute])*
        $visibility fn $dispatched($($argument: $type),*) {
            $crate::simd::return_widest!($d => $name($d, $($argument),*));
        }
    };
}
pub(crate) use simd_function;

/// Runs a kernel that uses only vectors of up to four numbers, with AVX2 if the processor has it.
#[inline]
pub(crate) fn dispatch_quads<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if let Some(d) = sets::avx() {
        return d.call(
            #[inline(always)]
            |d| kernel.run(d.maybe_downgrade_128bit()),
        );
    }
    #[cfg(target_arch = "aarch64")]
    if let Some(d) = sets::neon() {
        return d.call(
            #[inline(always)]
            |d| kernel.run(d),
        );
    }
    #[cfg(target_arch = "wasm32")]
    if let Some(d) = sets::simd128() {
        return kernel.run(d);
    }
    kernel.run(ScalarDescriptor)
}

/// Runs a kernel that uses vectors of at most eight numbers. It is compiled once less than a
/// kernel of [`dispatch`].
#[inline]
pub(crate) fn dispatch_octets<K: Kernel>(kernel: K) -> K::Output {
    return_octets!(d => kernel.run(d));
}

/// Runs a kernel with the widest vectors of the processor.
#[inline]
pub(crate) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    return_widest!(d => kernel.run(d));
}

#[cfg(test)]
mod tests;
