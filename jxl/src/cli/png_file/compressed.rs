use std::io::{self, Write};

use fdeflate::Compressor;

/// Compresses what `write` writes, to `writer`. Takes no memory of the global allocator.
pub(super) fn compress<W: Write>(
    writer: W,
    write: impl FnOnce(&mut Compressor<Noting<W>>) -> io::Result<()>,
) -> io::Result<W> {
    let mut compressor = Compressor::new(Noting::new(writer))?;
    write(&mut compressor)?;
    let noting = compressor.finish()?;
    noting.end()
}

/// The compressed length of `bytes`.
pub(super) fn compressed_bytes(bytes: &[u8]) -> io::Result<usize> {
    let count = compress(Count(0), |compressor| compressor.write_data(bytes))?;
    Ok(count.0)
}

/// A writer that reports its first error at the end, as the compressor panics if the last bytes
/// cannot be written.
pub(super) struct Noting<W> {
    writer: W,
    error: Option<io::Error>,
}

impl<W: Write> Noting<W> {
    fn new(writer: W) -> Self {
        Self {
            writer,
            error: None,
        }
    }

    fn end(mut self) -> io::Result<W> {
        let ended = match self.error {
            Some(error) => Err(error),
            None => self.writer.flush(),
        };
        ended.map(|()| self.writer)
    }
}

impl<W: Write> Write for Noting<W> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.error.is_none() {
            self.error = self.writer.write_all(bytes).err();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Count(usize);

impl Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
