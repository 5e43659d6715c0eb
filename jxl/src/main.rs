//! The command `jxl-arena`: decodes JPEG XL pictures and shows their headers.

mod cli;

use std::io::{self, Write};
use std::process::ExitCode;

pub(crate) fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // If standard error is closed, only the exit code reports the failure.
            let _ = writeln!(io::stderr(), "jxl-arena: {failure}");
            ExitCode::FAILURE
        }
    }
}
