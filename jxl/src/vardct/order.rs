use std::sync::OnceLock;

use frame_arena::{AllocError, PlanRequest, PlaneAlloc, Scope, ScopePlan};
use jxl_bitstream::{Bitstream, U};
use jxl_coding::Decoder;
use jxl_transforms::transform_map::{HfTransformType, block_shape_id};

use crate::Error;

/// How many orders of coefficients there are; transforms of a shape and its transpose share one.
pub(super) const ORDERS: usize = 13;
/// Contexts of the code that permutations are written in.
pub(super) const PERMUTATION_CONTEXTS: u32 = 8;

/// log2 of the blocks across and down that each order covers; never higher than wide.
const SHAPES: [(u32, u32); ORDERS] = [
    (0, 0),
    (0, 0),
    (1, 1),
    (2, 2),
    (1, 0),
    (2, 0),
    (2, 1),
    (3, 3),
    (3, 2),
    (4, 4),
    (4, 3),
    (5, 5),
    (5, 4),
];

/// Twice the context of the frequency of a coefficient, by its place in the order in units of
/// the varblock's blocks (ISO/IEC 18181-1, I.3.4).
#[rustfmt::skip]
const FREQUENCY_CONTEXT: [u16; 64] = [
    0, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28,
    30, 30, 32, 32, 34, 34, 36, 36, 38, 38, 40, 40, 42, 42, 44, 44,
    46, 46, 46, 46, 48, 48, 48, 48, 50, 50, 50, 50, 52, 52, 52, 52,
    54, 54, 54, 54, 56, 56, 56, 56, 58, 58, 58, 58, 60, 60, 60, 60,
];

/// A place in an order: the position in the varblock, row by row, of the coefficient there, and twice the context of its frequency.
pub(super) type Place = [u16; 2];

/// The order that coefficients come in where a frame has none of its own (ISO/IEC 18181-1,
/// I.3.2).
pub(super) fn natural_order(order: usize) -> &'static [Place] {
    static NATURAL: [OnceLock<Box<[Place]>>; ORDERS] = [const { OnceLock::new() }; ORDERS];
    NATURAL[order].get_or_init(|| compute_natural_order(SHAPES[order]))
}

fn compute_natural_order((log_columns, log_rows): (u32, u32)) -> Box<[Place]> {
    let (columns, rows) = (1 << log_columns, 1 << log_rows);
    let width = 8 * columns;
    // Lowest frequencies first, the rest along diagonals that run to and fro.
    let key = |&position: &u16| {
        let (x, y) = (i32::from(position) % width, i32::from(position) / width);
        if x < columns && y < rows {
            return (-1, y * columns + x);
        }
        let y = y << (log_columns - log_rows);
        let (diagonal, along) = (x + y, x - y);
        (diagonal, if diagonal % 2 == 1 { -along } else { along })
    };
    let mut positions: Vec<u16> = (0..=(width * 8 * rows - 1) as u16).collect();
    positions.sort_by_cached_key(key);
    let places = positions.into_iter().enumerate();
    let frequency = |index: usize| FREQUENCY_CONTEXT[index >> (log_columns + log_rows)];
    let places = places.map(|(index, position)| [position, frequency(index)]);
    places.collect()
}

/// The orders of the transforms in `used`, a bit for each.
pub(super) fn used_orders(used: u32) -> u32 {
    let is_used = |&transform: &HfTransformType| used >> (transform as u32) & 1 == 1;
    let transforms = HfTransformType::VALUES.into_iter().filter(is_used);
    transforms.fold(0, |orders, transform| {
        orders | 1 << block_shape_id(transform)
    })
}

/// The requests of a pass that has those of the `own` orders, a bit for each, for all channels.
pub(super) fn describe(own: u32, scope: &mut ScopePlan<'_>) -> Result<(), AllocError> {
    for (order, (log_columns, log_rows)) in SHAPES.into_iter().enumerate() {
        if own >> order & 1 == 1 {
            let coefficients = 64 << (log_columns + log_rows);
            (0..3).try_for_each(|_| scope.slice::<Place>(coefficients))?;
            scope.tasks(1, |task| task.slice::<u32>(coefficients))?;
        }
    }
    Ok(())
}

/// Reads which orders a pass has of its own, a bit for each.
pub(super) fn read_own(bits: &mut Bitstream<'_>) -> Result<u32, Error> {
    Ok(bits.read_u32(0x5F, 0x13, 0, U(ORDERS))?)
}

/// Reads the order of one channel: a permutation of the natural one.
///
/// # Errors
/// Corrupt or truncated permutations, memory.
pub(super) fn read_order<'f>(
    bits: &mut Bitstream<'_>,
    code: &mut Decoder,
    order: usize,
    scope: &'f Scope,
) -> Result<&'f [Place], Error> {
    let natural = natural_order(order);
    let skipped = natural.len() / 64;
    let permuted = scope.copied_slice(natural)?;
    scope.with_scratch(|scratch| {
        let rest = &mut permuted[skipped..];
        // Stale: the counts are set first.
        let mut unused = Unused::new(scratch.stale_slice(rest.len())?);
        let coded = code.read_varint(bits, permutation_context(natural.len() as u32))?;
        if coded as usize > rest.len() {
            return Err(Error::corrupt("permutation longer than its order"));
        }
        let (coded, uncoded) = rest.split_at_mut(coded as usize);
        let mut previous = 0;
        for place in coded {
            previous = code.read_varint(bits, permutation_context(previous))?;
            place[0] = natural[skipped + unused.take(previous)?][0];
        }
        for place in uncoded {
            place[0] = natural[skipped + unused.take(0)?][0];
        }
        Ok(())
    })?;
    Ok(permuted)
}

/// Reads over an order.
///
/// # Errors
/// As [`read_order`].
pub(super) fn skip_order(
    bits: &mut Bitstream<'_>,
    code: &mut Decoder,
    order: usize,
) -> Result<(), Error> {
    let (log_columns, log_rows) = SHAPES[order];
    let len = 64_u32 << (log_columns + log_rows);
    let mut left = len - len / 64;
    let coded = code.read_varint(bits, permutation_context(len))?;
    if coded > left {
        return Err(Error::corrupt("permutation longer than its order"));
    }
    let mut rank = 0;
    for _ in 0..coded {
        rank = code.read_varint(bits, permutation_context(rank))?;
        if rank >= left {
            return Err(Error::corrupt("permutation out of range"));
        }
        left -= 1;
    }
    Ok(())
}

/// Number of bits of a value, at most 7.
fn permutation_context(value: u32) -> u32 {
    (u32::BITS - value.leading_zeros()).min(PERMUTATION_CONTEXTS - 1)
}

/// Numbers from 0 that are taken one by one by rank among those left, each in logarithmic time.
struct Unused<'a> {
    /// A Fenwick tree: how many numbers are left in `i + 1 - lowbit(i + 1)..=i`.
    counts: &'a mut [u32],
    left: usize,
}

impl<'a> Unused<'a> {
    /// All numbers below the length of `counts`.
    fn new(counts: &'a mut [u32]) -> Self {
        for (index, count) in counts.iter_mut().enumerate() {
            *count = 1 << (index + 1).trailing_zeros();
        }
        let left = counts.len();
        Self { counts, left }
    }

    /// Takes the number that `rank` smaller ones are left of.
    fn take(&mut self, rank: u32) -> Result<usize, Error> {
        if rank as usize >= self.left {
            return Err(Error::corrupt("permutation out of range"));
        }
        self.left -= 1;
        let (mut number, mut rank) = (0, rank);
        let mut step = self.counts.len().next_power_of_two();
        while step > 0 {
            if let Some(count) = self.counts.get_mut(number + step - 1) {
                if *count <= rank {
                    rank -= *count;
                    number += step;
                } else {
                    *count -= 1;
                }
            }
            step /= 2;
        }
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first entries of ISO/IEC 18181-1's zigzag, as libjxl's tests list them.
    #[test]
    fn natural_orders_are_the_published_ones() {
        let square = [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5];
        let positions = |order: usize| natural_order(order).iter().map(|place| place[0]);
        assert!(positions(0).take(16).eq(square));
        let wide = [0, 1, 16, 2, 3, 17, 32, 18, 4, 5, 19, 33, 48, 34, 20, 6];
        assert!(positions(4).take(16).eq(wide));
        for order in 0..ORDERS {
            let mut positions: Vec<_> = positions(order).collect();
            positions.sort_unstable();
            assert!(
                positions
                    .iter()
                    .enumerate()
                    .all(|(i, &p)| i == usize::from(p))
            );
        }
    }

    #[test]
    fn ranks_take_what_a_list_would_remove() {
        for len in [1, 2, 63, 64, 100] {
            let mut counts = vec![0; len];
            let mut unused = Unused::new(&mut counts);
            let mut list: Vec<usize> = (0..len).collect();
            let mut random = 1_u32;
            while !list.is_empty() {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let rank = (random >> 8) % list.len() as u32;
                assert_eq!(unused.take(rank).unwrap(), list.remove(rank as usize));
            }
            assert!(unused.take(0).is_err());
        }
    }
}
