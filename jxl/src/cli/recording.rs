use std::path::Path;

use frame_arena::Arena;
use frame_arena_trace::{MemoryMap, Trace};

use super::args::DecodeArguments;
use super::failure::Failure;
use super::output_file::OutputFile;

/// The files for the recording of an arena's requests, opened before the decode.
pub(super) struct Recording<'a> {
    files: Vec<(&'a Path, Form, OutputFile)>,
}

/// How a recording is written.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Drawing,
    Page,
}

impl Form {
    /// The form that the extension names, in upper or lower case.
    fn of(path: &Path) -> Result<Self, &'static str> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("trace") => Ok(Self::Text),
            Some("svg") => Ok(Self::Drawing),
            Some("html") => Ok(Self::Page),
            _ => Err("the extension is none of .trace, .svg and .html"),
        }
    }
}

impl<'a> Recording<'a> {
    /// Opens the files that the arguments name; `None` if there are none.
    pub(super) fn create(arguments: &'a DecodeArguments) -> Result<Option<Self>, Failure> {
        let files = arguments.record.iter().map(|path| {
            let form = Form::of(path).map_err(Failure::at(path))?;
            let file = OutputFile::create(path).map_err(Failure::at(path))?;
            Ok((path.as_path(), form, file))
        });
        let files = files.collect::<Result<Vec<_>, Failure>>()?;
        Ok((!files.is_empty()).then_some(Self { files }))
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
        for (path, form, file) in self.files {
            let written = file.fill(|writer| match form {
                Form::Text => trace.write_to(writer),
                Form::Drawing => memory_map(&trace, arguments).write_svg(writer),
                Form::Page => memory_map(&trace, arguments).write_html(writer),
            });
            written.map_err(Failure::at(path))?;
        }
        Ok(())
    }
}

fn memory_map<'t>(trace: &'t Trace, arguments: &DecodeArguments) -> MemoryMap<'t> {
    let name = arguments.file.file_name().unwrap_or_default();
    let map = MemoryMap::new(trace).title(format!("Memory of decoding {}", name.display()));
    match arguments.limit_bytes() {
        Some(limit_bytes) => map.limit_bytes(limit_bytes),
        None => map,
    }
}
