//! Programs of frames, stages, scratch and requests, against the model of
//! `tests/allocator/model.rs`.
#![no_main]
// Some functions serve collections only, which this target leaves out.
#![allow(dead_code)]

#[path = "../../tests/allocator/model/no_collections.rs"]
mod collections;
#[path = "../../tests/allocator/model/driver.rs"]
mod driver;
#[path = "../../tests/allocator/model/freed.rs"]
mod freed;
#[path = "../../tests/allocator/model/held.rs"]
mod held;
#[path = "../../tests/allocator/model/oracle.rs"]
mod oracle;
#[path = "../../tests/allocator/model/ranges.rs"]
mod ranges;
#[path = "../../tests/allocator/model/request.rs"]
mod request;
#[path = "../../tests/allocator/model/stats.rs"]
mod stats;
#[path = "../../tests/allocator/model/tape.rs"]
mod tape;

use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: freed::Recording = freed::Recording;

fuzz_target!(|program: &[u8]| driver::run(program, false));
