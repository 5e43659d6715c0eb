use frame_arena::FrameReport;
use jxl_arena::{Completeness, FrameInfo};

/// A picture that was decoded.
pub(super) struct Decoded {
    /// Its frame header; `None` if only the first picture was requested.
    pub(super) info: Option<FrameInfo>,
    pub(super) report: FrameReport,
    /// How much of it was there.
    pub(super) completeness: Completeness,
}
