//! The standard tables (ISO/IEC 18181-1, I.2.5).

use std::sync::OnceLock;

use super::tables::{SHAPES, table_len};
use super::{defaults, weights};
use crate::Error;
use crate::memory::Memory;

/// A table of a transform that covers `$blocks` blocks, in static memory.
macro_rules! constant {
    ($table:ident, $blocks:literal) => {{
        static TABLE: OnceLock<[f32; 3 * 64 * $blocks]> = OnceLock::new();
        once(&TABLE, $table)
    }};
}

/// Factors of X, Y and B of standard table `table`. Tables of up to 32 x 32 coefficients are
/// computed once per process. Larger ones come from `memory`.
///
/// # Errors
/// Memory.
pub(super) fn table(table: usize, memory: Memory<'_>) -> Result<&[f32], Error> {
    match table {
        0 => constant!(table, 1),
        1 => constant!(table, 1),
        2 => constant!(table, 1),
        3 => constant!(table, 1),
        4 => constant!(table, 4),
        5 => constant!(table, 16),
        6 => constant!(table, 2),
        7 => constant!(table, 4),
        8 => constant!(table, 8),
        9 => constant!(table, 1),
        10 => constant!(table, 1),
        _ => {
            // Stale: all factors are computed.
            let factors = memory.stale(table_len(table))?;
            fill(table, factors)?;
            Ok(factors)
        }
    }
}

#[inline(never)]
fn once<const LEN: usize>(
    cell: &'static OnceLock<[f32; LEN]>,
    table: usize,
) -> Result<&'static [f32], Error> {
    if let Some(factors) = cell.get() {
        return Ok(factors);
    }
    let mut factors = [0.0; LEN];
    fill(table, &mut factors)?;
    Ok(cell.get_or_init(|| factors))
}

fn fill(table: usize, factors: &mut [f32]) -> Result<(), Error> {
    weights::fill(&defaults::encoding(table), SHAPES[table], factors)
}
