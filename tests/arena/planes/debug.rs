//! Planes and views print their dimensions, and none of their samples.

use frame_arena::{Arena, DetachedPlane, Plane, PlaneAlloc, PlaneSource, Scope, TileGrid};

/// Structures of a user derive it.
#[derive(Debug)]
#[allow(dead_code)]
struct Decoder<'f> {
    arena: Arena,
    luma: Plane<'f, f32>,
    reference: DetachedPlane<u8>,
}

#[test]
fn structures_that_hold_planes_derive_debug() {
    let arena = Arena::builder().limit_bytes(1 << 20).build();
    let frame = arena.frame();
    let decoder = Decoder {
        arena: arena.clone(),
        luma: frame.plane(10, 20).unwrap(),
        reference: arena.detached_plane(100, 3).unwrap(),
    };
    let text = format!("{decoder:?}");
    assert!(text.contains("luma: Plane { width: 10, height: 20, stride: 16, .. }"));
    assert!(text.contains("reference: DetachedPlane { width: 100, height: 3, stride: 128, .. }"));
    assert!(text.contains("limit_bytes: 1048576"), "{text}");
}

#[test]
fn refusals_are_unwrapped() {
    let arena = Arena::builder().limit_bytes(4096).build();
    let frame = arena.frame();
    let refused = frame.plane::<u8>(1000, 1000).unwrap_err();
    assert!(refused.to_string().contains("memory limit"));
    assert!(arena.detached_planes::<u8>(3, 1000, 1000).is_err());
}

#[test]
fn sets_and_views_print_their_dimensions() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut set = frame.planes::<u16>(3, 40, 7).unwrap();
    let dimensions = "count: 3, width: 40, height: 7, stride: 64, .. }";
    assert_eq!(format!("{set:?}"), format!("PlaneSet {{ {dimensions}"));
    let detached = arena.detached_planes::<u16>(3, 40, 7).unwrap();
    let text = format!("{detached:?}");
    assert_eq!(text, format!("DetachedPlaneSet {{ {dimensions}"));
    let text = format!("{:?}", set.view_mut());
    assert_eq!(text, format!("PlaneSetViewMut {{ {dimensions}"));
    let plane = "width: 40, height: 7, stride: 64, .. }";
    assert_eq!(
        format!("{:?}", set.plane(0)),
        format!("PlaneView {{ {plane}")
    );
    let text = format!("{:?}", set.plane_mut(0));
    assert_eq!(text, format!("PlaneViewMut {{ {plane}"));
    let mut rows = set.plane(0).rows();
    rows.next();
    let text = format!("{rows:?}");
    assert_eq!(
        text,
        format!("Rows {{ view: PlaneView {{ {plane}, left: 1..7 }}")
    );
    let text = format!("{:?}", set.plane_mut(0).rows_mut());
    assert!(text.starts_with("RowsMut { view: PlaneViewMut {"), "{text}");
    let text = format!("{:?}", set.tiles(TileGrid::new(16, 16)));
    assert!(
        text.starts_with("Tiles { whole: PlaneSetViewMut {"),
        "{text}"
    );
}

/// Scopes and scratch as one type, chosen when the program runs.
#[test]
fn sources_are_trait_objects() {
    fn width(source: &(dyn PlaneSource + '_), sizes: (usize, usize)) -> usize {
        let plane = source.stale_plane::<f32>(sizes.0, sizes.1).unwrap();
        let line = source.slice::<i16>(plane.width()).unwrap();
        line.len()
    }
    let arena = Arena::new();
    let frame = arena.frame();
    let (scope, scratch): (&Scope, _) = (&frame, frame.scratch());
    let sources: [&dyn PlaneSource; 2] = [scope, &scratch];
    assert_eq!(sources.map(|source| width(source, (8, 8))), [8, 8]);
    assert_eq!(frame.report().requests, 2);
}
