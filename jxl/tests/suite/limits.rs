//! Limits on files: pixels, channels, frames, trees, profiles, copies of the canvas.

use jxl_arena::{Decoder, Error, Layout, Limits, WorkLimit};

use super::support::sample_bytes;

/// Decodes all pictures within limits.
fn decode(file: &[u8], limits: Limits) -> Result<Vec<Vec<u8>>, Error> {
    let decoder = Decoder::default().with_limits(limits);
    let picture = decoder.read(file)?;
    let mut frames = picture.frames()?;
    let mut pictures = Vec::new();
    while let Some((_, pixels)) = frames.decode_next(Layout::Rgba)? {
        pictures.push(pixels);
    }
    drop(frames);
    drop(picture);
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
    Ok(pictures)
}

/// Finds the least limit under which a sample decodes. One less is refused by name.
fn least_limit(sample: &str, what: &str, set: impl Fn(&mut Limits, u64)) -> u64 {
    let file = sample_bytes(sample);
    let expected = decode(&file, Limits::default()).expect(sample);
    let within = |limit| {
        let mut limits = Limits::default();
        set(&mut limits, limit);
        match decode(&file, limits) {
            Ok(pictures) => {
                assert!(pictures == expected, "{sample}: {limit} {what}");
                true
            }
            Err(Error::LimitExceeded {
                what: said,
                limit: at,
            }) => {
                assert_eq!((said, at), (what, limit), "{sample}");
                false
            }
            Err(error) => panic!("{sample}: {limit} {what}: {error}"),
        }
    };
    let (mut refused, mut enough) = (0, 1);
    while !within(enough) {
        (refused, enough) = (enough, 2 * enough);
    }
    while refused + 1 < enough {
        let middle = refused.midpoint(enough);
        match within(middle) {
            true => enough = middle,
            false => refused = middle,
        }
    }
    assert!(!within(enough - 1), "{sample}: no limit on {what}");
    enough
}

#[test]
fn limits_are_those_of_the_headers() {
    let info = |sample: &str| {
        let file = sample_bytes(sample);
        Decoder::default().read(&file).unwrap().info().clone()
    };
    let shown = info("rgb8_e7_g1");
    let pixels = least_limit("rgb8_e7_g1", "pixels", |limits, most| limits.pixels = most);
    assert_eq!(pixels, u64::from(shown.width) * u64::from(shown.height));

    let channels = least_limit("rgba16", "extra channels", |limits, most| {
        limits.extra_channels = most as u32;
    });
    assert_eq!(channels, info("rgba16").extra_channels as u64);

    let frames = least_limit("animation_vardct", "frames", |limits, most| {
        limits.frames = most as u32;
    });
    let file = sample_bytes("animation_vardct");
    let picture = Decoder::default().read(&file).unwrap();
    assert!(frames >= picture.frame_infos().count() as u64);
    assert!(frames > 1);
}

#[test]
fn limits_of_trees_and_profiles_are_those_of_the_data() {
    let nodes = least_limit("rgb8_e7_g1", "nodes of a tree", |limits, most| {
        limits.tree_nodes = most as u32;
    });
    assert!(nodes > 10 && nodes % 2 == 1, "{nodes}");

    let depth = least_limit("rgb8_e7_g1", "levels of a tree", |limits, most| {
        limits.tree_depth = most as u32;
    });
    assert!(
        depth < nodes && 1 << (depth + 1) > nodes,
        "{depth}, {nodes}"
    );

    let bytes = least_limit("icc", "bytes of an ICC profile", |limits, most| {
        limits.icc_bytes = most;
    });
    let profile = include_bytes!("../samples/s_curve.icc");
    assert!(bytes >= profile.len() as u64, "{bytes}");
}

/// Fields of a codestream. Each is a number and its count of bits, lowest bit first.
#[derive(Default)]
struct Fields {
    bits: Vec<bool>,
}

impl Fields {
    fn put(&mut self, fields: &[(u32, u32)]) -> &mut Self {
        for &(value, count) in fields {
            self.bits
                .extend((0..count).map(|bit| value >> bit & 1 == 1));
        }
        self
    }

    fn align(&mut self) -> &mut Self {
        self.bits.resize(self.bits.len().next_multiple_of(8), false);
        self
    }

    fn bytes(&mut self) -> Vec<u8> {
        self.align();
        let byte = |bits: &[bool]| (0..8).map(|bit| u8::from(bits[bit]) << bit).sum();
        self.bits.chunks(8).map(byte).collect()
    }
}

/// Makes a picture of `size` x `size` pixels with `frames` frames of one pixel. Each frame takes
/// its canvas from the one of two slots in which the frame before was saved. All but the last are
/// saved in the other slot.
fn canvas_copies(size: u32, frames: u32) -> Vec<u8> {
    // A tree of one leaf, and a code of one symbol: all samples are 0.
    const SAMPLES: [u8; 12] = [
        0x8b, 0x31, 0x00, 0x00, 0x13, 0x00, 0x8c, 0x19, 0x00, 0x80, 0x09, 0x00,
    ];
    let mut file = Fields::default();
    let side = [(1, 2), (size - 1, 13)];
    file.put(&[(0x0AFF, 16), (0, 1)]).put(&side).put(&[(0, 3)]);
    file.put(&side);
    // No extra fields, integers of 8 bits, no extra channels, no XYB, sRGB, no extensions.
    file.put(&[(0, 2), (0, 1), (0, 2), (1, 1), (0, 2), (0, 1), (1, 1)]);
    file.put(&[(0, 2), (1, 1)]);
    for frame in 0..frames {
        // A regular frame of Modular coding without flags, YCbCr and upsampling, in one pass.
        file.align();
        file.put(&[
            (0, 1),
            (0, 2),
            (1, 1),
            (0, 2),
            (0, 1),
            (0, 2),
            (3, 2),
            (0, 2),
        ]);
        // The frame is the pixel at (5, 5), which it replaces.
        file.put(&[(1, 1), (0, 2), (10, 8), (0, 2), (10, 8)]);
        file.put(&[(0, 2), (1, 8), (0, 2), (1, 8), (0, 2)]);
        let slot = frame % 2;
        file.put(&[(1 + slot, 2)]);
        match frame + 1 == frames {
            true => file.put(&[(1, 1)]),
            false => file.put(&[(0, 1), (2 - slot, 2)]),
        };
        // No name, no filters, no extensions.
        file.put(&[(0, 2), (0, 1), (0, 1), (0, 2), (0, 2), (0, 2)]);
        file.put(&[(0, 1)]).align();
        file.put(&[(0, 2), (SAMPLES.len() as u32, 10)]).align();
        file.put(&SAMPLES.map(|byte| (byte.into(), 8)));
    }
    file.bytes()
}

#[test]
fn copies_of_the_canvas_are_work() {
    let mut limits = Limits::default();
    limits.work = WorkLimit {
        floor: 0,
        per_pixel: 64,
    };
    // The work of a copy is three samples for each pixel.
    for frames in [1, 2, 20] {
        let pictures = decode(&canvas_copies(64, frames), limits).unwrap();
        assert!(
            pictures
                .concat()
                .chunks_exact(4)
                .all(|pixel| pixel == [0, 0, 0, 255])
        );
    }
    let refused = decode(&canvas_copies(64, 22), limits);
    assert!(matches!(refused, Err(Error::TooMuchWork)), "{refused:?}");
}
