//! Tests of the slow tier, which run with `FRAME_ARENA_TESTS=all` in the environment.

use std::env;
use std::io::{self, Write};

/// Whether slow tests run. If not, prints to standard error, past the capture of libtest, that
/// `what` is skipped.
pub(crate) fn is_slow_wanted(what: &str) -> bool {
    let is_wanted = env::var_os("FRAME_ARENA_TESTS").is_some_and(|tests| tests == "all");
    if !is_wanted {
        let note = format!("skipped: {what} needs FRAME_ARENA_TESTS=all\n");
        let _ = io::stderr().write_all(note.as_bytes());
    }
    is_wanted
}
