use std::ops::Deref;

use frame_arena::SharedPlane;

use super::CONTAINER_SIGNATURE;
use super::boxes::{Boxes, FoundBox};
use crate::{Decoder, Error};

/// Iterates over the boxes of a file in order (ISO/IEC 18181-2): its codestream, and metadata such
/// as Exif and XMP. A bare codestream has none.
///
/// ```no_run
/// use jxl_arena::{Decoder, FileBoxes};
///
/// let file = std::fs::read("picture.jxl")?;
/// let decoder = Decoder::default();
/// for found in FileBoxes::new(&file) {
///     let found = found?;
///     if found.kind == *b"Exif" {
///         println!("{} bytes of Exif", found.read(&decoder)?.len());
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FileBoxes<'d> {
    boxes: Boxes<'d>,
}

/// A box of a file, such as Exif or XMP metadata.
#[derive(Clone, Copy, Debug)]
pub struct FileBox<'d> {
    /// Its type: `Exif` (four bytes of an offset, then Exif), `xml ` (XMP), `jumb` (JUMBF), `jhgm`
    /// (gain map), `jbrd` (data to reconstruct a recompressed JPEG file), `jxli` (index of frames),
    /// `jxlc` and `jxlp` (codestream), and others. For a compressed box, the type of its content.
    pub kind: [u8; 4],
    /// Whether it is stored in a `brob` box, compressed by Brotli.
    pub is_compressed: bool,
    /// Content as stored, without the inner type.
    stored: &'d [u8],
    is_whole: bool,
}

/// The content of a box, as bytes.
#[derive(Clone)]
pub enum BoxContent<'d> {
    /// A part of the file.
    Stored(&'d [u8]),
    /// Decompressed content, in memory of the decoder's arena.
    Decompressed(SharedPlane<u8>),
}

impl<'d> FileBoxes<'d> {
    /// Iterates over the boxes of a whole file.
    pub fn new(file: &'d [u8]) -> Self {
        let boxes = file.strip_prefix(&CONTAINER_SIGNATURE).unwrap_or_default();
        Self {
            boxes: Boxes::new(boxes),
        }
    }
}

impl<'d> Iterator for FileBoxes<'d> {
    /// The iterator ends after an error: a box of impossible size, or a `brob` box without a type.
    type Item = Result<FileBox<'d>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.boxes.next()?.and_then(FileBox::new))
    }
}

impl std::iter::FusedIterator for FileBoxes<'_> {}

impl<'d> FileBox<'d> {
    /// A box of the given type and content, for a program that reads boxes [by their
    /// header](super::BoxHeader).
    ///
    /// # Errors
    /// [`Error::Truncated`] for a `brob` box without the type of its content.
    pub fn of(kind: [u8; 4], content: &'d [u8]) -> Result<Self, Error> {
        Self::new(FoundBox {
            kind,
            content,
            is_whole: true,
        })
    }

    fn new(found: FoundBox<'d>) -> Result<Self, Error> {
        let mut read = Self {
            kind: found.kind,
            is_compressed: found.kind == *b"brob",
            stored: found.content,
            is_whole: found.is_whole,
        };
        if read.is_compressed {
            let (kind, content) = found.content.split_first_chunk().ok_or(Error::Truncated)?;
            (read.kind, read.stored) = (*kind, content);
        }
        Ok(read)
    }

    /// Returns the bytes of the content as stored, compressed if the box is.
    pub fn stored(&self) -> &'d [u8] {
        self.stored
    }

    /// Returns the content, decompressed if the box is compressed. Decompression uses memory of the
    /// decoder's arena, under its limit and [`Limits::box_bytes`](crate::Limits::box_bytes).
    ///
    /// # Errors
    /// [`Error::Truncated`] if the file ends within the box; [`Error::Corrupt`] for an invalid
    /// Brotli stream; [`Error::Unsupported`] for compressed boxes without the feature `brob`; more
    /// bytes than the limit; memory.
    pub fn read(&self, decoder: &Decoder) -> Result<BoxContent<'d>, Error> {
        if !self.is_whole {
            return Err(Error::Truncated);
        }
        if !self.is_compressed {
            return Ok(BoxContent::Stored(self.stored));
        }
        #[cfg(feature = "brob")]
        return super::brotli::decompress(self.stored, decoder.arena(), decoder.limits())
            .map(BoxContent::Decompressed);
        #[cfg(not(feature = "brob"))]
        {
            let _ = decoder;
            Err(Error::unsupported("compressed boxes"))
        }
    }
}

impl Deref for BoxContent<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Stored(bytes) => bytes,
            Self::Decompressed(bytes) => bytes.view().row(0),
        }
    }
}
