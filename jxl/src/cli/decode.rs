use std::io::{self, Write};
use std::path::Path;

use frame_arena::Arena;
use jxl_arena::{Decoder, Error, ImageInfo, Reduction, Region};
use rayon::ThreadPoolBuilder;

use super::args::DecodeArguments;
use super::decoded::Decoded;
use super::ending::Ending;
use super::failure::Failure;
use super::fit::Shrink;
use super::input_file::read_file;
use super::output_file::is_standard;
use super::pictures::Pictures;
use super::progress::Progress;
use super::recording::Recording;
use super::report::Report;
use super::rounds::Rounds;
use super::target::{Channel, Target};

/// Decodes a file `--repeat` times and writes its pictures, or nothing.
pub(super) fn run(arguments: &DecodeArguments) -> Result<Ending, Failure> {
    let target =
        Target::of(arguments.format, &arguments.out).map_err(Failure::at(&arguments.out))?;
    if is_standard(&arguments.out) {
        let message = match (arguments.report, arguments.frames) {
            (true, _) => Some("standard output cannot have the picture and the report"),
            (_, true) => Some("--frames needs the name of a file"),
            _ => None,
        };
        if let Some(message) = message {
            return Err(Failure::new(&arguments.out, message));
        }
    }
    let threads = arguments.threads.map_or(0, usize::from);
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(Failure::at(&arguments.file))?;
    let arena = arena(arguments);
    let (file, _file_charge) = read_file(&arguments.file, &arena)?;
    let at_file = Failure::at(&arguments.file);
    let progress = Progress::new(&arguments.file, arguments.repeat.get());
    let decoder = Decoder::new(arena).with_output_color(arguments.color.into());
    let mut decoder = progress.watch(decoder);
    if arguments.memory_limit.is_some() {
        decoder = decoder.reserving();
    }
    if arguments.partial {
        decoder = decoder.allowing_truncation();
    }
    let picture = decoder.read(&file).map_err(&at_file)?;
    let full = (picture.info().width, picture.info().height);
    let fitted = arguments.fit.map(|fit| fit.size(full));
    let reduction = match fitted {
        Some(fitted) => Some(Reduction::at_least(full, fitted)),
        None => arguments.reduce,
    };
    let picture = picture.reduced(reduction.unwrap_or_default());
    let decoded = decoded_info(picture.info(), arguments.region);
    let decoded = &decoded.map_err(&at_file)?;
    let mut info = decoded.clone();
    (info.width, info.height) = fitted.unwrap_or((info.width, info.height));
    let info = &info;
    let channel = arguments.channel.as_deref();
    let channel = channel.map(|wanted| Channel::of(&picture, wanted));
    let channel = channel.transpose().map_err(Failure::at(&arguments.file))?;
    let format = target.format(info, channel);
    let format = format.map_err(Failure::at(&arguments.out))?;
    let pictures = Pictures::of(&picture, target, arguments).map_err(&at_file)?;
    // Opened before the decode, so that a missing folder is noticed immediately.
    let recording = Recording::create(arguments)?;
    let mut files = pictures.open(info, format, arguments)?;

    let sizes = [decoded, info].map(|info| (info.width, info.height));
    let shrink = Shrink::new(format, sizes[0], sizes[1]);
    let mut shrink = shrink.map_err(&at_file)?;
    let part = (arguments.region, decoded);
    let rounds = Rounds::new(&picture, part, format, decoder.arena(), &pool);
    let mut rounds = rounds.map_err(&at_file)?;
    let file = &arguments.file;
    let mut report = arguments.report.then(Report::new);
    let last_round = arguments.repeat.get() - 1;
    let mut see = |decoded: &Decoded, round: usize| match &mut report {
        Some(report) if round == last_round => progress.pause(|| report.picture(decoded, info)),
        _ => Ok(()),
    };
    let mut last = rounds.first(pictures, file, |decoded, pixels| {
        let written = files.put(decoded, shrink.run(pixels));
        written.map_err(Failure::at(&arguments.out))?;
        see(decoded, 0)
    })?;
    for round in 1..=last_round {
        progress.start_round(round);
        last = rounds.again(round, pictures, file, |decoded| see(decoded, round))?;
    }
    progress.finish();
    files.finish().map_err(Failure::at(&arguments.out))?;
    if let Some(recording) = recording {
        recording.fill(decoder.arena(), arguments)?;
    }
    if let Some(report) = report {
        let snapshot = decoder.arena().snapshot();
        report.finish(last.as_ref(), &snapshot, arguments.repeat.get())?;
    }
    pictures.say_what_is_left_out(&arguments.file);
    Ok(ending(&arguments.file, last.as_ref()))
}

/// How the command ends after the `last` picture that was written. Tells on standard error what a
/// truncated file had.
fn ending(file: &Path, last: Option<&Decoded>) -> Ending {
    let Some(last) = last else {
        return Ending::Whole;
    };
    let (file, found) = (file.display(), &last.completeness);
    let picture = last
        .info
        .as_ref()
        .map(|info| (info.index + 1, info.is_last));
    let message = match (found.is_complete(), picture) {
        (true, None | Some((_, true))) => return Ending::Whole,
        (true, Some((number, false))) => format!("nothing after picture {number} is there"),
        (false, None) if found.total_bytes == 0 => "its LF frame alone is there".to_owned(),
        (false, _) => {
            let picture = picture.map(|(number, _)| format!("picture {number}: "));
            format!(
                "{}{} of {} sections are there, {} % of their bytes",
                picture.unwrap_or_default(),
                found.sections,
                found.total_sections,
                found.percent()
            )
        }
    };
    // Where standard error is closed, the exit code has to do.
    let _ = writeln!(
        io::stderr(),
        "jxl-arena: {file}: file is truncated: {message}"
    );
    Ending::Partial
}

/// Describes the picture that is decoded, which may be a region.
///
/// # Errors
/// A region that the picture does not have.
fn decoded_info(info: &ImageInfo, region: Option<Region>) -> Result<ImageInfo, Error> {
    let mut written = info.clone();
    if let Some(region) = region {
        region.check(info)?;
        (written.width, written.height) = (region.width, region.height);
    }
    Ok(written)
}

fn arena(arguments: &DecodeArguments) -> Arena {
    let mut options = Arena::builder();
    if let Some(limit_bytes) = arguments.limit_bytes() {
        options = options.limit_bytes(limit_bytes);
    }
    if !arguments.record.is_empty() {
        options = options.record();
    }
    options.build()
}
