use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::temporary::{Temporary, hold_signals};

/// A file that appears complete or not at all: it is written under a temporary name in the target's
/// folder, renamed when it is complete, and removed otherwise.
pub(super) struct OutputFile {
    target: PathBuf,
    writer: Option<BufWriter<File>>,
    /// Dropped after the writer.
    temporary: Temporary,
}

impl OutputFile {
    /// # Errors
    /// The target's folder cannot be written to, or the target exists and is not a file.
    pub(super) fn create(target: &Path) -> io::Result<Self> {
        check_target(target)?;
        let (temporary, file) = Temporary::create(target, create_new)?;
        Ok(Self {
            target: target.to_owned(),
            writer: Some(BufWriter::new(file)),
            temporary,
        })
    }

    /// Writes to the file by `write`.
    ///
    /// # Errors
    /// The errors of `write`.
    pub(super) fn write(
        &mut self,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> io::Result<()> {
        match &mut self.writer {
            Some(writer) => write(writer),
            None => Err(io::Error::other("written after its end")),
        }
    }

    /// Takes the writer out, for code that writes the whole contents and flushes them.
    ///
    /// # Errors
    /// The writer was taken before.
    pub(super) fn take_writer(&mut self) -> io::Result<BufWriter<File>> {
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
        let _signals = hold_signals();
        fs::rename(self.temporary.path(), &self.target)
    }

    /// Writes to the file by `write` and renames it to its target.
    ///
    /// # Errors
    /// The errors of `write` and of the file system; nothing is left behind then.
    pub(super) fn fill(
        mut self,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
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
