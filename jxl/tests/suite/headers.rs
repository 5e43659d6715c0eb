//! Image headers of sample files, rewritten bit by bit.

use jxl_bitstream::Bitstream;
use jxl_image::color::ColourEncoding;
use jxl_image::{BitDepth, ExtraChannelInfo, ImageHeader, SizeHeader};
use jxl_oxide_common::Bundle;

/// Bits, least significant first in each byte.
#[derive(Default)]
struct BitWriter {
    bits: Vec<bool>,
}

impl BitWriter {
    fn put(&mut self, value: u32, count: usize) {
        self.bits
            .extend((0..count).map(|bit| value >> bit & 1 == 1));
    }

    fn copy(&mut self, from: &[u8], range: std::ops::Range<usize>) {
        self.bits
            .extend(range.map(|bit| from[bit / 8] >> (bit % 8) & 1 == 1));
    }

    fn into_bytes(self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            let bits = bits.iter().enumerate();
            bits.fold(0, |byte, (index, &bit)| byte | u8::from(bit) << index)
        };
        self.bits.chunks(8).map(byte).collect()
    }
}

/// Returns the codestream with `orientation` (ISO/IEC 18181-1, annex D) in its header. The header
/// must have no extra fields yet, and so no orientation.
pub(crate) fn with_orientation(codestream: &[u8], orientation: u32) -> Vec<u8> {
    let mut bits = Bitstream::new(codestream);
    bits.skip_bits(16).unwrap();
    SizeHeader::parse(&mut bits, ()).unwrap();
    assert!(!bits.read_bool().unwrap(), "all defaults");
    let extra_fields = bits.num_read_bits();
    assert!(!bits.read_bool().unwrap(), "extra fields");
    BitDepth::parse(&mut bits, ()).unwrap();
    bits.read_bool().unwrap();
    let extra_channels = match bits.read_bits(2).unwrap() {
        0 => 0,
        1 => 1,
        _ => panic!("more extra channels than one"),
    };
    for _ in 0..extra_channels {
        ExtraChannelInfo::parse(&mut bits, ()).unwrap();
    }
    assert!(!bits.read_bool().unwrap(), "XYB");
    ColourEncoding::parse(&mut bits, ()).unwrap();
    let after_encoding = bits.num_read_bits();
    assert_eq!(bits.read_bits(2).unwrap(), 0, "extensions");
    assert!(
        bits.read_bool().unwrap(),
        "default opsin matrix and weights"
    );
    let end = bits.num_read_bits();

    let mut writer = BitWriter::default();
    writer.copy(codestream, 0..extra_fields);
    writer.put(1, 1);
    writer.put(orientation - 1, 3);
    // No intrinsic size, preview, animation.
    writer.put(0, 3);
    writer.copy(codestream, extra_fields + 1..after_encoding);
    // Default tone mapping.
    writer.put(1, 1);
    writer.copy(codestream, after_encoding..end);
    let mut rewritten = writer.into_bytes();
    rewritten.extend_from_slice(&codestream[end.div_ceil(8)..]);
    rewritten
}

/// Returns the codestream with another size in its header; the frame takes its size from there.
pub(crate) fn with_size(codestream: &[u8], (width, height): (u32, u32)) -> Vec<u8> {
    let mut bits = Bitstream::new(codestream);
    bits.skip_bits(16).unwrap();
    SizeHeader::parse(&mut bits, ()).unwrap();
    let after_size = bits.num_read_bits();
    let end = end_of_header(codestream);

    let mut writer = BitWriter::default();
    writer.copy(codestream, 0..16);
    // Not in units of 8; the height in 30 bits; no aspect ratio; the width in 30 bits.
    writer.put(0, 1);
    writer.put(3, 2);
    writer.put(height - 1, 30);
    writer.put(0, 3);
    writer.put(3, 2);
    writer.put(width - 1, 30);
    writer.copy(codestream, after_size..end);
    let mut rewritten = writer.into_bytes();
    rewritten.extend_from_slice(&codestream[end.div_ceil(8)..]);
    rewritten
}

/// Returns the bit at which the image header ends.
pub(crate) fn end_of_header(codestream: &[u8]) -> usize {
    let mut bits = Bitstream::new(codestream);
    ImageHeader::parse(&mut bits, ()).unwrap();
    bits.num_read_bits()
}

/// Returns the bytes with `count` bits from `position` on replaced by `value`.
pub(crate) fn with_bits(bytes: &[u8], position: usize, count: usize, value: u32) -> Vec<u8> {
    let mut writer = BitWriter::default();
    writer.copy(bytes, 0..position);
    writer.put(value, count);
    writer.copy(bytes, position + count..8 * bytes.len());
    writer.into_bytes()
}

/// Returns the bytes with `removed` bits from `position` on replaced by `count` bits of `value`.
/// The bits up to `end` move, and zeros fill their last byte. The bytes after that do not change.
pub(crate) fn with_inserted_bits(
    bytes: &[u8],
    position: usize,
    (removed, count, value): (usize, usize, u32),
    end: usize,
) -> Vec<u8> {
    let mut writer = BitWriter::default();
    writer.copy(bytes, 0..position);
    writer.put(value, count);
    writer.copy(bytes, position + removed..end);
    let mut inserted = writer.into_bytes();
    inserted.extend_from_slice(&bytes[end.div_ceil(8)..]);
    inserted
}
