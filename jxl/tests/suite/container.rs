//! Boxes around a codestream.

use jxl_arena::{Decoder, Error};

use super::support::sample_bytes;

const SIGNATURE: [u8; 12] = [0, 0, 0, 12, b'J', b'X', b'L', b' ', 13, 10, 135, 10];
const FILE_TYPE: &[u8] = b"jxl \0\0\0\0jxl ";

fn boxed(kind: &[u8; 4], content: &[&[u8]]) -> Vec<u8> {
    let length: usize = 8 + content.iter().map(|part| part.len()).sum::<usize>();
    let mut bytes = (length as u32).to_be_bytes().to_vec();
    bytes.extend_from_slice(kind);
    content
        .iter()
        .for_each(|part| bytes.extend_from_slice(part));
    bytes
}

/// A container with the codestream cut into `pieces`, and boxes of other kinds between.
fn in_pieces(codestream: &[u8], pieces: usize) -> Vec<u8> {
    let mut file = SIGNATURE.to_vec();
    file.extend(boxed(b"ftyp", &[FILE_TYPE]));
    let length = codestream.len().div_ceil(pieces);
    let chunks = codestream.chunks(length);
    let last = chunks.len() - 1;
    for (index, piece) in chunks.enumerate() {
        let last_flag = if index == last { 1 << 31 } else { 0 };
        let number = (index as u32 | last_flag).to_be_bytes();
        file.extend(boxed(b"jxlp", &[&number, piece]));
        file.extend(boxed(b"Exif", &[b"\0\0\0\0nothing"]));
    }
    file
}

#[test]
fn a_codestream_in_pieces_decodes_as_in_one() {
    let decoder = Decoder::default();
    for name in ["rgb8_e3_g0", "rgb12_g0", "icc"] {
        let bare = sample_bytes(name);
        assert_eq!(bare[..2], [0xFF, 0x0A], "{name} is bare");
        let picture = decoder.read(&bare).unwrap();
        let expected: Vec<u16> = picture.decode(picture.info().layout()).unwrap();
        for pieces in [1, 2, 7, 100] {
            let file = in_pieces(&bare, pieces);
            let picture = decoder.read(&file).unwrap();
            let pixels: Vec<u16> = picture.decode(picture.info().layout()).unwrap();
            assert!(pixels == expected, "{name} in {pieces} pieces");
        }
    }
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
}

#[test]
fn pieces_out_of_order_or_missing_are_errors() {
    let decoder = Decoder::default();
    let bare = sample_bytes("gray8");
    let mut swapped = in_pieces(&bare, 3);
    let number = swapped
        .windows(4)
        .position(|bytes| bytes == b"jxlp")
        .unwrap()
        + 7;
    swapped[number] = 1;
    assert!(matches!(decoder.read(&swapped), Err(Error::Corrupt(_))));
    let mut no_codestream = SIGNATURE.to_vec();
    no_codestream.extend(boxed(b"ftyp", &[FILE_TYPE]));
    assert!(matches!(
        decoder.read(&no_codestream),
        Err(Error::Truncated)
    ));
}
