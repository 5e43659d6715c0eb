use jxl_frame::FrameHeader;
use jxl_frame::header::BlendMode;
use jxl_image::ImageHeader;

use crate::Error;

/// Refuses by name what a frame header asks for and is not decoded yet.
pub(super) fn check(image: &ImageHeader, header: &FrameHeader) -> Result<(), Error> {
    let extra = &image.metadata.ec_info;
    let filter = &header.restoration_filter;
    let blends = |mode: BlendMode| mode != BlendMode::Replace;
    let refused = [
        (header.flags.use_lf_frame(), "LF frames"),
        (header.flags.patches(), "patches"),
        (header.flags.splines(), "splines"),
        (header.flags.noise(), "noise"),
        (header.do_ycbcr, "YCbCr"),
        (
            header.upsampling != 1 || header.ec_upsampling.iter().any(|&factor| factor != 1),
            "upsampling",
        ),
        (
            extra.iter().any(|channel| channel.dim_shift != 0),
            "subsampled extra channels",
        ),
        (filter.gab.enabled(), "gaborish filter"),
        (filter.epf.enabled(), "edge-preserving filter"),
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
