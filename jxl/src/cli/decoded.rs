use frame_arena::FrameReport;
use jxl_arena::FrameInfo;

/// A picture that was decoded.
pub(super) struct Decoded {
    /// What its header says; `None` where only the first picture was asked for.
    pub(super) info: Option<FrameInfo>,
    pub(super) report: FrameReport,
}
