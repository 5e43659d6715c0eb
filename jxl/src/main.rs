//! The command `jxl-arena`: decodes JPEG XL pictures and shows their headers.

mod cli;

use std::io::{self, Write};
use std::process::ExitCode;

use cli::Ending;

/// The exit code where a truncated file was written in part.
const PARTIAL: u8 = 3;

pub(crate) fn main() -> ExitCode {
    match cli::run() {
        Ok(Ending::Whole) => ExitCode::SUCCESS,
        Ok(Ending::Partial) => ExitCode::from(PARTIAL),
        Err(failure) => {
            // If standard error is closed, only the exit code reports the failure.
            let _ = writeln!(io::stderr(), "jxl-arena: {failure}");
            ExitCode::FAILURE
        }
    }
}
