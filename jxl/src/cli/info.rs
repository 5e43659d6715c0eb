use std::num::NonZeroUsize;
use std::thread;

use frame_arena::Arena;
use jxl_arena::{
    Animation, ColorProfile, Completeness, Decoder, Error, FileBox, FileBoxes, FrameCoding,
    FrameInfo, ImageInfo, Picture,
};

use super::args::InfoArguments;
use super::console::{Console, say};
use super::failure::Failure;
use super::frame_name::describe;
use super::input_file::read_file;
use super::report;

/// Prints the headers of a file, one fact on each line.
pub(super) fn run(arguments: &InfoArguments) -> Result<(), Failure> {
    let arena = Arena::new();
    let (file, _charge) = read_file(&arguments.file, &arena)?;
    let at_file = Failure::at(&arguments.file);
    let decoder = Decoder::new(arena).allowing_truncation();
    let picture = decoder.read(&file).map_err(&at_file)?;
    let mut console = Console::new();
    print(&mut console, &picture)?;
    print_completeness(&mut console, &picture.completeness().map_err(&at_file)?)?;
    for found in FileBoxes::new(&file) {
        match found {
            // What the file ends in.
            Err(Error::Truncated) => break,
            found => print_box(&mut console, &found.map_err(&at_file)?)?,
        }
    }
    if picture.info().animation.is_some() {
        for frame in picture.frame_infos() {
            print_frame(&mut console, &frame.map_err(&at_file)?, picture.info())?;
        }
    }
    if arguments.memory {
        let threads = arguments.threads.or(thread::available_parallelism().ok());
        let threads = threads.unwrap_or(NonZeroUsize::MIN);
        let plan = picture.plan(threads).map_err(&at_file)?;
        say!(
            console,
            "memory       of a decode on {threads} threads, at most"
        )?;
        report::print_plan(&mut console, &plan)?;
    }
    console.finish()
}

fn print(console: &mut Console, picture: &Picture<'_>) -> Result<(), Failure> {
    let info = picture.info();
    // Samples that are converted although they are not XYB.
    let is_cmyk = info.original_icc.is_some() && !info.xyb;
    let color = match info.color_channels {
        1 => "gray",
        _ if is_cmyk => "CMYK",
        _ => "RGB",
    };
    say!(console, "size         {} x {}", info.width, info.height)?;
    say!(console, "orientation  {}", info.orientation)?;
    say!(console, "samples      {} {color}", info.depth)?;
    for channel in picture.extra_channels() {
        let name = quoted(channel.name);
        say!(
            console,
            "extra        {} {}{name}",
            channel.depth,
            channel.kind
        )?;
    }
    if info.alpha.is_some_and(|alpha| alpha.premultiplied) {
        say!(console, "alpha        premultiplied")?;
    }
    say!(
        console,
        "stored as    {}",
        match (info.xyb, is_cmyk) {
            (true, _) => "XYB",
            (_, true) => "the original colors below",
            _ => "the colors below",
        }
    )?;
    match &info.profile {
        ColorProfile::Icc(icc) => say!(console, "colors       ICC profile of {} bytes", icc.len())?,
        ColorProfile::Encoding(encoding) => say!(
            console,
            "colors       {:?}, white {:?}, primaries {:?}, transfer {:?}, {:?}",
            encoding.color_space,
            encoding.white_point,
            encoding.primaries,
            encoding.transfer_function,
            encoding.rendering_intent
        )?,
    }
    if let Some(icc) = &info.original_icc {
        say!(console, "original     ICC profile of {} bytes", icc.len())?;
    }
    match &info.animation {
        None => say!(console, "animated     no")?,
        Some(animation) => say!(console, "animated     {}", describe_animation(animation))?,
    }
    match info.coding {
        Some(found) => say!(console, "first frame  {}", coding(found)),
        None => say!(console, "first frame  not there"),
    }
}

fn print_completeness(console: &mut Console, found: &Completeness) -> Result<(), Failure> {
    if found.is_complete() {
        return Ok(());
    }
    let (sections, total) = (found.sections, found.total_sections);
    match found.total_bytes {
        0 => say!(console, "truncated    before the first picture"),
        _ => say!(
            console,
            "truncated    {sections} of {total} sections of the first picture, {} % of their bytes",
            found.percent()
        ),
    }
}

fn coding(coding: FrameCoding) -> &'static str {
    match coding {
        FrameCoding::Modular => "Modular",
        FrameCoding::VarDct => "VarDCT",
    }
}

/// A box of metadata, by its type and stored bytes.
fn print_box(console: &mut Console, found: &FileBox<'_>) -> Result<(), Failure> {
    let (kind, bytes) = (found.kind.escape_ascii(), found.stored().len());
    match (&found.kind, found.is_compressed) {
        (b"ftyp" | b"jxll" | b"jxlc" | b"jxlp", _) => Ok(()),
        (_, false) => say!(console, "box          {kind}, {bytes} bytes"),
        (_, true) => say!(console, "box          {kind}, {bytes} bytes compressed"),
    }
}

fn describe_animation(animation: &Animation) -> String {
    let ticks = match (animation.ticks_numerator, animation.ticks_denominator) {
        (numerator, 1) => numerator.to_string(),
        (numerator, denominator) => format!("{numerator}/{denominator}"),
    };
    match animation.plays {
        None => format!("{ticks} ticks per second, for ever"),
        Some(1) => format!("{ticks} ticks per second, once"),
        Some(plays) => format!("{ticks} ticks per second, {plays} times"),
    }
}

fn print_frame(console: &mut Console, frame: &FrameInfo, info: &ImageInfo) -> Result<(), Failure> {
    let timecode = match frame.timecode {
        None => String::new(),
        Some(timecode) => format!(", timecode {timecode:08x}"),
    };
    let (coding, name) = (coding(frame.coding), quoted(&frame.name));
    say!(
        console,
        "picture      {}, {} ticks, {coding}{timecode}{name}",
        describe(frame, info),
        frame.duration_ticks
    )
}

/// The start of a name in quotes, after a space; nothing if there is no name.
fn quoted(name: &str) -> String {
    match name {
        "" => String::new(),
        name => format!(" {:?}", name.chars().take(40).collect::<String>()),
    }
}
