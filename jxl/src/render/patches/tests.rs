use frame_arena::Arena;

use super::coded::{Place, SourceRect};
use super::{CodedPatches, Patches};
use crate::Error;
use crate::grid::Size;
use crate::memory::Memory;
use crate::render::blend::{Mode, Rule};
use crate::render::reference::Reference;

const REPLACE: Rule = Rule {
    mode: Mode::Replace,
    is_below: false,
    clamps: false,
    alpha: 0,
};

/// A reference of three colors.
fn reference(arena: &Arena, (width, height): (usize, usize), is_coded: bool) -> Reference {
    let planes = arena.detached_planes(3, width, height).unwrap();
    Reference::new(planes, 3, is_coded)
}

/// A rectangle of slot 1.
fn source(x: u32, y: u32, width: u64, height: u64) -> SourceRect {
    SourceRect {
        slot: 1,
        x,
        y,
        width,
        height,
    }
}

fn coded<'m>(memory: Memory<'m>, source: SourceRect, places: &[(u32, u32)]) -> CodedPatches<'m> {
    let places = places.iter().map(|&(x, y)| Place { source: 0, x, y });
    CodedPatches::new(memory, &[source], &places.collect::<Vec<_>>(), REPLACE)
}

/// The error for a frame of 50 x 40, if any; slot 1 holds a reference of 20 x 10.
fn error(source: SourceRect, places: &[(u32, u32)]) -> Option<Error> {
    let arena = Arena::new();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    let coded = coded(Memory::new(&frame, &kept), source, places);
    let reference = reference(&arena, (20, 10), true);
    let references = [None, Some(&reference), None, None];
    Patches::new(&frame, &coded, references, Size::new(50, 40), 0, true).err()
}

#[test]
fn patches_lie_in_reference_and_frame() {
    assert!(error(source(0, 0, 20, 10), &[(0, 0), (30, 30)]).is_none());
    // Frames are padded to blocks.
    assert!(error(source(0, 0, 20, 10), &[(36, 30)]).is_none());
    assert!(error(source(0, 0, 6, 10), &[(50, 0)]).is_none());
    let far = u32::MAX;
    for (source, place) in [
        (source(1, 0, 20, 10), (0, 0)),
        (source(0, 1, 20, 10), (0, 0)),
        (source(far, 0, 1, 1), (0, 0)),
        (source(0, far, 1, 1), (0, 0)),
        (source(0, 0, 1 << 32, 1), (0, 0)),
        (source(0, 0, 20, 10), (37, 0)),
        (source(0, 0, 20, 10), (0, 31)),
        (source(0, 0, 1, 1), (far, 0)),
        (source(0, 0, 1, 1), (0, far)),
    ] {
        assert!(matches!(error(source, &[place]), Some(Error::Corrupt(_))));
    }
}

#[test]
fn references_are_there_and_in_the_colors_of_the_frame() {
    for slot in [0, 2, 3, 4, u64::MAX] {
        let source = SourceRect {
            slot,
            ..source(0, 0, 1, 1)
        };
        assert!(matches!(error(source, &[(0, 0)]), Some(Error::Corrupt(_))));
    }
    let arena = Arena::new();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    let coded = coded(Memory::new(&frame, &kept), source(0, 0, 1, 1), &[(0, 0)]);
    for (is_kept_coded, is_coded) in [(false, true), (true, false)] {
        let reference = reference(&arena, (20, 10), is_kept_coded);
        let references = [None, Some(&reference), None, None];
        let patches = Patches::new(&frame, &coded, references, Size::new(50, 40), 0, is_coded);
        assert!(patches.is_err());
    }
}

#[test]
fn samples_of_patches_count_for_each_place_and_channel() {
    let arena = Arena::new();
    let frame = arena.frame();
    let reference = reference(&arena, (2000, 2000), true);
    let references = [None, Some(&reference), None, None];
    let kept = frame.scratch_beyond_plan();
    let coded = coded(
        Memory::new(&frame, &kept),
        source(0, 0, 2000, 2000),
        &[(0, 0); 100],
    );
    let patches = Patches::new(&frame, &coded, references, Size::square(2000), 0, true).unwrap();
    assert_eq!(patches.samples(), 100 * 2000 * 2000 * 3);
}
