//! Rows and tiles spread over threads.

use frame_arena::{
    Arena, ParRows, ParRowsMut, ParTiles, PlaneAlloc, PlaneSetViewMut, PlaneViewMut, TileGrid,
};
use rayon::prelude::*;

/// The iterators have names.
struct Work<'p> {
    from: ParRows<'p, u8>,
    to: ParRowsMut<'p, u8>,
    tiles: ParTiles<PlaneViewMut<'p, u16>>,
    sets: ParTiles<PlaneSetViewMut<'p, u16>>,
}

#[test]
fn named_iterators_go_over_rows_and_tiles_once() {
    let arena = Arena::new();
    let frame = arena.frame();
    let from = frame
        .plane_from_fn::<u8>(50, 301, |x, y| (x * 3 + y) as u8)
        .unwrap();
    let mut to = frame.plane::<u8>(50, 301).unwrap();
    let mut plane = frame.plane::<u16>(200, 100).unwrap();
    let mut set = frame.planes::<u16>(2, 200, 100).unwrap();
    let grid = TileGrid::new(30, 20);
    let work = Work {
        from: from.rows().into_par_iter(),
        to: to.rows_mut().into_par_iter(),
        tiles: plane.tiles(grid).into_par_iter(),
        sets: set.tiles(grid).into_par_iter(),
    };
    assert_eq!(
        (work.from.len(), work.to.len(), work.tiles.len()),
        (301, 301, 35)
    );
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(8)
        .build()
        .unwrap();
    pool.install(|| {
        work.to.zip(work.from).for_each(|(to, from)| {
            to.iter_mut()
                .zip(from)
                .for_each(|(to, from)| *to = from.wrapping_add(1));
        });
        work.tiles.zip(work.sets).for_each(|(mut tile, mut set)| {
            tile.rows_mut().flatten().for_each(|sample| *sample += 1);
            for plane in set.planes_mut() {
                plane.into_rows().flatten().for_each(|sample| *sample += 1);
            }
        });
    });
    for (to, from) in to.rows().zip(from.rows()) {
        assert!(
            to.iter()
                .zip(from)
                .all(|(&to, &from)| to == from.wrapping_add(1))
        );
    }
    assert!(plane.rows().flatten().all(|&sample| sample == 1));
    assert!(
        set.planes()
            .all(|plane| plane.rows().flatten().all(|&sample| sample == 1))
    );
}

/// However rows are split, each is returned once and at its place.
#[test]
fn rows_are_split_at_any_place() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut plane = frame.plane::<u32>(3, 100).unwrap();
    for (taken, at_most) in [(0, 1), (1, 7), (37, 100), (99, 2)] {
        let mut rows = plane.rows_mut();
        rows.by_ref().take(taken).for_each(|row| row.fill(7));
        let rows = rows.into_par_iter().with_max_len(at_most).enumerate();
        rows.for_each(|(index, row)| row.fill((taken + index) as u32));
        let mut rows = plane.rows();
        assert!(
            rows.by_ref()
                .take(taken)
                .flatten()
                .all(|&sample| sample == 7)
        );
        let rest: Vec<u32> = rows
            .into_par_iter()
            .with_max_len(at_most)
            .map(|row| row[2])
            .collect();
        assert!(rest.into_iter().eq(taken as u32..100));
    }
    let (even, odd): (Vec<&[u32]>, Vec<&[u32]>) = plane
        .rows()
        .into_par_iter()
        .partition(|row| row[0] % 2 == 0);
    assert_eq!(even.len() + odd.len(), 100);
}

#[test]
fn rows_of_part_of_a_plane_leave_the_rest_alone() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut plane = frame.plane::<u8>(90, 64).unwrap();
    let (left, right) = plane.view_mut().split_at_column(40);
    rayon::join(
        || left.into_rows().into_par_iter().for_each(|row| row.fill(1)),
        || {
            right
                .into_rows()
                .into_par_iter()
                .rev()
                .for_each(|row| row.fill(2))
        },
    );
    for row in plane.rows() {
        assert_eq!((row[39], row[40]), (1, 2));
        assert_eq!(
            row.iter().map(|&sample| u32::from(sample)).sum::<u32>(),
            40 + 100
        );
    }
}
