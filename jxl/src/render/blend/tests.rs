use frame_arena::{Arena, PlaneAlloc, Spec};

use super::{BlendRow, Blender, ExtraKind, Mode, Rule};

const KEEP: Rule = rule(Mode::Keep);

const fn rule(mode: Mode) -> Rule {
    Rule {
        mode,
        is_below: false,
        clamps: false,
        alpha: 0,
    }
}

/// Blends one pixel of a color and two extra channels, of which the first is alpha of this kind.
fn blend(kind: ExtraKind, rules: [Rule; 3], old: [f32; 3], new: [f32; 3]) -> [f32; 3] {
    let arena = Arena::new();
    let frame = arena.frame();
    let scratch = frame.scratch();
    let kinds = [kind, ExtraKind::Other];
    let mut blender = Blender::new(
        &kinds,
        Blender::spec(kinds.len(), 4).open(&scratch).unwrap(),
    );
    let mut colors = [[old[0]]; 3];
    // The row of the extra channels has other columns around.
    let mut extra = frame.plane_from_fn(3, 2, |_, y| old[1 + y]).unwrap();
    let [r, g, b] = &mut colors;
    let mut row = BlendRow {
        color: [r, g, b],
        extra: extra.view_mut(),
        first: 1,
    };
    let new = new.map(|sample| [sample]);
    blender.blend(&mut row, &rules, |channel| &new[channel.saturating_sub(2)]);
    assert_eq!(colors[0], colors[1]);
    assert_eq!(colors[0], colors[2]);
    for (index, row) in extra.rows().enumerate() {
        assert_eq!([row[0], row[2]], [old[1 + index]; 2], "columns around");
    }
    [colors[0][0], extra.row(0)[1], extra.row(1)[1]]
}

#[test]
fn modes_without_alpha_take_sums_and_products() {
    let (old, new) = ([0.5, 0.25, 3.0], [2.0, -0.5, 0.125]);
    let run = |mode| blend(ExtraKind::Alpha, [rule(mode); 3], old, new);
    assert_eq!(run(Mode::Keep), old);
    assert_eq!(run(Mode::Replace), new);
    assert_eq!(run(Mode::Add), [2.5, -0.25, 3.125]);
    assert_eq!(run(Mode::Mul), [1.0, -0.125, 0.375]);
    let clamped = Rule {
        clamps: true,
        ..rule(Mode::Mul)
    };
    assert_eq!(
        blend(ExtraKind::Alpha, [clamped; 3], old, new),
        [0.5, 0.0, 0.375]
    );
    let below = Rule {
        is_below: true,
        ..clamped
    };
    assert_eq!(
        blend(ExtraKind::Alpha, [below; 3], old, new),
        [1.0, -0.125, 0.125]
    );
}

/// Alpha of a half over alpha of a half gives three quarters, of which two thirds show the upper
/// color.
#[test]
fn colors_cover_by_their_alpha() {
    let over = rule(Mode::Blend);
    let (old, new) = ([0.0, 0.5, 6.0], [0.75, 0.5, 3.0]);
    assert_eq!(
        blend(ExtraKind::Alpha, [over; 3], old, new),
        [0.5, 0.75, 4.0]
    );
    let premultiplied = blend(ExtraKind::PremultipliedAlpha, [over; 3], old, new);
    assert_eq!(premultiplied, [0.75, 0.75, 6.0]);
    let under = Rule {
        is_below: true,
        ..over
    };
    assert_eq!(
        blend(ExtraKind::Alpha, [under; 3], old, new),
        [0.25, 0.75, 5.0]
    );
    // Covering colors cover alpha, whatever the rule of alpha is.
    assert_eq!(
        blend(ExtraKind::Alpha, [over, KEEP, KEEP], old, new),
        [0.5, 0.75, 6.0]
    );
    let nothing = blend(
        ExtraKind::Alpha,
        [over; 3],
        [1.0, 0.0, 1.0],
        [1.0, 0.0, 1.0],
    );
    assert_eq!(nothing, [0.0; 3]);
}

#[test]
fn clamped_alpha_is_at_most_opaque() {
    let over = Rule {
        clamps: true,
        ..rule(Mode::Blend)
    };
    let (old, new) = ([0.25, 0.5, 1.0], [0.5, 2.0, 3.0]);
    assert_eq!(
        blend(ExtraKind::Alpha, [over; 3], old, new),
        [0.5, 1.0, 3.0]
    );
    let free = blend(ExtraKind::Alpha, [rule(Mode::Blend); 3], old, new);
    // (0.5 * 2 - 0.25 * 0.5) / 1.5 and so on.
    assert_eq!(free, [0.875 / 1.5, 1.5, 5.5 / 1.5]);
}

#[test]
fn weighted_sums_leave_the_lower_alpha() {
    let over = rule(Mode::MulAdd);
    let (old, new) = ([0.5, 0.25, 1.0], [2.0, 0.5, 4.0]);
    assert_eq!(
        blend(ExtraKind::Alpha, [over; 3], old, new),
        [1.5, 0.25, 3.0]
    );
    let under = Rule {
        is_below: true,
        ..over
    };
    assert_eq!(
        blend(ExtraKind::Alpha, [under; 3], old, new),
        [2.125, 0.5, 4.25]
    );
}

#[test]
fn without_alpha_covering_replaces_and_weights_are_one() {
    let (old, new) = ([0.5, 0.25, 1.0], [2.0, 0.5, 4.0]);
    let run = |mode, is_below| {
        let colors = Rule {
            is_below,
            ..rule(mode)
        };
        blend(ExtraKind::Other, [colors, KEEP, KEEP], old, new)[0]
    };
    assert_eq!(run(Mode::Blend, false), 2.0);
    assert_eq!(run(Mode::Blend, true), 0.5);
    assert_eq!(run(Mode::MulAdd, false), 2.5);
    assert_eq!(run(Mode::MulAdd, true), 2.5);
}
