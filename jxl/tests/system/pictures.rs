//! Files to decode: the samples, and those of the corpus if it is available.

use std::fs;
use std::path::{Path, PathBuf};

/// Larger files are decoded less often, as they take long.
const SMALL_FILE_BYTES: u64 = 64 << 10;

pub(crate) fn is_small(file: &Path) -> bool {
    fs::metadata(file).unwrap().len() <= SMALL_FILE_BYTES
}

pub(crate) fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples")
}

pub(crate) fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus")
}

/// The JPEG XL files in `folder`, sorted. Says that it skips a folder that is not there; samples
/// must be there.
pub(crate) fn pictures_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        assert_ne!(folder, samples(), "the samples are not there");
        eprintln!("skipped: {} is not there", folder.display());
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_picture = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "jxl");
    let mut paths: Vec<_> = paths.filter(is_picture).collect();
    paths.sort();
    paths
}
