//! The tests of a library with external frame buffers.

use std::path::{Path, PathBuf};

use codecs_measure::{checks as common, streams};

use super::{PROGRAM, STREAMS, checks};

fn files() -> Vec<PathBuf> {
    streams::starting_with(STREAMS)
}

#[test]
fn samples_are_the_same() {
    checks::same_samples(PROGRAM, &files());
}

#[test]
fn samples_of_scenarios_are_the_same() {
    common::same_samples_in_scenarios(Path::new(PROGRAM), &files());
}

#[test]
fn a_hook_takes_one_percent_more_instructions_at_most() {
    for stream in streams::starting_with(&format!("{STREAMS}320x180")) {
        common::instructions(Path::new(PROGRAM), 2, &stream);
    }
}

#[test]
fn warm_streams_take_no_memory_from_the_system() {
    checks::no_runs_when_warm(&files());
}

#[test]
fn a_limit_in_the_middle_is_an_error_and_the_next_stream_decodes() {
    checks::limit_in_the_middle(&files());
}

#[test]
fn mixed_streams_hold_what_they_need() {
    checks::mixed_streams(&files());
}
