use std::num::NonZeroUsize;
use std::path::PathBuf;

use bytesize::ByteSize;
use clap::{Args, Parser, Subcommand, ValueEnum};
use jxl_arena::{OutputColor, Reduction, Region};

use super::fit::Fit;
use super::target::Target;

/// Decode JPEG XL pictures with per-frame memory.
#[derive(Parser)]
#[command(name = "jxl-arena", version, about)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Decode a picture to a PNG, PFM, PPM, PGM or PAM file.
    Decode(DecodeArguments),
    /// Print the headers of a file, and the memory that a decode may take.
    Info(InfoArguments),
}

#[derive(Args)]
pub(super) struct DecodeArguments {
    /// The JPEG XL file; `-` is standard input.
    pub(super) file: PathBuf,
    /// The file to write; its extension chooses the format. `-` is standard output, with
    /// `--format`. `.png`: 8 or 16 bits, with the color
    /// profile. `.ppm`, `.pgm`, `.pam`: integers, as deep as the deepest channel that is written.
    /// `.pfm`: floats. PPM, PGM and PFM hold no alpha and leave it out. An animation becomes an
    /// animated PNG file; the other formats hold its first picture.
    pub(super) out: PathBuf,
    /// The format of the file to write, whatever its extension.
    #[arg(long, value_enum)]
    pub(super) format: Option<Target>,
    /// Decode of a truncated file what is there: the exit code is then 3, and a line on standard
    /// error says how much that was.
    #[arg(long)]
    pub(super) partial: bool,
    /// Write each picture of an animation to its own file: `out.ppm` becomes `out-0001.ppm`,
    /// `out-0002.ppm` and so on.
    #[arg(long)]
    pub(super) frames: bool,
    /// Decode only a rectangle of the picture, or of each picture of an animation: columns and
    /// rows, then its first column and row, such as 1024x768+300+200. Groups of samples that it
    /// does not touch are not read.
    #[arg(long, value_name = "WxH+X+Y", value_parser = region)]
    pub(super) region: Option<Region>,
    /// Decode the picture 1:2, 1:4 or 1:8: averages of squares of samples. 1:8 of most lossy
    /// pictures reads only their LF image.
    #[arg(long, value_name = "2|4|8", value_parser = reduction, conflicts_with = "region")]
    pub(super) reduce: Option<Reduction>,
    /// Make the picture fit in a rectangle of columns and rows, such as 500x375. It keeps its
    /// aspect ratio and is never enlarged. It is decoded at the smallest of 1:8, 1:4, 1:2 and 1:1
    /// that suffices, and averaged to its size.
    #[arg(long, value_name = "WxH", value_parser = Fit::parse)]
    #[arg(conflicts_with_all = ["region", "reduce"])]
    pub(super) fit: Option<Fit>,
    /// Colors of the written samples.
    #[arg(long, value_enum, default_value = "auto")]
    pub(super) color: Color,
    /// Write an extra channel alone, as gray: the one with this name; otherwise the first of this
    /// kind, such as `alpha` or `depth`; otherwise the one with this number, from 0. `info` prints
    /// the channels.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["reduce", "fit"])]
    pub(super) channel: Option<String>,
    /// Threads to decode on [default: one for each processor].
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<NonZeroUsize>,
    /// Limit on the bytes of the file, the decoded picture and the decoder's memory together, such
    /// as 256MiB. A decode that may need more (see `info --memory`) is refused before it starts.
    #[arg(long, value_name = "SIZE")]
    pub(super) memory_limit: Option<ByteSize>,
    /// Decode K times in one arena and check that all pictures are the same.
    #[arg(long, value_name = "K", default_value = "1")]
    pub(super) repeat: NonZeroUsize,
    /// Print the memory of the last decode by stage; for an animation, also of each picture.
    #[arg(long)]
    pub(super) report: bool,
    /// Record every memory request. `.trace`: the recording as text; `.svg`: a drawing of the
    /// memory over time, every block and run and the requests in it, by stage; `.html`: a page that
    /// zooms. May be repeated.
    #[arg(long, value_name = "OUT")]
    pub(super) record: Vec<PathBuf>,
}

impl DecodeArguments {
    /// The memory limit, if there is one, capped to the address space.
    pub(super) fn limit_bytes(&self) -> Option<usize> {
        let limit = self.memory_limit?;
        Some(usize::try_from(limit.as_u64()).unwrap_or(usize::MAX))
    }
}

/// Parses a region in the form in which it displays.
fn region(text: &str) -> Result<Region, String> {
    let numbers = || {
        let (size, place) = text.split_once('+')?;
        let ((width, height), (x, y)) = (size.split_once('x')?, place.split_once('+')?);
        let number = |text: &str| text.parse::<u32>().ok();
        let (width, height) = (number(width)?, number(height)?);
        Some(Region::new(number(x)?, number(y)?, width, height))
    };
    numbers().ok_or_else(|| "not of the form WxH+X+Y, such as 1024x768+300+200".to_owned())
}

/// Parses the factor of a reduction.
fn reduction(text: &str) -> Result<Reduction, String> {
    let factor = text.parse().ok().and_then(Reduction::from_factor);
    factor.ok_or_else(|| "not 1, 2, 4 or 8".to_owned())
}

/// Colors of the written samples.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Color {
    /// sRGB for XYB pictures with an ICC profile and for CMYK pictures; otherwise the file's
    /// colors.
    Auto,
    /// The colors of the picture before it was encoded, by its ICC profile. CMYK samples are
    /// written to PAM only; the largest sample is full ink.
    Original,
}

impl From<Color> for OutputColor {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Automatic,
            Color::Original => Self::Original,
        }
    }
}

#[derive(Args)]
pub(super) struct InfoArguments {
    /// The JPEG XL file; `-` is standard input.
    pub(super) file: PathBuf,
    /// Print the most memory that a decode may take, by stage. Nothing is decoded.
    #[arg(long)]
    pub(super) memory: bool,
    /// Threads of that decode [default: one for each processor].
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<NonZeroUsize>,
}
