use crate::Error;

/// The boxes of a container, in the order of the file.
///
/// The iterator ends at the end of the file, even within the header of a box, or after an error.
pub(super) struct Boxes<'d> {
    rest: &'d [u8],
}

/// A box.
pub(super) struct FoundBox<'d> {
    pub(super) kind: [u8; 4],
    /// Bytes after the header, as far as the file has them.
    pub(super) content: &'d [u8],
    /// Whether the file has all of them.
    pub(super) is_whole: bool,
}

/// The header of a box (ISO/IEC 18181-2), for programs that look for a box in a file without
/// reading the others. The signature of a container is a box too, of kind `JXL `.
///
/// ```no_run
/// use std::io::{Read, Seek, SeekFrom};
///
/// use jxl_arena::{BoxHeader, Decoder, FileBox};
///
/// let mut file = std::fs::File::open("picture.jxl")?;
/// let mut start = 0;
/// loop {
///     let mut bytes = Vec::new();
///     file.seek(SeekFrom::Start(start))?;
///     Read::by_ref(&mut file)
///         .take(BoxHeader::MOST_BYTES as u64)
///         .read_to_end(&mut bytes)?;
///     let Some(header) = BoxHeader::read(&bytes)? else {
///         break;
///     };
///     let end = header.content_bytes.map(|bytes| start + header.header_bytes as u64 + bytes);
///     println!("{} from {start} to {end:?}", header.kind.escape_ascii());
///     let Some(end) = end else {
///         break;
///     };
///     start = end;
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoxHeader {
    /// The type of the box.
    pub kind: [u8; 4],
    /// Bytes of the header: 8 or 16.
    pub header_bytes: usize,
    /// Bytes of the content, which follows the header. `None` if it fills the rest of the file.
    pub content_bytes: Option<u64>,
}

impl<'d> Boxes<'d> {
    /// The boxes in `bytes`, which start with a box.
    pub(super) fn new(bytes: &'d [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'d> Iterator for Boxes<'d> {
    type Item = Result<FoundBox<'d>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = std::mem::take(&mut self.rest);
        let header = match BoxHeader::read(bytes).transpose()? {
            Ok(header) => header,
            Err(error) => return Some(Err(error)),
        };
        let bytes = &bytes[header.header_bytes..];
        let available = bytes.len() as u64;
        let size = header.content_bytes.unwrap_or(available);
        let (content, rest) = bytes.split_at(size.min(available) as usize);
        self.rest = rest;
        Some(Ok(FoundBox {
            kind: header.kind,
            content,
            is_whole: size <= available,
        }))
    }
}

impl BoxHeader {
    /// Bytes of the longest header.
    pub const MOST_BYTES: usize = 16;

    /// Reads the header at the start of `bytes`. Returns `None` if they end before the header does.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if the box is shorter than its header.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, Error> {
        let parts = || {
            let (size, rest) = bytes.split_first_chunk()?;
            let (kind, rest) = rest.split_first_chunk()?;
            Some((u32::from_be_bytes(*size), *kind, rest))
        };
        let Some((size, kind, rest)) = parts() else {
            return Ok(None);
        };
        match size {
            0 => Ok(Some(Self {
                kind,
                header_bytes: 8,
                content_bytes: None,
            })),
            1 => {
                let size = rest.first_chunk().map(|size| u64::from_be_bytes(*size));
                size.map(|size| Self::of_size(kind, 16, size)).transpose()
            }
            _ => Self::of_size(kind, 8, size.into()).map(Some),
        }
    }

    /// A header of a box of `size` bytes, its header included.
    fn of_size(kind: [u8; 4], header_bytes: usize, size: u64) -> Result<Self, Error> {
        let content_bytes = size.checked_sub(header_bytes as u64).ok_or_else(|| {
            Error::corrupt(format!(
                "box of {size} bytes, fewer than the {header_bytes} of its header"
            ))
        })?;
        Ok(Self {
            kind,
            header_bytes,
            content_bytes: Some(content_bytes),
        })
    }
}
