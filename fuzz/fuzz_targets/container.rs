//! Boxes: any bytes, and codestreams that are put into boxes of all forms.
#![no_main]
// This target does not use the functions that refuse memory.
#![allow(dead_code)]

#[path = "support/bounded.rs"]
mod bounded;

use bounded::bounded;
use jxl_arena::fuzzing::codestream;
use libfuzzer_sys::fuzz_target;

const LIMIT_BYTES: usize = 1 << 20;
const SIGNATURE: &[u8; 12] = b"\0\0\0\x0CJXL \r\n\x87\n";
const LAST_PIECE: u32 = 1 << 31;

fuzz_target!(|bytes: &[u8]| {
    bounded(LIMIT_BYTES, |arena| {
        let found = codestream(bytes, arena, |found| assert!(found.len() <= bytes.len()));
        drop(found);
        let Some((forms, content)) = bytes.split_first_chunk() else {
            return;
        };
        let file = boxed(content, u64::from_le_bytes(*forms));
        codestream(&file, arena, |found| assert_eq!(found, content)).expect("a whole container");
        // A file that ends early has the start of the content, or nothing of it.
        let end = usize::from(forms[7]) * file.len() / 256;
        let cut = codestream(&file[..end], arena, |found| {
            assert!(content.starts_with(found));
        });
        drop(cut);
    });
});

/// Makes a container of `content`. The number `forms` chooses the boxes and their forms.
fn boxed(content: &[u8], mut forms: u64) -> Vec<u8> {
    let mut next = |choices: u64| {
        let choice = forms % choices;
        forms /= choices;
        choice
    };
    let mut file = SIGNATURE.to_vec();
    let pieces = next(6) as usize;
    if pieces == 0 {
        put(&mut file, next(3), b"jxlc", &[content]);
        return file;
    }
    let piece_bytes = content.len().div_ceil(pieces).max(1);
    for index in 0..pieces {
        if next(2) == 1 {
            put(&mut file, next(2), b"Exif", &[b"\0\0\0\0MM"]);
        }
        let start = content.len().min(index * piece_bytes);
        let piece = &content[start..content.len().min(start + piece_bytes)];
        let is_last = index + 1 == pieces;
        let number = index as u32 | if is_last { LAST_PIECE } else { 0 };
        // Only the last box of a file may extend to its end.
        let form = if is_last { next(3) } else { next(2) };
        put(&mut file, form, b"jxlp", &[&number.to_be_bytes(), piece]);
    }
    file
}

/// Appends a box: with a size of 32 bits, of 64 bits, or up to the end of the file.
fn put(file: &mut Vec<u8>, form: u64, kind: &[u8; 4], parts: &[&[u8]]) {
    let bytes: usize = parts.iter().map(|part| part.len()).sum();
    let size: u32 = match form {
        0 => bytes as u32 + 8,
        1 => 1,
        _ => 0,
    };
    file.extend(size.to_be_bytes());
    file.extend(kind);
    if form == 1 {
        file.extend((bytes as u64 + 16).to_be_bytes());
    }
    parts.iter().for_each(|part| file.extend(*part));
}
