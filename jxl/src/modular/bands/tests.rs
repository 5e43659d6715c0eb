use frame_arena::{Arena, Plane, PlaneAlloc, PlaneViewMut, Scope};

use super::{Bands, BandsShape};
use crate::memory::Memory;
use crate::modular::header::{RctKind, SqueezeStep, Transform};
use crate::modular::testing::{Rng, Rows, rows, rows_of};
use crate::modular::{ChannelShape, Header, Layout, Palettes, Tasks, WeightedParams};

const DIM: usize = 32;

/// Random averages and residuals for the coded channels of a layout.
fn coded(layout: &Layout<'_>, limit: i32, rng: &mut Rng) -> Vec<Rows> {
    let channel = |shape: ChannelShape| rows(shape.width, shape.height, || rng.within(limit));
    layout.shapes().map(channel).collect()
}

/// Writes the rows from `first` on into the view.
fn fill(mut view: PlaneViewMut<'_, i32>, rows: &Rows, first: usize) {
    for y in 0..view.height() {
        view.row_mut(y).copy_from_slice(&rows[first + y]);
    }
}

/// The picture, with all channels undone whole.
fn whole(
    layout: &Layout<'_>,
    picture: &[ChannelShape],
    coded: &[Rows],
    scope: &Scope,
) -> Vec<Rows> {
    let kept = scope.scratch_beyond_plan();
    let memory = Memory::new(scope, &kept);
    let plane = |shape: &ChannelShape| scope.plane(shape.width, shape.height).unwrap();
    let mut planes: Vec<Plane<'_, i32>> = picture.iter().map(plane).collect();
    let views = layout.split(planes.iter_mut().map(Plane::view_mut), memory);
    for (view, rows) in views.unwrap().into_iter().zip(coded) {
        fill(view, rows, 0);
    }
    let mut bases: Vec<_> = planes.iter_mut().map(Plane::view_mut).collect();
    layout
        .invert(&mut bases, Palettes::InBases, 8, (scope, Tasks::Many))
        .unwrap();
    planes.iter().map(rows_of).collect()
}

/// The shape for the sections of a frame: small channels first, then those of LF groups, then those
/// of groups.
fn shape<'m>(
    layout: &Layout<'_>,
    picture: &[ChannelShape],
    margin: usize,
    memory: Memory<'m>,
) -> Option<BandsShape<'m>> {
    let is_large = |shape: ChannelShape| shape.width > DIM || shape.height > DIM;
    let global = layout.shapes().position(is_large);
    let global = global.unwrap_or(layout.shapes().len());
    let is_in_group = |index: usize, shape: &ChannelShape| index >= global && shape.shift() < 3;
    BandsShape::new(layout, picture, (DIM, margin, 1), is_in_group, memory).unwrap()
}

/// Compares bands with whole channels. Returns false if the channels cannot be undone by bands.
fn check(
    picture: &[ChannelShape],
    transforms: &[Transform<'_>],
    margin: usize,
    rng: &mut Rng,
) -> bool {
    let arena = Arena::new();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    let memory = Memory::new(&frame, &kept);
    let header = Header {
        use_global_tree: true,
        weighted: WeightedParams::DEFAULT,
        transforms,
    };
    let layout = Layout::new(picture, &header, memory).unwrap();
    let limit = [9, 300, 1 << 25][rng.below(3)];
    let coded = coded(&layout, limit, rng);
    let expected = whole(&layout, picture, &coded, &frame);
    let Some(shape) = shape(&layout, picture, margin, memory) else {
        return false;
    };
    let mut bands = Bands::new(&shape, &frame, memory).unwrap();
    let low = coded
        .iter()
        .enumerate()
        .filter(|(index, _)| !shape.is_in_band(*index));
    for (view, (_, rows)) in bands.low().split(memory).unwrap().into_iter().zip(low) {
        fill(view, rows, 0);
    }
    bands.low().invert(&frame).unwrap();
    let shapes: Vec<_> = layout.shapes().collect();
    let height = picture[0].height;
    let count = height.div_ceil(DIM);
    for band in 0..count {
        for (index, view) in bands.split_band(memory).unwrap() {
            fill(view, &coded[index], (DIM >> shapes[index].vshift) * band);
        }
        let finished = bands
            .invert_band(band + 1 == count, (&frame, memory))
            .unwrap();
        let (first, end) = (finished.first, finished.first + finished.rows);
        let (above, below) = (band * DIM, (band + 1) * DIM);
        assert!(band == 0 || first == above.saturating_sub(margin.max(shape.lag())));
        assert_eq!(
            end,
            if band + 1 == count {
                height
            } else {
                below - shape.lag()
            }
        );
        for (samples, expected) in bands.finished(finished).zip(&expected) {
            let rows: Rows = samples.rows().map(<[i32]>::to_vec).collect();
            assert_eq!(rows, expected[first..end], "band {band} of {picture:?}");
        }
    }
    true
}

const RCT: Transform<'static> = Transform::Rct {
    begin: 0,
    kind: RctKind {
        operation: 6,
        permutation: 2,
    },
};

#[test]
fn bands_are_parts_of_the_whole() {
    let mut rng = Rng(31);
    let sizes = [
        (40, 33),
        (90, 80),
        (65, 64),
        (100, 65),
        (64, 100),
        (31, 131),
        (130, 97),
        (9, 300),
        (97, 7),
    ];
    let mut checked = 0;
    for (width, height) in sizes {
        for margin in [0, 4, 6, 9, 20] {
            let squeeze = Transform::Squeeze(&[]);
            let one = [ChannelShape::full(width, height)];
            assert!(check(&one, &[squeeze], margin, &mut rng));
            let four = [one[0]; 4];
            checked += usize::from(check(&four, &[squeeze], margin, &mut rng));
            checked += usize::from(check(&four, &[RCT, squeeze], margin, &mut rng));
        }
    }
    assert!(checked >= 50, "{checked}");
}

#[test]
fn other_transforms_are_left_to_whole_channels() {
    let arena = Arena::new();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    let memory = Memory::new(&frame, &kept);
    let has_bands = |picture: &[ChannelShape], transforms: &[Transform<'_>]| {
        let header = Header {
            use_global_tree: true,
            weighted: WeightedParams::DEFAULT,
            transforms,
        };
        let layout = Layout::new(picture, &header, memory).unwrap();
        shape(&layout, picture, 0, memory).is_some()
    };
    let squeeze = Transform::Squeeze(&[]);
    let picture = [ChannelShape::full(90, 80); 3];
    assert!(has_bands(&picture, &[squeeze]));
    assert!(!has_bands(&picture, &[]));
    // A squeeze of residuals.
    let step = |begin: usize| SqueezeStep {
        horizontal: true,
        in_place: true,
        begin,
        count: 1,
    };
    let one = [ChannelShape::full(90, 80)];
    assert!(!has_bands(&one, &[Transform::Squeeze(&[step(0), step(1)])]));
    // Squeezes that leave nothing for groups, or everything.
    assert!(!has_bands(&[ChannelShape::full(30, 30)], &[squeeze]));
    assert!(!has_bands(&one, &[Transform::Squeeze(&[step(0)])]));
    let half = ChannelShape {
        hshift: 1,
        vshift: 1,
        ..ChannelShape::full(90, 80)
    };
    assert!(!has_bands(&[half], &[squeeze]));
}
