use jxl_arena::{FrameInfo, ImageInfo};

/// The picture's number, counted from 1, and how long it is shown.
pub(super) fn describe(frame: &FrameInfo, info: &ImageInfo) -> String {
    let number = frame.index + 1;
    match &info.animation {
        None => number.to_string(),
        Some(animation) => format!("{number}: {:?}", animation.duration(frame.duration_ticks)),
    }
}
