//! Frames and stages that their planes keep open.

use std::thread;

use frame_arena::{
    AllocError, Arena, OwnedFrame, OwnedPlane, OwnedPlaneSet, OwnedStage, PlaneAlloc,
};

fn assert_send_sync<T: Send + Sync>() {}

#[test]
fn owned_scopes_go_between_threads() {
    assert_send_sync::<OwnedFrame>();
    assert_send_sync::<OwnedStage>();
    assert_send_sync::<OwnedPlane<f32>>();
    assert_send_sync::<OwnedPlaneSet<u8>>();
}

/// The state of a push decoder between calls, which may be dropped in any order.
struct Push {
    frame: Option<OwnedFrame>,
    samples: Option<OwnedPlane<u8>>,
    stage: Option<OwnedStage>,
    coefficients: Option<OwnedPlaneSet<i16>>,
}

impl Push {
    fn new(arena: &Arena, value: u8) -> Result<Self, AllocError> {
        let frame = arena.owned_frame()?;
        let stage = frame.owned_stage("coefficients")?;
        let mut samples = frame.owned_plane::<u8>(300, 200)?;
        samples.view_mut().fill(value);
        let mut coefficients = stage.owned_planes::<i16>(3, 300, 200)?;
        for mut plane in coefficients.planes_mut() {
            assert!(plane.rows().flatten().all(|&sample| sample == 0));
            plane.fill(i16::from(value));
        }
        Ok(Self {
            frame: Some(frame),
            samples: Some(samples),
            stage: Some(stage),
            coefficients: Some(coefficients),
        })
    }

    fn check(&self, value: u8) {
        if let Some(samples) = &self.samples {
            assert!(samples.rows().flatten().all(|&sample| sample == value));
        }
        for plane in self.coefficients.iter().flat_map(OwnedPlaneSet::planes) {
            assert!(
                plane
                    .rows()
                    .flatten()
                    .all(|&sample| sample == i16::from(value))
            );
        }
    }

    fn drop_part(&mut self, part: usize) {
        match part {
            0 => self.frame = None,
            1 => self.samples = None,
            2 => self.stage = None,
            _ => self.coefficients = None,
        }
    }
}

#[test]
fn a_scope_ends_with_the_last_that_keeps_it_open() {
    let arena = Arena::new();
    let orders = (0..256).map(|order| [order % 4, order / 4 % 4, order / 16 % 4, order / 64]);
    let orders = orders.filter(|order| (0..4).all(|part| order.contains(&part)));
    for (index, order) in orders.enumerate() {
        let value = index as u8;
        let mut push = Push::new(&arena, value).unwrap();
        let mut other = Push::new(&arena, value ^ 0xff).unwrap();
        for part in order {
            push.drop_part(part);
            push.check(value);
            // Memory that was returned too early would be granted again.
            let frame = arena.frame();
            let _ = frame.planes_from_fn(4, 300, 200, |_, _, _| -1i16).unwrap();
            push.check(value);
            other.check(value ^ 0xff);
        }
        other.drop_part(index % 4);
        drop(other);
        let snapshot = arena.snapshot();
        assert_eq!((snapshot.live_bytes, snapshot.in_use_bytes), (0, 0));
        assert_eq!(snapshot.open_frames, 0);
    }
}

#[test]
fn a_stage_is_returned_before_its_frame() {
    let arena = Arena::new();
    let mut push = Push::new(&arena, 1).unwrap();
    let before = arena.snapshot();
    push.stage = None;
    assert_eq!(arena.snapshot().in_use_bytes, before.in_use_bytes);
    push.coefficients = None;
    let after = arena.snapshot();
    assert!(before.live_bytes - after.live_bytes >= 3 * 300 * 200 * 2);
    let stage = push.frame.as_ref().unwrap().owned_stage("filter").unwrap();
    let planes = stage.owned_stale_planes::<i16>(3, 300, 200).unwrap();
    assert_eq!(
        arena.snapshot().runs_made,
        before.runs_made,
        "the same memory"
    );
    assert_eq!(
        (planes.count(), planes.width(), planes.height()),
        (3, 300, 200)
    );
    push.check(1);
}

#[test]
fn warm_owned_frames_take_nothing() {
    let arena = Arena::new();
    drop(Push::new(&arena, 1).unwrap());
    let before = arena.snapshot();
    for _ in 0..10 {
        drop(Push::new(&arena, 1).unwrap());
    }
    let after = arena.snapshot();
    assert_eq!(after.retained_bytes, before.retained_bytes);
    assert_eq!(
        (after.runs_made, after.blocks_made),
        (before.runs_made, before.blocks_made)
    );
    assert_eq!(after.frames, before.frames + 10);
    arena.trim();
    assert_eq!(arena.snapshot().retained_bytes, 0);
}

#[test]
fn an_owned_plane_outlives_its_frame_when_it_is_detached() {
    let arena = Arena::new();
    for (width, height, is_moved) in [(1200, 1000, true), (20, 10, false)] {
        let frame = arena.owned_frame().unwrap();
        let mut plane = frame.owned_plane::<u8>(width, height).unwrap();
        plane.view_mut().fill(9);
        let address = plane.row(0).as_ptr();
        let detached = plane.detach().unwrap();
        drop(frame);
        arena.with_frame(|frame| {
            frame
                .plane_from_fn(width, height, |_, _| 1u8)
                .map(drop)
                .unwrap()
        });
        assert!(detached.view().rows().flatten().all(|&sample| sample == 9));
        assert_eq!(detached.view().row(0).as_ptr() == address, is_moved);
        drop(detached);
        assert_eq!(arena.snapshot().in_use_bytes, 0);
    }
}

#[test]
fn planes_of_one_frame_are_dropped_by_many_threads() {
    let arena = Arena::new();
    for round in 0..20 {
        let frame = arena.owned_frame().unwrap();
        let planes: Vec<_> = (0..8)
            .map(|index| {
                let stage = frame.owned_stage("stage").unwrap();
                let mut plane = stage.owned_plane::<u32>(500, 100).unwrap();
                plane.view_mut().fill(index + round);
                plane
            })
            .collect();
        drop(frame);
        thread::scope(|threads| {
            for (index, plane) in planes.into_iter().enumerate() {
                threads.spawn(move || {
                    let value = index as u32 + round;
                    assert!(plane.rows().flatten().all(|&sample| sample == value));
                });
            }
        });
        assert_eq!(arena.snapshot().in_use_bytes, 0);
    }
}

#[test]
fn a_limit_that_has_no_room_for_the_record_refuses_the_frame() {
    let arena = Arena::builder().limit_bytes(100).build();
    assert!(matches!(
        arena.owned_frame(),
        Err(AllocError::LimitExceeded { .. })
    ));
    let arena = Arena::builder().limit_bytes(6000).build();
    let frame = arena.owned_frame().unwrap();
    assert!(frame.owned_plane::<u8>(100, 100).is_err());
    drop(frame);
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}
