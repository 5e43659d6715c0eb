//! The streams to decode, which `make-streams.sh` makes.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Returns the folder of streams: the environment's `CODECS_STREAMS`, or `target/streams` of this
/// workspace.
pub fn folder() -> PathBuf {
    match env::var_os("CODECS_STREAMS") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/streams"),
    }
}

/// Returns the streams whose names start with `prefix`, in the order of their sizes. If there are
/// none, prints so.
pub fn starting_with(prefix: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder()).into_iter().flatten().flatten();
    let mut found: Vec<(u64, PathBuf)> = files
        .filter(|file| file.file_name().to_string_lossy().starts_with(prefix))
        .filter_map(|file| Some((file.metadata().ok()?.len(), file.path())))
        .collect();
    found.sort();
    if found.is_empty() {
        eprintln!("skipped: no stream {prefix}* in {}", folder().display());
    }
    found.into_iter().map(|(_, path)| path).collect()
}
