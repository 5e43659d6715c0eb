//! Frames: from their sections to rows of the output.

mod area;
mod composition;
mod context;
mod features;
mod groups;
mod kept;
mod lf_global;
mod local;
mod plan;
mod refuse;
mod render;
mod rows;
mod sections;
mod sequence;
mod streamed;
mod target;
mod vardct;
mod whole;

use frame_arena::Scope;
use jxl_image::ImageHeader;

use crate::image::CodedFrame;
use crate::render::Sigma;
use crate::{Error, origin};
use context::{FrameContext, FramePlace};
use lf_global::LfGlobal;
pub(crate) use plan::{Pictures, plan_pictures};
use render::Renderer;
use sections::Sections;
pub(crate) use sequence::{Sequence, SequenceState};
use target::Target;

/// Decodes one frame. `data` starts with its frame header.
///
/// Where each pixel follows from coded samples of its own place, groups are decoded one by one
/// and go out at once; otherwise whole channels are kept. Either way groups are decoded in
/// parallel, and the result does not depend on the number of threads.
///
/// # Errors
/// Truncated or corrupt sections, parts of the standard not decoded yet, memory.
fn decode_frame(
    scope: &Scope,
    image: &ImageHeader,
    coded: &CodedFrame,
    data: &[u8],
    place: FramePlace<'_>,
    target: Target<'_>,
) -> Result<(), Error> {
    let header = &coded.header;
    refuse::check(header)?;
    let _contents_charge = scope.charge_for(origin::CONTENTS, Sections::heap_bytes(header))?;
    let sections = Sections::new(&coded.toc, data, header);
    let context = FrameContext::new(scope, image, header, place)?;
    let mut bits = sections.lf_global()?;
    let global = LfGlobal::parse(&mut bits, &context)?;
    if let Some(vardct) = &global.vardct {
        let frame = vardct::Frame::new(&context, image, &sections, &global, vardct);
        return frame.decode(bits, target);
    }
    let sigma = Sigma::of_modular(&header.restoration_filter.epf);
    let renderer = Renderer::new(&context, image, &global, sigma, [0.0, 1.0], context.scope)?;
    if renderer.is_plain() && target.is_plain() && global.is_streamable(&context) {
        streamed::decode(&context, &sections, &global, bits, target)
    } else {
        whole::decode(&renderer, image, &sections, &global, bits, target)
    }
}
