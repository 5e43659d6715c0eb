use jxl_frame::FrameHeader;
use jxl_frame::header::{BlendMode, Encoding};

use crate::Error;

/// Refuses by name what a frame header asks for and is not decoded yet.
pub(super) fn check(header: &FrameHeader) -> Result<(), Error> {
    let blends = |mode: BlendMode| mode != BlendMode::Replace;
    let is_vardct = header.encoding == Encoding::VarDct;
    let filter = &header.restoration_filter;
    let upsamples =
        header.upsampling != 1 || header.ec_upsampling.iter().any(|&factor| factor != 1);
    let refused = [
        (is_vardct && header.flags.noise(), "noise"),
        (is_vardct && upsamples, "upsampling"),
        (is_vardct && filter.gab.enabled(), "gaborish filter"),
        (is_vardct && filter.epf.enabled(), "edge-preserving filter"),
        (header.flags.use_lf_frame(), "LF frames"),
        (header.flags.patches(), "patches"),
        (header.flags.splines(), "splines"),
        (header.do_ycbcr, "YCbCr"),
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
