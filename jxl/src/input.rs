use frame_arena::{Arena, DetachedPlane};

use crate::Error;
use crate::container::for_each_piece;

/// The codestream of a file: borrowed where the file holds it in one piece, joined in arena memory
/// where a container cuts it into several boxes.
pub(crate) enum Codestream<'d> {
    Borrowed(&'d [u8]),
    Joined(DetachedPlane<u8>),
}

impl<'d> Codestream<'d> {
    /// Finds the codestream in a whole file.
    ///
    /// # Errors
    /// Not JPEG XL, a container that ends before a codestream begins, a malformed container, memory
    /// for joining.
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
