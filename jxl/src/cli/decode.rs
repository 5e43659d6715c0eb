use std::fs;
use std::path::Path;

use frame_arena::{Arena, Charge, FrameReport};
use jxl_arena::{Decoder, Picture, PixelFormat};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::args::DecodeArguments;
use super::failure::Failure;
use super::output_file::OutputFile;
use super::progress::Progress;
use super::recording::Recording;
use super::report;
use super::target::Target;

/// Decodes a file as often as asked and writes the picture, or nothing.
pub(super) fn run(arguments: &DecodeArguments) -> Result<(), Failure> {
    let target = Target::of(&arguments.out).map_err(Failure::at(&arguments.out))?;
    let pool = thread_pool(arguments)?;
    let arena = arena(arguments);
    let (file, _file_charge) = read_file(&arguments.file, &arena)?;
    let at_file = Failure::at(&arguments.file);
    let progress = Progress::new(&arguments.file, arguments.repeat.get());
    let mut decoder = progress.watch(Decoder::new(arena));
    if arguments.memory_limit.is_some() {
        decoder = decoder.reserving();
    }
    let picture = decoder.read(&file).map_err(&at_file)?;
    let format = target
        .format(picture.info())
        .map_err(Failure::at(&arguments.out))?;
    // Opened before the work, so that a folder that is not there is noticed at once.
    let output = OutputFile::create(&arguments.out).map_err(Failure::at(&arguments.out))?;
    let recording = Recording::create(arguments)?;

    let (first, mut report) = decode(&picture, format, &decoder, &pool).map_err(&at_file)?;
    for round in 1..arguments.repeat.get() {
        progress.start_round(round);
        let (again, again_report) = decode(&picture, format, &decoder, &pool).map_err(&at_file)?;
        if again.bytes != first.bytes {
            let message = format!("decode {} differs from the first", round + 1);
            return Err(Failure::new(&arguments.file, message));
        }
        report = again_report;
    }
    progress.finish();
    output
        .fill(|writer| target.write(writer, picture.info(), &first.bytes))
        .map_err(Failure::at(&arguments.out))?;
    if let Some(recording) = recording {
        recording.fill(decoder.arena(), arguments)?;
    }
    if arguments.report {
        report::print(&report, &decoder.arena().snapshot(), arguments.repeat.get());
    }
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

/// Decoded bytes that count against the arena's limit.
struct Pixels {
    bytes: Vec<u8>,
    _charge: Charge,
}

fn decode(
    picture: &Picture<'_>,
    format: PixelFormat,
    decoder: &Decoder,
    pool: &ThreadPool,
) -> Result<(Pixels, FrameReport), jxl_arena::Error> {
    let info = picture.info();
    let too_large = || jxl_arena::Error::Output("the picture exceeds the address space".into());
    let stride_bytes = (info.width as usize)
        .checked_mul(format.pixel_bytes())
        .ok_or_else(too_large)?;
    let total_bytes = stride_bytes
        .checked_mul(info.height as usize)
        .ok_or_else(too_large)?;
    let charge = decoder.arena().frame().charge(total_bytes)?;
    let mut bytes = bytemuck::allocation::try_zeroed_vec(total_bytes).map_err(|()| {
        jxl_arena::Error::Output(format!("no memory for {total_bytes} bytes").into())
    })?;
    let report = pool.install(|| picture.decode_bytes_into(format, &mut bytes, stride_bytes))?;
    let pixels = Pixels {
        bytes,
        _charge: charge,
    };
    Ok((pixels, report))
}

fn thread_pool(arguments: &DecodeArguments) -> Result<ThreadPool, Failure> {
    ThreadPoolBuilder::new()
        .num_threads(arguments.threads.map_or(0, usize::from))
        .build()
        .map_err(Failure::at(&arguments.file))
}

/// The file's bytes, counted against the arena's limit before they are read.
pub(super) fn read_file(path: &Path, arena: &Arena) -> Result<(Vec<u8>, Charge), Failure> {
    let length = fs::metadata(path).map_err(Failure::at(path))?.len();
    let length = usize::try_from(length).map_err(Failure::at(path))?;
    let charge = arena.frame().charge(length).map_err(Failure::at(path))?;
    let bytes = fs::read(path).map_err(Failure::at(path))?;
    Ok((bytes, charge))
}
