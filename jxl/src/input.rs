mod received;

use std::ops::Range;

use frame_arena::{Arena, DetachedPlane};

use crate::Error;
use crate::container::for_each_piece;
pub(crate) use received::Received;

/// The available bytes of a codestream, by their place in it.
#[derive(Clone, Copy)]
pub(crate) struct Available<'a> {
    bytes: Bytes<'a>,
    /// True if frames may be incomplete.
    may_end: bool,
}

#[derive(Clone, Copy)]
enum Bytes<'a> {
    /// From the start of the codestream.
    Whole(&'a [u8]),
    Received(&'a Received),
}

impl<'a> Available<'a> {
    /// Bytes of a codestream from its start: all of it, unless it `may_end` early.
    pub(crate) fn new(bytes: &'a [u8], may_end: bool) -> Self {
        Self {
            bytes: Bytes::Whole(bytes),
            may_end,
        }
    }

    /// Received bytes of a codestream, which may end within a frame.
    pub(crate) fn received(received: &'a Received) -> Self {
        Self {
            bytes: Bytes::Received(received),
            may_end: true,
        }
    }

    /// The bytes from `start` on that lie in one piece. Headers are read from these.
    ///
    /// # Errors
    /// [`Error::Truncated`] if `start` lies after the end.
    pub(crate) fn front(self, start: usize) -> Result<&'a [u8], Error> {
        let bytes = match self.bytes {
            Bytes::Whole(bytes) => bytes.get(start..),
            Bytes::Received(received) => received.front(start),
        };
        bytes.ok_or(Error::Truncated)
    }

    /// The bytes of a section of the frame whose sections start at `start`; `None` if some are
    /// missing.
    pub(crate) fn section(self, start: usize, section: &Range<usize>) -> Option<&'a [u8]> {
        let place = |offset: usize| start.saturating_add(offset);
        let place = place(section.start)..place(section.end);
        match self.bytes {
            Bytes::Whole(bytes) => bytes.get(place),
            Bytes::Received(received) => received.section(place),
        }
    }

    /// True if frames may be incomplete.
    pub(crate) fn may_end(self) -> bool {
        self.may_end
    }

    /// True if all bytes before `end` are available.
    pub(crate) fn reaches(self, end: usize) -> bool {
        match self.bytes {
            Bytes::Whole(bytes) => end <= bytes.len(),
            Bytes::Received(received) => end <= received.end(),
        }
    }

    /// # Errors
    /// [`Error::Truncated`] if a frame that ends at `end` is incomplete although it must not be.
    pub(crate) fn check_end(self, end: usize) -> Result<(), Error> {
        match self.may_end || self.reaches(end) {
            true => Ok(()),
            false => Err(Error::Truncated),
        }
    }
}

/// The codestream of a file. It is borrowed if the file holds it in one piece. If a container
/// splits it into several boxes, it is joined in arena memory.
pub(crate) enum Codestream<'d> {
    Borrowed(&'d [u8]),
    Joined(DetachedPlane<u8>),
}

impl<'d> Codestream<'d> {
    /// Finds the codestream in a whole file.
    ///
    /// # Errors
    /// The file is not JPEG XL; a container ends before its codestream begins or is malformed;
    /// memory for joining.
    pub(crate) fn open(file: &'d [u8], arena: &Arena) -> Result<Self, Error> {
        let mut first: Option<&[u8]> = None;
        let (mut pieces, mut total_bytes) = (0usize, 0usize);
        for_each_piece(file, |piece| {
            first.get_or_insert(piece);
            pieces += 1;
            total_bytes += piece.len();
        })?;
        match first {
            None => Err(Error::Truncated),
            Some(piece) if pieces == 1 => Ok(Self::Borrowed(piece)),
            Some(_) => Self::join(file, total_bytes, arena),
        }
    }

    fn join(file: &[u8], total_bytes: usize, arena: &Arena) -> Result<Self, Error> {
        let mut joined = arena.detached_plane::<u8>(total_bytes, 1)?;
        let mut view = joined.view_mut();
        let mut rest = view.row_mut(0);
        for_each_piece(file, |piece| {
            let (front, back) = std::mem::take(&mut rest).split_at_mut(piece.len());
            front.copy_from_slice(piece);
            rest = back;
        })?;
        Ok(Self::Joined(joined))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Joined(plane) => plane.view().row(0),
        }
    }
}
