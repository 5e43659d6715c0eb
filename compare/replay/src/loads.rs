use std::path::Path;

use anyhow::{Context, Result};
use frame_arena_trace::Trace;

use crate::program::Program;

/// What is replayed. All decoders work at once. In each round, each of them makes the requests of
/// all traces, one trace after the other.
pub(crate) struct Load {
    pub(crate) name: &'static str,
    /// Whether it is too large for the smoke test.
    pub(crate) is_large: bool,
    decoders: usize,
    traces: &'static [&'static str],
}

pub(crate) const LOADS: &[Load] = &[
    alone("lossless", &["lossless"]),
    alone("vardct", &["vardct"]),
    alone("jpeg", &["jpeg"]),
    alone("progressive", &["progressive"]),
    alone("alpha", &["alpha"]),
    alone("animation", &["animation"]),
    alone("4k", &["4k"]),
    alone(
        "thumbnails-4k",
        &[
            "thumbnail",
            "thumbnail",
            "thumbnail",
            "thumbnail",
            "4k",
            "thumbnail",
            "thumbnail",
            "thumbnail",
            "thumbnail",
        ],
    ),
    Load {
        name: "four-decoders",
        is_large: false,
        decoders: 4,
        traces: &["vardct", "lossless"],
    },
    alone("whole-lossless", &["whole-lossless"]),
    alone("whole-vardct", &["whole-vardct"]),
    Load {
        is_large: true,
        ..alone("whole-4k", &["whole-4k"])
    },
    Load {
        name: "whole-four-decoders",
        is_large: true,
        decoders: 4,
        traces: &["whole-vardct", "whole-lossless"],
    },
];

const fn alone(name: &'static str, traces: &'static [&'static str]) -> Load {
    Load {
        name,
        is_large: false,
        decoders: 1,
        traces,
    }
}

/// The programs of a load.
pub(crate) struct Loaded {
    pub(crate) decoders: usize,
    pub(crate) programs: Vec<Program>,
}

impl Load {
    /// Reads the traces. With `to_frame_end`, no buffer of a frame ends before the frame.
    ///
    /// # Errors
    /// If a trace is missing or invalid.
    pub(crate) fn read(&self, to_frame_end: bool) -> Result<Loaded> {
        let read = |&name: &&str| {
            let mut program = read_program(name).with_context(|| format!("the trace {name}"))?;
            if to_frame_end {
                program.keep_to_frame_end();
            }
            Ok(program)
        };
        Ok(Loaded {
            decoders: self.decoders,
            programs: self.traces.iter().map(read).collect::<Result<_>>()?,
        })
    }
}

fn read_program(name: &str) -> Result<Program> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("traces");
    let text = std::fs::read(folder.join(name).with_extension("trace"))?;
    Program::new(&Trace::read_from(&text[..])?)
}
