use super::boxes::BoxHeader;
use super::{CODESTREAM_SIGNATURE, CONTAINER_SIGNATURE, is_last, unsigned};
use crate::Error;

/// Bytes of the longest item that is read byte by byte: a header of a box is longer than a
/// signature.
const MOST_KEPT: usize = BoxHeader::MOST_BYTES;
/// Bytes of the index in a `jxlp` box.
const INDEX_BYTES: usize = 4;

/// Finds the codestream in a file that arrives in pieces of any size.
///
/// The codestream is the content of the first `jxlc` box, or of the `jxlp` boxes up to the one
/// marked as the last. Other boxes before it are skipped, and the file is not read beyond it. A
/// file without boxes is a bare codestream.
pub(crate) struct Splitter {
    state: State,
    /// Bytes of an item that is still incomplete: a signature, a box header, or the index of a
    /// `jxlp` box.
    kept: [u8; MOST_KEPT],
    kept_bytes: usize,
    /// Number of `jxlp` boxes before this one.
    pieces: u32,
}

#[derive(Clone, Copy)]
enum State {
    Signature,
    BoxHeader,
    /// In the index of a `jxlp` box with `content_bytes`; `None` if the box fills the rest of the
    /// file.
    Index {
        content_bytes: Option<u64>,
    },
    Skipped(Left),
    Codestream {
        left: Left,
        /// True if no more boxes of the codestream follow.
        is_last: bool,
    },
    /// After the end of the codestream.
    End,
}

/// Remaining bytes of a box; `None` if it fills the rest of the file.
type Left = Option<u64>;

impl Splitter {
    /// A splitter at the start of a file.
    pub(crate) fn new() -> Self {
        Self {
            state: State::Signature,
            kept: [0; MOST_KEPT],
            kept_bytes: 0,
            pieces: 0,
        }
    }

    /// Takes bytes off the front of `file` and returns the next stretch of the codestream, at most
    /// `most` bytes. Returns `None` after taking all of `file` if that has no more of the
    /// codestream.
    ///
    /// # Errors
    /// [`Error::NotJpegXl`]; invalid box sizes; `jxlp` boxes out of order or mixed with `jxlc`. The
    /// splitter is unusable afterwards.
    pub(crate) fn next<'d>(
        &mut self,
        file: &mut &'d [u8],
        most: usize,
    ) -> Result<Option<&'d [u8]>, Error> {
        loop {
            match self.state {
                State::End => {
                    *file = &[];
                    return Ok(None);
                }
                State::Codestream {
                    left: Some(0),
                    is_last,
                } => {
                    self.state = match is_last {
                        true => State::End,
                        false => State::BoxHeader,
                    };
                }
                State::Skipped(Some(0)) => self.state = State::BoxHeader,
                _ if file.is_empty() => return Ok(None),
                State::Codestream { left, is_last } => {
                    let (stretch, left) = take(file, left, most);
                    self.state = State::Codestream { left, is_last };
                    return Ok(Some(stretch));
                }
                State::Skipped(left) => {
                    let (_, left) = take(file, left, usize::MAX);
                    self.state = State::Skipped(left);
                }
                State::Signature => {
                    if let Some(signature) = self.read_signature(file)? {
                        return Ok(Some(signature));
                    }
                }
                State::BoxHeader => self.read_box_header(file)?,
                State::Index { content_bytes } => self.read_index(file, content_bytes)?,
            }
        }
    }

    /// True after the end of the codestream. The rest of the file does not matter.
    pub(crate) fn is_at_end(&self) -> bool {
        matches!(self.state, State::End)
    }

    /// True if a codestream or an empty part of one was found.
    pub(crate) fn has_codestream(&self) -> bool {
        self.pieces > 0 || matches!(self.state, State::Codestream { .. } | State::End)
    }

    /// True after the signature.
    pub(crate) fn has_signature(&self) -> bool {
        !matches!(self.state, State::Signature)
    }

    /// The error for a file that ends before the end of its codestream.
    pub(crate) fn end_of_file(&self) -> Error {
        match self.state {
            State::Signature => unsigned(&self.kept[..self.kept_bytes]),
            _ => Error::Truncated,
        }
    }

    /// Stores the next byte. Returns all stored bytes.
    fn keep(&mut self, file: &mut &[u8]) -> &[u8] {
        let place = self.kept.get_mut(self.kept_bytes);
        if let (Some(place), Some((&byte, rest))) = (place, file.split_first()) {
            *place = byte;
            self.kept_bytes += 1;
            *file = rest;
        }
        &self.kept[..self.kept_bytes]
    }

    /// Reads a byte of the signature. Returns a codestream's signature when it is complete, because
    /// it is part of the codestream.
    fn read_signature(&mut self, file: &mut &[u8]) -> Result<Option<&'static [u8]>, Error> {
        let kept = self.keep(file);
        if kept == CODESTREAM_SIGNATURE {
            self.state = State::Codestream {
                left: None,
                is_last: true,
            };
            return Ok(Some(&CODESTREAM_SIGNATURE));
        }
        if kept == CONTAINER_SIGNATURE {
            self.expect_box();
            return Ok(None);
        }
        match unsigned(kept) {
            Error::Truncated => Ok(None),
            error => Err(error),
        }
    }

    fn expect_box(&mut self) {
        self.state = State::BoxHeader;
        self.kept_bytes = 0;
    }

    /// Reads a byte of a box header.
    fn read_box_header(&mut self, file: &mut &[u8]) -> Result<(), Error> {
        let Some(header) = BoxHeader::read(self.keep(file))? else {
            return Ok(());
        };
        match &header.kind {
            b"jxlc" if self.pieces > 0 => {
                return Err(Error::corrupt("jxlc box after a jxlp box"));
            }
            b"jxlc" => {
                self.state = State::Codestream {
                    left: header.content_bytes,
                    is_last: true,
                };
            }
            b"jxlp" if header.content_bytes == Some(0) => {
                return Err(Error::corrupt("jxlp box without an index"));
            }
            b"jxlp" => {
                self.state = State::Index {
                    content_bytes: header.content_bytes,
                };
            }
            _ => self.state = State::Skipped(header.content_bytes),
        }
        self.kept_bytes = 0;
        Ok(())
    }

    /// Reads a byte of a `jxlp` box's index.
    fn read_index(&mut self, file: &mut &[u8], content_bytes: Left) -> Result<(), Error> {
        let kept = self.keep(file);
        let Some((index, [])) = kept.split_first_chunk::<INDEX_BYTES>() else {
            if content_bytes == Some(kept.len() as u64) {
                return Err(Error::corrupt("jxlp box without an index"));
            }
            return Ok(());
        };
        let is_last = is_last(u32::from_be_bytes(*index), self.pieces)?;
        self.pieces += 1;
        self.state = State::Codestream {
            left: content_bytes.map(|bytes| bytes - INDEX_BYTES as u64),
            is_last,
        };
        self.kept_bytes = 0;
        Ok(())
    }
}

/// Takes at most `most` of the remaining bytes of a box, and returns them with the number still
/// left.
fn take<'d>(file: &mut &'d [u8], left: Left, most: usize) -> (&'d [u8], Left) {
    let count = file.len().min(most);
    let count = left.map_or(count, |left| left.min(count as u64) as usize);
    let (taken, rest) = file.split_at(count);
    *file = rest;
    (taken, left.map(|left| left - count as u64))
}
