//! Boxes around a codestream (ISO/IEC 18181-2).

mod boxes;
#[cfg(feature = "brob")]
mod brotli;
mod file_box;
mod frame_index;
mod splitter;

use crate::Error;
pub use boxes::BoxHeader;
pub use file_box::{BoxContent, FileBox, FileBoxes};
pub use frame_index::{FrameIndex, Keyframe};
pub(crate) use splitter::Splitter;

#[cfg(test)]
mod tests;

/// First bytes of a codestream without boxes (ISO/IEC 18181-1, annex D).
const CODESTREAM_SIGNATURE: [u8; 2] = [0xFF, 0x0A];
/// The signature box.
const CONTAINER_SIGNATURE: [u8; 12] = *b"\0\0\0\x0CJXL \r\n\x87\n";
/// The bit of a `jxlp` box's index that is set in the last one.
const LAST_PIECE: u32 = 1 << 31;

/// Calls `take` for each stretch of codestream bytes in `file`, in order; once if all of them are
/// empty.
///
/// [`Splitter`] says which boxes contain the codestream. If the file ends within a box, the bytes
/// up to there count.
///
/// # Errors
/// [`Error::NotJpegXl`]; [`Error::Truncated`] if the file ends in a signature; impossible sizes of
/// boxes; `jxlp` boxes out of order or mixed with `jxlc`.
pub(crate) fn for_each_piece<'d>(
    file: &'d [u8],
    mut take: impl FnMut(&'d [u8]),
) -> Result<(), Error> {
    if file.starts_with(&CODESTREAM_SIGNATURE) {
        take(file);
        return Ok(());
    }
    if file.is_empty() {
        return Err(unsigned(file));
    }
    let (mut splitter, mut rest) = (Splitter::new(), file);
    let mut is_empty = true;
    while let Some(piece) = splitter.next(&mut rest, usize::MAX)? {
        is_empty = false;
        take(piece);
    }
    if is_empty && splitter.has_codestream() {
        take(&[]);
    }
    match splitter.has_signature() {
        true => Ok(()),
        // The file ends within the signature.
        false => Err(splitter.end_of_file()),
    }
}

/// The error for a file that starts with none of the signatures.
fn unsigned(file: &[u8]) -> Error {
    let is_start = CODESTREAM_SIGNATURE.starts_with(file) || CONTAINER_SIGNATURE.starts_with(file);
    match is_start && !file.is_empty() {
        true => Error::Truncated,
        false => Error::NotJpegXl,
    }
}

/// Whether the piece with this index, after `pieces` others, is the last.
fn is_last(index: u32, pieces: u32) -> Result<bool, Error> {
    if index & !LAST_PIECE != pieces {
        return Err(Error::corrupt(format!(
            "jxlp box {} where {pieces} is expected",
            index & !LAST_PIECE
        )));
    }
    Ok(index & LAST_PIECE != 0)
}
