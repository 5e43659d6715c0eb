use std::fs;
use std::path::Path;

use frame_arena::{Arena, Charge};
use jxl_arena::Decoder;
use rayon::ThreadPoolBuilder;

use super::args::DecodeArguments;
use super::failure::Failure;
use super::pictures::Pictures;
use super::progress::Progress;
use super::recording::Recording;
use super::report;
use super::rounds::Rounds;
use super::target::Target;

/// Decodes a file as often as asked and writes its pictures, or nothing.
pub(super) fn run(arguments: &DecodeArguments) -> Result<(), Failure> {
    let target = Target::of(&arguments.out).map_err(Failure::at(&arguments.out))?;
    let threads = arguments.threads.map_or(0, usize::from);
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(Failure::at(&arguments.file))?;
    let arena = arena(arguments);
    let (file, _file_charge) = read_file(&arguments.file, &arena)?;
    let at_file = Failure::at(&arguments.file);
    let progress = Progress::new(&arguments.file, arguments.repeat.get());
    let mut decoder = progress.watch(Decoder::new(arena));
    if arguments.memory_limit.is_some() {
        decoder = decoder.reserving();
    }
    let picture = decoder.read(&file).map_err(&at_file)?;
    let info = picture.info();
    let format = target.format(info);
    let format = format.map_err(Failure::at(&arguments.out))?;
    let pictures = Pictures::of(&picture, target, arguments).map_err(&at_file)?;
    // Opened before the work, so that a folder that is not there is noticed at once.
    let recording = Recording::create(arguments)?;
    let mut files = pictures.open(info, format, arguments)?;

    let mut rounds = Rounds::new(&picture, format, decoder.arena(), &pool).map_err(&at_file)?;
    let file = &arguments.file;
    let mut last = rounds.first(pictures, file, |decoded, pixels| {
        let written = files.put(decoded, pixels);
        written.map_err(Failure::at(&arguments.out))
    })?;
    for round in 1..arguments.repeat.get() {
        progress.start_round(round);
        last = rounds.again(round, pictures, file)?;
    }
    progress.finish();
    files.finish().map_err(Failure::at(&arguments.out))?;
    if let Some(recording) = recording {
        recording.fill(decoder.arena(), arguments)?;
    }
    if arguments.report {
        report::print(
            &last,
            info,
            &decoder.arena().snapshot(),
            arguments.repeat.get(),
        );
    }
    pictures.say_what_is_left_out(&arguments.file);
    Ok(())
}

fn arena(arguments: &DecodeArguments) -> Arena {
    let mut options = Arena::builder();
    if let Some(limit) = arguments.memory_limit {
        options = options.limit_bytes(limit.0);
    }
    if arguments.trace.is_some() || arguments.memory_map.is_some() {
        options = options.record();
    }
    options.build()
}

/// The file's bytes, counted against the arena's limit before they are read.
pub(super) fn read_file(path: &Path, arena: &Arena) -> Result<(Vec<u8>, Charge), Failure> {
    let length = fs::metadata(path).map_err(Failure::at(path))?.len();
    let length = usize::try_from(length).map_err(Failure::at(path))?;
    let charge = arena
        .frame()
        .charge_for("file", length)
        .map_err(Failure::at(path))?;
    let bytes = fs::read(path).map_err(Failure::at(path))?;
    Ok((bytes, charge))
}
