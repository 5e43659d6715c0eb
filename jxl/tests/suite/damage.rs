//! Damaged files: an error or a picture, no panic, no hang, no memory without bound.

use frame_arena::Arena;
use jxl_arena::{Decoder, Error};

use super::headers::with_size;
use super::random::random;
use super::sample_table::ANIMATED;
use super::support::{sample_bytes, sample_names, vardct_names};
use super::tier::is_slow_wanted;

/// Decodes all pictures with a limit on memory; what they are, if there are any, does not matter.
fn try_decode(decoder: &Decoder, file: &[u8]) -> Result<(), Error> {
    let mut frames = decoder.read(file)?.into_frames()?;
    let layout = frames.info().layout();
    // Damage may make a picture so large that it is not to be decoded hundreds of times.
    let mut pictures = 0;
    while pictures < 12 && frames.decode_next::<u8>(layout)?.is_some() {
        pictures += 1;
    }
    Ok(())
}

fn limited() -> Decoder {
    Decoder::new(Arena::builder().limit_bytes(64 << 20).build())
}

#[test]
fn truncated_files_are_errors() {
    let decoder = limited();
    for name in sample_names() {
        let file = sample_bytes(name);
        let step = (file.len() / 200).max(1);
        let lengths = (0..file.len().min(120)).chain((120..file.len()).step_by(step));
        for length in lengths {
            assert!(
                try_decode(&decoder, &file[..length]).is_err(),
                "{name} cut to {length} bytes decodes"
            );
        }
    }
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
}

#[test]
fn a_missing_byte_is_noticed_before_decoding() {
    let decoder = limited();
    let is_still = |name: &&str| !ANIMATED.iter().any(|sample| sample.name == *name);
    for name in sample_names().filter(is_still) {
        let file = sample_bytes(name);
        let result = decoder.read(&file[..file.len() - 1]);
        assert!(matches!(result, Err(Error::Truncated)), "{name}");
    }
}

/// Returns a generator of numbers below the one that it is called with.
pub(crate) fn random_below(seed: u64) -> impl FnMut(usize) -> usize {
    let mut random = random(seed);
    move |end| (random() >> 16) as usize % end
}

/// Changes one bit behind the image header, so that the size stays. Returns the file and the place
/// of the byte; `None` if that is behind the end of the file.
pub(crate) fn damaged_behind_header(
    file: &[u8],
    random: &mut impl FnMut(usize) -> usize,
) -> Option<(Vec<u8>, usize)> {
    const HEADER_BYTES: usize = 24;
    let mut damaged = file.to_vec();
    let at = HEADER_BYTES + random(file.len().saturating_sub(HEADER_BYTES).max(1));
    *damaged.get_mut(at)? ^= 1 << random(8);
    Some((damaged, at))
}

#[test]
fn changed_bytes_are_no_panic() {
    let decoder = limited();
    let reserving = limited().reserving();
    let mut random = random(0x2545_F491_4F6C_DD1D);
    let mut failures = 0;
    let [rounds_vardct, rounds_modular] = match is_slow_wanted("more changed bytes") {
        true => [200, 24],
        false => [40, 16],
    };
    for name in sample_names() {
        let file = sample_bytes(name);
        let rounds = match vardct_names().any(|vardct| vardct == name) {
            true => rounds_vardct,
            false => rounds_modular,
        };
        for round in 0..rounds {
            let mut damaged = file.clone();
            // The first rounds change the headers, the others any byte.
            let range = if round < 12 {
                file.len().min(48)
            } else {
                file.len()
            };
            for _ in 0..=round % 3 {
                let index = random() as usize % range;
                damaged[index] ^= 1 << (random() % 8);
            }
            failures += usize::from(try_decode(&decoder, &damaged).is_err());
            if round % 4 == 0 {
                // In debug builds memory beyond the plan would panic.
                let _ = try_decode(&reserving, &damaged);
            }
        }
    }
    assert!(failures > 100, "only {failures} damaged files were noticed");
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
}

#[test]
fn what_is_not_jpeg_xl_is_named_so() {
    let decoder = limited();
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    for file in [&b""[..], b"no picture", png, &[0xFF, 0xD8, 0xFF]] {
        assert!(
            matches!(decoder.read(file), Err(Error::NotJpegXl)),
            "{file:?}"
        );
    }
    assert!(matches!(decoder.read(&[0xFF, 0x0A]), Err(Error::Truncated)));
}

#[test]
fn sizes_that_the_file_cannot_fill_are_errors() {
    let file = sample_bytes("one_pixel");
    assert!(try_decode(&limited(), &with_size(&file, (1, 1))).is_ok());
    for unlimited in [false, true] {
        let decoder = if unlimited {
            Decoder::default()
        } else {
            limited()
        };
        for size in [
            (1 << 30, 1 << 30),
            (1 << 30, 1),
            (1, 1 << 30),
            (1 << 20, 1 << 20),
            (60_000, 60_000),
            (300, 300),
        ] {
            let result = try_decode(&decoder, &with_size(&file, size));
            assert!(result.is_err(), "{size:?} decodes");
        }
    }
}
