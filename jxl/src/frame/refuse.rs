use jxl_frame::FrameHeader;
use jxl_frame::header::{BlendMode, Encoding};

use crate::Error;

/// Refuses by name what a frame header asks for and is not decoded yet.
pub(super) fn check(header: &FrameHeader) -> Result<(), Error> {
    let blends = |mode: BlendMode| mode != BlendMode::Replace;
    let is_modular = header.encoding == Encoding::Modular;
    let refused = [
        (header.flags.use_lf_frame(), "LF frames"),
        (header.flags.patches(), "patches"),
        (header.do_ycbcr && is_modular, "YCbCr in Modular coding"),
        (
            blends(header.blending_info.mode)
                || header.ec_blending_info.iter().any(|info| blends(info.mode)),
            "blending",
        ),
    ];
    match refused.iter().find(|(is_used, _)| *is_used) {
        Some(&(_, feature)) => Err(Error::unsupported(feature)),
        None => Ok(()),
    }
}
