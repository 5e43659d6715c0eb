//! Truncated headers, and headers with a changed bit.

use std::fmt::{Debug, Display};

use jxl_bitstream::Bitstream;
use jxl_oxide_common::Bundle;

use super::*;
use crate::color::ColorSpace;

/// The codestreams with one bit of their first bytes changed.
fn damaged(codestream: &[u8], bytes: usize) -> impl Iterator<Item = Vec<u8>> {
    let front = &codestream[..codestream.len().min(4 * bytes)];
    (16..8 * bytes.min(front.len())).map(|bit| {
        let mut damaged = front.to_vec();
        damaged[bit / 8] ^= 1 << (bit % 8);
        damaged
    })
}

/// True for a preview together with an aspect ratio, and for the color space XYB: `jxl-image` 0.13
/// reads fields that do not exist there.
fn is_misread_by_others(image: &ImageHeader) -> bool {
    let space = image.metadata.colors.color_space();
    image.metadata.preview.is_some() || space == ColorSpace::Xyb
}

/// Numbers of headers that were read equally, refused by both, and refused only here.
#[derive(Debug, Default)]
struct Tally {
    same: u32,
    refused: u32,
    stricter: u32,
}

impl Tally {
    /// Counts a header that was not read by both. No header may be read that the others refuse.
    fn refusal<T: Debug, U, E: Display>(
        &mut self,
        name: &str,
        ours: Result<T, Error>,
        theirs: Result<U, E>,
    ) {
        match (ours, theirs) {
            (Err(_), Err(_)) => self.refused += 1,
            (Err(error), Ok(_)) => {
                assert!(!matches!(error, Error::Memory(_)), "{name}: {error}");
                self.stricter += 1;
            }
            (Ok(ours), Err(error)) => panic!("{name}: {error}, {ours:?}"),
            (Ok(_), Ok(_)) => unreachable!("{name}: both have read it"),
        }
    }

    /// libjxl also makes the stricter refusals.
    fn check(&self) {
        let is_right = self.same > 20_000 && self.refused > 300 && self.stricter < 100;
        assert!(is_right, "{self:?}");
    }
}

#[test]
fn damaged_image_headers_are_read_or_refused_as_by_others() {
    let arena = Arena::new();
    let mut tally = Tally::default();
    for (name, codestream) in codestreams() {
        for damaged in damaged(&codestream, 40) {
            let mut bits = Bits::new(&damaged);
            let ours = ImageHeader::parse(&mut bits, &arena, &Limits::default());
            let mut other = Bitstream::new(&damaged);
            let theirs = jxl_image::ImageHeader::parse(&mut other, ());
            match (ours, theirs) {
                (Ok(ours), _) if is_misread_by_others(&ours) => {}
                (Ok(ours), Ok(theirs)) => {
                    assert_eq!(bits.position(), other.num_read_bits(), "{name}");
                    check_image(&name, &ours, &theirs);
                    tally.same += 1;
                }
                (ours, theirs) => tally.refusal(&name, ours, theirs),
            }
        }
    }
    tally.check();
}

/// True if an extra channel has another blend mode than the colors: `jxl-frame` 0.13 reads the
/// source of its blending by the mode of the colors.
fn is_frame_misread_by_others(header: &FrameHeader<'_>) -> bool {
    let mode = header.blending_info.mode;
    header.ec_blending_info().any(|info| info.mode != mode)
}

#[test]
fn damaged_frame_headers_are_read_or_refused_as_by_others() {
    let arena = Arena::new();
    let mut tally = Tally::default();
    for (name, codestream) in codestreams() {
        let Some((image, other_image, start)) = read_image(&name, &codestream, &arena) else {
            continue;
        };
        for damaged in damaged(&codestream[start..], 30) {
            let mut bits = Bits::new(&damaged);
            let mut other_bits = Bitstream::new(&damaged);
            let theirs = jxl_frame::FrameHeader::parse(&mut other_bits, &other_image);
            with_memory(&arena, |memory| {
                let ours = FrameHeader::parse(&mut bits, image.size, &image.metadata, memory);
                match (ours, theirs) {
                    (Ok(ours), _) if is_frame_misread_by_others(&ours) => {}
                    (Ok(ours), Ok(theirs)) => {
                        check_frame(&ours, &theirs, &damaged);
                        assert_eq!(bits.position(), other_bits.num_read_bits(), "{name}");
                        tally.same += 1;
                    }
                    (ours, theirs) => tally.refusal(&name, ours, theirs),
                }
            });
        }
    }
    tally.check();
}

#[test]
fn prefixes_of_headers_are_truncated() {
    let arena = Arena::new();
    for (name, codestream) in codestreams() {
        for length in 0..codestream.len().min(600) {
            let mut bits = Bits::new(&codestream[..length]);
            match ImageHeader::parse(&mut bits, &arena, &Limits::default()) {
                Ok(_) => break,
                Err(error) => assert!(matches!(error, Error::Truncated), "{name}: {error}"),
            }
        }
        let Some((image, _, start)) = read_image(&name, &codestream, &arena) else {
            continue;
        };
        let frame = &codestream[start..];
        for length in 0..frame.len().min(600) {
            let mut bits = Bits::new(&frame[..length]);
            let parsed = with_memory(&arena, |memory| {
                let (size, metadata) = (image.size, &image.metadata);
                let header = FrameHeader::parse(&mut bits, size, metadata, memory)?;
                Toc::parse(&mut bits, &header, memory).map(|toc| toc.total_bytes())
            });
            match parsed {
                Ok(_) => break,
                Err(error) => assert!(matches!(error, Error::Truncated), "{name}: {error}"),
            }
        }
    }
}
