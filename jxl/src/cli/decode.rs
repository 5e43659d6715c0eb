use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use frame_arena::{AllocError, Arena, Charge};
use jxl_arena::Decoder;
use rayon::ThreadPoolBuilder;

use super::args::DecodeArguments;
use super::failure::Failure;
use super::pictures::Pictures;
use super::progress::Progress;
use super::recording::Recording;
use super::report::Report;
use super::rounds::{Decoded, Rounds};
use super::target::Target;

/// Decodes a file `--repeat` times and writes its pictures, or nothing.
pub(super) fn run(arguments: &DecodeArguments) -> Result<(), Failure> {
    let target = Target::of(&arguments.out).map_err(Failure::at(&arguments.out))?;
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
    let mut report = arguments.report.then(Report::new);
    let last_round = arguments.repeat.get() - 1;
    let mut see = |decoded: &Decoded, round: usize| match &mut report {
        Some(report) if round == last_round => progress.pause(|| report.picture(decoded, info)),
        _ => Ok(()),
    };
    let mut last = rounds.first(pictures, file, |decoded, pixels| {
        let written = files.put(decoded, pixels);
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
    Ok(())
}

fn arena(arguments: &DecodeArguments) -> Arena {
    let mut options = Arena::builder();
    if let Some(limit_bytes) = arguments.limit_bytes() {
        options = options.limit_bytes(limit_bytes);
    }
    if arguments.trace.is_some() || arguments.memory_map.is_some() {
        options = options.record();
    }
    options.build()
}

/// Room for the first bytes of a file of unknown length.
const FIRST_ROOM: usize = 1 << 16;

/// The file's bytes, counted against the arena's limit before they are read. A file may be a pipe,
/// whose length nobody knows.
pub(super) fn read_file(path: &Path, arena: &Arena) -> Result<(Vec<u8>, Charge), Failure> {
    let mut file = File::open(path).map_err(Failure::at(path))?;
    let length = file.metadata().map_err(Failure::at(path))?.len();
    let length = usize::try_from(length).map_err(Failure::at(path))?;
    let mut bytes = Vec::new();
    let mut charge = grow(&mut bytes, length, arena).map_err(Failure::at(path))?;
    loop {
        let room = bytes.capacity() - bytes.len();
        let part = file.by_ref().take(room as u64).read_to_end(&mut bytes);
        if part.map_err(Failure::at(path))? < room {
            return Ok((bytes, charge));
        }
        // Whether there is more, is known when it is read.
        let mut next = [0];
        match file.read(&mut next) {
            Ok(0) => return Ok((bytes, charge)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Failure::new(path, error)),
        }
        let more = bytes.len().max(FIRST_ROOM);
        charge = grow(&mut bytes, more, arena).map_err(Failure::at(path))?;
        bytes.push(next[0]);
    }
}

/// Makes room for `more` bytes. Returns the charge for all.
fn grow(bytes: &mut Vec<u8>, more: usize, arena: &Arena) -> Result<Charge, AllocError> {
    let capacity = bytes.len().saturating_add(more);
    let charge = arena.frame().charge_for("file", capacity)?;
    let no_memory = |_| AllocError::System {
        requested_bytes: capacity,
    };
    bytes.try_reserve_exact(more).map_err(no_memory)?;
    Ok(charge)
}
