/// How the command ends if it does not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Whole,
    /// The file is truncated, and what was there is written.
    Partial,
}
