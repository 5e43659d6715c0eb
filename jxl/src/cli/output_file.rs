use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file that is there wholly or not at all: written beside its target and renamed when complete, removed otherwise.
pub(super) struct OutputFile {
    target: PathBuf,
    temporary: PathBuf,
    writer: Option<BufWriter<File>>,
}

impl OutputFile {
    /// # Errors
    /// The target's folder cannot be written to, or the target is something else than a file.
    pub(super) fn create(target: &Path) -> io::Result<Self> {
        if fs::metadata(target).is_ok_and(|metadata| !metadata.is_file()) {
            return Err(io::Error::other("exists and is not a file"));
        }
        let name = target
            .file_name()
            .ok_or_else(|| io::Error::other("not the name of a file"))?;
        for attempt in 0..100 {
            let mut temporary_name = std::ffi::OsString::from(".");
            temporary_name.push(name);
            temporary_name.push(format!(".{}-{attempt}.part", std::process::id()));
            let temporary = target.with_file_name(temporary_name);
            match OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&temporary)
            {
                Ok(file) => {
                    return Ok(Self {
                        target: target.to_owned(),
                        temporary,
                        writer: Some(BufWriter::with_capacity(1 << 16, file)),
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("no free name for a temporary file"))
    }

    /// Fills the file by `write` and puts it in its target's place.
    ///
    /// # Errors
    /// Those of `write` and of the file system; nothing is left behind then.
    pub(super) fn fill(
        mut self,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Some(mut writer) = self.writer.take() {
            write(&mut writer)?;
            writer.flush()?;
        }
        fs::rename(&self.temporary, &self.target)
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        self.writer = None;
        // After a rename there is nothing to remove; a failure to remove cannot be helped.
        let _ = fs::remove_file(&self.temporary);
    }
}
