//! Shapes without samples: any number of empty rows or planes takes no memory and no time. Code
//! that iterated over all of them would not end.

use frame_arena::{Arena, PlaneAlloc, PlaneView, PlaneViewMut, Sample, TileGrid};

const MOST: usize = usize::MAX;

/// Counts, widths and heights of which at least one is zero.
const SHAPES: [(usize, usize, usize); 7] = [
    (MOST, 0, MOST),
    (MOST, MOST, 0),
    (0, MOST, MOST),
    (MOST, 0, 0),
    (0, MOST, 0),
    (0, 0, MOST),
    (0, 0, 0),
];

fn never<T>(_: usize, _: usize) -> T {
    panic!("there is no sample")
}

#[test]
fn planes_without_samples_cost_nothing() {
    let arena = Arena::new();
    let frame = arena.frame();
    for (_, width, height) in SHAPES.into_iter().filter(|shape| shape.0 > 0) {
        let made = frame.plane_from_fn::<u8>(width, height, never).unwrap();
        assert_eq!((made.width(), made.height()), (width, height));
        let mut copied = frame.copied_plane(made.view()).unwrap();
        copied.view_mut().fill(1);
        copied.view_mut().copy_from(made.view());
        copied.view_mut().fill_from_fn(never);
        assert_eq!(frame.plane::<u8>(width, height).unwrap().height(), height);
        let detached = frame.detach(copied).unwrap();
        assert_eq!((detached.width(), detached.height()), (width, height));
        assert_eq!(arena.snapshot().live_bytes, 0);
    }
    let is = arena.snapshot();
    assert_eq!((is.in_use_bytes, is.peak_held_bytes), (0, 0));
}

#[test]
fn sets_without_samples_cost_nothing() {
    let arena = Arena::new();
    let frame = arena.frame();
    for (count, width, height) in SHAPES {
        let none = |_, x, y| never::<u16>(x, y);
        let made = frame.planes_from_fn(count, width, height, none).unwrap();
        assert_eq!(made.count(), count);
        let mut copied = frame.copied_planes(&made).unwrap();
        let mut view = copied.view_mut();
        view.fill(1);
        view.copy_from(&made);
        view.fill_from_fn(none);
        let zeroed = frame.planes::<u16>(count, width, height).unwrap();
        assert_eq!((zeroed.width(), zeroed.height()), (width, height));
        let detached = frame.detach_planes(copied).unwrap();
        assert_eq!(detached.count(), count);
        let detached = arena.detached_planes::<u16>(count, width, height).unwrap();
        assert_eq!((detached.width(), detached.height()), (width, height));
        for index in [0, count.wrapping_sub(1)] {
            if index < count {
                let plane = detached.plane(index);
                assert_eq!((plane.width(), plane.height()), (width, height));
            }
        }
    }
    let is = arena.snapshot();
    assert_eq!((is.in_use_bytes, is.peak_held_bytes), (0, 0));
}

#[test]
fn rows_of_no_samples_are_counted_not_visited() {
    let mut nothing = PlaneViewMut::<u8>::from_slice(&mut [], 0, MOST, 0);
    assert_eq!(nothing.row(MOST - 1), &[0u8; 0]);
    assert_eq!(nothing.rows().len(), MOST);
    assert_eq!(nothing.rows().count(), MOST);
    assert_eq!(nothing.rows().last().unwrap().len(), 0);
    assert_eq!(nothing.rows().nth_back(MOST - 1).unwrap().len(), 0);
    assert_eq!(nothing.rows_mut().count(), MOST);
    assert_eq!(nothing.rows_mut().last().unwrap().len(), 0);
    assert_eq!(nothing.rows_mut().nth_back(MOST - 1).unwrap().len(), 0);
    assert!(nothing.rows_mut().nth(MOST).is_none());
}

#[test]
fn planes_of_no_samples_are_counted_not_visited() {
    let arena = Arena::new();
    let owner = arena.owned_frame().unwrap();
    let mut set = owner.planes::<u8>(MOST, 0, 3).unwrap();
    assert_eq!(set.planes().len(), MOST);
    assert_eq!(set.planes().count(), MOST);
    assert_eq!(set.planes().last().unwrap().height(), 3);
    assert_eq!(set.planes_mut().count(), MOST);
    assert_eq!(set.planes_mut().nth(MOST - 1).unwrap().height(), 3);
    assert!(set.planes_mut().nth(MOST).is_none());
    assert_eq!(set.view_mut().planes().count(), MOST);
    assert_eq!(set.into_view_mut().into_planes().count(), MOST);
    let detached = arena.detached_planes::<u8>(MOST, 3, 0).unwrap();
    assert_eq!(detached.planes().count(), MOST);
    let owned = owner.owned_planes::<u8>(MOST, 0, 0).unwrap();
    assert_eq!(owned.planes().count(), MOST);
}

#[test]
fn planes_without_samples_have_no_tiles() {
    for grid in [
        TileGrid::new(0, 0),
        TileGrid::new(0, 8),
        TileGrid::new(8, 8),
    ] {
        for (width, height) in [(0, MOST), (MOST, 0), (0, 0)] {
            let mut view = PlaneViewMut::<u8>::from_slice(&mut [], width, height, width);
            assert_eq!(view.tiles(grid).len(), 0);
            assert!(view.tiles(grid.first(0, 3)).next().is_none());
        }
    }
}

/// They go with the tiles of other planes of their dimensions.
#[test]
fn sets_without_planes_are_cut_into_tiles_of_no_planes() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut none = frame.planes::<f32>(0, 100, 50).unwrap();
    let tiles: Vec<_> = none.tiles(TileGrid::new(30, 50)).collect();
    let widths: Vec<usize> = tiles.iter().map(|tile| tile.width()).collect();
    assert_eq!(widths, [30, 30, 30, 10]);
    assert!(tiles.iter().all(|tile| tile.count() == 0));
    let mut vast = frame.planes::<f32>(0, MOST, MOST).unwrap();
    let last = vast.tiles(TileGrid::new(1, 1)).next_back().unwrap();
    assert_eq!((last.count(), last.width(), last.height()), (0, 1, 1));
}

/// Extents of zero cut as little as possible.
#[test]
fn tiles_of_no_length_cover_a_plane_once() {
    let arena = Arena::new();
    let frame = arena.frame();
    for (grid, tiles) in [
        (TileGrid::new(0, 0), 1),
        (TileGrid::new(0, 16), 4),
        (TileGrid::new(40, 0), 3),
        (TileGrid::new(0, 0).first(30, 20), 4),
        (TileGrid::new(40, 16).first(0, 0), 12),
        (TileGrid::new(40, 16).first(20, 0), 12),
    ] {
        let mut plane = frame.plane::<u8>(100, 50).unwrap();
        let cut = plane.tiles(grid);
        assert_eq!(cut.len(), tiles, "{grid:?}");
        for mut tile in cut {
            assert!(tile.width() > 0 && tile.height() > 0);
            for row in tile.rows_mut() {
                row.iter_mut().for_each(|sample| *sample += 1);
            }
        }
        assert!(plane.rows().flatten().all(|&sample| sample == 1));
    }
}

fn view_of_nothing<T: Sample>(width: usize, height: usize) -> PlaneView<'static, T> {
    PlaneView::from_slice(&[], width, height, width)
}

#[test]
fn rectangles_of_nothing_lie_in_views_of_nothing() {
    let view = view_of_nothing::<u32>(0, MOST);
    let part = view.rect(0, MOST - 5, 0, 5);
    assert_eq!((part.width(), part.height()), (0, 5));
    assert_eq!(part.row(4).len(), 0);
    let view = view_of_nothing::<u32>(MOST, 0);
    assert_eq!(view.rect(7, 0, MOST - 7, 0).width(), MOST - 7);
}
