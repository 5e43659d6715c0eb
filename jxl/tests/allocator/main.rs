//! Requests of decodes and of the command to the global allocator, and mappings: how many there
//! are, and what follows if they are refused.
//!
//! The tests run one after the other in a separate process, as requests are counted and refused for
//! the whole process.

mod allocations;
#[cfg(feature = "cli")]
mod command;
#[path = "../../../tests/support/harness.rs"]
mod harness;
#[path = "../system/kept_threads.rs"]
mod kept_threads;
#[cfg(all(target_os = "linux", not(frame_arena_asan)))]
#[path = "../system/mappings.rs"]
mod mappings;
#[path = "../system/pictures.rs"]
mod pictures;
mod refused;
#[allow(dead_code)]
#[path = "../system/requests.rs"]
mod requests;
#[path = "../../../tests/support/tier.rs"]
mod tier;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: requests::Counted = requests::Counted;

fn main() -> ExitCode {
    #[cfg(feature = "cli")]
    if let Some(ended) = command::be_the_command() {
        return ended;
    }
    harness::run(&[
        (
            "allocations::warm_decodes_make_none",
            allocations::warm_decodes_make_none,
        ),
        (
            "refused::requests_of_a_decode_end_in_an_error",
            refused::requests_of_a_decode_end_in_an_error,
        ),
        (
            "refused::requests_of_several_threads_end_in_an_error",
            refused::requests_of_several_threads_end_in_an_error,
        ),
        #[cfg(feature = "cli")]
        (
            "command::further_decodes_make_few_requests",
            command::further_decodes_make_few_requests,
        ),
        #[cfg(feature = "cli")]
        (
            "command::files_of_pictures_take_no_memory",
            command::files_of_pictures_take_no_memory,
        ),
        #[cfg(feature = "cli")]
        (
            "command::refused_requests_end_in_an_error",
            command::refused_requests_end_in_an_error,
        ),
    ]);
    ExitCode::SUCCESS
}
