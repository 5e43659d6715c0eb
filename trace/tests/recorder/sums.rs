//! Sums over a trace, compared with the arena's own statistics.

use std::sync::Barrier;

use frame_arena::{
    Arena, ArenaSnapshot, FramePlan, FrameReport, Kind, PlanRequest, PlaneAlloc, Retention,
};
use frame_arena_trace::{Allocation, Level, MemoryClass, Trace};
use rayon::prelude::*;

use super::{recording, trace};

/// Asserts that a trace is the same after it was written and read.
pub(crate) fn assert_reads_back(trace: &Trace) {
    let mut text = Vec::new();
    trace.write_to(&mut text).unwrap();
    let read = Trace::read_from(&text[..]).unwrap();
    assert_eq!(read, *trace);
    let again = Trace::new(trace.names().to_vec(), trace.events().to_vec()).unwrap();
    assert_eq!(again, read);
}

/// Decodes frames of three stages with planes, detached references, and scratch in tasks.
fn work(arena: &Arena, frames: usize) -> Vec<FrameReport> {
    let mut reference = None;
    let mut reports = Vec::new();
    for index in 0..frames {
        let frame = arena.frame();
        let canvas = frame.plane::<f32>(400 + index, 700).unwrap();
        for stage in ["coefficients", "filter", "coefficients"] {
            let stage = frame.stage(stage);
            (0..20usize).into_par_iter().for_each(|task| {
                let scratch = stage.scratch();
                scratch.slice::<f32>(100 * (task + 1)).unwrap();
                let _ = stage.plane::<i32>(64, 10 * (task + 1)).unwrap();
                stage.stale_slice::<u8>(task + 1).unwrap();
            });
        }
        let _charge = frame.charge(12345).unwrap();
        reference = Some(frame.detach(canvas).unwrap());
        reports.push(frame.finish());
    }
    drop(reference);
    reports
}

fn assert_sums(trace: &Trace, reports: &[FrameReport], snapshot: &ArenaSnapshot) {
    let scopes = trace.scopes().unwrap();
    let frames: Vec<usize> = (0..scopes.len())
        .filter(|&s| scopes[s].parent.is_none())
        .collect();
    assert_eq!(frames.len(), reports.len());
    let allocations = trace.allocations().unwrap();
    for (&frame, report) in frames.iter().zip(reports) {
        let of_frame = |a: &&Allocation| a.scope.is_some_and(|s| scopes[s].frame == frame);
        let mine: Vec<_> = allocations.iter().filter(of_frame).collect();
        assert_eq!(mine.len() as u64, report.requests);
        let bytes: usize = mine.iter().map(|a| a.bytes).sum();
        assert_eq!(bytes as u64, report.requested_bytes);
        for kind in &report.kinds {
            let of_kind = mine.iter().filter(|a| a.kind == kind.kind);
            assert_eq!(of_kind.clone().count() as u64, kind.requests);
            assert_eq!(of_kind.map(|a| a.bytes as u64).sum::<u64>(), kind.bytes);
        }
        for stage in report
            .stages
            .iter()
            .filter(|stage| stage.name != "(scratch)")
        {
            let of_stage = mine.iter().filter(|a| {
                a.kind != Kind::Scratch && a.scope.is_some_and(|s| scopes[s].stage == stage.name)
            });
            assert_eq!(of_stage.count() as u64, stage.requests, "{}", stage.name);
        }
    }
    let memory = trace.memory().unwrap();
    let runs = memory.iter().filter(|m| m.class == MemoryClass::Run);
    assert_eq!(runs.clone().count() as u64, snapshot.runs_made);
    let reused: usize = runs.map(|m| m.uses.len() - 1).sum();
    assert_eq!(reused as u64, snapshot.runs_reused);
    let blocks = memory.iter().filter(|m| m.class != MemoryClass::Run);
    assert_eq!(blocks.clone().count() as u64, snapshot.blocks_made);
    let reused: usize = blocks.map(|m| m.uses.len() - 1).sum();
    assert_eq!(reused as u64, snapshot.blocks_reused);
    assert_level(trace.levels().unwrap().last().unwrap(), snapshot);
}

fn assert_level(level: &Level, snapshot: &ArenaSnapshot) {
    assert_eq!(level.live_bytes, snapshot.live_bytes);
    // Records of open scopes are not in the trace.
    let in_use = snapshot.in_use_bytes - snapshot.record_bytes;
    assert_eq!(level.in_use_bytes, in_use);
    let retained = snapshot.retained_bytes - snapshot.retained_record_bytes;
    assert_eq!(level.retained_bytes, retained);
    assert_eq!(level.charged_bytes, snapshot.charged_bytes);
}

#[test]
fn sums_on_one_thread_equal_the_reports_and_peaks_too() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    for retention in [
        Retention::KeepAll,
        Retention::Decay { frames: 1 },
        Retention::UpTo { bytes: 100_000 },
    ] {
        let arena = recording().retention(retention).build();
        let reports = pool.install(|| work(&arena, 4));
        let (trace, snapshot) = (trace(&arena), arena.snapshot());
        assert_sums(&trace, &reports, &snapshot);
        let levels = trace.levels().unwrap();
        let most = |bytes: fn(&Level) -> usize| levels.iter().map(bytes).max().unwrap();
        assert_eq!(most(|level| level.live_bytes), snapshot.peak_bytes);
        let records = snapshot.peak_held_bytes - most(Level::held_bytes);
        assert!(
            (4096..8192).contains(&records),
            "{records} bytes of records"
        );
        assert_reads_back(&trace);
    }
}

#[test]
fn sums_on_eight_threads_equal_the_reports() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(8)
        .build()
        .unwrap();
    let arena = recording().build();
    let barrier = Barrier::new(8);
    pool.broadcast(|_| {
        barrier.wait();
        drop(arena.frame().scratch());
    });
    let before = trace(&arena);
    assert_eq!(before.events().len(), 8 * 4);
    let threads: std::collections::BTreeSet<_> = before.events().iter().map(|e| e.thread).collect();
    assert!(
        threads.into_iter().eq(0..8),
        "threads are not numbered in order"
    );
    let arena = recording().build();
    let reports = pool.install(|| work(&arena, 4));
    let trace = trace(&arena);
    assert_sums(&trace, &reports, &arena.snapshot());
    assert_reads_back(&trace);
    assert_no_overlap(&trace);
}

/// Asserts that no two requests that live at once in one block or run share a byte.
fn assert_no_overlap(trace: &Trace) {
    let allocations = trace.allocations().unwrap();
    for (index, a) in allocations.iter().enumerate() {
        for b in &allocations[index + 1..] {
            let together = a.memory == b.memory && a.end.is_none_or(|end| end > b.begin);
            let apart = a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset;
            assert!(!together || apart, "{a:?} and {b:?}");
        }
    }
}

#[test]
fn what_is_recorded_does_not_depend_on_recording() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let plain = Arena::new();
    let recorded = recording().build();
    let reports = [&plain, &recorded].map(|arena| pool.install(|| work(arena, 3)));
    assert_eq!(reports[0], reports[1]);
    assert_eq!(plain.snapshot(), recorded.snapshot());
}

#[test]
fn a_trace_taken_while_others_request_is_consistent() {
    let arena = recording()
        .retention(Retention::Decay { frames: 0 })
        .build();
    std::thread::scope(|threads| {
        for _ in 0..8 {
            threads.spawn(|| work(&arena, 2));
        }
        for _ in 0..20 {
            assert_reads_back(&trace(&arena));
        }
    });
}

/// Reserved memory is retained in the trace of the arena that it came from, until a frame uses it.
#[test]
fn a_reserve_is_in_its_arenas_trace() {
    let arena = recording().build();
    let mut plan = FramePlan::new(&arena);
    plan.frame(|frame| frame.planes::<f32>(3, 640, 480))
        .unwrap();
    let reserved = arena.reserve(&plan).unwrap();
    reserved
        .with_frame(|frame| frame.planes::<f32>(3, 640, 480).map(|_| ()))
        .unwrap();
    let records = arena.snapshot().record_bytes;
    assert!(records > 0);
    drop(reserved);
    arena.trim();
    let levels = trace(&arena).levels().unwrap();
    let held: Vec<_> = levels.iter().map(Level::held_bytes).collect();
    // Records of open scopes are not in the trace.
    assert_eq!(held.iter().max(), Some(&(plan.held_bytes() - records)));
    assert_eq!(held.last(), Some(&0));
}
