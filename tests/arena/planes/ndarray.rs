//! Views of planes as arrays of `ndarray`.

use frame_arena::{Arena, PlaneAlloc, PlaneView, PlaneViewMut, TileGrid};
use ndarray::s;
use rayon::prelude::*;

#[test]
fn an_array_has_the_samples_of_its_view() {
    let arena = Arena::new();
    let frame = arena.frame();
    for (width, height) in [(100, 50), (64, 3), (1, 70), (1000, 1)] {
        let sample = |x, y| (x * 3 + y * 1000) as u32;
        let mut plane = frame.plane_from_fn(width, height, sample).unwrap();
        let array = plane.as_ndarray().unwrap();
        assert_eq!(array.dim(), (height, width));
        assert!(array.indexed_iter().all(|((y, x), &is)| is == sample(x, y)));
        plane
            .as_ndarray_mut()
            .unwrap()
            .mapv_inplace(|sample| sample + 1);
        let mut detached = frame.detach(plane).unwrap();
        let array = detached.as_ndarray().unwrap();
        assert!(
            array
                .indexed_iter()
                .all(|((y, x), &is)| is == sample(x, y) + 1)
        );
        detached.as_ndarray_mut().unwrap()[[height - 1, width - 1]] = 5;
        assert_eq!(detached.get(width - 1, height - 1), 5);
        let mut owned = arena.owned_frame().unwrap().owned_plane(width, height);
        let owned = owned.as_mut().unwrap();
        owned.as_ndarray_mut().unwrap()[[height - 1, width - 1]] = 7u32;
        assert_eq!(owned.get(width - 1, height - 1), 7);
        assert_eq!(owned.as_ndarray().unwrap().sum(), 7);
    }
}

/// Arrays of neighboring tiles are written by several threads, and none sees samples of another.
#[test]
fn arrays_of_tiles_are_disjoint() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut plane = frame.plane::<u16>(100, 60).unwrap();
    let tiles: Vec<_> = plane.tiles(TileGrid::new(13, 7)).enumerate().collect();
    tiles.into_par_iter().for_each(|(index, mut tile)| {
        let (width, height) = (tile.width(), tile.height());
        let mut array = tile.as_ndarray_mut().unwrap();
        assert_eq!(
            (array.len(), array.as_slice_mut().is_some()),
            (width * height, height == 1)
        );
        array += 1;
        array.slice_mut(s![.., 0]).fill(index as u16 + 2);
        let sum = array.sum();
        assert_eq!(tile.as_ndarray().unwrap().sum(), sum);
        let array = tile.into_ndarray().unwrap();
        assert!(array.iter().all(|&sample| sample > 0));
    });
    let columns = 100usize.div_ceil(13);
    for (y, row) in plane.rows().enumerate() {
        for (x, &sample) in row.iter().enumerate() {
            let tile = y / 7 * columns + x / 13;
            let expected = if x % 13 == 0 { tile + 2 } else { 1 };
            assert_eq!(usize::from(sample), expected);
        }
    }
}

#[test]
fn sets_are_arrays_of_three_axes() {
    let arena = Arena::new();
    let frame = arena.frame();
    let sample = |plane, x, y| (plane * 10_000 + y * 100 + x) as i32;
    let mut set = frame.planes_from_fn(3, 90, 40, sample).unwrap();
    let array = set.as_ndarray().unwrap();
    assert_eq!(array.dim(), (3, 40, 90));
    assert!(
        array
            .indexed_iter()
            .all(|((plane, y, x), &is)| is == sample(plane, x, y))
    );
    for mut tile in set.tiles(TileGrid::new(50, 30)) {
        let before = tile.as_ndarray().unwrap().sum();
        tile.as_ndarray_mut()
            .unwrap()
            .mapv_inplace(|sample| -sample);
        assert_eq!(tile.into_ndarray().unwrap().sum(), -before);
    }
    let mut set = frame.detach_planes(set).unwrap();
    let array = set.as_ndarray().unwrap();
    assert!(
        array
            .indexed_iter()
            .all(|((plane, y, x), &is)| is == -sample(plane, x, y))
    );
    set.as_ndarray_mut().unwrap()[[2, 39, 89]] = 3;
    assert_eq!(set.plane(2).get(89, 39), 3);
}

/// The stride of a single row may be any number.
#[test]
fn strides_that_no_array_has_are_not_needed() {
    let mut samples = [1u8, 2, 3];
    let view = PlaneView::from_slice(&samples, 3, 1, usize::MAX);
    assert_eq!(view.as_ndarray().unwrap(), ndarray::array![[1, 2, 3]]);
    let view = PlaneViewMut::from_slice(&mut samples, 3, 1, usize::MAX);
    view.into_ndarray().unwrap().fill(0);
    assert_eq!(samples, [0; 3]);
}

#[test]
fn arrays_of_nothing_have_the_bounds_of_the_crate() {
    const MOST: usize = isize::MAX as usize;
    let arena = Arena::new();
    let frame = arena.frame();
    for (width, height) in [(0, MOST), (MOST, 0), (0, 0)] {
        let mut plane = frame.plane::<u16>(width, height).unwrap();
        assert_eq!(plane.as_ndarray().unwrap().dim(), (height, width));
        assert_eq!(plane.as_ndarray_mut().unwrap().len(), 0);
    }
    for (width, height) in [(0, MOST + 1), (usize::MAX, 0)] {
        let mut plane = frame.plane::<u16>(width, height).unwrap();
        assert!(plane.as_ndarray().is_err() && plane.as_ndarray_mut().is_err());
    }
    for (count, width, height, fits) in [
        (0, 1 << 20, 1 << 20, true),
        (1 << 20, 0, 1 << 20, true),
        (0, 1 << 32, 1 << 32, false),
        (usize::MAX, 0, 0, false),
    ] {
        let mut set = frame.planes::<u16>(count, width, height).unwrap();
        assert_eq!(set.as_ndarray().is_ok(), fits);
        assert_eq!(set.as_ndarray_mut().is_ok(), fits);
        let mut set = frame.detach_planes(set).unwrap();
        assert_eq!(set.as_ndarray().is_ok(), fits);
        assert_eq!(set.as_ndarray_mut().is_ok(), fits);
    }
}
