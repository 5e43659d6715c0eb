use std::collections::TryReserveError;
use std::io;

use thiserror::Error;

/// The reason why a trace was refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The text could not be read.
    #[error("the trace cannot be read: {0}")]
    Read(#[from] io::Error),
    /// A line is malformed, or its event cannot follow those before it.
    #[error("line {line} of the trace: {problem}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// The process has no memory for the trace.
    #[error("the trace: {0}")]
    NoMemory(#[from] TryReserveError),
    /// An event cannot follow those before it.
    #[error("event {index} of the trace: {problem}")]
    Inconsistent {
        /// Its index.
        index: usize,
        /// What is wrong.
        problem: &'static str,
    },
}
