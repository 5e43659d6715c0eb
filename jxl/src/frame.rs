//! Frames: from their sections to rows of the output.

mod context;
mod features;
mod groups;
mod lf_global;
mod refuse;
mod render;
mod rows;
mod sections;
mod streamed;
mod vardct;
mod whole;

use frame_arena::Frame;
use jxl_frame::FrameHeader;
use jxl_frame::data::Toc;
use jxl_image::ImageHeader;

use crate::Error;
use crate::output::Output;
use crate::render::Sigma;
use context::FrameContext;
use lf_global::LfGlobal;
use render::Renderer;
use sections::Sections;

/// Decodes a still's only frame. `data` starts with its frame header; the offsets of `toc` count from there.
///
/// Where each pixel follows from coded samples of its own place, groups are decoded one by one
/// and go out at once; otherwise whole channels are kept. Either way groups are decoded in
/// parallel, and the result does not depend on the number of threads.
///
/// # Errors
/// Truncated or corrupt sections, parts of the standard not decoded yet, memory.
pub(crate) fn decode_frame(
    frame: &Frame,
    image: &ImageHeader,
    header: &FrameHeader,
    toc: &Toc,
    data: &[u8],
    output: Output<'_>,
) -> Result<(), Error> {
    refuse::check(header)?;
    let sections = Sections::new(toc, data, header);
    let context = FrameContext::new(frame, image, header)?;
    let mut bits = sections.lf_global()?;
    let global = LfGlobal::parse(&mut bits, &context)?;
    if let Some(vardct) = &global.vardct {
        let frame = vardct::Frame::new(&context, image, &sections, &global, vardct);
        return frame.decode(bits, output);
    }
    let sigma = Sigma::of_modular(&header.restoration_filter.epf);
    let renderer = Renderer::new(&context, image, &global, sigma, [0.0, 1.0])?;
    if renderer.is_plain() && global.is_streamable(&context) {
        streamed::decode(&context, &sections, &global, bits, output)
    } else {
        whole::decode(&renderer, image, &sections, &global, bits, output)
    }
}
