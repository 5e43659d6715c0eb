use std::num::NonZeroUsize;
use std::thread;

use frame_arena::Arena;
use jxl_arena::{Animation, ColorProfile, Decoder, FrameCoding, FrameInfo, ImageInfo};

use super::args::InfoArguments;
use super::decode::read_file;
use super::failure::Failure;
use super::report;

/// Prints what a file's headers say, one fact on each line.
pub(super) fn run(arguments: &InfoArguments) -> Result<(), Failure> {
    let arena = Arena::new();
    let (file, _charge) = read_file(&arguments.file, &arena)?;
    let at_file = Failure::at(&arguments.file);
    let picture = Decoder::new(arena).read(&file).map_err(&at_file)?;
    print(picture.info());
    if picture.info().animation.is_some() {
        for frame in picture.frame_infos() {
            print_frame(&frame.map_err(&at_file)?, picture.info());
        }
    }
    if arguments.memory {
        let threads = arguments.threads.or(thread::available_parallelism().ok());
        let threads = threads.unwrap_or(NonZeroUsize::MIN);
        let plan = picture.plan(threads).map_err(&at_file)?;
        println!("memory       of a decode on {threads} threads, at most");
        report::print_plan(&plan);
    }
    Ok(())
}

fn print(info: &ImageInfo) {
    let color = match info.color_channels {
        1 => "grey",
        _ => "RGB",
    };
    println!("size         {} x {}", info.width, info.height);
    println!("orientation  {}", info.orientation);
    println!("samples      {} {color}", info.depth);
    for channel in &info.extra_channels {
        let name = quoted(&channel.name);
        println!("extra        {} {}{name}", channel.depth, channel.kind);
    }
    if info.alpha.is_some_and(|alpha| alpha.premultiplied) {
        println!("alpha        premultiplied");
    }
    println!(
        "stored as    {}",
        if info.xyb { "XYB" } else { "the colours below" }
    );
    match &info.profile {
        ColorProfile::Icc(icc) => println!("colours      ICC profile of {} bytes", icc.len()),
        ColorProfile::Encoding(encoding) => println!(
            "colours      {:?}, white {:?}, primaries {:?}, transfer {:?}, {:?}",
            encoding.colour_space,
            encoding.white_point,
            encoding.primaries,
            encoding.tf,
            encoding.rendering_intent
        ),
    }
    if let Some(icc) = &info.original_icc {
        println!("original     ICC profile of {} bytes", icc.len());
    }
    match &info.animation {
        None => println!("animated     no"),
        Some(animation) => println!("animated     {}", describe_animation(animation)),
    }
    println!("first frame  {}", coding(info.coding));
}

fn coding(coding: FrameCoding) -> &'static str {
    match coding {
        FrameCoding::Modular => "Modular",
        FrameCoding::VarDct => "VarDCT",
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

fn print_frame(frame: &FrameInfo, info: &ImageInfo) {
    let timecode = match frame.timecode {
        None => String::new(),
        Some(timecode) => format!(", timecode {timecode:08x}"),
    };
    let (coding, name) = (coding(frame.coding), quoted(&frame.name));
    println!(
        "picture      {}, {} ticks, {coding}{timecode}{name}",
        describe(frame, info),
        frame.duration_ticks
    );
}

/// The picture's number, counted from 1, and how long it is shown.
pub(super) fn describe(frame: &FrameInfo, info: &ImageInfo) -> String {
    let number = frame.index + 1;
    if let Some(icc) = &info.original_icc {
        println!("original     ICC profile of {} bytes", icc.len());
    }
    match &info.animation {
        None => number.to_string(),
        Some(animation) => format!("{number}: {:?}", animation.duration(frame.duration_ticks)),
    }
}

/// The start of a name in quotes, after a space; nothing if there is no name.
fn quoted(name: &str) -> String {
    match name {
        "" => String::new(),
        name => format!(" {:?}", name.chars().take(40).collect::<String>()),
    }
}
