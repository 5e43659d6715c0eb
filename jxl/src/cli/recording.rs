use std::io;
use std::path::{Path, PathBuf};

use frame_arena::Arena;
use frame_arena_trace::{MemoryMap, Trace};

use super::args::DecodeArguments;
use super::failure::Failure;
use super::output_file::OutputFile;

/// The files for the recording of an arena's requests, opened before the decode.
pub(super) struct Recording {
    trace: Option<(PathBuf, OutputFile)>,
    map: Option<(PathBuf, OutputFile)>,
}

impl Recording {
    /// Opens the files that the arguments name; `None` if there are none.
    pub(super) fn create(arguments: &DecodeArguments) -> Result<Option<Self>, Failure> {
        if let Some(path) = &arguments.memory_map {
            is_page(path).map_err(Failure::at(path))?;
        }
        let recording = Self {
            trace: create(arguments.trace.as_deref())?,
            map: create(arguments.memory_map.as_deref())?,
        };
        let is_wanted = recording.trace.is_some() || recording.map.is_some();
        Ok(is_wanted.then_some(recording))
    }

    /// Writes the recording of `arena`.
    ///
    /// # Errors
    /// Failed writes; no memory for the recording or its drawing.
    pub(super) fn fill(self, arena: &Arena, arguments: &DecodeArguments) -> Result<(), Failure> {
        let file = &arguments.file;
        let Some(recording) = arena.recording().map_err(Failure::at(file))? else {
            return Ok(());
        };
        let missing = arena.unrecorded_events();
        if missing > 0 {
            let message = format!("no memory to record the last {missing} events");
            return Err(Failure::new(file, message));
        }
        let trace = Trace::from(recording);
        if let Some((path, file)) = self.trace {
            let written = file.fill(|writer| trace.write_to(writer));
            written.map_err(Failure::at(&path))?;
        }
        if let Some((path, file)) = self.map {
            let written = file.fill(|writer| draw(&trace, arguments, &path, writer));
            written.map_err(Failure::at(&path))?;
        }
        Ok(())
    }
}

fn create(path: Option<&Path>) -> Result<Option<(PathBuf, OutputFile)>, Failure> {
    let Some(path) = path else {
        return Ok(None);
    };
    let file = OutputFile::create(path).map_err(Failure::at(path))?;
    Ok(Some((path.to_owned(), file)))
}

/// Whether the extension, in upper or lower case, is that of an HTML page.
fn is_page(path: &Path) -> Result<bool, String> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    match extension.map(str::to_ascii_lowercase).as_deref() {
        Some("html") => Ok(true),
        Some("svg") => Ok(false),
        _ => Err("the extension is neither .svg nor .html".to_owned()),
    }
}

fn draw(
    trace: &Trace,
    arguments: &DecodeArguments,
    path: &Path,
    to: impl io::Write,
) -> io::Result<()> {
    let name = arguments.file.file_name().unwrap_or_default();
    let mut map = MemoryMap::new(trace).title(format!("Memory of decoding {}", name.display()));
    if let Some(limit_bytes) = arguments.limit_bytes() {
        map = map.limit_bytes(limit_bytes);
    }
    match is_page(path) {
        Ok(true) => map.write_html(to),
        _ => map.write_svg(to),
    }
}
