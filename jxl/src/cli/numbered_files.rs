use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::output_file::{check_target, create_new};
use super::temporary::{Temporary, hold_signals};

/// Files for the pictures of an animation. They are written into a temporary folder and moved to
/// their places when all are complete; otherwise the folder is removed. The number of files costs
/// no memory.
pub(super) struct NumberedFiles {
    path: PathBuf,
    folder: Temporary,
    /// Number of files that will be written.
    count: usize,
    written: usize,
}

impl NumberedFiles {
    /// # Errors
    /// The folder of `path` cannot be written to, or the first target exists and is not a file.
    pub(super) fn create(path: &Path, count: usize) -> io::Result<Self> {
        check_target(&numbered(path, 0, count))?;
        let (folder, ()) = Temporary::create(path, |folder| fs::create_dir(folder))?;
        Ok(Self {
            path: path.to_owned(),
            folder,
            count,
            written: 0,
        })
    }

    /// Writes picture number `index`, counted from 0.
    ///
    /// # Errors
    /// The errors of `write` and of the file system; a picture out of order.
    pub(super) fn put(
        &mut self,
        index: usize,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> io::Result<()> {
        if index != self.written {
            return Err(io::Error::other("pictures out of order"));
        }
        let target = numbered(&self.path, index, self.count);
        check_target(&target)?;
        let file = {
            // A signal must not remove the folder while a file is made in it.
            let _signals = hold_signals();
            create_new(&self.temporary(&target))?
        };
        let mut writer = BufWriter::new(file);
        write(&mut writer)?;
        writer.flush()?;
        self.written += 1;
        Ok(())
    }

    /// Moves the files to their targets.
    ///
    /// # Errors
    /// The errors of the file system. The files before the one that failed are at their targets
    /// then.
    pub(super) fn commit(self) -> io::Result<()> {
        (0..self.written).try_for_each(|index| {
            let target = numbered(&self.path, index, self.count);
            let _signals = hold_signals();
            fs::rename(self.temporary(&target), &target)
        })
    }

    fn temporary(&self, target: &Path) -> PathBuf {
        let name = target.file_name().unwrap_or_default();
        self.folder.path().join(name)
    }
}

/// `name-0001.ppm` for the first picture of `name.ppm`; as many digits as `count` needs, but at
/// least four.
fn numbered(path: &Path, index: usize, count: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default();
    let digits = count.to_string().len().max(4);
    let mut name = stem.to_owned();
    name.push(format!("-{:0digits$}", index + 1));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}
