use std::fmt;
use std::io::{self, BufWriter, StdoutLock, Write};
use std::path::Path;

use super::failure::Failure;

/// Lines on standard output. If its reader is gone, further lines are left out without an error.
pub(super) struct Console {
    out: BufWriter<StdoutLock<'static>>,
    is_closed: bool,
}

impl Console {
    pub(super) fn new() -> Self {
        Self {
            out: BufWriter::new(io::stdout().lock()),
            is_closed: false,
        }
    }

    /// Writes a line.
    ///
    /// # Errors
    /// Failed writes to standard output, as on a full disk.
    pub(super) fn line(&mut self, line: fmt::Arguments<'_>) -> Result<(), Failure> {
        let written = match self.is_closed {
            true => Ok(()),
            false => self.out.write_fmt(format_args!("{line}\n")),
        };
        self.check(written)
    }

    /// Flushes the lines.
    ///
    /// # Errors
    /// As [`line`](Self::line).
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        let flushed = match self.is_closed {
            true => Ok(()),
            false => self.out.flush(),
        };
        self.check(flushed)
    }

    fn check(&mut self, written: io::Result<()>) -> Result<(), Failure> {
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(())
            }
            written => written.map_err(Failure::at(Path::new("standard output"))),
        }
    }
}

/// Writes a line to a [`Console`], as `println!` does.
macro_rules! say {
    ($console:expr, $($line:tt)*) => {
        $console.line(format_args!($($line)*))
    };
}

pub(super) use say;
