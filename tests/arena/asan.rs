//! AddressSanitizer detects a write past the end of a grant inside a block, and a use of memory
//! after its scope; LeakSanitizer detects forgotten memory.
//!
//! Each planted error runs in another process of this test program, selected by an environment
//! variable. Without `RUSTFLAGS='-Zsanitizer=address --cfg frame_arena_asan'` the tests print that
//! they are skipped.
#![allow(unsafe_code)]

use std::process::Command;

use frame_arena::{Arena, PlaneAlloc};

const PLANT: &str = "FRAME_ARENA_PLANT";

/// Runs the test of this name in another process, where it makes its error, and returns the
/// sanitizer's report. In that process, makes the error.
fn report_of(test: &str, error: impl FnOnce()) -> Option<String> {
    if !cfg!(frame_arena_asan) {
        println!("skipped: needs -Zsanitizer=address --cfg frame_arena_asan");
        return None;
    }
    if std::env::var_os(PLANT).is_some() {
        error();
        println!("the error passed");
        std::process::exit(0);
    }
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program)
        .args([
            "--exact",
            &format!("asan::{test}"),
            "--nocapture",
            "--test-threads=1",
        ])
        .env(PLANT, test)
        .output()
        .expect("this program runs");
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "not caught: {report}");
    Some(report)
}

fn assert_caught(report: Option<String>, access: &str) {
    if let Some(report) = report {
        assert!(report.contains("use-after-poison"), "{report}");
        assert!(report.contains(access), "{report}");
    }
}

/// Writes one byte at `offset` from `start`.
fn write(start: *mut u8, offset: usize) {
    // SAFETY: none; this is the error to be caught.
    unsafe { start.add(offset).write_volatile(1) };
}

fn read(start: *const u8) {
    // SAFETY: none; this is the error to be caught.
    std::hint::black_box(unsafe { start.read_volatile() });
}

#[test]
fn a_write_past_the_end_inside_a_block() {
    let report = report_of("a_write_past_the_end_inside_a_block", || {
        let arena = Arena::new();
        let frame = arena.frame();
        // The bytes behind the second lie in the block, before the first.
        let _first = frame.slice::<u8>(1000).expect("memory");
        let second = frame.slice::<u8>(100).expect("memory");
        write(second.as_mut_ptr(), 99);
        write(second.as_mut_ptr(), 100);
    });
    assert_caught(report, "WRITE of size 1");
}

#[test]
fn a_write_past_the_end_of_a_plane_in_scratch() {
    let report = report_of("a_write_past_the_end_of_a_plane_in_scratch", || {
        let arena = Arena::new();
        let frame = arena.frame();
        let scratch = frame.scratch();
        let _first = scratch.plane::<u8>(64, 4).expect("memory");
        let mut second = scratch.plane::<u8>(64, 4).expect("memory");
        write(second.row_mut(3).as_mut_ptr(), 64);
    });
    assert_caught(report, "WRITE of size 1");
}

#[test]
fn a_write_past_the_end_of_a_run() {
    let report = report_of("a_write_past_the_end_of_a_run", || {
        let arena = Arena::new();
        let frame = arena.frame();
        // A run is rounded up to pages: the byte behind is the run's own.
        let run = frame.slice::<u8>(600_000).expect("memory");
        write(run.as_mut_ptr(), 600_000);
    });
    assert_caught(report, "WRITE of size 1");
}

#[test]
fn a_use_after_the_stage() {
    let report = report_of("a_use_after_the_stage", || {
        let arena = Arena::new();
        let frame = arena.frame();
        let kept = frame.with_stage("stage", |stage| {
            stage.slice::<u8>(100).expect("memory").as_mut_ptr()
        });
        read(kept);
    });
    assert_caught(report, "READ of size 1");
}

#[test]
fn a_use_of_a_run_after_the_frame() {
    let report = report_of("a_use_of_a_run_after_the_frame", || {
        let arena = Arena::new();
        let kept = arena.with_frame(|frame| {
            let mut plane = frame.plane::<f32>(1000, 1000).expect("memory");
            plane.row_mut(500).as_mut_ptr()
        });
        write(kept.cast(), 0);
    });
    assert_caught(report, "WRITE of size 1");
}

#[test]
fn a_use_after_the_scratch() {
    let report = report_of("a_use_after_the_scratch", || {
        let arena = Arena::new();
        let frame = arena.frame();
        let kept = frame.with_scratch(|scratch| {
            let slice = scratch.slice::<u8>(100).expect("memory");
            slice.as_mut_ptr()
        });
        read(kept);
    });
    assert_caught(report, "READ of size 1");
}

#[test]
fn a_use_of_a_detached_plane_after_its_drop() {
    let report = report_of("a_use_of_a_detached_plane_after_its_drop", || {
        let arena = Arena::new();
        let mut plane = arena.detached_plane::<u16>(100, 100).expect("memory");
        let kept = plane.view_mut().row_mut(50).as_mut_ptr();
        drop(plane);
        write(kept.cast(), 0);
    });
    assert_caught(report, "WRITE of size 1");
}

/// LeakSanitizer reports memory that is forgotten on purpose when the process ends.
#[test]
fn a_forgotten_frame() {
    let report = report_of("a_forgotten_frame", || {
        let arena = Arena::new();
        let frame = arena.frame();
        frame.slice::<u8>(100).expect("memory").fill(1);
        std::mem::forget(frame);
    });
    if let Some(report) = report {
        assert!(report.contains("detected memory leaks"), "{report}");
    }
}
