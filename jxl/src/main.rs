//! The command `jxl-arena`: decodes JPEG XL pictures and shows their headers.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("jxl-arena: {failure}");
            ExitCode::FAILURE
        }
    }
}
