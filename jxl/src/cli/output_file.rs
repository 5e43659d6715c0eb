use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Temporary files that are there at this moment.
static TEMPORARIES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Has a signal that ends the process (interrupt, termination, hang-up) remove the temporary files
/// first. The exit code is then 130, as shells have it for an interrupt.
pub(super) fn remove_temporaries_on_signals() {
    // Where it cannot be set, signals end the process as before.
    let _ = ctrlc::set_handler(|| {
        // Held until the end: no file can be made or put in its place any more.
        let temporaries = TEMPORARIES.lock().unwrap_or_else(PoisonError::into_inner);
        for temporary in &*temporaries {
            let _ = fs::remove_file(temporary);
        }
        std::process::exit(130);
    });
}

/// A file that appears complete or not at all: it is written under a temporary name in the target's
/// folder, renamed when it is complete, and removed otherwise.
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
            let mut temporaries = TEMPORARIES.lock().unwrap_or_else(PoisonError::into_inner);
            match OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&temporary)
            {
                Ok(file) => {
                    temporaries.insert(temporary.clone());
                    return Ok(Self {
                        target: target.to_owned(),
                        temporary,
                        writer: Some(BufWriter::new(file)),
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("no free name for a temporary file"))
    }

    /// What is written becomes the file's contents.
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

    /// The writer, for somebody who writes all of the file's contents and flushes them.
    ///
    /// # Errors
    /// It was taken before.
    pub(super) fn take_writer(&mut self) -> io::Result<BufWriter<File>> {
        let writer = self.writer.take();
        writer.ok_or_else(|| io::Error::other("written after its end"))
    }

    /// Ends the writing; the file is not in its target's place yet.
    ///
    /// # Errors
    /// The errors of the file system.
    pub(super) fn close(&mut self) -> io::Result<()> {
        match self.writer.take() {
            Some(mut writer) => writer.flush(),
            None => Ok(()),
        }
    }

    /// Puts the file in its target's place.
    ///
    /// # Errors
    /// The errors of the file system; nothing is left behind then.
    pub(super) fn commit(mut self) -> io::Result<()> {
        self.close()?;
        let _temporaries = TEMPORARIES.lock().unwrap_or_else(PoisonError::into_inner);
        fs::rename(&self.temporary, &self.target)
    }

    /// Fills the file by `write` and puts it in its target's place.
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

impl Drop for OutputFile {
    fn drop(&mut self) {
        self.writer = None;
        // After a rename there is nothing to remove; a failure to remove cannot be helped.
        let _ = fs::remove_file(&self.temporary);
        let mut temporaries = TEMPORARIES.lock().unwrap_or_else(PoisonError::into_inner);
        temporaries.remove(&self.temporary);
    }
}
