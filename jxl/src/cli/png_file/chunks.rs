use std::io::{self, Write};

use crc32fast::Hasher;

/// Bytes of compressed pixels in a chunk.
const DATA_BYTES: usize = 1 << 13;

/// Writes a chunk (PNG specification, third edition, 5.3: chunk layout).
pub(super) fn put(writer: &mut impl Write, kind: &[u8; 4], parts: &[&[u8]]) -> io::Result<()> {
    let bytes = parts.iter().map(|part| part.len()).sum();
    let mut chunk = Chunk::begin(writer, kind, bytes)?;
    parts.iter().try_for_each(|part| chunk.write_all(part))?;
    chunk.end()
}

/// A chunk whose data are being written.
pub(super) struct Chunk<'w, W> {
    writer: &'w mut W,
    crc: Hasher,
}

impl<'w, W: Write> Chunk<'w, W> {
    /// A chunk of `bytes` bytes of data.
    pub(super) fn begin(writer: &'w mut W, kind: &[u8; 4], bytes: usize) -> io::Result<Self> {
        let bytes = u32::try_from(bytes).map_err(io::Error::other)?;
        writer.write_all(&bytes.to_be_bytes())?;
        let mut chunk = Self {
            writer,
            crc: Hasher::new(),
        };
        chunk.write_all(kind)?;
        Ok(chunk)
    }

    pub(super) fn end(self) -> io::Result<()> {
        let crc = self.crc.finalize();
        self.writer.write_all(&crc.to_be_bytes())
    }
}

impl<W: Write> Write for Chunk<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.writer.write(bytes)?;
        self.crc.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Numbers of the chunks of an animation's frames.
#[derive(Default)]
pub(super) struct Sequence(u32);

impl Sequence {
    pub(super) fn next(&mut self) -> io::Result<[u8; 4]> {
        let number = self.0;
        let next = number.checked_add(1).filter(|&next| next < 1 << 31);
        self.0 = next.ok_or_else(|| io::Error::other("too many chunks for a PNG file"))?;
        Ok(number.to_be_bytes())
    }
}

/// Compressed pixels, cut into chunks: IDAT, or fdAT where they have numbers.
pub(super) struct DataChunks<'w, W> {
    writer: &'w mut W,
    sequence: Option<&'w mut Sequence>,
    data: [u8; DATA_BYTES],
    len: usize,
}

impl<'w, W: Write> DataChunks<'w, W> {
    pub(super) fn new(writer: &'w mut W, sequence: Option<&'w mut Sequence>) -> Self {
        Self {
            writer,
            sequence,
            data: [0; DATA_BYTES],
            len: 0,
        }
    }

    fn put(&mut self) -> io::Result<()> {
        let data = &self.data[..self.len];
        self.len = 0;
        match &mut self.sequence {
            None => put(self.writer, b"IDAT", &[data]),
            Some(sequence) => put(self.writer, b"fdAT", &[&sequence.next()?, data]),
        }
    }
}

impl<W: Write> Write for DataChunks<'_, W> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.len == DATA_BYTES {
            self.put()?;
        }
        let count = bytes.len().min(DATA_BYTES - self.len);
        self.data[self.len..][..count].copy_from_slice(&bytes[..count]);
        self.len += count;
        Ok(count)
    }

    /// Writes the last chunk.
    fn flush(&mut self) -> io::Result<()> {
        match self.len {
            0 => Ok(()),
            _ => self.put(),
        }
    }
}
