#[cfg(test)]
mod tests;

use frame_arena::{PlaneSpec, PlaneViewMut, Scope, Spec, TileGrid};

use super::{BAND_ROWS, view};
use crate::Error;
use crate::modular::Slot;
use crate::modular::header::RctKind;
use crate::workers::Workers;

type View<'p> = PlaneViewMut<'p, i32>;

/// Undoes a reversible color transform (ISO/IEC 18181-1, H.6.3) in place.
pub(in crate::modular) fn invert(
    kind: RctKind,
    slots: &[Slot; 3],
    bases: &mut [PlaneViewMut<'_, i32>],
    (scope, workers): (&Scope, Workers<'_>),
) -> Result<(), Error> {
    let Slot { width, height, .. } = slots[0];
    if width == 0 || height == 0 {
        return Ok(());
    }
    let Ok(channels) = bases.get_disjoint_mut(slots.map(|slot| slot.base)) else {
        return invert_within_base(kind, slots, bases, scope);
    };
    let mut index = 0;
    let [a, b, c] = channels.map(|base| {
        let Slot { x, y, .. } = slots[index];
        index += 1;
        base.reborrow().into_rect(x, y, width, height)
    });
    let grid = TileGrid::new(width, BAND_ROWS);
    let invert_band = |((mut a, mut b), mut c): ((View<'_>, View<'_>), View<'_>)| {
        for y in 0..a.height() {
            invert_row(kind, [a.row_mut(y), b.row_mut(y), c.row_mut(y)]);
        }
        Ok(())
    };
    let [a, b, c] = [a, b, c].map(|channel| channel.into_tiles(grid));
    workers.for_each(a.zip(b).zip(c), invert_band)
}

/// Memory for rows of three channels that share a base.
pub(super) fn rows_within_base(width: usize) -> PlaneSpec<i32> {
    // Stale: each row is copied in before it is processed.
    PlaneSpec::stale(width, 3)
}

/// Memory for undoing the transform of these channels; `None` if each has its own base.
pub(super) fn spec(slots: &[Slot; 3]) -> Option<PlaneSpec<i32>> {
    let [a, b, c] = slots.each_ref().map(|slot| slot.base);
    (a == b || b == c || a == c).then(|| rows_within_base(slots[0].width))
}

/// The transform where channels share a base, as halves of a squeeze do.
fn invert_within_base(
    kind: RctKind,
    slots: &[Slot; 3],
    bases: &mut [PlaneViewMut<'_, i32>],
    scope: &Scope,
) -> Result<(), Error> {
    let width = slots[0].width;
    scope.with_scratch(|scratch| {
        let mut rows = rows_within_base(width).open(scratch)?;
        for y in 0..slots[0].height {
            for (i, &slot) in slots.iter().enumerate() {
                rows.row_mut(i).copy_from_slice(view(bases, slot).row(y));
            }
            let (a, rest) = rows.view_mut().split_at_row(1);
            let (b, c) = rest.split_at_row(1);
            let [mut a, mut b, mut c] = [a, b, c];
            invert_row(kind, [a.row_mut(0), b.row_mut(0), c.row_mut(0)]);
            for (i, &slot) in slots.iter().enumerate() {
                view(bases, slot).row_mut(y).copy_from_slice(rows.row(i));
            }
        }
        Ok(())
    })
}

fn invert_row(kind: RctKind, rows: [&mut [i32]; 3]) {
    let [a, b, c] = rows;
    match kind.operation {
        0 => {}
        1 => apply::<1>(a, b, c),
        2 => apply::<2>(a, b, c),
        3 => apply::<3>(a, b, c),
        4 => apply::<4>(a, b, c),
        5 => apply::<5>(a, b, c),
        _ => apply::<6>(a, b, c),
    }
    match kind.permutation {
        0 => {}
        1 => {
            a.swap_with_slice(b);
            a.swap_with_slice(c);
        }
        2 => {
            a.swap_with_slice(b);
            b.swap_with_slice(c);
        }
        3 => b.swap_with_slice(c),
        4 => a.swap_with_slice(b),
        _ => a.swap_with_slice(c),
    }
}

#[inline(always)]
fn apply<const OPERATION: u32>(a: &mut [i32], b: &mut [i32], c: &mut [i32]) {
    for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
        [*a, *b, *c] = pixel::<OPERATION>(*a, *b, *c);
    }
}

/// One pixel. Operations 1 to 5 add the first channel to others; 6 is YCgCo.
#[inline(always)]
fn pixel<const OPERATION: u32>(a: i32, b: i32, c: i32) -> [i32; 3] {
    if OPERATION == 6 {
        let base = a.wrapping_sub(c >> 1);
        let green = c.wrapping_add(base);
        let blue = base.wrapping_sub(b >> 1);
        return [blue.wrapping_add(b), green, blue];
    }
    let third = if OPERATION & 1 == 1 {
        c.wrapping_add(a)
    } else {
        c
    };
    let second = match OPERATION >> 1 {
        1 => b.wrapping_add(a),
        2 => b.wrapping_add(a.wrapping_add(third) >> 1),
        _ => b,
    };
    [a, second, third]
}
