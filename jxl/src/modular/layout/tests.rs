use frame_arena::{Arena, Plane, PlaneAlloc};

use super::Layout;
use crate::Error;
use crate::memory::Memory;
use crate::modular::header::{PaletteParams, RctKind, SqueezeStep, Transform};
use crate::modular::{ChannelShape, Header, Predictor, WeightedParams};

fn layout<'m>(
    picture: &[ChannelShape],
    transforms: &[Transform<'_>],
    memory: Memory<'m>,
) -> Result<Layout<'m>, Error> {
    let header = Header {
        use_global_tree: true,
        weighted: WeightedParams::DEFAULT,
        transforms,
    };
    Layout::new(picture, &header, memory)
}

/// Runs `work` with memory of a new arena.
fn with_memory(work: impl FnOnce(Memory<'_>)) {
    let arena = Arena::new();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    work(Memory::new(&frame, &kept));
}

fn palette(begin: usize, count: usize) -> Transform<'static> {
    Transform::Palette(PaletteParams {
        begin,
        count,
        colors: 7,
        deltas: 0,
        predictor: Predictor::ZERO,
    })
}

fn step(horizontal: bool, in_place: bool, begin: usize, count: usize) -> [SqueezeStep; 1] {
    [SqueezeStep {
        horizontal,
        in_place,
        begin,
        count,
    }]
}

fn sizes(layout: &Layout<'_>) -> Vec<(usize, usize, i32, i32)> {
    let size = |s: ChannelShape| (s.width, s.height, s.hshift, s.vshift);
    layout.shapes().map(size).collect()
}

#[test]
fn a_palette_stands_first_and_its_index_for_its_channels() {
    with_memory(|memory| {
        let picture = [ChannelShape::full(10, 6); 4];
        let layout = layout(&picture, &[palette(1, 3), palette(1, 1)], memory).unwrap();
        let full = (10, 6, 0, 0);
        assert_eq!(sizes(&layout), [(7, 1, -1, -1), (7, 3, -1, -1), full, full]);
        assert_eq!(layout.meta_count(), 2);
        assert_eq!(layout.palettes(), [(7, 3), (7, 1)]);
        assert!(layout.is_pointwise());
    });
}

#[test]
fn a_palette_of_a_palette_is_not_pointwise() {
    with_memory(|memory| {
        let picture = [ChannelShape::full(10, 6); 3];
        let layout = layout(&picture, &[palette(0, 3), palette(0, 1)], memory).unwrap();
        assert_eq!(layout.meta_count(), 2);
        assert!(!layout.is_pointwise());
    });
}

#[test]
fn default_squeeze_is_that_of_the_standard() {
    with_memory(|memory| {
        let picture = [ChannelShape::full(20, 9); 3];
        let layout = layout(&picture, &[Transform::Squeeze(&[])], memory).unwrap();
        // Chroma is halved both ways first, its residuals go last; then all that is left is halved,
        // across, down and across again, until 8 x 8 hold the first channel.
        let expected = [
            (5, 5, 2, 1),
            (3, 3, 3, 2),
            (3, 3, 3, 2),
            (5, 5, 2, 1),
            (2, 3, 3, 2),
            (2, 3, 3, 2),
        ];
        assert_eq!(sizes(&layout)[..6], expected);
        let samples: u64 = layout.shapes().map(|shape| shape.samples()).sum();
        assert_eq!(samples, 3 * 20 * 9);
    });
}

#[test]
fn default_squeeze_of_a_square_halves_its_height_first() {
    with_memory(|memory| {
        let picture = [ChannelShape::full(16, 16)];
        let layout = layout(&picture, &[Transform::Squeeze(&[])], memory).unwrap();
        assert_eq!(sizes(&layout), [(8, 8, 1, 1), (8, 8, 1, 1), (16, 8, 0, 1)]);
    });
}

#[test]
fn residuals_go_where_the_step_says() {
    with_memory(|memory| {
        let picture = [ChannelShape::full(9, 4); 2];
        let full = (9, 4, 0, 0);
        let in_place = layout(
            &picture,
            &[Transform::Squeeze(&step(true, true, 0, 1))],
            memory,
        )
        .unwrap();
        assert_eq!(sizes(&in_place), [(5, 4, 1, 0), (4, 4, 1, 0), full]);
        let at_end = layout(
            &picture,
            &[Transform::Squeeze(&step(false, false, 0, 1))],
            memory,
        )
        .unwrap();
        assert_eq!(sizes(&at_end), [(9, 2, 0, 1), full, (9, 2, 0, 1)]);
    });
}

#[test]
fn views_of_coded_channels_share_no_sample() {
    with_memory(|memory| {
        let picture = [ChannelShape::full(21, 13); 3];
        let transforms = [palette(0, 2), Transform::Squeeze(&[])];
        let layout = layout(&picture, &transforms, memory).unwrap();
        let arena = Arena::new();
        let frame = arena.frame();
        let sizes = picture.iter().map(|shape| (shape.width, shape.height));
        let mut planes: Vec<Plane<'_, i32>> = sizes
            .chain(layout.palettes().iter().copied())
            .map(|(width, height)| frame.plane(width, height).unwrap())
            .collect();
        let views = layout
            .split(planes.iter_mut().map(Plane::view_mut), memory)
            .unwrap();
        for (mut view, shape) in views.into_iter().zip(layout.shapes()) {
            assert_eq!((view.width(), view.height()), (shape.width, shape.height));
            for y in 0..view.height() {
                view.row_mut(y).iter_mut().for_each(|sample| *sample += 1);
            }
        }
        let written = |plane: &Plane<'_, i32>| plane.rows().flatten().all(|&sample| sample == 1);
        // All but the second channel of the palette, which is made from the index.
        assert_eq!(
            planes.iter().map(written).collect::<Vec<_>>(),
            [true, false, true, true]
        );
    });
}

#[test]
fn transforms_that_do_not_fit_are_refused() {
    with_memory(|memory| {
        let picture = [ChannelShape::full(8, 8); 2];
        let wrong = [
            palette(0, 3),
            palette(9000, 1),
            Transform::Squeeze(&step(true, true, 1, 2)),
            Transform::Rct {
                begin: 0,
                kind: RctKind {
                    operation: 1,
                    permutation: 0,
                },
            },
        ];
        for transform in wrong {
            assert!(layout(&picture, &[transform], memory).is_err());
        }
        let sizes_differ = &[Transform::Squeeze(&step(true, true, 0, 1)), palette(0, 3)];
        assert!(layout(&picture, sizes_differ, memory).is_err());
        let mixed = &[palette(0, 1), palette(0, 2)];
        assert!(layout(&[ChannelShape::full(7, 1); 2], mixed, memory).is_err());
        let empty = [ChannelShape::full(0, 8)];
        assert!(
            layout(
                &empty,
                &[Transform::Squeeze(&step(true, true, 0, 1))],
                memory
            )
            .is_err()
        );
        let halves = step(true, true, 0, 1);
        let endless = [Transform::Squeeze(&halves); 40];
        assert!(layout(&picture, &endless, memory).is_err());
    });
}
