//! Decodes in new arenas when the system refuses memory: each request, and all from one on.

use std::fs;

use frame_arena::{AllocError, Arena, ArenaBuilder};
use jxl_arena::{Decoder, Error, Event, Layout};
use rayon::ThreadPoolBuilder;

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

/// Decodes in new arenas, refusing one request after the other. Returns how many there are.
fn refuse_each(
    (options, decode): (&ArenaBuilder, Decode),
    file: &[u8],
    all_after: bool,
    expected: &[u8],
    name: &str,
) -> usize {
    let mut pixels = vec![0; expected.len()];
    for first in 0.. {
        let before = live_bytes();
        let decoder = Decoder::new(options.build());
        refuse(first, all_after);
        let outcome = decode(&decoder, file, &mut pixels);
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
        decode(&decoder, file, &mut pixels).unwrap();
        assert!(
            pixels == expected,
            "{name}: the decode after request {first}"
        );
        drop(decoder);
        assert_eq!(live_bytes(), before, "{name}, request {first}");
    }
    unreachable!("an endless loop")
}

pub(crate) fn requests_of_a_decode_end_in_an_error() {
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let is_slow = is_slow_wanted("refused requests of most files");
    let slow = if is_slow { &SLOW_FILES[..] } else { &[] };
    for (index, &name) in FILES.iter().chain(slow).enumerate() {
        let file = fs::read(samples().join(name).with_extension("jxl")).unwrap();
        pool.install(|| {
            let decoder = Decoder::default();
            let picture = decoder.read(&file).unwrap();
            let info = picture.info();
            let mut expected = vec![0; info.width as usize * info.height as usize * 4];
            picture.decode_into(Layout::Rgba, &mut expected).unwrap();
            // Memory that is mapped, and all of the global allocator.
            let ways = [Arena::builder(), Arena::builder().global_allocator()];
            for (place, options) in ways.into_iter().enumerate() {
                for all_after in [false, true] {
                    for decode in [decode as Decode, decode_pushed] {
                        // Each file is refused in each of these in one of two ways.
                        if !is_slow && (index + place + usize::from(all_after)) % 2 == 1 {
                            continue;
                        }
                        let way = (&options, decode);
                        let requests = refuse_each(way, &file, all_after, &expected, name);
                        eprintln!("{name}: {requests} requests");
                        assert!(requests > 5, "{name}: {requests} requests");
                    }
                }
            }
        });
    }
}
