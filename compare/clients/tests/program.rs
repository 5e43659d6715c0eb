//! The program: a process per strategy, on the strategy's allocator.

use std::process::{Command, Output};

const ALLOCATOR: &str = "COMPARE_CLIENTS_ALLOCATOR";

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_compare-clients"))
        .args(arguments)
        .env_remove(ALLOCATOR)
        .output()
        .unwrap()
}

/// Runs a client and returns the rows of its table.
fn rows(arguments: &[&str]) -> Vec<String> {
    let output = run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let rows = printed.lines().filter(|line| line.starts_with("| "));
    rows.skip(1).map(str::to_owned).collect()
}

#[test]
fn clients_measure_all_their_strategies() {
    let jpeg = rows(&[
        "jpeg",
        "--width=200",
        "--height=100",
        "--rounds=2",
        "--repeat=1",
    ]);
    assert_eq!(jpeg.len(), 6, "{jpeg:?}");
    let video = rows(&[
        "video",
        "--width=96",
        "--height=64",
        "--rounds=1",
        "--laps=1",
    ]);
    assert_eq!(video.len(), 6, "{video:?}");
    let server = rows(&[
        "server",
        "--longest=200",
        "--jobs=40",
        "--limit=3",
        "--rounds=1",
    ]);
    assert_eq!(server.len(), 7, "{server:?}");
}

#[test]
fn a_long_run_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let svg = folder.path().join("long-run.svg");
    let strategies = "--strategies=frame-arena,vec,vec-jemalloc,vec-mimalloc";
    let to = format!("--svg={}", svg.display());
    let rows = rows(&["long-run", strategies, "--pictures=40", "--every=10", &to]);
    assert_eq!(rows.len(), 4, "{rows:?}");
    let drawn = std::fs::read_to_string(&svg).unwrap();
    for name in [
        "frame-arena",
        "Vec, glibc",
        "Vec, jemalloc",
        "Vec, mimalloc",
    ] {
        assert!(drawn.contains(name), "{name}");
    }
}

#[test]
fn a_process_measures_on_the_allocator_of_its_strategy() {
    let arguments = [
        "video",
        "--measure",
        "--strategies=vec-jemalloc",
        "--laps=1",
    ];
    let small = ["--width=32", "--height=32"];
    let on = |allocator: &str| {
        Command::new(env!("CARGO_BIN_EXE_compare-clients"))
            .args(arguments)
            .args(small)
            .env(ALLOCATOR, allocator)
            .output()
            .unwrap()
    };
    assert!(on("jemalloc").status.success());
    assert!(!on("mimalloc").status.success());
    assert!(!on("system").status.success());
    let mimalloc_2 = ["video", "--measure", "--strategies=vec-mimalloc-2"];
    let output = Command::new(env!("CARGO_BIN_EXE_compare-clients"))
        .args(mimalloc_2)
        .env(ALLOCATOR, "mimalloc")
        .output()
        .unwrap();
    assert_eq!(output.status.success(), cfg!(feature = "mimalloc-2"));
}

#[test]
fn wrong_usage_fails() {
    assert!(
        !run(&["jpeg", "--file=nowhere.jpg", "--rounds=1"])
            .status
            .success()
    );
    assert!(
        !run(&["server", "--shortest=9", "--longest=8"])
            .status
            .success()
    );
    assert!(!run(&["video", "--strategies=none"]).status.success());
}
