use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Temporary files and folders that exist at this moment.
static TEMPORARIES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Makes signals that end the process (interrupt, termination, hang-up) remove the temporary files
/// first. The exit code is then 130, as shells use for an interrupt.
pub(super) fn remove_temporaries_on_signals() {
    // If the handler cannot be set, signals end the process directly.
    let _ = ctrlc::set_handler(|| {
        // Held until the end, so that no file can be made or renamed any more.
        let temporaries = TEMPORARIES.lock().unwrap_or_else(PoisonError::into_inner);
        for temporary in &*temporaries {
            remove(temporary);
        }
        std::process::exit(130);
    });
}

/// Keeps signals from removing temporary files for as long as this lives.
pub(super) fn hold_signals() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    TEMPORARIES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file, or a folder of files, under a temporary name. It is removed when this is dropped, and by
/// a signal, if it is still there.
pub(super) struct Temporary {
    path: PathBuf,
}

impl Temporary {
    /// Makes a file or folder next to `target` by `make`, which fails if the name exists.
    ///
    /// # Errors
    /// The errors of `make`; a target without a file name.
    pub(super) fn create<T>(
        target: &Path,
        make: impl Fn(&Path) -> io::Result<T>,
    ) -> io::Result<(Self, T)> {
        let name = target
            .file_name()
            .ok_or_else(|| io::Error::other("not the name of a file"))?;
        for attempt in 0..100 {
            let mut temporary_name = OsString::from(".");
            temporary_name.push(name);
            temporary_name.push(format!(".{}-{attempt}.part", std::process::id()));
            let path = target.with_file_name(temporary_name);
            let mut temporaries = hold_signals();
            match make(&path) {
                Ok(made) => {
                    temporaries.insert(path.clone());
                    return Ok((Self { path }, made));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("no free name for a temporary file"))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let mut temporaries = hold_signals();
        remove(&self.path);
        temporaries.remove(&self.path);
    }
}

/// Removes the file or folder of that name. Errors are ignored: after a rename there is nothing to
/// remove.
fn remove(path: &Path) {
    if fs::remove_file(path).is_err() {
        let _ = fs::remove_dir_all(path);
    }
}
