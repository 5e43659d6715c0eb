//! Random requests, and checks of their outcome.

#[path = "expected.rs"]
pub(crate) mod expected;
#[path = "pattern.rs"]
pub(crate) mod pattern;

use frame_arena::{
    AllocError, ArenaSnapshot, KindReport, PlaneAlloc, PlaneView, Sample, Scope, Scratch,
};

use super::driver::{Item, Outliver, World};
use super::held::{Held, Rows};
use super::stats::Requests;
use super::tape::Tape;
use expected::{Dimensions, Layout};

#[derive(Clone, Copy)]
enum Shape {
    Plane,
    PlaneSet,
    Slice,
}

#[derive(Clone, Copy, PartialEq)]
enum Fill {
    Zero,
    Stale,
    Copied,
    FromFn,
}

#[derive(Clone, Copy)]
struct Request {
    shape: Shape,
    fill: Fill,
    dimensions: Dimensions,
    tag: u32,
}

/// Calls a function that is generic over the sample type with a random one.
macro_rules! with_sample_type {
    ($tape:expr, $function:ident ( $($argument:expr),* )) => {
        match $tape.pick(8) {
            0 => $function::<u8>($($argument),*),
            1 => $function::<u16>($($argument),*),
            2 => $function::<i16>($($argument),*),
            3 => $function::<i32>($($argument),*),
            4 => $function::<u64>($($argument),*),
            5 => $function::<[u8; 3]>($($argument),*),
            6 => $function::<[u8; 31]>($($argument),*),
            _ => $function::<f32>($($argument),*),
        }
    };
}

pub(crate) fn of_scope<'s>(
    world: &mut World,
    scope: &'s Scope,
    id: usize,
    tape: &mut Tape<'_>,
    items: &mut Vec<Item<'s>>,
) {
    fn request<'s, T: Sample>(
        world: &mut World,
        scope: &'s Scope,
        id: usize,
        tape: &mut Tape<'_>,
        items: &mut Vec<Item<'s>>,
    ) {
        request_and_check::<T, _>(world, scope, id, false, tape, items);
    }
    with_sample_type!(tape, request(world, scope, id, tape, items));
}

pub(crate) fn of_scratch<'s>(
    world: &mut World,
    scratch: &'s Scratch<'_>,
    id: usize,
    tape: &mut Tape<'_>,
    items: &mut Vec<Item<'s>>,
) {
    fn request<'s, T: Sample>(
        world: &mut World,
        scratch: &'s Scratch<'_>,
        id: usize,
        tape: &mut Tape<'_>,
        items: &mut Vec<Item<'s>>,
    ) {
        request_and_check::<T, _>(world, scratch, id, true, tape, items);
    }
    with_sample_type!(tape, request(world, scratch, id, tape, items));
}

fn request_and_check<'s, T: Sample, S: PlaneAlloc>(
    world: &mut World,
    source: &'s S,
    id: usize,
    is_scratch: bool,
    tape: &mut Tape<'_>,
    items: &mut Vec<Item<'s>>,
) {
    let (request, layout) = random_request::<T>(world.tag(), tape);
    let before = world.arena.snapshot();
    let outcome = make::<T, S>(source, request, layout.is_none());
    let mut held = match (outcome, &layout) {
        (Ok(held), Some(_)) => held,
        (Err(refused), Some(layout)) => {
            return check_refusal(world, &before, refused, layout.bytes);
        }
        (outcome, None) => return check_overflow::<T>(request, outcome.err()),
    };
    let layout = layout.expect("a size that does not overflow");
    let live_bytes = match is_scratch {
        true => taken_bytes(&world.arena.snapshot()) - taken_bytes(&before),
        false => layout.bytes,
    };
    check_fill::<T>(request, &*held);
    let start = check_places(&request, &layout, &*held);
    let range = start..start + layout.bytes;
    world.stats.grant(id, range.clone(), live_bytes);
    let tag = request.tag;
    held.write(&mut |index, y, row| pattern::write(tag, index, y, row));
    items.push(Item { held, range, tag });
}

/// Bytes of blocks and runs in use.
fn taken_bytes(snapshot: &ArenaSnapshot) -> usize {
    snapshot.in_use_bytes - snapshot.record_bytes
}

fn random_request<T: Sample>(tag: u32, tape: &mut Tape<'_>) -> (Request, Option<Layout>) {
    let mut dimensions = Dimensions::random(tape);
    let shape = [Shape::Plane, Shape::PlaneSet, Shape::Slice][tape.pick(3)];
    let fill = [Fill::Zero, Fill::Stale, Fill::Copied, Fill::FromFn][tape.pick(4)];
    match shape {
        Shape::Plane => dimensions.count = 1,
        Shape::PlaneSet => {}
        Shape::Slice => {
            dimensions.count = 1;
            dimensions.width = dimensions.width.saturating_mul(dimensions.height);
            dimensions.height = 1;
        }
    }
    let layout = match shape {
        Shape::Slice => expected::slice(dimensions.width, size_of::<T>()),
        _ => expected::planes(dimensions, size_of::<T>()),
    };
    let request = Request {
        shape,
        fill,
        dimensions,
        tag,
    };
    (request, layout)
}

/// Makes a request. A request that overflows is not made from contents, which would not fit in
/// memory.
fn make<'s, T: Sample, S: PlaneAlloc>(
    source: &'s S,
    request: Request,
    overflows: bool,
) -> Result<Box<dyn Held + 's>, AllocError> {
    let Dimensions {
        count,
        width,
        height,
    } = request.dimensions;
    let tag = request.tag;
    let fill = match request.fill {
        Fill::Copied | Fill::FromFn if overflows => Fill::Zero,
        fill => fill,
    };
    match request.shape {
        Shape::Plane => {
            let plane = match fill {
                Fill::Zero => source.plane::<T>(width, height)?,
                Fill::Stale => source.stale_plane(width, height)?,
                Fill::Copied => {
                    let samples = row_by_row(tag, width, height);
                    source.copied_plane(PlaneView::from_slice(&samples, width, height, width))?
                }
                Fill::FromFn => {
                    source.plane_from_fn(width, height, |x, y| pattern::sample(tag, 0, y, x))?
                }
            };
            Ok(Box::new(plane))
        }
        Shape::PlaneSet => {
            let planes = match fill {
                Fill::Zero => source.planes::<T>(count, width, height)?,
                Fill::Stale => source.stale_planes(count, width, height)?,
                Fill::Copied | Fill::FromFn => {
                    source.planes_from_fn(count, width, height, |c, x, y| {
                        pattern::sample(tag, c, y, x)
                    })?
                }
            };
            Ok(Box::new(planes))
        }
        Shape::Slice => {
            let slice = match fill {
                Fill::Zero => source.slice::<T>(width)?,
                Fill::Stale => source.stale_slice(width)?,
                Fill::Copied => source.copied_slice(&row_by_row(tag, width, 1))?,
                Fill::FromFn => source.slice_from_fn(width, |x| pattern::sample(tag, 0, 0, x))?,
            };
            Ok(Box::new(slice))
        }
    }
}

fn row_by_row<T: Sample>(tag: u32, width: usize, height: usize) -> Vec<T> {
    let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    places.map(|(x, y)| pattern::sample(tag, 0, y, x)).collect()
}

fn check_fill<T: Sample>(request: Request, rows: &dyn Held) {
    rows.see(&mut |index, y, row| match request.fill {
        Fill::Zero => assert!(row.iter().all(|&b| b == 0), "zeros"),
        Fill::Copied | Fill::FromFn => pattern::see(request.tag, index, y, row),
        Fill::Stale if !cfg!(debug_assertions) => {}
        Fill::Stale if std::any::type_name::<T>() == "f32" => {
            let mut samples = row.chunks_exact(4);
            assert!(samples.all(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]]).is_nan()));
        }
        Fill::Stale => assert!(row.iter().all(|&b| b == 0xa5), "marked stale"),
    });
}

/// Checks the place of every row and returns the address of the first.
fn check_places(request: &Request, layout: &Layout, held: &dyn Held) -> usize {
    assert_eq!(held.stride_bytes(), layout.stride_bytes, "stride");
    let start = address(held);
    if layout.bytes > 0 {
        assert_eq!(start % 64, 0, "alignment");
    }
    let plane_bytes = layout.stride_bytes * request.dimensions.height;
    held.see(&mut |index, y, row| {
        let place = start + index * plane_bytes + y * layout.stride_bytes;
        assert!(row.is_empty() || row.as_ptr().addr() == place, "row {y}");
    });
    start
}

/// The address of the first row that has samples, or 0.
pub(crate) fn address(rows: &(impl Rows + ?Sized)) -> usize {
    let mut first = 0;
    rows.see(&mut |_, _, row| {
        if first == 0 && !row.is_empty() {
            first = row.as_ptr().addr();
        }
    });
    first
}

fn check_overflow<T>(request: Request, refused: Option<AllocError>) {
    let Dimensions {
        count,
        width,
        height,
    } = request.dimensions;
    let overflow = AllocError::SizeOverflow {
        count,
        width,
        height,
        sample_bytes: size_of::<T>(),
    };
    assert_eq!(refused, Some(overflow));
}

/// Checks that the refusal of `bytes` was right and changed nothing.
pub(crate) fn check_refusal(
    world: &World,
    before: &ArenaSnapshot,
    refused: AllocError,
    bytes: usize,
) {
    let AllocError::LimitExceeded {
        requested_bytes,
        in_use_bytes,
        limit_bytes,
    } = refused
    else {
        panic!("{refused}");
    };
    let after = world.arena.snapshot();
    let records = after.in_use_bytes - before.in_use_bytes;
    assert!(records < 8192, "records of scopes at most");
    assert!(
        requested_bytes >= bytes || requested_bytes < 8192,
        "{requested_bytes} asked"
    );
    assert_eq!(in_use_bytes, after.in_use_bytes + after.charged_bytes);
    assert_eq!(limit_bytes, before.limit_bytes);
    assert!(
        limit_bytes - in_use_bytes < requested_bytes,
        "refused what there was room for"
    );
    assert_eq!(after.live_bytes, before.live_bytes);
    assert_eq!(after.kinds, before.kinds);
}

/// Checks that hits, misses and bytes by kind sum to the requests.
///
/// A forgotten scope counts only requests of kinds for which its record has no place.
pub(crate) fn check_kinds(kinds: &[KindReport], must: &Requests, forgotten: &Requests) {
    let sum = |figure: fn(&KindReport) -> u64| kinds.iter().map(figure).sum::<u64>();
    for kind in kinds {
        assert_eq!(kind.hits + kind.misses, kind.requests, "{kind:?}");
    }
    let requests = must.count..=must.count + forgotten.count;
    assert!(requests.contains(&sum(|kind| kind.requests)), "requests");
    let bytes = must.bytes..=must.most_bytes() + forgotten.most_bytes();
    assert!(bytes.contains(&sum(|kind| kind.bytes)), "bytes requested");
    let misses = sum(|kind| kind.misses);
    let allowed = must.least_misses..=must.most_misses + forgotten.most_misses;
    assert!(
        allowed.contains(&misses),
        "{misses} misses, not {allowed:?}"
    );
}

pub(crate) fn detached_plane(world: &mut World, tape: &mut Tape<'_>) {
    fn request<T: Sample>(world: &mut World, tape: &mut Tape<'_>) {
        let mut dimensions = Dimensions::random(tape);
        let single = tape.pick(2) == 0;
        if single {
            dimensions.count = 1;
        }
        let Dimensions {
            count,
            width,
            height,
        } = dimensions;
        let before = world.arena.snapshot();
        let outcome = match single {
            true => world
                .arena
                .detached_plane::<T>(width, height)
                .map(|plane| Box::new(plane) as Box<dyn Rows>),
            false => world
                .arena
                .detached_planes::<T>(count, width, height)
                .map(|planes| Box::new(planes) as Box<dyn Rows>),
        };
        let layout = expected::planes(dimensions, size_of::<T>());
        let mut rows = match (outcome, &layout) {
            (Ok(rows), Some(_)) => rows,
            (Err(refused), Some(layout)) => {
                return check_refusal(world, &before, refused, layout.bytes);
            }
            (outcome, None) => {
                return assert!(matches!(
                    outcome.err(),
                    Some(AllocError::SizeOverflow { .. })
                ));
            }
        };
        rows.see(&mut |_, _, row| assert!(row.iter().all(|&b| b == 0), "zeros"));
        let start = address(&*rows);
        let range = start..start + layout.map_or(0, |layout| layout.bytes);
        world.stats.grant_detached(range.clone());
        let tag = world.tag();
        rows.write(&mut |index, y, row| pattern::write(tag, index, y, row));
        world.detached.push(Outliver { rows, range, tag });
    }
    with_sample_type!(tape, request(world, tape));
}
