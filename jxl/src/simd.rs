//! Choice of the instruction set at run time.

use jxl_simd::{F32SimdVec, ScalarDescriptor, SimdDescriptor};

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

/// Runs a kernel that uses only vectors of up to four numbers, with AVX2 if the processor has it.
#[inline]
pub(crate) fn dispatch_quads<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if let Some(d) = jxl_simd::AvxDescriptor::new() {
        return d.call(
            #[inline(always)]
            |d| kernel.run(d.maybe_downgrade_128bit()),
        );
    }
    dispatch_others(kernel)
}

/// Runs a kernel that uses vectors of at most eight numbers. It is compiled once less than a
/// kernel of [`dispatch`].
#[inline]
pub(crate) fn dispatch_octets<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(d) = jxl_simd::AvxDescriptor::new() {
            return d.call(
                #[inline(always)]
                |d| kernel.run(d),
            );
        }
        if let Some(d) = jxl_simd::Sse42Descriptor::new() {
            return d.call(
                #[inline(always)]
                |d| kernel.run(d),
            );
        }
    }
    dispatch_others(kernel)
}

/// Runs a kernel with the widest vectors of the processor.
#[inline]
pub(crate) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if let Some(d) = jxl_simd::Avx512Descriptor::new() {
        return d.call(
            #[inline(always)]
            |d| kernel.run(d),
        );
    }
    dispatch_octets(kernel)
}

/// Runs a kernel without the vectors of x86.
#[inline]
fn dispatch_others<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "aarch64")]
    if let Some(d) = jxl_simd::NeonDescriptor::new() {
        return d.call(
            #[inline(always)]
            |d| kernel.run(d),
        );
    }
    kernel.run(ScalarDescriptor)
}
