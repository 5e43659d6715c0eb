//! Measures the clients: `compare-clients --help`.

mod arguments;
mod commands;

use std::process::ExitCode;

use arguments::{Arguments, Client};
use clap::Parser;
use compare_clients::allocator::ChosenAllocator;

#[global_allocator]
static ALLOCATOR: ChosenAllocator = ChosenAllocator;

fn main() -> ExitCode {
    let done = match Arguments::parse().client {
        Client::Jpeg(arguments) => commands::run_jpeg(&arguments),
        Client::Video(arguments) => commands::run_video(&arguments),
        Client::Server(arguments) => commands::run_server(&arguments),
        Client::LongRun(arguments) => commands::run_long(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
