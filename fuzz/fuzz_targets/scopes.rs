//! Programs of frames, stages, scratch and requests, against the model of `tests/model.rs`.
#![no_main]
// What only collections use, which it has none of.
#![allow(dead_code)]

#[path = "../../tests/model/no_collections.rs"]
mod collections;
#[path = "../../tests/model/driver.rs"]
mod driver;
#[path = "../../tests/model/stats.rs"]
mod stats;
#[path = "../../tests/model/freed.rs"]
mod freed;
#[path = "../../tests/model/held.rs"]
mod held;
#[path = "../../tests/model/oracle.rs"]
mod oracle;
#[path = "../../tests/model/ranges.rs"]
mod ranges;
#[path = "../../tests/model/request.rs"]
mod request;
#[path = "../../tests/model/tape.rs"]
mod tape;

use libfuzzer_sys::fuzz_target;

#[global_allocator]
static ALLOCATOR: freed::Recording = freed::Recording;

fuzz_target!(|program: &[u8]| driver::run(program, false));
