//! Collections in scopes and scratch, together with planes that get the same memory.

use std::cell::Cell;
use std::thread;

#[cfg(feature = "allocator-api2-02")]
use allocator_api2_02 as api;
#[cfg(not(feature = "allocator-api2-02"))]
use allocator_api2_04 as api;

use api::boxed::Box;
use api::vec::Vec;
use frame_arena::{Arena, Kind, PlaneAlloc};

const MIB: usize = 1 << 20;

#[test]
fn collections_of_any_type_live_and_die_in_a_scope() {
    struct Counted<'c>(&'c Cell<u32>, std::string::String);
    impl Drop for Counted<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    let dropped = Cell::new(0);
    let arena = Arena::new();
    let frame = arena.frame();
    let mut list = Vec::new_in(&frame);
    for index in 0..1000 {
        list.push(Counted(&dropped, index.to_string()));
    }
    let boxed = Box::new_in([7u64; 100], &*frame);
    list.truncate(600);
    assert_eq!(dropped.get(), 400);
    assert!(
        list.iter()
            .enumerate()
            .all(|(i, item)| item.1 == i.to_string())
    );
    assert_eq!(boxed[99], 7);
    drop(list);
    assert_eq!(dropped.get(), 1000);
    drop(boxed);
    let report = frame.finish();
    assert_eq!(report.live_bytes, 0);
    let kind = report
        .kinds
        .iter()
        .find(|kind| kind.kind == Kind::Collection);
    assert!(kind.is_some_and(|kind| kind.requests > 1 && kind.misses > 0));
    let snapshot = arena.snapshot();
    assert_eq!((snapshot.live_bytes, snapshot.in_use_bytes), (0, 0));
}

#[test]
fn the_limit_refuses_and_the_collection_stays() {
    let arena = Arena::builder().limit_bytes(MIB).build();
    let frame = arena.frame();
    let scratch = frame.scratch();
    let mut list: Vec<u64, _> = Vec::new_in(&scratch);
    let mut count = 0u64;
    while list.try_reserve(1).is_ok() {
        list.push(count);
        count += 1;
    }
    assert!(count > 30_000, "{count} of 131,072");
    assert!(list.iter().copied().eq(0..count));
    assert!(arena.snapshot().peak_held_bytes <= MIB);
    drop(list);
    drop(scratch);
    assert!(
        frame.slice::<u8>(MIB - 80_000).is_ok(),
        "all of it is there again"
    );
}

#[test]
fn a_vector_takes_twice_its_bytes_and_a_block() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut list: Vec<u8, _> = Vec::new_in(&*frame);
    for index in 0..5_000_000usize {
        list.push(index as u8);
        if index.is_power_of_two() || index % 100_000 == 0 {
            let held = arena.snapshot().in_use_bytes;
            // Runs are rounded up by at most a sixteenth.
            let most = 2 * index / 16 * 17 + (64 << 10) + 16384;
            assert!(held <= most, "{held} bytes for {index}");
        }
    }
    assert!(list.iter().enumerate().all(|(i, &byte)| byte == i as u8));
}

#[test]
fn collections_that_come_and_go_take_constant_memory() {
    let arena = Arena::new();
    let frame = arena.frame();
    let mut neighbors: std::vec::Vec<Vec<u8, _>> = std::vec::Vec::new();
    let mut held = std::vec::Vec::new();
    for round in 0..1000 {
        let mut first: Vec<u8, _> = Vec::with_capacity_in(4096, &*frame);
        let second: Vec<u8, _> = Vec::with_capacity_in(4096, &*frame);
        first.resize(4096, round as u8);
        if round < 5 {
            neighbors.push(Vec::with_capacity_in(100, &*frame));
        }
        drop(first);
        drop(second);
        held.push(arena.snapshot().in_use_bytes);
    }
    assert_eq!(held[999], held[10], "bytes held by round: {held:?}");
}

#[test]
fn what_a_collection_left_is_cleared_before_samples_are_granted() {
    let arena = Arena::new();
    for round in 0..50usize {
        let frame = arena.frame();
        let stage = frame.stage("collections");
        let mut pairs: Vec<(u8, u64), _> = Vec::new_in(&*stage);
        for index in 0..1000 * (round % 7 + 1) {
            pairs.push((index as u8, !0));
        }
        assert!(
            pairs
                .iter()
                .enumerate()
                .all(|(i, pair)| *pair == (i as u8, !0))
        );
        drop(pairs);
        drop(stage);
        // Stale memory may have any initialized contents; zeroed memory must be zero.
        for len in [3000, 20_000, 150_000] {
            let stale = frame.stale_slice::<u8>(len).unwrap();
            stale
                .iter_mut()
                .for_each(|byte| *byte = byte.wrapping_add(1));
            assert!(
                frame
                    .slice::<u64>(len / 8)
                    .unwrap()
                    .iter()
                    .all(|&value| value == 0)
            );
        }
    }
}

#[test]
fn threads_share_the_heap_of_a_scope() {
    let arena = Arena::new();
    let frame = arena.frame();
    thread::scope(|threads| {
        for index in 0..8u64 {
            let scope = &*frame;
            threads.spawn(move || {
                let mut lists: std::vec::Vec<Vec<u64, _>> = std::vec::Vec::new();
                for round in 0..300u64 {
                    let mut list = Vec::new_in(scope);
                    list.extend((0..round % 97).map(|value| value * index));
                    lists.push(list);
                    if round % 3 == 0 {
                        lists.swap_remove((round as usize * 7) % lists.len());
                    }
                }
                for list in &lists {
                    assert!(
                        list.iter()
                            .enumerate()
                            .all(|(i, &value)| value == i as u64 * index)
                    );
                }
            });
        }
    });
    assert_eq!(frame.finish().live_bytes, 0);
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}

#[test]
fn collections_in_a_reserve_come_from_the_arena_behind_it() {
    use frame_arena::{FramePlan, PlanRequest};
    let arena = Arena::builder().limit_bytes(MIB).build();
    let mut plan = FramePlan::new(&arena);
    plan.frame(|frame| frame.bytes(300_000)).unwrap();
    let reserved = arena.reserve(&plan).unwrap();
    let frame = reserved.frame();
    frame.slice::<u8>(300_000).unwrap();
    let mut list: Vec<u8, _> = Vec::new_in(&*frame);
    assert!(list.try_reserve_exact(100_000).is_ok());
    assert!(list.try_reserve_exact(MIB).is_err());
    drop(list);
    drop(frame);
    drop(reserved);
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}

#[cfg(feature = "allocator-api2-02")]
#[test]
fn maps_of_hashbrown() {
    let arena = Arena::new();
    let frame = arena.frame();
    let scratch = frame.scratch();
    let mut map = hashbrown::HashMap::new_in(&scratch);
    for key in 0..10_000u32 {
        map.insert(key, (key as u8, u64::from(key)));
    }
    map.retain(|key, _| key % 3 == 0);
    assert_eq!(map.len(), 3334);
    assert!(
        map.iter()
            .all(|(&key, &value)| value == (key as u8, u64::from(key)))
    );
}

#[test]
fn warm_collections_allocate_nothing_anew() {
    let arena = Arena::new();
    let work = || {
        let frame = arena.frame();
        let mut list: Vec<u32, _> = Vec::new_in(&*frame);
        list.extend(0..50_000);
        frame.with_scratch(|scratch| {
            let mut other: Vec<u32, _> = Vec::new_in(scratch);
            other.extend(list.iter().map(|value| value * 2));
            assert_eq!(other[49_999], 99_998);
        });
    };
    (0..3).for_each(|_| work());
    let before = arena.snapshot();
    (0..10).for_each(|_| work());
    let after = arena.snapshot();
    assert_eq!(
        (after.runs_made, after.retained_bytes),
        (before.runs_made, before.retained_bytes)
    );
}
