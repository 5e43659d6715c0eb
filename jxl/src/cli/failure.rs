use std::fmt;
use std::path::{Path, PathBuf};

/// The error with which the command ends with exit code 1: one line that starts with the file
/// concerned.
#[derive(Debug)]
pub(crate) struct Failure {
    path: PathBuf,
    message: String,
}

impl Failure {
    pub(super) fn new(path: &Path, message: impl fmt::Display) -> Self {
        Self {
            path: path.to_owned(),
            message: message.to_string(),
        }
    }

    /// Makes a failure about `path` from any error, for `map_err`.
    pub(super) fn at<E: fmt::Display>(path: &Path) -> impl Fn(E) -> Self {
        move |error| Self::new(path, error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.message)
    }
}
