//! Whole decodes in which the system refuses one request, or all from one on.
#![no_main]

#[path = "support/bounded.rs"]
mod bounded;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use bounded::bounded;
use bounded::requests::{count, counted, refuse, refuse_nothing};
use frame_arena::AllocError;
use jxl_arena::{Decoder, Error, Layout};
use libfuzzer_sys::fuzz_target;
use rayon::{ThreadPool, ThreadPoolBuilder};

const LIMIT_BYTES: usize = 32 << 20;

/// Larger pictures are left out: they cost time and show nothing else.
const MOST_PIXELS: usize = 1 << 18;

/// A file of each coding, and its pixels. It is decoded after each input.
static KNOWN: LazyLock<[(&[u8], Vec<u8>); 2]> = LazyLock::new(|| {
    let files: [&[u8]; 2] = [
        include_bytes!("../../jxl/tests/samples/gray1.jxl"),
        include_bytes!("../../jxl/tests/samples/vardct_patches_alpha.jxl"),
    ];
    files.map(|file| {
        let picture = Decoder::default().read(file).unwrap();
        (file, picture.decode(Layout::Rgba).unwrap())
    })
});

static POOL: LazyLock<ThreadPool> =
    LazyLock::new(|| ThreadPoolBuilder::new().num_threads(1).build().unwrap());

/// Returns the bytes of a picture's pixels, or `None` if it is left out.
fn pixel_bytes(decoder: &Decoder, file: &[u8]) -> Option<usize> {
    let picture = decoder.read(file).ok()?;
    let info = picture.info();
    let pixels = (info.width as usize).checked_mul(info.height as usize)?;
    (pixels <= MOST_PIXELS).then_some(pixels * 4)
}

fn decode(decoder: &Decoder, file: &[u8], pixels: &mut [u8]) -> Result<(), Error> {
    decoder.read(file)?.decode_into(Layout::Rgba, pixels)?;
    Ok(())
}

/// Decodes `file` while requests are refused. A hash of the file chooses the first one. The buffers
/// are for the pixels of two decodes.
fn check(decoder: &Decoder, file: &[u8], [expected, pixels]: [&mut [u8]; 2]) {
    let Some(pixel_bytes) = pixel_bytes(decoder, file) else {
        return;
    };
    let (expected, pixels) = (&mut expected[..pixel_bytes], &mut pixels[..pixel_bytes]);
    decoder.arena().trim();
    count();
    let unhindered = decode(decoder, file, expected);
    let requests = counted();

    decoder.arena().trim();
    let mut hash = DefaultHasher::new();
    file.hash(&mut hash);
    let hash = hash.finish();
    let (first, all_after) = (hash as usize / 2 % requests.max(1), hash % 2 == 1);
    refuse(first, all_after);
    let outcome = decode(decoder, file, pixels);
    refuse_nothing();
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
    match outcome {
        Ok(()) => assert!(unhindered.is_ok() && pixels == expected),
        Err(Error::Memory(AllocError::System { .. })) => {}
        Err(error) => assert!(unhindered.is_err(), "request {first} refused: {error}"),
    }

    let again = decode(decoder, file, pixels);
    assert_eq!(again.is_ok(), unhindered.is_ok());
    assert!(again.is_err() || pixels == expected);
}

fuzz_target!(|file: &[u8]| {
    let known = &*KNOWN;
    let mut buffers = [(); 2].map(|()| vec![0; 4 * MOST_PIXELS]);
    POOL.install(|| {
        bounded(LIMIT_BYTES, |arena| {
            let decoder = Decoder::new(arena.clone());
            check(&decoder, file, buffers.each_mut().map(Vec::as_mut_slice));
            for (file, expected) in known {
                let pixels = &mut buffers[0][..expected.len()];
                decode(&decoder, file, pixels).unwrap();
                assert!(pixels == *expected);
            }
        });
    });
});
