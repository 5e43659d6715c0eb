//! Planes that outlive their frame.

use frame_arena::{Arena, PlaneAlloc, TileGrid};

#[test]
fn a_large_set_is_moved_and_a_small_one_copied() {
    let arena = Arena::new();
    for (width, height, moved) in [(1000, 700, true), (10, 8, false)] {
        let runs_before = arena.snapshot().runs_made;
        let frame = arena.frame();
        let planes = frame
            .planes_from_fn(3, width, height, |c, x, y| (c * 7 + x * 3 + y) as i32)
            .unwrap();
        let address = planes.plane(0).row(0).as_ptr();
        let live = arena.snapshot().live_bytes;
        let detached = frame.detach_planes(planes).unwrap();
        assert_eq!(detached.plane(0).row(0).as_ptr() == address, moved);
        if moved {
            assert_eq!(arena.snapshot().live_bytes, live);
            assert_eq!(frame.report().live_bytes, 0);
        }
        assert_eq!(arena.snapshot().runs_made, runs_before + 1);
        drop(frame);
        arena.with_frame(|next| {
            let overwritten = next.planes_from_fn(3, width, height, |_, _, _| -1i32);
            assert!(overwritten.is_ok());
            for c in 0..3 {
                for (y, row) in detached.plane(c).rows().enumerate() {
                    for (x, &sample) in row.iter().enumerate() {
                        assert_eq!(sample, (c * 7 + x * 3 + y) as i32);
                    }
                }
            }
        });
        drop(detached);
        assert_eq!(arena.snapshot().live_bytes, 0);
        arena.trim();
        assert_eq!(arena.snapshot().retained_bytes, 0);
    }
}

#[test]
fn a_plane_of_another_scope_is_copied() {
    let arena = Arena::new();
    let frame = arena.frame();
    let other = arena.frame();
    let plane = other
        .plane_from_fn(2000, 500, |x, y| (x ^ y) as u16)
        .unwrap();
    let detached = frame.detach(plane).unwrap();
    drop(other);
    assert_eq!(detached.view().get(1999, 499), 1999 ^ 499);
    assert_eq!(detached.view().get(7, 9), 7 ^ 9);
}

#[test]
fn a_stale_plane_takes_the_memory_of_the_last_and_is_not_cleared() {
    let arena = Arena::new();
    let mut first = arena.detached_plane::<u8>(3000, 1000).unwrap();
    first.view_mut().fill(7);
    drop(first);
    let stale = arena.stale_detached_plane::<u8>(3000, 1000).unwrap();
    assert_eq!(arena.snapshot().runs_reused, 1);
    let samples = stale.view();
    assert!(samples.rows().flatten().all(|&sample| sample != 0));
    drop(stale);
    let zeroed = arena.detached_plane::<u8>(3000, 1000).unwrap();
    assert!(zeroed.view().rows().flatten().all(|&sample| sample == 0));
}

#[test]
fn a_stale_set_takes_the_memory_of_the_last_and_is_not_cleared() {
    let arena = Arena::new();
    let mut first = arena.detached_planes::<u8>(3, 1000, 1000).unwrap();
    first.fill(7);
    assert!(
        first
            .planes()
            .all(|plane| plane.rows().flatten().all(|&sample| sample == 7))
    );
    drop(first);
    let stale = arena.stale_detached_planes::<u8>(3, 1000, 1000).unwrap();
    assert_eq!(arena.snapshot().runs_reused, 1);
    assert!(
        stale
            .planes()
            .all(|plane| plane.rows().flatten().all(|&sample| sample != 0))
    );
    drop(stale);
    let zeroed = arena.detached_planes::<u8>(3, 1000, 1000).unwrap();
    assert!(
        zeroed
            .planes()
            .all(|plane| plane.rows().flatten().all(|&sample| sample == 0))
    );
}

#[test]
fn detached_planes_are_used_as_planes_of_a_scope() {
    let arena = Arena::new();
    let mut plane = arena.detached_plane::<u16>(100, 40).unwrap();
    assert_eq!(plane.stride(), 128);
    plane.row_mut(39).fill(3);
    for (y, row) in plane.rows_mut().enumerate().take(39) {
        row[y] = 1;
    }
    assert_eq!((plane.row(39)[99], plane.rows().len()), (3, 40));
    assert_eq!(
        plane
            .rows()
            .flatten()
            .filter(|&&sample| sample == 1)
            .count(),
        39
    );
    for mut tile in plane.tiles(TileGrid::new(33, 17)) {
        tile.fill(tile.width() as u16);
    }
    assert_eq!((plane.get(98, 39), plane.get(99, 0)), (33, 1));

    let mut set = arena.detached_planes::<u16>(2, 100, 40).unwrap();
    assert_eq!((set.stride(), set.planes().len()), (128, 2));
    set.plane_mut(1).row_mut(39).fill(5);
    for plane in set.planes_mut().take(1) {
        plane.into_rows().for_each(|row| row.fill(4));
    }
    assert_eq!((set.plane(0).get(99, 39), set.plane(1).get(99, 39)), (4, 5));
    assert_eq!(set.plane(1).get(99, 38), 0);
    for mut tile in set.tiles(TileGrid::new(0, 7)) {
        tile.plane_mut(1).fill(6);
    }
    assert!(set.plane(1).rows().flatten().all(|&sample| sample == 6));
}
