use std::ops::Range;

use crate::layout;
use crate::sample::{Sample, SampleKind};

/// Memory granted by a scope: row-aligned, initialized, and zero except for the stale bytes.
#[derive(Debug)]
pub struct Grant<'s> {
    pub bytes: &'s mut [u8],
    pub stale: Range<usize>,
}

/// The initial contents of memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fill {
    Zero,
    Stale,
}

/// Grant bytes as samples, filled.
pub(crate) fn fill_samples<T: Sample>(grant: Grant<'_>, fill: Fill) -> &mut [T] {
    const {
        assert!(size_of::<T>() > 0, "a sample has a size");
        assert!(
            align_of::<T>() <= layout::ROW_ALIGN_BYTES,
            "rows are aligned to 64 bytes"
        );
    }
    match fill {
        Fill::Zero => grant.bytes[grant.stale].fill(0),
        Fill::Stale if cfg!(debug_assertions) => mark_stale::<T>(grant.bytes),
        Fill::Stale => {}
    }
    bytemuck::cast_slice_mut(grant.bytes)
}

fn mark_stale<T: Sample>(bytes: &mut [u8]) {
    const SIGNALING_NAN: u32 = 0x7fa5_a5a5;
    bytes.fill(0xa5);
    if SampleKind::of::<T>() == SampleKind::F32 {
        for sample in bytes.chunks_exact_mut(4) {
            sample.copy_from_slice(&SIGNALING_NAN.to_ne_bytes());
        }
    }
}
