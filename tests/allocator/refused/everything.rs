//! Refuses each request to the global allocator in turn, for each kind of memory that an arena
//! grants.

use std::fmt::Debug;

use frame_arena::{
    AllocError, Arena, FramePlan, PictureLayout, PlanRequest, PlaneAlloc, RawLayout,
};

use super::odd::{refuse_after, refuse_nothing, still_granted};
use super::{arena, assert_nothing_held};

/// More than any of the work here requests.
const ENOUGH: usize = 1 << 20;

/// Work ended early by a refusal of the system, the only expected error.
#[derive(Debug, PartialEq)]
struct Refused;

impl From<AllocError> for Refused {
    fn from(refused: AllocError) -> Self {
        assert!(matches!(refused, AllocError::System { .. }), "{refused}");
        Self
    }
}

type Work = fn(&Arena) -> Result<(), Refused>;

/// Runs `work` in new arenas in which each request is refused in turn, and all after it. Returns
/// the number of refusals.
///
/// A refusal must lose nothing: afterwards the same arena does the work.
fn refuse_each(name: &str, limit_bytes: usize, work: Work) -> usize {
    let builder = arena()
        .block_bytes(16 << 10)
        .scratch_block_bytes(8 << 10)
        .limit_bytes(limit_bytes);
    for granted in 0..ENOUGH {
        let arena = builder.build();
        refuse_after(granted);
        let outcome = work(&arena);
        let is_used_up = still_granted() == 0;
        refuse_nothing();
        assert_nothing_held(&arena.snapshot());
        assert!(is_used_up || outcome.is_ok(), "{name}: {granted} granted");
        work(&arena).unwrap_or_else(|Refused| panic!("{name}: refused without reason"));
        assert_nothing_held(&arena.snapshot());
        arena.trim();
        assert_eq!(arena.snapshot().retained_bytes, 0);
        if outcome.is_ok() {
            return granted;
        }
    }
    panic!("{name} never gets enough")
}

fn owned_frames(arena: &Arena) -> Result<(), Refused> {
    let frame = arena.owned_frame()?;
    let mut plane = frame.owned_plane::<u16>(300, 40)?;
    plane.view_mut().fill(5);
    let stage = frame.owned_stage("stage")?;
    let mut planes = stage.owned_planes::<u8>(3, 200, 100)?;
    planes.plane_mut(2).fill(6);
    drop(frame);
    let slice = stage.owned_slice::<u64>(4000)?;
    let inner = stage.owned_stage("inner")?;
    drop(stage);
    let scratch = inner.scratch();
    let part = scratch.slice_from_fn::<u8>(5000, |i| i as u8)?;
    assert_eq!(part[4999], 4999usize as u8);
    drop(scratch);
    drop(inner);
    let detached = plane.detach()?;
    assert!(detached.rows().flatten().all(|&sample| sample == 5));
    assert!(planes.plane(2).rows().flatten().all(|&sample| sample == 6));
    assert!(slice.iter().all(|&value| value == 0));
    Ok(())
}

fn pictures(arena: &Arena) -> Result<(), Refused> {
    let layout = PictureLayout::yuv420(120, 70).border(16);
    let frame = arena.frame();
    let stage = frame.stage("stage");
    let mut inside = stage.picture::<u8>(&layout)?;
    inside.plane_mut(1).fill(9);
    inside.extend_borders();
    let scratch = frame.scratch();
    assert!(scratch.stale_picture::<u8>(&layout)?.plane(2).height() == 35);
    let detached = stage.detach_picture(inside)?;
    let mut other = arena.stale_detached_picture::<u16>(&layout)?;
    other.plane_mut(0).fill(1);
    let whole = detached.plane_with_border(1);
    assert!(whole.rows().flatten().all(|&sample| sample == 9));
    assert!(other.plane(0).rows().flatten().all(|&sample| sample == 1));
    Ok(())
}

fn shared_pictures(arena: &Arena) -> Result<(), Refused> {
    let layout = PictureLayout::yuv444(90, 50).alpha();
    let mut kept: [_; 4] = Default::default();
    for index in 0..4u8 {
        let mut picture = arena.detached_picture::<u8>(&layout)?;
        picture.plane_mut(3).fill(index);
        let mut plane = arena.stale_detached_plane::<u16>(70, 30)?;
        plane.fill(u16::from(index));
        let (picture, plane) = (picture.into_shared(), plane.into_shared());
        let other = (picture.clone(), plane.clone());
        assert!(plane.try_unwrap().is_err() && picture.is_same(&other.0));
        kept[usize::from(index)] = Some(other);
    }
    for (index, (picture, plane)) in kept.iter().flatten().enumerate() {
        assert_eq!(picture.plane(3).get(89, 49), index as u8);
        assert_eq!(plane.view().get(69, 29), index as u16);
    }
    Ok(())
}

fn raw_buffers(arena: &Arena) -> Result<(), Refused> {
    let mut kept = Vec::with_capacity(8);
    for index in 0..5u8 {
        let layout = RawLayout::new(1000 << index).padding_bytes(64);
        let mut buffer = arena.raw_buffer(layout.align_bytes(256))?;
        assert!(buffer.as_slice().iter().all(|&byte| byte == 0));
        buffer.as_mut_slice().fill(index);
        kept.push(buffer);
        drop(arena.stale_raw_buffer(layout)?);
    }
    for (index, buffer) in kept.iter().enumerate() {
        assert!(buffer.as_slice().iter().all(|&byte| byte == index as u8));
    }
    Ok(())
}

/// Work in a share, whose own record is taken before anything is refused.
fn of_a_share(own: &Arena) -> Result<(), Refused> {
    let frame = own.frame();
    let slice = frame.slice_from_fn::<u8>(30_000, |i| i as u8)?;
    let scratch = frame.scratch();
    let part = scratch.copied_slice(&slice[..6000])?;
    let plane = own.detached_plane::<u32>(200, 60)?;
    assert_eq!(part, &slice[..6000]);
    assert_eq!(plane.get(199, 59), 0);
    owned_frames(own)?;
    raw_buffers(own)
}

fn shares(arena: &Arena) -> Result<(), Refused> {
    let (first, second) = (arena.share(1 << 20)?, arena.share(2 << 20)?);
    of_a_share(&first)?;
    of_a_share(&second)
}

fn allotted_shares(arena: &Arena) -> Result<(), Refused> {
    let own = arena.allot(2 << 20)?;
    of_a_share(&own)
}

#[test]
fn owned_frames_lose_nothing() {
    for limit_bytes in [usize::MAX, 8 << 20] {
        assert!(refuse_each("owned frames", limit_bytes, owned_frames) > 8);
    }
}

#[test]
fn pictures_lose_nothing() {
    for limit_bytes in [usize::MAX, 8 << 20] {
        assert!(refuse_each("pictures", limit_bytes, pictures) > 5);
        assert!(refuse_each("shared pictures", limit_bytes, shared_pictures) > 8);
    }
}

#[test]
fn raw_buffers_lose_nothing() {
    for limit_bytes in [usize::MAX, 8 << 20] {
        assert!(refuse_each("raw buffers", limit_bytes, raw_buffers) > 5);
    }
}

#[test]
fn shares_lose_nothing() {
    for limit_bytes in [usize::MAX, 8 << 20] {
        assert!(refuse_each("shares", limit_bytes, shares) > 10);
        assert!(refuse_each("allotted shares", 8 << 20, allotted_shares) > 10);
    }
}

#[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04"))]
mod collections {
    #[cfg(feature = "allocator-api2-02")]
    use allocator_api2_02 as api;
    #[cfg(not(feature = "allocator-api2-02"))]
    use allocator_api2_04 as api;

    use api::alloc::Allocator;
    use api::collections::TryReserveError;
    use api::vec::Vec;

    use super::*;

    impl From<TryReserveError> for Refused {
        fn from(_: TryReserveError) -> Self {
            Self
        }
    }

    fn fill<A: Allocator + Copy>(memory: A) -> Result<(), Refused> {
        let mut large: Vec<(u8, u64), A> = Vec::new_in(memory);
        let mut small: [Vec<u8, A>; 3] = [(); 3].map(|()| Vec::new_in(memory));
        let mut outcome = Ok(());
        for index in 0..6000u64 {
            let list = &mut small[index as usize % 3];
            let reserved = large.try_reserve(1).and_then(|()| list.try_reserve(1));
            outcome = reserved.map_err(Refused::from);
            if outcome.is_err() {
                break;
            }
            large.push((index as u8, !index));
            list.push(index as u8);
        }
        let mut pairs = (0..).zip(&large);
        assert!(pairs.all(|(index, &pair)| pair == (index as u8, !index)));
        large.truncate(100);
        // A vector that cannot shrink aborts, so this must not fail even if nothing is granted.
        large.shrink_to_fit();
        let mut pairs = (0..).zip(&large);
        assert!(pairs.all(|(index, &pair)| pair == (index as u8, !index)));
        outcome
    }

    fn lists(arena: &Arena) -> Result<(), Refused> {
        let frame = arena.frame();
        fill(&*frame)?;
        let stage = frame.stage("stage");
        let plane = stage.stale_plane::<u8>(300, 50)?;
        let scratch = stage.scratch();
        fill(&scratch)?;
        assert_eq!(plane.width(), 300);
        Ok(())
    }

    #[test]
    fn collections_lose_nothing() {
        for limit_bytes in [usize::MAX, 8 << 20] {
            assert!(refuse_each("collections", limit_bytes, lists) > 10);
        }
    }
}

/// Runs `request` with fewer and fewer refusals until it succeeds, and checks that each refusal
/// changed nothing.
fn refuse_each_request<T, E: Debug>(
    arena: &Arena,
    request: impl Fn() -> Result<T, E>,
) -> (usize, T) {
    let mut requests = 0;
    // The first makes the tables of the arena too, which stay.
    for _ in 0..2 {
        refuse_after(ENOUGH);
        let made = request().expect("memory");
        requests = ENOUGH - still_granted();
        refuse_nothing();
        drop(made);
        arena.trim();
    }
    let before = arena.snapshot();
    for granted in 0..requests {
        refuse_after(granted);
        let outcome = request().map(drop);
        refuse_nothing();
        assert!(outcome.is_err(), "{granted} of {requests} granted");
        arena.trim();
        let after = arena.snapshot();
        assert_eq!(after.in_use_bytes, before.in_use_bytes);
        assert_eq!(after.live_bytes, before.live_bytes);
        assert_eq!((after.retained_bytes, after.charged_bytes), (0, 0));
    }
    (requests, request().expect("memory"))
}

#[test]
fn reserves_lose_nothing() {
    for limit_bytes in [usize::MAX, 1 << 20] {
        let builder = arena().block_bytes(16 << 10).scratch_block_bytes(8 << 10);
        let arena = builder.limit_bytes(limit_bytes).build();
        let mut plan = FramePlan::new(&arena);
        plan.frame(|frame| {
            for bytes in [100, 9000, 50_000, 200_000] {
                frame.bytes(bytes)?;
            }
            frame.stage("stage", |stage| stage.bytes(30_000))?;
            frame.stage("stage", |stage| stage.bytes(3000))
        })
        .expect("a plan");
        let (refusals, reserved) = refuse_each_request(&arena, || arena.reserve(&plan));
        assert!(refusals > 6, "{refusals}");
        // With a limit, the promise of a refused reserve is available again.
        assert!(arena.snapshot().in_use_bytes >= plan.held_bytes());
        refuse_after(0);
        {
            let frame = reserved.frame();
            for bytes in [100, 9000, 50_000, 200_000] {
                assert!(frame.slice::<u8>(bytes).is_ok());
            }
            for bytes in [30_000, 3000] {
                assert!(frame.stage("stage").slice::<u8>(bytes).is_ok());
            }
        }
        refuse_nothing();
        drop(reserved);
        assert_nothing_held(&arena.snapshot());
        let whole = limit_bytes.min(1 << 30);
        assert!(arena.frame().charge(whole).is_ok(), "nothing is promised");
    }
}

#[test]
fn a_refusal_in_an_allotted_share_leaves_its_promise() {
    let arena = arena().limit_bytes(4 << 20).build();
    let own = arena.allot(3 << 20).expect("room");
    for granted in 0..6 {
        refuse_after(granted);
        let outcome = of_a_share(&own);
        refuse_nothing();
        assert!(outcome.is_err());
        assert!(arena.frame().charge((1 << 20) + 1).is_err(), "promised");
        assert!(arena.frame().charge(1 << 20).is_ok());
        assert!(own.frame().charge(3 << 20).is_ok(), "all of it");
    }
    drop(own);
    assert!(arena.frame().charge(4 << 20).is_ok());
}

#[test]
fn a_charge_for_something_new_is_refused_without_memory_for_its_row() {
    const ORIGINS: [&str; 9] = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
    let arena = arena().limit_bytes(1 << 20).build();
    let own = arena.allot(1 << 19).expect("room");
    for (arena, is_first) in [(&own, true), (&arena, false)] {
        let frame = arena.frame();
        let mut refusals = 0;
        for origin in ORIGINS {
            refuse_after(0);
            let charge = frame.charge_for(origin, 1000).map(drop);
            refuse_nothing();
            if let Err(refused) = charge {
                assert!(matches!(refused, AllocError::System { .. }), "{refused}");
                refusals += 1;
            }
            assert_eq!(arena.snapshot().charged_bytes, 0);
            assert!(frame.charge_for(origin, 1000).is_ok());
        }
        // The first charge also made the row of the second.
        assert_eq!(refusals > 0, is_first);
    }
    assert!(own.frame().charge(1 << 19).is_ok(), "all that was promised");
}
