//! Decodes in new arenas when the system refuses memory: each request, and all from one on.
//!
//! Without the test harness, whose thread makes requests of its own when a test takes a minute.

#[cfg(all(target_os = "linux", not(frame_arena_asan)))]
#[path = "system/mappings.rs"]
mod mappings;
// What counts bytes at their peak is not used here.
#[allow(dead_code)]
#[path = "system/requests.rs"]
mod requests;

use std::fs;
use std::path::Path;

use frame_arena::{AllocError, Arena, ArenaBuilder};
use jxl_arena::{Decoder, Error, Layout};
use rayon::ThreadPoolBuilder;
use requests::{live_bytes, refuse, refuse_nothing};

#[global_allocator]
static ALLOCATOR: requests::Counted = requests::Counted;

fn decode(decoder: &Decoder, file: &[u8], pixels: &mut [u8]) -> Result<(), Error> {
    let picture = decoder.read(file)?;
    picture.decode_into(Layout::Rgba, pixels)?;
    Ok(())
}

/// Decodes in new arenas, refusing one request after the other. Returns how many there are.
fn refuse_each(
    options: &ArenaBuilder,
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

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let pool = ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for name in [
        "rgb8_e7_g1",
        "rgb8_e9",
        "rgba8_g0",
        "squeeze_g0",
        "delta_palette_groups",
        "icc",
        "cmyk",
        "vardct_groups",
        "vardct_seams_alpha",
        "vardct_patches_alpha",
        "layers_vardct",
        "animation_vardct",
        "lf_frames_nested",
        "noise_upsampled",
        "jpeg_420",
        "rgb8_center_first",
    ] {
        let file = fs::read(folder.join(name).with_extension("jxl")).unwrap();
        pool.install(|| {
            let decoder = Decoder::default();
            let picture = decoder.read(&file).unwrap();
            let info = picture.info();
            let mut expected = vec![0; info.width as usize * info.height as usize * 4];
            picture.decode_into(Layout::Rgba, &mut expected).unwrap();
            // Memory that is mapped, and all of the global allocator.
            for options in [Arena::builder(), Arena::builder().global_allocator()] {
                for all_after in [false, true] {
                    let requests = refuse_each(&options, &file, all_after, &expected, name);
                    eprintln!("{name}: {requests} requests");
                    assert!(requests > 5, "{name}: {requests} requests");
                }
            }
        });
    }
}
