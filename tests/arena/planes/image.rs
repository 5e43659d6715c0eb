//! Planes and sets as flat samples of `image`.

use frame_arena::{Arena, PlaneAlloc};
use image::flat::NormalForm;
use image::{GenericImage, GenericImageView, Luma, Rgb};

#[test]
fn a_plane_is_an_image_of_one_channel() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut plane = frame
        .plane_from_fn::<u16>(100, 50, |x, y| (x + 200 * y) as u16)
        .unwrap();
    let samples = plane.as_flat_samples().unwrap();
    assert!(samples.layout.is_normal(NormalForm::PixelPacked));
    let view = samples.as_view::<Luma<u16>>().unwrap();
    assert_eq!(view.dimensions(), (100, 50));
    assert!(
        view.pixels()
            .all(|(x, y, pixel)| u32::from(pixel.0[0]) == x + 200 * y)
    );
    let mut samples = plane.as_flat_samples_mut().unwrap();
    samples
        .as_view_mut::<Luma<u16>>()
        .unwrap()
        .put_pixel(99, 49, Luma([3]));
    assert_eq!(plane.get(99, 49), 3);
    let mut detached = frame.detach(plane).unwrap();
    let mut samples = detached.as_flat_samples_mut().unwrap();
    samples
        .as_view_mut::<Luma<u16>>()
        .unwrap()
        .put_pixel(0, 1, Luma([4]));
    let samples = detached.as_flat_samples().unwrap();
    let view = samples.as_view::<Luma<u16>>().unwrap();
    assert_eq!(
        (view.get_pixel(0, 1), view.get_pixel(99, 49)),
        (Luma([4]), Luma([3]))
    );
    let mut owned = arena.owned_frame().unwrap().owned_plane::<u16>(100, 50);
    let owned = owned.as_mut().unwrap();
    owned.set(99, 49, 6);
    let samples = owned.as_flat_samples().unwrap();
    let view = samples.as_view::<Luma<u16>>().unwrap();
    assert_eq!(view.get_pixel(99, 49), Luma([6]));
    let mut samples = owned.as_flat_samples_mut().unwrap();
    *samples.get_mut_sample(0, 1, 2).unwrap() = 8;
    assert_eq!(owned.get(1, 2), 8);
}

#[test]
fn pixels_are_images_of_their_channels() {
    let arena = Arena::new();
    let frame = arena.frame();
    let pixel = |x, y| [x as u8, y as u8, (x + y) as u8];
    let mut plane = frame.plane_from_fn(2048, 3, pixel).unwrap();
    assert_ne!(plane.stride(), 2048);
    let samples = plane.as_flat_pixels().unwrap();
    let view = samples.as_view::<Rgb<u8>>().unwrap();
    let is_pixel = |(x, y, is): (u32, u32, Rgb<u8>)| is.0 == pixel(x as usize, y as usize);
    assert!(view.pixels().all(is_pixel) && view.pixels().count() == 3 * 2048);
    let mut samples = plane.as_flat_pixels_mut().unwrap();
    samples
        .as_view_mut::<Rgb<u8>>()
        .unwrap()
        .put_pixel(2047, 2, Rgb([7, 8, 9]));
    let mut detached = frame.detach(plane).unwrap();
    let samples = detached.as_flat_pixels().unwrap();
    let view = samples.as_view::<Rgb<u8>>().unwrap();
    assert_eq!(view.get_pixel(2047, 2), Rgb([7, 8, 9]));
    let mut samples = detached.as_flat_pixels_mut().unwrap();
    samples
        .as_view_mut::<Rgb<u8>>()
        .unwrap()
        .put_pixel(0, 0, Rgb([1, 1, 1]));
    assert_eq!(detached.get(0, 0), [1, 1, 1]);
    let mut owned = arena.owned_frame().unwrap().owned_plane(2048, 3);
    let owned = owned.as_mut().unwrap();
    let mut samples = owned.as_flat_pixels_mut().unwrap();
    *samples.get_mut_sample(1, 2047, 2).unwrap() = 9u8;
    assert_eq!(owned.get(2047, 2), [0, 9, 0]);
    let samples = owned.as_flat_pixels().unwrap();
    assert_eq!(samples.get_sample(1, 2047, 2), Some(&9));
}

#[test]
fn planes_of_a_set_are_channels() {
    let arena = Arena::new();
    let frame = arena.frame();
    let sample = |plane, x, y| (plane * 70 + x + 2 * y) as u8;
    let mut set = frame.planes_from_fn(3, 30, 20, sample).unwrap();
    let samples = set.as_flat_samples().unwrap();
    assert!(!samples.layout.has_aliased_samples());
    let view = samples.as_view::<Rgb<u8>>().unwrap();
    for (x, y, pixel) in view.pixels() {
        let (x, y) = (x as usize, y as usize);
        assert_eq!(pixel.0, [0, 1, 2].map(|plane| sample(plane, x, y)));
    }
    *set.as_flat_samples_mut()
        .unwrap()
        .get_mut_sample(1, 29, 19)
        .unwrap() = 200;
    let mut one = frame.planes::<u8>(1, 30, 20).unwrap();
    let mut samples = one.as_flat_samples_mut().unwrap();
    let mut view = samples.as_view_mut::<Luma<u8>>().unwrap();
    view.put_pixel(29, 19, Luma([5]));
    assert_eq!(one.plane(0).get(29, 19), 5);
    let mut set = frame.detach_planes(set).unwrap();
    assert_eq!(set.plane(1).get(29, 19), 200);
    *set.as_flat_samples_mut()
        .unwrap()
        .get_mut_sample(2, 29, 19)
        .unwrap() = 201;
    let samples = set.as_flat_samples().unwrap();
    assert_eq!(samples.get_sample(2, 29, 19), Some(&201));
}

#[test]
fn flat_samples_have_the_bounds_of_the_crate() {
    const MOST: usize = u32::MAX as usize;
    let arena = Arena::new();
    let frame = arena.frame();
    for (count, width, height, fits) in [
        (255, 0, MOST, true),
        (256, 0, 1, false),
        (1, MOST, 0, true),
        (1, MOST + 1, 0, false),
        (1, 0, MOST + 1, false),
        (0, 5, 5, true),
    ] {
        let mut set = frame.planes::<u8>(count, width, height).unwrap();
        assert_eq!(set.as_flat_samples().is_some(), fits);
        assert_eq!(set.as_flat_samples_mut().is_some(), fits);
        let mut plane = frame.plane::<[u8; 4]>(width, height).unwrap();
        let fits = width <= MOST && height <= MOST;
        assert_eq!(plane.as_flat_samples().is_some(), fits);
        assert_eq!(plane.as_flat_pixels_mut().is_some(), fits);
    }
    assert!(
        frame
            .plane::<[u8; 512]>(2, 2)
            .unwrap()
            .as_flat_pixels()
            .is_none()
    );
}
