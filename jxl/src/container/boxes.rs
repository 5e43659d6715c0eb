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

/// Kind of a box, bytes of its header, and bytes of its content unless it fills the rest of the
/// file.
pub(super) struct BoxHeader {
    pub(super) kind: [u8; 4],
    header_bytes: usize,
    pub(super) content_bytes: Option<u64>,
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
        let header = match BoxHeader::read(bytes)? {
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
    /// `None` if `bytes` end before the header does.
    pub(super) fn read(bytes: &[u8]) -> Option<Result<Self, Error>> {
        let (size, rest) = bytes.split_first_chunk()?;
        let (kind, rest) = rest.split_first_chunk()?;
        let size = u32::from_be_bytes(*size);
        if size == 1 {
            let size = u64::from_be_bytes(*rest.first_chunk()?);
            return Some(Self::new(*kind, 16, size));
        }
        if size == 0 {
            return Some(Ok(Self {
                kind: *kind,
                header_bytes: 8,
                content_bytes: None,
            }));
        }
        Some(Self::new(*kind, 8, size.into()))
    }

    /// A header of a box of `size` bytes, its header included.
    fn new(kind: [u8; 4], header_bytes: usize, size: u64) -> Result<Self, Error> {
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
