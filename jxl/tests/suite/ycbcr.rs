//! Modular frames of Cb, Y, Cr: sample files with rewritten frame headers.

use jxl_arena::{Decoder, Error, Layout};
use jxl_bitstream::Bitstream;
use jxl_frame::FrameHeader;
use jxl_image::ImageHeader;
use jxl_oxide_common::Bundle;

use super::headers::{end_of_header, with_inserted_bits};
use super::support::{drawn, integers, sample_bytes};

/// Place of the YCbCr bit in a frame header without flags.
const FLAG: usize = 6;

/// Returns the codestream of one RGB frame with its channels declared as Cb, Y, Cr, and with these
/// subsampling modes.
fn as_ycbcr(codestream: &[u8], subsampling: u32) -> Vec<u8> {
    let image = ImageHeader::parse(&mut Bitstream::new(codestream), ()).unwrap();
    let start = end_of_header(codestream).div_ceil(8);
    let mut bits = Bitstream::new(&codestream[start..]);
    let header = FrameHeader::parse(&mut bits, &image).unwrap();
    assert!(!header.do_ycbcr && header.is_last);
    // Sections are in order, and their sizes start at the next byte.
    assert!(!bits.read_bool().unwrap());
    let header_bits = 8 * start..8 * start + bits.num_read_bits();
    let inserted = with_inserted_bits(
        codestream,
        header_bits.start + FLAG,
        (1, 7, 1 | subsampling << 1),
        header_bits.end,
    );
    let mut bits = Bitstream::new(&inserted[start..]);
    let header = FrameHeader::parse(&mut bits, &image).unwrap();
    assert!(header.do_ycbcr && header.flags == Default::default());
    inserted
}

#[test]
fn channels_are_cb_y_cr() {
    for name in ["rct_none", "squeeze", "rgb8_e3_g0"] {
        let file = as_ycbcr(&sample_bytes(name), 0);
        let picture = Decoder::default().read(&file).unwrap();
        let decoded = picture.decode::<u8>(Layout::Rgb).unwrap();
        let drawn = drawn(name);
        let (values, _) = integers(&drawn);
        let pixels = decoded.chunks_exact(3).zip(values.chunks_exact(3));
        for (index, (rgb, coded)) in pixels.enumerate() {
            let [cb, y, cr] = [0, 1, 2].map(|c| f64::from(coded[c]));
            // JFIF, with Cb and Cr around 0 and Y around 128.
            let y = y + 128.0;
            let g = y - (0.114 * 1.772 * cb + 0.299 * 1.402 * cr) / 0.587;
            for (sample, expected) in rgb.iter().zip([y + 1.402 * cr, g, y + 1.772 * cb]) {
                let error = (f64::from(*sample) - expected.clamp(0.0, 255.0)).abs();
                assert!(
                    error < 0.501,
                    "{name}: pixel {index}: {rgb:?} from {coded:?}"
                );
            }
        }
    }
}

#[test]
fn subsampled_channels_are_refused_by_name() {
    let file = as_ycbcr(&sample_bytes("rct_none"), 0b00_01_00);
    let picture = Decoder::default().read(&file).unwrap();
    let result = picture.decode::<u8>(Layout::Rgb);
    assert!(matches!(result, Err(Error::Unsupported { .. })));
}
