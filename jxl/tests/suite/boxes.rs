//! The boxes of files in addition to the codestream.

use frame_arena::{AllocError, Arena};
use jxl_arena::{Decoder, Error, FileBox, FileBoxes, Layout, Limits};

use super::support::sample_bytes;

/// "0 squared is 0. 1 squared is 1. " and so on up to 39, compressed by Brotli 1.1 at quality 11.
const SQUARES: [u8; 139] = [
    0xe2, 0x5c, 0x00, 0xbf, 0x91, 0xda, 0xea, 0xde, 0x28, 0x9b, 0xce, 0x69, 0x0b, 0x95, 0x7d, 0xa1,
    0x16, 0xa0, 0x94, 0x2b, 0x52, 0x2e, 0x41, 0xc8, 0xe6, 0x88, 0xa2, 0x9b, 0x3e, 0xde, 0x5a, 0x8b,
    0x38, 0xf8, 0xaa, 0x51, 0x90, 0x84, 0x21, 0x66, 0x58, 0x17, 0x30, 0x40, 0x1d, 0xc3, 0xbc, 0xf1,
    0xed, 0x2f, 0xff, 0xe1, 0x87, 0x2d, 0xa2, 0x65, 0x66, 0x15, 0x5f, 0x0c, 0x76, 0xb4, 0x64, 0x26,
    0xbc, 0x71, 0xb9, 0x89, 0xe9, 0x1c, 0x3f, 0x84, 0x87, 0x00, 0x19, 0x51, 0xc5, 0x76, 0x92, 0xea,
    0x34, 0x6c, 0xa5, 0x35, 0xd9, 0xf8, 0x72, 0xe5, 0x3a, 0xb2, 0x9d, 0x70, 0x13, 0x6a, 0x40, 0xc6,
    0x54, 0x39, 0x33, 0x5d, 0x55, 0xe7, 0x85, 0x6d, 0xb4, 0x26, 0x2f, 0xbc, 0x3e, 0xd5, 0xcb, 0x99,
    0x1e, 0x67, 0x6e, 0x83, 0x16, 0x90, 0x09, 0xd1, 0x4b, 0xc8, 0x9c, 0xe2, 0xaa, 0xcb, 0x8d, 0x5b,
    0x69, 0x4d, 0xd5, 0xf8, 0x3a, 0xa9, 0x57, 0xdb, 0xf6, 0xdc, 0x23,
];

/// 1 MiB of zeros, compressed by the same encoder with a window of 4 MiB.
const ZEROS: [u8; 14] = [
    0x5b, 0xff, 0xff, 0x8f, 0x7f, 0x02, 0x20, 0x1e, 0x0b, 0x04, 0x72, 0xef, 0x1f, 0x00,
];

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = 8 + content.len() as u32;
    [&size.to_be_bytes(), kind.as_slice(), content].concat()
}

fn brob(kind: &[u8; 4], compressed: &[u8]) -> Vec<u8> {
    boxed(b"brob", &[kind.as_slice(), compressed].concat())
}

/// A container with boxes before and after the codestream of a sample.
fn container(before: &[u8], after: &[u8]) -> Vec<u8> {
    let signature = b"\0\0\0\x0CJXL \r\n\x87\n".as_slice();
    let codestream = boxed(b"jxlc", &sample_bytes("one_pixel"));
    [
        signature,
        &boxed(b"ftyp", b"jxl \0\0\0\0jxl "),
        before,
        &codestream,
        after,
    ]
    .concat()
}

fn squares() -> String {
    (0..40)
        .map(|i| format!("{i} squared is {}. ", i * i))
        .collect()
}

fn find<'d>(file: &'d [u8], kind: &[u8; 4]) -> FileBox<'d> {
    let mut boxes = FileBoxes::new(file).map(Result::unwrap);
    boxes.find(|found| found.kind == *kind).unwrap()
}

#[test]
fn boxes_are_told_in_their_order() {
    let before = [boxed(b"Exif", b"\0\0\0\0abc"), brob(b"xml ", &SQUARES)].concat();
    let file = container(&before, &boxed(b"jumb", b"def"));
    let boxes: Vec<_> = FileBoxes::new(&file).map(Result::unwrap).collect();
    let kinds: Vec<_> = boxes
        .iter()
        .map(|found| (&found.kind, found.is_compressed))
        .collect();
    let expected: [(&[u8; 4], bool); 5] = [
        (b"ftyp", false),
        (b"Exif", false),
        (b"xml ", true),
        (b"jxlc", false),
        (b"jumb", false),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(boxes[2].stored(), SQUARES);
    let decoder = Decoder::default();
    assert_eq!(*boxes[1].read(&decoder).unwrap(), *b"\0\0\0\0abc");
    assert_eq!(*boxes[4].read(&decoder).unwrap(), *b"def");
    assert_eq!(FileBoxes::new(&sample_bytes("one_pixel")).count(), 0);
    let pixels = decoder
        .read(&file)
        .unwrap()
        .decode::<u8>(Layout::Rgba)
        .unwrap();
    assert_eq!(pixels.len(), 4);
}

#[test]
fn compressed_boxes_are_decompressed_in_the_arena() {
    let file = container(&brob(b"xml ", &SQUARES), &brob(b"Exif", &ZEROS));
    let decoder = Decoder::default();
    let text = find(&file, b"xml ").read(&decoder).unwrap();
    assert_eq!(str::from_utf8(&text).unwrap(), squares());
    let zeros = find(&file, b"Exif").read(&decoder).unwrap();
    assert!(zeros.len() == 1 << 20 && zeros.iter().all(|&byte| byte == 0));
    assert!(decoder.arena().snapshot().live_bytes > 1 << 20);
    drop((text, zeros));
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
}

#[test]
fn damaged_boxes_are_refused() {
    let decoder = Decoder::default();
    let file = container(b"", &brob(b"xml ", &SQUARES));
    for end in file.len() - SQUARES.len()..file.len() {
        let found = find(&file[..end], b"xml ");
        assert!(
            matches!(found.read(&decoder), Err(Error::Truncated)),
            "{end}"
        );
    }
    assert!(FileBoxes::new(&file[..file.len() - SQUARES.len() - 2]).any(|found| found.is_err()));
    let mut refused = 0;
    for byte in 0..SQUARES.len() {
        for bit in 0..8 {
            let mut damaged = SQUARES;
            damaged[byte] ^= 1 << bit;
            let file = container(&brob(b"xml ", &damaged), b"");
            refused += usize::from(find(&file, b"xml ").read(&decoder).is_err());
        }
    }
    assert!(refused > 300, "{refused}");
    assert_eq!(decoder.arena().snapshot().live_bytes, 0);
}

#[test]
fn boxes_obey_limits() {
    let file = container(b"", &brob(b"xml ", &ZEROS));
    let mut limits = Limits::default();
    limits.box_bytes = (1 << 20) - 1;
    let decoder = Decoder::default().with_limits(limits);
    let refused = find(&file, b"xml ").read(&decoder);
    assert!(
        matches!(refused, Err(Error::LimitExceeded { limit, .. }) if limit == limits.box_bytes)
    );
    check_byte_limits(&ZEROS, (1..=128).map(|step| step << 16));
    check_byte_limits(&SQUARES, (1..=256).map(|step| step << 10));
}

fn check_byte_limits(compressed: &[u8], limits: impl Iterator<Item = usize>) {
    let file = container(b"", &brob(b"xml ", compressed));
    let expected = find(&file, b"xml ").read(&Decoder::default()).unwrap();
    let (mut refusals, mut successes) = (0, 0);
    for limit_bytes in limits {
        let decoder = Decoder::new(Arena::builder().limit_bytes(limit_bytes).build());
        match find(&file, b"xml ").read(&decoder) {
            Ok(content) => {
                successes += 1;
                assert_eq!(*content, *expected);
            }
            Err(Error::Memory(AllocError::LimitExceeded { .. })) => refusals += 1,
            Err(error) => panic!("{limit_bytes}: {error}"),
        }
        assert_eq!(decoder.arena().snapshot().live_bytes, 0);
    }
    assert!(refusals > 10 && successes > 10, "{refusals}, {successes}");
}
