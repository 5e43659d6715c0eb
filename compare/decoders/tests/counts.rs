//! Guards the allocator calls, page faults and instructions of a warm decode by the counts
//! committed in `counts.toml`. Needs valgrind.
//!
//! It is the only test of its process, because the counts are those of the process.

#[path = "../../../benches/support/committed.rs"]
mod committed;

use std::path::Path;

use committed::Measured;
use compare_decoders::counting::{self, CountingAllocator};
use compare_decoders::decoder::Peer;
use compare_decoders::image::Buffer;
use compare_decoders::instructions;
use compare_decoders::measure::Task;
use compare_decoders::part::Part;
use compare_decoders::probe::probe;
use compare_decoders::process::minor_faults;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// One file for each way to decode: groups streamed with two kinds of trees, channels held whole,
/// palettes, VarDCT, recompressed JPEG, passes, filters, noise, alpha.
const SAMPLES: [&str; 10] = [
    "rgb8_e3_g0",
    "rgb8_e7_g1",
    "squeeze_g0",
    "palette_groups",
    "vardct_groups",
    "jpeg_420",
    "vardct_passes",
    "filters_epf3_groups",
    "noise_groups",
    "vardct_alpha",
];

const COMMAND: &str = "cargo test --manifest-path compare/Cargo.toml --release --test counts";
const WARM_UP: usize = 3;
const DECODES: u64 = 10;

#[test]
fn warm_decodes_cost_what_is_committed() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut measured = Vec::new();
    for name in SAMPLES {
        let path = here.join("../../jxl/tests/samples").join(name);
        let path = path.with_extension("jxl");
        let (allocations, faults) = costs(&std::fs::read(&path).unwrap());
        let instructions = instructions_of(&path);
        for (section, value) in [
            ("allocations", allocations),
            ("minor_faults", faults),
            ("instructions", instructions),
        ] {
            measured.push(Measured {
                section,
                name,
                value,
            });
        }
    }
    let figures = here.join("tests/counts.toml");
    if let Err(message) = committed::check(&figures, &measured, COMMAND) {
        panic!("{message}");
    }
}

/// Allocations of one warm decode on one thread, and faults of ten.
fn costs(file: &[u8]) -> (u64, u64) {
    let layout = probe(file).unwrap().layout;
    let mut output = Buffer::new(&layout);
    let mut decoder = Peer::JxlArena.open(1).unwrap();
    let mut decode = || {
        decoder
            .decode(file, Part::Whole, &layout, output.bytes_mut())
            .expect("a picture");
    };
    for _ in 0..WARM_UP {
        decode();
    }
    let (allocations, faults) = (counting::calls() as u64, minor_faults().unwrap());
    for _ in 0..DECODES {
        decode();
    }
    let faults = minor_faults().unwrap() - faults;
    let allocations = counting::calls() as u64 - allocations;
    assert!(
        allocations.is_multiple_of(DECODES),
        "equal decodes made {allocations} allocations, so not the same number in each"
    );
    (allocations / DECODES, faults)
}

/// Instructions of one warm decode on one thread.
fn instructions_of(path: &Path) -> u64 {
    let task = Task {
        peer: Peer::JxlArena,
        file: path,
        part: Part::Whole,
        layout: probe(&std::fs::read(path).unwrap()).unwrap().layout,
        threads: 1,
        warm_up: 1,
        repeat: 1,
    };
    let program = Path::new(env!("CARGO_BIN_EXE_compare-decoders"));
    instructions::of_warm_decode(program, &task).unwrap()
}
