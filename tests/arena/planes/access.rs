//! Single samples, rows and whole planes, read and written by every kind of plane and view.

use std::panic::{AssertUnwindSafe, catch_unwind};

use frame_arena::{Arena, PlaneAlloc, PlaneViewMut};

/// The panic message of `work`.
fn refusal<R>(work: impl FnOnce() -> R) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| drop(work()))).unwrap_err();
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => other.downcast::<&str>().unwrap().to_string(),
    }
}

#[test]
fn samples_are_set_and_got() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut plane = frame.plane::<u16>(70, 9).unwrap();
    plane.set(69, 8, 7);
    assert_eq!((plane.get(69, 8), plane.row(8)[69]), (7, 7));
    let mut view = plane.view_mut().into_rect(60, 5, 10, 4);
    assert_eq!(view.get(9, 3), 7);
    view.set(0, 0, 5);
    assert_eq!(plane.get(60, 5), 5);
    let mut detached = arena.detached_plane::<u16>(70, 9).unwrap();
    detached.set(69, 8, 3);
    assert_eq!((detached.get(69, 8), detached.row(8)[69]), (3, 3));
    let mut owned = arena.owned_frame().unwrap().owned_plane::<u16>(70, 9);
    let owned = owned.as_mut().unwrap();
    owned.set(69, 8, 3);
    assert_eq!((owned.get(69, 8), owned.row(8)[69]), (3, 3));
    let set = plane.rows().flatten().filter(|&&sample| sample != 0);
    assert_eq!(set.count(), 2);
}

#[test]
fn planes_are_indexed_by_row_and_column() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut plane = frame.plane::<u8>(64, 64).unwrap();
    plane[3][5] = 1;
    plane[4].fill(2);
    assert_eq!((plane.get(5, 3), plane[3][5]), (1, 1));
    assert_eq!(plane.view()[4], [2; 64]);
    let mut part = plane.view_mut().into_rect(5, 3, 2, 2);
    assert_eq!((&part[0], &part[1]), (&[1, 0][..], &[2, 2][..]));
    part[1][1] = 9;
    assert_eq!(plane[4][6], 9);
    let mut detached = frame.detach(plane).unwrap();
    assert_eq!(detached[4][6], 9);
    detached[63][63] = 8;
    assert_eq!(detached.view()[63][63], 8);
    let shared = detached.into_shared();
    assert_eq!((shared[63][63], shared.get(6, 4)), (8, 9));
    assert!(shared.rows().eq(shared.view().rows()));
    assert_eq!((shared.stride(), shared.row(4)[6]), (64, 9));
    let mut owned = arena.owned_frame().unwrap().owned_plane::<u8>(64, 64);
    let owned = owned.as_mut().unwrap();
    owned[63][63] = 8;
    assert_eq!(owned.view()[63][63], owned[63][63]);
}

#[test]
fn what_lies_outside_is_refused() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut plane = frame.plane::<u8>(10, 4).unwrap();
    assert_eq!(refusal(|| plane.get(0, 4)), "row 4 of 4");
    assert!(refusal(|| plane.get(10, 3)).contains("index is 10"));
    assert_eq!(refusal(|| plane.set(0, 4, 1)), "row 4 of 4");
    assert!(refusal(|| plane.set(10, 0, 1)).contains("index is 10"));
    assert_eq!(refusal(|| plane[4].len()), "row 4 of 4");
    let detached = arena.detached_plane::<u8>(10, 4).unwrap();
    assert_eq!(refusal(|| detached.row(4).len()), "row 4 of 4");
    let set = arena.detached_planes::<u8>(2, 10, 4).unwrap();
    assert_eq!(refusal(|| set.plane(2).width()), "plane 2 of 2");
}

#[test]
fn several_rows_are_written_at_once() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut plane = frame.plane_from_fn::<u8>(100, 8, |_, y| y as u8).unwrap();
    let mut view = plane.view_mut().into_rect(90, 2, 10, 6);
    let [last, first, middle] = view.disjoint_rows_mut([5, 0, 2]);
    assert_eq!((last[0], first[0], middle[9]), (7, 2, 4));
    last.swap_with_slice(first);
    middle.fill(9);
    let column: Vec<u8> = plane.rows().map(|row| row[95]).collect();
    assert_eq!(column, [0, 1, 7, 3, 9, 5, 6, 2]);
    assert!(plane.rows().enumerate().all(|(y, row)| row[89] == y as u8));
    let none: [&mut [u8]; 0] = plane.disjoint_rows_mut([]);
    assert!(none.is_empty());

    let mut detached = frame.detach(plane).unwrap();
    let [above, row] = detached.disjoint_rows_mut([6, 7]);
    row.copy_from_slice(above);
    assert_eq!(detached.row(7), detached.row(6));
}

#[test]
fn one_row_is_not_written_twice_at_once() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut plane = frame.plane::<u8>(10, 4).unwrap();
    let twice = refusal(|| plane.disjoint_rows_mut([1, 3, 1]).len());
    assert_eq!(twice, "row 1 twice");
    let outside = refusal(|| plane.disjoint_rows_mut([3, 4]).len());
    assert_eq!(outside, "row 4 of 4");
    let empty = refusal(|| {
        let mut nothing = PlaneViewMut::<u8>::from_slice(&mut [], 0, 3, 0);
        nothing.disjoint_rows_mut([2, 2]).len()
    });
    assert_eq!(empty, "row 2 twice");
}

#[test]
fn planes_and_sets_are_filled() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut plane = frame.stale_plane::<i32>(33, 5).unwrap();
    plane.fill(-3);
    assert!(plane.rows().flatten().all(|&sample| sample == -3));
    let mut view = plane.view_mut().into_rect(1, 1, 31, 3);
    view.fill_from_fn(|x, y| (x * 10 + y) as i32);
    assert_eq!((plane.get(31, 3), plane.get(32, 3)), (302, -3));
    let mut set = frame.stale_planes::<u8>(3, 33, 5).unwrap();
    set.fill(4);
    assert!(set.planes().all(|p| p.rows().flatten().all(|&s| s == 4)));
    set.view_mut()
        .fill_from_fn(|plane, x, y| (plane * 100 + y * 33 + x) as u8);
    assert_eq!(set.plane(1).get(32, 4), (100 + 4 * 33 + 32) as u8);
    let mut other = frame.planes::<u8>(3, 33, 5).unwrap();
    other.view_mut().copy_from(&set);
    for (other, set) in other.planes().zip(set.planes()) {
        assert!(other.rows().eq(set.rows()));
    }
    let smaller = frame.planes::<u8>(2, 33, 5).unwrap();
    let message = refusal(|| other.view_mut().copy_from(&smaller));
    assert!(message.contains("dimensions"));
}

#[test]
fn views_of_sets_show_their_planes() {
    let arena = Arena::new();
    let frame = arena.frame();
    let value = |plane, x, y| (plane * 64 + y * 8 + x) as u8;
    let mut set = frame.planes_from_fn::<u8>(3, 8, 8, value).unwrap();
    let view = set.view_mut();
    assert_eq!((view.stride(), view.planes().len()), (64, 3));
    for (index, plane) in view.planes().enumerate() {
        assert_eq!(plane.get(7, 3), value(index, 7, 3));
        assert_eq!(plane.stride(), view.stride());
    }
}
