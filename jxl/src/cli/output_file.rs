use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use super::temporary::{Temporary, hold_signals};

/// A file that appears complete or not at all: it is written under a temporary name in the target's
/// folder, renamed when it is complete, and removed otherwise. Bytes for standard output are
/// written at once.
pub(super) struct OutputFile {
    writer: Option<BufWriter<Sink>>,
    /// The final and the temporary name; `None` for standard output. Dropped after the writer.
    names: Option<(PathBuf, Temporary)>,
}

/// The destination of the bytes.
pub(super) enum Sink {
    File(File),
    Standard(Stdout),
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Standard(output) => output.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Standard(output) => output.flush(),
        }
    }
}

/// True if `path` stands for standard input or output.
pub(super) fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

impl OutputFile {
    /// # Errors
    /// The target's folder cannot be written to, or the target exists and is not a file.
    pub(super) fn create(target: &Path) -> io::Result<Self> {
        if is_standard(target) {
            return Ok(Self {
                writer: Some(BufWriter::new(Sink::Standard(io::stdout()))),
                names: None,
            });
        }
        check_target(target)?;
        let (temporary, file) = Temporary::create(target, create_new)?;
        Ok(Self {
            writer: Some(BufWriter::new(Sink::File(file))),
            names: Some((target.to_owned(), temporary)),
        })
    }

    /// Writes to the file by `write`.
    ///
    /// # Errors
    /// The errors of `write`.
    pub(super) fn write(
        &mut self,
        write: impl FnOnce(&mut BufWriter<Sink>) -> io::Result<()>,
    ) -> io::Result<()> {
        match &mut self.writer {
            Some(writer) => write(writer),
            None => Err(io::Error::other("written after its end")),
        }
    }

    /// Takes the writer out, for code that writes the whole contents and flushes them.
    ///
    /// # Errors
    /// It was taken before.
    pub(super) fn take_writer(&mut self) -> io::Result<BufWriter<Sink>> {
        let writer = self.writer.take();
        writer.ok_or_else(|| io::Error::other("written after its end"))
    }

    /// Renames the file to its target.
    ///
    /// # Errors
    /// The errors of the file system; nothing is left behind then.
    pub(super) fn commit(mut self) -> io::Result<()> {
        if let Some(mut writer) = self.writer.take() {
            writer.flush()?;
        }
        let Some((target, temporary)) = &self.names else {
            return Ok(());
        };
        let _signals = hold_signals();
        fs::rename(temporary.path(), target)
    }

    /// Writes to the file by `write` and renames it to its target.
    ///
    /// # Errors
    /// The errors of `write` and of the file system; nothing is left behind then.
    pub(super) fn fill(
        mut self,
        write: impl FnOnce(&mut BufWriter<Sink>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.write(write)?;
        self.commit()
    }
}

/// # Errors
/// The target exists and is not a file.
pub(super) fn check_target(target: &Path) -> io::Result<()> {
    match fs::metadata(target).is_ok_and(|metadata| !metadata.is_file()) {
        true => Err(io::Error::other("exists and is not a file")),
        false => Ok(()),
    }
}

/// Makes a file to write to.
///
/// # Errors
/// The errors of the file system; `path` names something that exists.
pub(super) fn create_new(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}
