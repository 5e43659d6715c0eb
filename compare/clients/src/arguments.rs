//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use compare_clients::strategy::Strategy;

/// Does the same decodes with several memory strategies, each in a separate process, checks that
/// all give the same results, and prints a table of their costs.
#[derive(Parser)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) client: Client,
}

#[derive(Subcommand)]
pub(crate) enum Client {
    /// A baseline JPEG decoder.
    Jpeg(JpegArguments),
    /// A video decoder with a decoded-picture buffer.
    Video(VideoArguments),
    /// Workers under one byte limit.
    Server(ServerArguments),
    /// Thousands of pictures, and the resident memory over time.
    LongRun(LongRunArguments),
}

#[derive(Args)]
pub(crate) struct Common {
    /// Memory strategies. By default, those of the client's published table.
    #[arg(long, value_delimiter = ',')]
    pub(crate) strategies: Vec<Strategy>,
    /// Processes per strategy. Strategies take turns, so that a busy machine disturbs all alike.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,
    /// Measure the strategy in this process, and print the bare figures.
    #[arg(long, hide = true)]
    pub(crate) measure: bool,
}

#[derive(Args)]
pub(crate) struct JpegArguments {
    #[command(flatten)]
    pub(crate) common: Common,
    /// A baseline JPEG file. By default, a picture is drawn and encoded.
    #[arg(long)]
    pub(crate) file: Option<PathBuf>,
    /// Pixels per row of the drawn picture.
    #[arg(long, default_value_t = 4000)]
    pub(crate) width: usize,
    /// Rows of the drawn picture.
    #[arg(long, default_value_t = 3000)]
    pub(crate) height: usize,
    /// Threads of the decoder.
    #[arg(long, default_value_t = 2)]
    pub(crate) threads: usize,
    /// Measured decodes per process.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) repeat: u32,
}

#[derive(Args)]
pub(crate) struct VideoArguments {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Pixels per row; every second segment has two thirds of them.
    #[arg(long, default_value_t = 1920)]
    pub(crate) width: usize,
    /// Rows; every second segment has two thirds of them.
    #[arg(long, default_value_t = 1080)]
    pub(crate) height: usize,
    /// Threads of the decoder.
    #[arg(long, default_value_t = 2)]
    pub(crate) threads: usize,
    /// Measured laps per process. A lap has 162 pictures, half of them of each resolution.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) laps: u64,
}

#[derive(Args)]
pub(crate) struct ServerArguments {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Worker threads.
    #[arg(long, default_value_t = 8)]
    pub(crate) workers: usize,
    /// Jobs of a lap.
    #[arg(long, default_value_t = 400)]
    pub(crate) jobs: usize,
    /// Measured laps per process.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) laps: u32,
    /// Shortest side of a picture in pixels.
    #[arg(long, default_value_t = 64)]
    pub(crate) shortest: usize,
    /// Longest side of a picture in pixels.
    #[arg(long, default_value_t = 1664)]
    pub(crate) longest: usize,
    /// MiB that all jobs together may hold.
    #[arg(long, default_value_t = 50)]
    pub(crate) limit: usize,
}

#[derive(Args)]
pub(crate) struct LongRunArguments {
    #[command(flatten)]
    pub(crate) common: Common,
    /// Threads, each of which decodes one picture at a time.
    #[arg(long, default_value_t = 8)]
    pub(crate) threads: usize,
    /// Pictures to decode.
    #[arg(long, default_value_t = 10_000)]
    pub(crate) pictures: usize,
    /// Pictures from one sample to the next.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) every: u16,
    /// Draw the curves into this file.
    #[arg(long)]
    pub(crate) svg: Option<PathBuf>,
}
