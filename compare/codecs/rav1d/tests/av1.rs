//! Checks of rav1d.

// It exports the C interface that `decoder` declares.
use rav1d as _;

#[path = "../../av1/checks.rs"]
mod checks;
#[path = "../../av1/decoder.rs"]
mod decoder;

use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_codecs-rav1d");

#[test]
fn samples_are_the_same_and_warm_pictures_fault_no_pages() {
    checks::samples_and_faults(Path::new(PROGRAM), 3);
}

#[test]
fn samples_of_scenarios_are_the_same() {
    checks::scenarios(Path::new(PROGRAM));
}

#[test]
fn a_hook_takes_one_percent_more_instructions_at_most() {
    checks::instructions(Path::new(PROGRAM), "av1-320x180.ivf");
}

#[test]
fn warm_streams_take_no_memory_from_the_system() {
    checks::no_runs_when_warm(3);
}

#[test]
fn a_limit_in_the_middle_is_an_error_and_the_next_stream_decodes() {
    checks::limit_in_the_middle();
}

#[test]
fn mixed_streams_hold_what_they_need() {
    checks::mixed_streams();
}
