use frame_arena::{AllocError, Scope, ScopePlan, SliceSpec, Spec};

use super::transform::TransformType;
use crate::Error;
use crate::bits::{Bits, U};
use crate::entropy::{Reader, read_permutation, skip_permutation};
use crate::memory::Memory;

/// The number of coefficient orders. A transform and its transpose share an order.
pub(super) const ORDERS: usize = 13;

/// log2 of the blocks across and down of each order. Each is at least as wide as high.
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

/// Twice the context of a coefficient's frequency, indexed by its place in the order, in units of
/// the varblock's blocks (ISO/IEC 18181-1, I.3.4).
#[rustfmt::skip]
const FREQUENCY_CONTEXT: [u16; 64] = [
    0, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28,
    30, 30, 32, 32, 34, 34, 36, 36, 38, 38, 40, 40, 42, 42, 44, 44,
    46, 46, 46, 46, 48, 48, 48, 48, 50, 50, 50, 50, 52, 52, 52, 52,
    54, 54, 54, 54, 56, 56, 56, 56, 58, 58, 58, 58, 60, 60, 60, 60,
];

/// A place in an order: the position of the coefficient in the varblock, row by row, and twice the
/// context of its frequency.
pub(super) type Place = [u16; 2];

/// The natural orders (ISO/IEC 18181-1, I.3.2) of the transforms in `used`, one bit each. Other
/// orders are empty. Orders of up to 64 x 64 coefficients are constants. Larger ones come from
/// `memory`.
///
/// # Errors
/// Memory.
pub(super) fn natural_orders<'m>(
    used: u32,
    memory: Memory<'m>,
) -> Result<[&'m [Place]; ORDERS], Error> {
    let used = used_orders(used);
    let mut orders: [&[Place]; ORDERS] = [&[]; ORDERS];
    for (order, places) in orders.iter_mut().enumerate() {
        if used >> order & 1 == 1 {
            *places = natural_order(order, memory)?;
        }
    }
    Ok(orders)
}

fn natural_order(order: usize, memory: Memory<'_>) -> Result<&[Place], Error> {
    static ORDER_8X8: [Place; 64] = constant_order(0);
    static ORDER_16X16: [Place; 64 * 4] = constant_order(2);
    static ORDER_32X32: [Place; 64 * 16] = constant_order(3);
    static ORDER_16X8: [Place; 64 * 2] = constant_order(4);
    static ORDER_32X8: [Place; 64 * 4] = constant_order(5);
    static ORDER_32X16: [Place; 64 * 8] = constant_order(6);
    static ORDER_64X64: [Place; 64 * 64] = constant_order(7);
    static ORDER_64X32: [Place; 64 * 32] = constant_order(8);
    Ok(match order {
        0 | 1 => &ORDER_8X8,
        2 => &ORDER_16X16,
        3 => &ORDER_32X32,
        4 => &ORDER_16X8,
        5 => &ORDER_32X8,
        6 => &ORDER_32X16,
        7 => &ORDER_64X64,
        8 => &ORDER_64X32,
        _ => {
            // Stale: all places are set.
            let places = memory.stale(order_len(order))?;
            fill_natural_order(SHAPES[order], places);
            places
        }
    })
}

const fn constant_order<const LEN: usize>(order: usize) -> [Place; LEN] {
    let mut places = [[0; 2]; LEN];
    fill_natural_order(SHAPES[order], &mut places);
    places
}

/// Writes the lowest frequencies first, then the others along diagonals of alternating direction.
const fn fill_natural_order((log_columns, log_rows): (u32, u32), places: &mut [Place]) {
    let (columns, rows) = (1 << log_columns, 1 << log_rows);
    let width = 8 * columns;
    let row_step = columns / rows;
    let mut next = columns * rows;
    let mut diagonal = 0_usize;
    while diagonal < 2 * width - 1 {
        let first = diagonal.saturating_sub(width - 1);
        let mut step = first;
        while step <= diagonal - first {
            let (x, y) = match diagonal % 2 {
                0 => (step, diagonal - step),
                _ => (diagonal - step, step),
            };
            step += 1;
            if y % row_step != 0 {
                continue;
            }
            let y = y / row_step;
            let index = if x < columns && y < rows {
                y * columns + x
            } else {
                next += 1;
                next - 1
            };
            let frequency = FREQUENCY_CONTEXT[index >> (log_columns + log_rows)];
            places[index] = [(y * width + x) as u16, frequency];
        }
        diagonal += 1;
    }
}

fn order_len(order: usize) -> usize {
    let (log_columns, log_rows) = SHAPES[order];
    64 << (log_columns + log_rows)
}

/// The orders of the transforms in `used`, one bit each.
pub(super) fn used_orders(used: u32) -> u32 {
    let is_used = |&transform: &TransformType| used >> (transform as u32) & 1 == 1;
    let transforms = TransformType::ALL.into_iter().filter(is_used);
    transforms.fold(0, |orders, transform| orders | 1 << transform.order())
}

/// Memory for an order that a pass codes itself, and for reading it.
fn own_order(len: usize) -> (SliceSpec<Place>, SliceSpec<u32>) {
    // Stale: places are copied, and counts are set first.
    (
        SliceSpec::stale(len),
        SliceSpec::stale(len - lowest_frequencies(len)),
    )
}

/// The number of places at the front of an order that are never permuted.
fn lowest_frequencies(len: usize) -> usize {
    len / 64
}

/// Plans [`read_order`] of all channels for the orders in `own`, one bit each.
pub(super) fn plan(own: u32, scope: &mut ScopePlan<'_>) -> Result<(), AllocError> {
    let own = (0..ORDERS).filter(|order| own >> order & 1 == 1);
    for (places, counts) in own.map(|order| own_order(order_len(order))) {
        for _channel in 0..3 {
            places.plan(scope)?;
            scope.tasks(1, |task| counts.plan(task))?;
        }
    }
    Ok(())
}

/// Reads which orders a pass codes itself, one bit each.
pub(super) fn read_own(bits: &mut Bits<'_>) -> Result<u32, Error> {
    Ok(bits.read_u32(0x5F, 0x13, 0, U(ORDERS as u32))?)
}

/// Reads the order of one channel: a permutation of the `natural` one.
///
/// # Errors
/// Corrupt or truncated permutations, memory.
pub(super) fn read_order<'f>(
    reader: &mut Reader<'_, '_>,
    natural: &[Place],
    scope: &'f Scope,
) -> Result<&'f [Place], Error> {
    let (places, counts) = own_order(natural.len());
    let skipped = lowest_frequencies(natural.len());
    let permuted = places.open(scope)?;
    permuted.copy_from_slice(natural);
    scope.with_scratch(|scratch| {
        let rest = &mut permuted[skipped..];
        let counts = counts.open(scratch)?;
        let mut put = |place: usize, number: usize| rest[place][0] = natural[skipped + number][0];
        read_permutation(reader, natural.len(), counts, &mut put)
    })?;
    Ok(permuted)
}

/// Skips a coded order.
///
/// # Errors
/// The errors of [`read_order`].
pub(super) fn skip_order(reader: &mut Reader<'_, '_>, order: usize) -> Result<(), Error> {
    let len = order_len(order);
    skip_permutation(reader, len, len - lowest_frequencies(len))
}

#[cfg(test)]
mod tests {
    use frame_arena::Arena;

    use super::*;

    /// Calls `test` with the positions of a natural order.
    fn with_positions(order: usize, test: impl FnOnce(Vec<u16>)) {
        let arena = Arena::new();
        let frame = arena.frame();
        let kept = frame.scratch_beyond_plan();
        let places = natural_order(order, Memory::new(&frame, &kept)).unwrap();
        test(places.iter().map(|place| place[0]).collect());
    }

    /// The first entries of ISO/IEC 18181-1's zigzag, as listed in libjxl's tests.
    #[test]
    fn natural_orders_are_the_published_ones() {
        let square = [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5];
        with_positions(0, |positions| assert_eq!(positions[..16], square));
        let wide = [0, 1, 16, 2, 3, 17, 32, 18, 4, 5, 19, 33, 48, 34, 20, 6];
        with_positions(4, |positions| assert_eq!(positions[..16], wide));
    }

    /// ISO/IEC 18181-1, I.3.2 sorts the positions by a key.
    #[test]
    fn natural_orders_are_sorted_by_their_keys() {
        for (order, (log_columns, log_rows)) in SHAPES.into_iter().enumerate() {
            let (columns, rows) = (1 << log_columns, 1 << log_rows);
            let width = 8 * columns;
            let key = |&position: &u16| {
                let (x, y) = (i32::from(position) % width, i32::from(position) / width);
                if x < columns && y < rows {
                    return (-1, y * columns + x);
                }
                let y = y << (log_columns - log_rows);
                let (diagonal, along) = (x + y, x - y);
                (diagonal, if diagonal % 2 == 1 { -along } else { along })
            };
            let mut expected: Vec<u16> = (0..=(width * 8 * rows - 1) as u16).collect();
            expected.sort_by_cached_key(key);
            with_positions(order, |positions| assert!(positions == expected, "{order}"));
        }
    }
}
