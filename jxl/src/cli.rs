//! The command: arguments, files and reports. The library decodes.

mod args;
mod console;
mod decode;
mod decoded;
mod ending;
mod failure;
mod fit;
mod frame_name;
mod info;
mod input_file;
mod netpbm;
mod numbered_files;
mod output_file;
mod pictures;
mod png_file;
mod progress;
mod recording;
mod report;
mod rounds;
mod target;
mod temporary;

use clap::Parser;

use args::{Arguments, Command};
pub(crate) use ending::Ending;
use failure::Failure;

/// Runs the command line of this process. Wrong usage ends the process with code 2 and clap's
/// message.
pub(crate) fn run() -> Result<Ending, Failure> {
    let arguments = Arguments::parse();
    temporary::remove_temporaries_on_signals();
    match arguments.command {
        Command::Decode(arguments) => decode::run(&arguments),
        Command::Info(arguments) => info::run(&arguments).map(|()| Ending::Whole),
    }
}
