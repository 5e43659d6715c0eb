//! Planes as one slice or one pointer.

#![allow(unsafe_code)]

use frame_arena::{Arena, PlaneAlloc, PlaneView, PlaneViewMut};

#[test]
fn planes_without_gaps_are_slices() {
    let arena = Arena::new();
    let frame = arena.frame();
    for (width, height, has_gaps) in [
        (64, 10, false),
        (100, 10, true),
        (100, 1, false),
        (2048, 2, true),
        (2048, 1, false),
        (0, 10, false),
        (10, 0, false),
    ] {
        let sample = |x, y| (x * 7 + y * 3) as u8;
        let mut plane = frame.plane_from_fn::<u8>(width, height, sample).unwrap();
        let samples: Vec<u8> = plane.rows().flatten().copied().collect();
        let expected = (!has_gaps).then_some(&samples[..]);
        assert_eq!(plane.as_slice(), expected, "{width} x {height}");
        assert_eq!(plane.view().as_slice(), expected);
        assert_eq!(plane.view_mut().as_slice(), expected);
        assert_eq!(plane.as_mut_slice().map(|slice| &*slice), expected);
        let mut detached = frame.detach(plane).unwrap();
        assert_eq!(detached.as_slice(), expected);
        if let Some(slice) = detached.as_mut_slice() {
            slice.fill(1);
            assert!(detached.rows().flatten().all(|&sample| sample == 1));
        }
    }
    let mut owned = arena.owned_frame().unwrap().owned_plane::<u8>(64, 10);
    let owned = owned.as_mut().unwrap();
    owned.as_mut_slice().unwrap().fill(1);
    assert_eq!(owned.as_slice(), Some(&[1; 640][..]));
    let pixels = frame.plane::<[u8; 3]>(101, 7).unwrap();
    assert_eq!(pixels.as_slice().map(<[_]>::len), Some(101 * 7));
}

/// Between the rows of a rectangle are samples of others.
#[test]
fn rectangles_are_slices_only_of_whole_rows() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut plane = frame.plane_from_fn::<u8>(64, 10, |_, y| y as u8).unwrap();
    let rows = plane.view().rect(0, 3, 64, 2);
    assert_eq!(rows.as_slice(), Some([[3; 64], [4; 64]].as_flattened()));
    assert_eq!(plane.view().rect(0, 3, 63, 2).as_slice(), None);
    assert_eq!(
        plane.view().rect(5, 3, 10, 1).as_slice(),
        Some(&[3; 10][..])
    );
    let (mut left, right) = plane.view_mut().split_at_column(1);
    assert_eq!((left.as_mut_slice(), right.as_slice()), (None, None));
    let (top, bottom) = plane.view_mut().split_at_row(4);
    let (top, bottom) = (top.into_slice().unwrap(), bottom.into_slice().unwrap());
    top[..64].copy_from_slice(&bottom[..64]);
    assert_eq!(plane.row(0), plane.row(4));
}

#[test]
fn padding_is_part_of_a_whole_plane() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut plane = frame.plane::<u16>(100, 5).unwrap();
    assert_eq!(plane.as_padded_slice(), &[0; 128 * 5]);
    plane.as_padded_mut_slice()[128 * 4 + 99] = 9;
    assert_eq!(plane.get(99, 4), 9);
    let mut detached = frame.detach(plane).unwrap();
    assert_eq!(detached.as_padded_slice()[128 * 4 + 99], 9);
    detached.as_padded_mut_slice().fill(2);
    assert_eq!(detached.get(0, 0), 2);
    let mut set = frame.planes::<u16>(3, 100, 5).unwrap();
    assert_eq!(
        (set.plane_stride(), set.view_mut().plane_stride()),
        (640, 640)
    );
    set.as_padded_mut_slice()[2 * 640 + 128] = 7;
    assert_eq!(
        (set.plane(2).get(0, 1), set.as_padded_slice().len()),
        (7, 3 * 640)
    );
    let mut set = frame.detach_planes(set).unwrap();
    assert_eq!(
        set.as_padded_slice()[2 * set.plane_stride() + set.stride()],
        7
    );
    set.as_padded_mut_slice().fill(3);
    assert_eq!(set.plane(2).get(99, 4), 3);
    let owner = arena.owned_frame().unwrap();
    let mut owned = owner.owned_plane::<u16>(100, 5).unwrap();
    owned.fill(4);
    assert_eq!(owned.as_padded_slice()[128 * 4 + 99], 4);
    owned.as_padded_mut_slice().fill(5);
    let [first, last] = owned.disjoint_rows_mut([0, 4]);
    first.copy_from_slice(last);
    assert!(owned.rows().flatten().all(|&sample| sample == 5));
    let mut set = owner.owned_planes::<u16>(3, 100, 5).unwrap();
    set.fill(6);
    let place = 2 * set.plane_stride() + 4 * set.stride() + 99;
    assert_eq!((set.plane_stride(), set.as_padded_slice()[place]), (640, 6));
    set.as_padded_mut_slice()[place] = 7;
    assert_eq!(set.plane(2).get(99, 4), 7);
}

/// Writes `rows` rows of `stride` samples, with the padding behind the last.
unsafe fn count_up(start: *mut u32, stride: usize, rows: usize) {
    for index in 0..stride * rows {
        // SAFETY: the caller promises so many samples.
        unsafe { start.add(index).write(index as u32) };
    }
}

#[test]
fn pointers_reach_all_rows_and_their_padding() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut plane = frame.plane::<u32>(33, 6).unwrap();
    let (stride, height) = (plane.stride(), plane.height());
    // SAFETY: all of the plane may be written.
    unsafe { count_up(plane.as_mut_ptr(), stride, height) };
    assert_eq!(plane.get(32, 5), (5 * stride + 32) as u32);
    let last = plane.as_ptr().wrapping_add(stride * height - 1);
    // SAFETY: the padding behind the last row may be read.
    assert_eq!(unsafe { last.read() }, (stride * height - 1) as u32);

    let mut detached = arena.detached_planes::<u32>(2, 33, 6).unwrap();
    // SAFETY: as above, for all planes of a set.
    unsafe { count_up(detached.as_mut_ptr(), stride, height * 2) };
    let place = detached.plane_stride() + stride * 5 + 32;
    assert_eq!(detached.plane(1).get(32, 5), place as u32);
    // SAFETY: as above.
    assert_eq!(unsafe { detached.as_ptr().add(place).read() }, place as u32);

    let owner = arena.owned_frame().unwrap();
    let mut owned = owner.owned_plane::<u32>(33, 6).unwrap();
    // SAFETY: as above.
    unsafe { count_up(owned.as_mut_ptr(), stride, height) };
    // SAFETY: the last sample may be read.
    let read = unsafe { owned.as_ptr().add(stride * 5 + 32).read() };
    assert_eq!((owned.get(32, 5), read), (read, (stride * 5 + 32) as u32));
    let mut owned = owner.owned_planes::<u32>(2, 33, 6).unwrap();
    // SAFETY: as above, for all planes of a set.
    unsafe { count_up(owned.as_mut_ptr(), stride, height * 2) };
    assert_eq!(owned.plane(1).get(32, 5), place as u32);
    // SAFETY: as above.
    assert_eq!(unsafe { owned.as_ptr().add(place).read() }, place as u32);

    let mut set = frame.planes::<u32>(2, 33, 6).unwrap();
    // SAFETY: as above.
    unsafe { count_up(set.as_mut_ptr(), stride, height * 2) };
    let part = set.tiles(frame_arena::TileGrid::new(20, 4)).nth(3).unwrap();
    let place = part.plane_stride() + part.stride();
    let (start, in_set) = (part.as_ptr(), (4 * stride + 20 + place) as u32);
    assert_eq!(part.plane(1).get(0, 1), in_set);
    // SAFETY: the first sample of the second row of the second plane's part.
    assert_eq!(unsafe { start.add(place).read() }, in_set);
}

#[test]
fn pointers_of_views_reach_their_samples() {
    let mut samples: Vec<u8> = (0..200).collect();
    let view = PlaneView::from_slice(&samples, 10, 10, 20).rect(3, 4, 2, 3);
    // SAFETY: the sample in column 1 of row 2.
    let sample = unsafe { view.as_ptr().add(2 * view.stride() + 1).read() };
    assert_eq!(sample, 6 * 20 + 4);
    let mut view = PlaneViewMut::from_slice(&mut samples, 10, 10, 20);
    let stride = view.stride();
    // SAFETY: the sample in column 9 of row 9.
    unsafe { view.as_mut_ptr().add(9 * stride + 9).write(1) };
    assert_eq!((view.get(9, 9), samples[189]), (1, 1));
}
