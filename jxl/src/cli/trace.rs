use std::path::{Path, PathBuf};

use frame_arena::Arena;

use super::failure::Failure;
use super::output_file::OutputFile;

/// Where a trace goes, opened before the work.
pub(super) struct TraceFile {
    path: PathBuf,
    file: OutputFile,
}

impl TraceFile {
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        Ok(Self {
            path: path.to_owned(),
            file: OutputFile::create(path).map_err(Failure::at(path))?,
        })
    }

    /// Writes what `arena` recorded.
    pub(super) fn fill(self, arena: &Arena) -> Result<(), Failure> {
        let Some(trace) = arena.trace() else {
            return Ok(());
        };
        let written = self.file.fill(|writer| trace.write_to(writer));
        written.map_err(Failure::at(&self.path))
    }
}
