//! Frames: from their sections to rows of the output.

use frame_arena::Frame;
use jxl_frame::FrameHeader;
use jxl_frame::data::Toc;
use jxl_image::ImageHeader;

use crate::Error;
use crate::output::Output;

/// Decodes a still's only frame. `data` starts with its frame header; the offsets of `toc` count from there.
///
/// # Errors
/// Truncated or corrupt sections, parts of the standard not decoded yet, memory.
pub(crate) fn decode_frame(
    _frame: &Frame,
    _image: &ImageHeader,
    _header: &FrameHeader,
    _toc: &Toc,
    _data: &[u8],
    _output: Output<'_>,
) -> Result<(), Error> {
    Err(Error::unsupported("entropy-coded sections"))
}
