use frame_arena::{Arena, Plane};

use super::invert;
use crate::modular::Slot;
use crate::modular::header::RctKind;
use crate::modular::testing::{Rng, plane, rows, rows_of};
use crate::workers::Workers;

/// The formulas of the standard (H.6.3), with wrapping sums.
fn naive(kind: RctKind, [a, b, c]: [i32; 3]) -> [i32; 3] {
    let [d, e, f] = if kind.operation == 6 {
        let t = a.wrapping_sub(c >> 1);
        let e = c.wrapping_add(t);
        let f = t.wrapping_sub(b >> 1);
        [f.wrapping_add(b), e, f]
    } else {
        let f = if kind.operation % 2 == 1 {
            c.wrapping_add(a)
        } else {
            c
        };
        let e = match kind.operation / 2 {
            1 => b.wrapping_add(a),
            2 => b.wrapping_add(a.wrapping_add(f) >> 1),
            _ => b,
        };
        [a, e, f]
    };
    let p = kind.permutation as usize;
    let mut out = [0; 3];
    out[p % 3] = d;
    out[(p + 1 + p / 3) % 3] = e;
    out[(p + 2 - p / 3) % 3] = f;
    out
}

fn kinds() -> impl Iterator<Item = RctKind> {
    (0..42).map(|kind| RctKind {
        operation: kind % 7,
        permutation: kind / 7,
    })
}

#[test]
fn all_types_are_those_of_the_standard() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut rng = Rng(8);
    for (kind, height) in kinds().zip([3, 70].into_iter().cycle()) {
        let channels = [0; 3].map(|_| rows(5, height, || rng.sample()));
        let mut planes = channels.each_ref().map(|rows| plane(&*frame, rows));
        let mut bases: Vec<_> = planes.iter_mut().map(Plane::view_mut).collect();
        let slots = [0, 1, 2].map(|base| Slot {
            base,
            x: 0,
            y: 0,
            width: 5,
            height,
        });
        invert(kind, &slots, &mut bases, (&frame, Workers::ALONE)).expect("memory for rows");
        let [a, b, c] = planes.each_ref().map(rows_of);
        for y in 0..height {
            for x in 0..5 {
                let coded = channels.each_ref().map(|rows| rows[y][x]);
                assert_eq!([a[y][x], b[y][x], c[y][x]], naive(kind, coded), "{kind:?}");
            }
        }
    }
}

#[test]
fn channels_may_share_a_plane() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut rng = Rng(9);
    for kind in kinds() {
        let before = rows(9, 4, || rng.sample());
        let mut shared = plane(&*frame, &before);
        let slots = [6, 0, 3].map(|x| Slot {
            base: 0,
            x,
            y: 1,
            width: 3,
            height: 2,
        });
        invert(
            kind,
            &slots,
            &mut [shared.view_mut()],
            (&frame, Workers::ALONE),
        )
        .expect("memory for rows");
        let after = rows_of(&shared);
        for y in 1..3 {
            for x in 0..3 {
                let coded = [before[y][6 + x], before[y][x], before[y][3 + x]];
                let done = [after[y][6 + x], after[y][x], after[y][3 + x]];
                assert_eq!(done, naive(kind, coded), "{kind:?}");
            }
        }
        assert_eq!((&after[0], &after[3]), (&before[0], &before[3]));
    }
}
