//! Planes as images of `imgref`.

use frame_arena::{Arena, PlaneAlloc};

#[test]
fn an_image_has_the_samples_of_its_plane() {
    let arena = Arena::new();
    let frame = arena.frame();
    for (width, height) in [(100, 50), (64, 3), (1, 70), (1000, 1)] {
        let sample = |x, y| (x * 3 + y * 1000) as u32;
        let mut plane = frame.plane_from_fn(width, height, sample).unwrap();
        let image = plane.as_imgref().unwrap();
        assert_eq!((image.width(), image.height()), (width, height));
        assert_eq!(image.stride(), plane.stride());
        assert!(image.rows().eq(plane.rows()));
        let mut image = plane.as_imgref_mut().unwrap();
        let last = (width as u32 - 1, height as u32 - 1);
        image[last] = 7;
        image.rows_mut().for_each(|row| row[0] += 1);
        let corner = 7 + u32::from(width == 1);
        assert_eq!(plane.get(width - 1, height - 1), corner);
        assert_eq!(plane.get(0, 0), sample(0, 0) + 1);
        let mut detached = frame.detach(plane).unwrap();
        assert!(detached.as_imgref().unwrap().rows().eq(detached.rows()));
        detached.as_imgref_mut().unwrap()[last] = 9;
        assert_eq!(detached.get(width - 1, height - 1), 9);
        let mut owned = arena.owned_frame().unwrap().owned_plane(width, height);
        let owned = owned.as_mut().unwrap();
        owned.as_imgref_mut().unwrap()[last] = 5u32;
        assert_eq!(owned.get(width - 1, height - 1), 5);
        assert!(owned.as_imgref().unwrap().rows().eq(owned.rows()));
    }
}

#[test]
fn images_have_the_bounds_of_the_crate() {
    const MOST: usize = u32::MAX as usize;
    let arena = Arena::new();
    let frame = arena.frame();
    for (width, height) in [(0, MOST), (MOST, 0), (0, 0)] {
        let mut plane = frame.plane::<u16>(width, height).unwrap();
        let image = plane.as_imgref().unwrap();
        assert_eq!((image.width(), image.height()), (width, height));
        assert_eq!(image.pixels().count(), 0);
        assert!(plane.as_imgref_mut().is_some());
    }
    for (width, height) in [(0, MOST + 1), (MOST + 1, 0)] {
        let mut plane = frame.plane::<u16>(width, height).unwrap();
        assert!(plane.as_imgref().is_none() && plane.as_imgref_mut().is_none());
    }
}
