use frame_arena::FrameReport;
use jxl_arena::FrameInfo;

/// A picture that was decoded.
pub(super) struct Decoded {
    /// Its frame header; `None` if only the first picture was requested.
    pub(super) info: Option<FrameInfo>,
    pub(super) report: FrameReport,
}
