//! Choice of the instruction set at run time.

use jxl_simd::{ScalarDescriptor, SimdDescriptor};

/// Work that is compiled once for each instruction set.
pub(crate) trait Kernel {
    type Output;

    /// Does the work with the instructions of `d`. Implementations are `#[inline(always)]`, so
    /// that what they call is compiled for these instructions too.
    fn run<D: SimdDescriptor>(self, d: D) -> Self::Output;
}

/// Runs a kernel with the widest vectors that the processor has.
#[inline]
pub(crate) fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(d) = jxl_simd::Avx512Descriptor::new() {
            return d.call(
                #[inline(always)]
                |d| kernel.run(d),
            );
        }
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
    #[cfg(target_arch = "aarch64")]
    if let Some(d) = jxl_simd::NeonDescriptor::new() {
        return d.call(
            #[inline(always)]
            |d| kernel.run(d),
        );
    }
    kernel.run(ScalarDescriptor)
}
