//! Decodes in new arenas when the system refuses memory: each request, and all from one on.

use std::fs;
use std::sync::Arc;

use frame_arena::{AllocError, Arena, ArenaBuilder};
use jxl_arena::{CallingThread, Decoder, Error, Event, Layout, ParallelRunner};

use super::kept_threads::KeptThreads;
use super::pictures::samples;
use super::requests::{live_bytes, refuse, refuse_nothing};
use super::tier::is_slow_wanted;

fn decode(decoder: &Decoder, file: &[u8], pixels: &mut [u8]) -> Result<(), Error> {
    let picture = decoder.read(file)?;
    picture.decode_into(Layout::Rgba, pixels)?;
    Ok(())
}

/// The same of a file in pieces, with a flush of what is there before the last one.
fn decode_pushed(decoder: &Decoder, file: &[u8], pixels: &mut [u8]) -> Result<(), Error> {
    let mut push = decoder.push();
    for mut bytes in file.chunks(file.len().div_ceil(3)) {
        loop {
            match push.feed(&mut bytes)? {
                Event::Headers | Event::Frame => {}
                Event::Picture => {
                    push.decode_into(Layout::Rgba, pixels)?;
                    return Ok(());
                }
                _ => break,
            }
        }
        push.flush_into(Layout::Rgba, pixels)?;
    }
    Err(Error::Truncated)
}

type Decode = fn(&Decoder, &[u8], &mut [u8]) -> Result<(), Error>;

const FILES: [&str; 4] = [
    "rgba8_g0",
    "icc",
    "vardct_patches_alpha",
    "animation_vardct",
];
const SLOW_FILES: [&str; 12] = [
    "rgb8_e7_g1",
    "rgb8_e9",
    "squeeze_g0",
    "delta_palette_groups",
    "cmyk",
    "vardct_groups",
    "vardct_seams_alpha",
    "layers_vardct",
    "lf_frames_nested",
    "noise_upsampled",
    "jpeg_420",
    "rgb8_center_first",
];

/// How a file is decoded.
struct Way<'w> {
    options: &'w ArenaBuilder,
    runner: &'w Arc<dyn ParallelRunner>,
    decode: Decode,
}

/// Decodes in new arenas, refusing one request after the other. Returns how many there are.
fn refuse_each(way: &Way<'_>, file: &[u8], all_after: bool, expected: &[u8], name: &str) -> usize {
    let mut pixels = vec![0; expected.len()];
    for first in 0.. {
        let before = live_bytes();
        let decoder = Decoder::new(way.options.build()).with_runner(Arc::clone(way.runner));
        refuse(first, all_after);
        let outcome = (way.decode)(&decoder, file, &mut pixels);
        let requests = refuse_nothing();
        if requests <= first {
            assert!(outcome.is_ok() && pixels == expected, "{name}");
            return first;
        }
        match outcome {
            Err(Error::Memory(AllocError::System { .. })) => {}
            // A request for more than is needed was refused, and a smaller one served.
            Ok(()) if !all_after => assert!(pixels == expected, "{name}, {first}"),
            outcome => panic!("{name}, request {first}: {outcome:?}"),
        }
        let after = decoder.arena().snapshot();
        assert_eq!(after.live_bytes, 0, "{name}, request {first}");
        (way.decode)(&decoder, file, &mut pixels).unwrap();
        assert!(
            pixels == expected,
            "{name}: the decode after request {first}"
        );
        drop(decoder);
        assert_eq!(live_bytes(), before, "{name}, request {first}");
    }
    unreachable!("an endless loop")
}

/// A file and its samples.
fn decoded(name: &str, runner: &Arc<dyn ParallelRunner>) -> (Vec<u8>, Vec<u8>) {
    let file = fs::read(samples().join(name).with_extension("jxl")).unwrap();
    let decoder = Decoder::default().with_runner(Arc::clone(runner));
    let expected = decoder.read(&file).unwrap().decode(Layout::Rgba).unwrap();
    (file, expected)
}

/// Refuses requests of decodes of file number `index`, each of them in one of two ways unless
/// slow tests are wanted.
fn refuse_in_ways(
    (index, name): (usize, &str),
    runner: &Arc<dyn ParallelRunner>,
    decodes: &[Decode],
    is_slow: bool,
) {
    let (file, expected) = decoded(name, runner);
    // Memory that is mapped, and all of the global allocator.
    let options = [Arena::builder(), Arena::builder().global_allocator()];
    for (place, options) in options.iter().enumerate() {
        for all_after in [false, true] {
            if !is_slow && (index + place + usize::from(all_after)) % 2 == 1 {
                continue;
            }
            for &decode in decodes {
                let way = Way {
                    options,
                    runner,
                    decode,
                };
                let requests = refuse_each(&way, &file, all_after, &expected, name);
                let threads = runner.threads();
                eprintln!("{name}: {requests} requests on {threads} threads");
                assert!(requests > 5, "{name}: {requests} requests");
            }
        }
    }
}

pub(crate) fn requests_of_a_decode_end_in_an_error() {
    let runner: Arc<dyn ParallelRunner> = Arc::new(CallingThread);
    let is_slow = is_slow_wanted("refused requests of most files");
    let slow = if is_slow { &SLOW_FILES[..] } else { &[] };
    for (index, &name) in FILES.iter().chain(slow).enumerate() {
        refuse_in_ways((index, name), &runner, &[decode, decode_pushed], is_slow);
    }
}

/// Files whose groups are decoded by several threads.
const SHARED_FILES: [&str; 4] = [
    "rgba8_g0",
    "squeeze_g0",
    "vardct_seams_alpha",
    "noise_groups",
];

/// Which thread makes a request differs between decodes, and so does how many there are.
pub(crate) fn requests_of_several_threads_end_in_an_error() {
    let runner: Arc<dyn ParallelRunner> = Arc::new(KeptThreads::new(3));
    let is_slow = is_slow_wanted("most refused requests of several threads");
    for (index, name) in SHARED_FILES.into_iter().enumerate() {
        refuse_in_ways((index, name), &runner, &[decode], is_slow);
    }
}
