use std::num::NonZeroUsize;
use std::thread;

use frame_arena::Arena;
use jxl_arena::{ColorProfile, Decoder, FrameCoding, ImageInfo};

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
        let name = match channel.name.as_str() {
            "" => String::new(),
            name => format!(" {:?}", name.chars().take(40).collect::<String>()),
        };
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
    println!("animated     {}", if info.animation.is_some() { "yes" } else { "no" });
    let coding = match info.coding {
        FrameCoding::Modular => "Modular",
        FrameCoding::VarDct => "VarDCT",
    };
    println!("first frame  {coding}");
}
