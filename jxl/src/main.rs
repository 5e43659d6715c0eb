//! The command `jxl-arena`: decodes JPEG XL pictures and shows their headers.

mod cli;

use std::io::{self, Write};
use std::process::ExitCode;

pub(crate) fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Where standard error is closed, the exit code has to do.
            let _ = writeln!(io::stderr(), "jxl-arena: {failure}");
            ExitCode::FAILURE
        }
    }
}
