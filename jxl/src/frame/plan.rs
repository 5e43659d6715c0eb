//! What the decode of a still will request, from headers alone: the image's, each frame's, and what stands in front of
//! the samples of a frame's LF global section.
//!
//! Follows the decode request by request ([`super::sequence`], [`super::vardct`], [`super::streamed`], [`super::whole`]).
//! Where the headers do not tell, it takes the largest: varblocks as large as the frame has room for, a varblock for each
//! block. Palettes inside a group are not known either and come on top.

mod modular;
mod pieces;
mod rows;
mod vardct;

use frame_arena::{Arena, DetachedPlan, FramePlan, ScopePlan};
use jxl_frame::FrameHeader;
use jxl_frame::header::{Encoding, FrameType};
use jxl_image::ImageHeader;

use super::composition;
use super::context::{FrameContext, FramePlace, frame_size};
use super::kept::Kept;
use super::lf_global::LfGlobal;
use super::refuse;
use super::sections::Sections;
use super::sequence::{colour_planes, extra_planes, is_blended_in_place};
use crate::Error;
use crate::image::{CodedFrame, Headers};
use crate::render::NoiseField;
pub(super) use rows::RowsPlan;

/// Plans the decode of the first shown picture on `threads` threads. `arena` is charged for what is read for it.
///
/// # Errors
/// As the decode, as far as it is read.
pub(crate) fn plan_still(
    arena: &Arena,
    headers: &Headers,
    codestream: &[u8],
    threads: usize,
) -> Result<FramePlan, Error> {
    let mut still = Still {
        arena,
        headers,
        codestream,
        threads,
        plan: FramePlan::new(arena),
        kept: Default::default(),
    };
    let mut start = headers.first_frame;
    while start < headers.shown.bytes.start {
        let coded = CodedFrame::read(codestream, start, &headers.image)?;
        start = coded.bytes.end;
        still.add(&coded, true)?;
    }
    still.add(&headers.shown, false)?;
    Ok(still.plan)
}

struct Still<'a> {
    arena: &'a Arena,
    headers: &'a Headers,
    codestream: &'a [u8],
    threads: usize,
    plan: FramePlan,
    /// Four references, then LF images by level.
    kept: [Option<DetachedPlan>; 8],
}

impl Still<'_> {
    fn add(&mut self, coded: &CodedFrame, is_kept: bool) -> Result<(), Error> {
        let (image, header) = (&self.headers.image, &coded.header);
        refuse::check(header)?;
        let data = self.codestream.get(coded.bytes.clone());
        let sections = Sections::new(&coded.toc, data.ok_or(Error::Truncated)?, header);
        let scope = self.arena.frame();
        let is_plain = !is_kept && !composition::is_needed(image, header);
        let place = FramePlace {
            kept: &Kept::default(),
            counts: [1, 0],
            stays_coded: false,
            wants_float_extra: !is_plain,
        };
        let context = FrameContext::new(&scope, image, header, place)?;
        let mut bits = sections.lf_global()?;
        let global = LfGlobal::parse(&mut bits, &context)?;
        let frame = PlannedFrame {
            image,
            context: &context,
            global: &global,
            sections: &sections,
            rows: RowsPlan::new(&context, image, is_plain),
            threads: self.threads,
        };
        let slot = match header.frame_type {
            FrameType::LfFrame => 4 + header.lf_level as usize - 1,
            _ => header.save_as_reference as usize,
        };
        let has_planes = self.kept[slot].is_some() && is_blended_in_place(header);
        let mut planes = None;
        self.plan.frame(|scope| {
            if is_kept && !has_planes {
                planes = Some(frame.describe_kept(scope)?);
            }
            frame.describe(scope)
        })?;
        if let Some(planes) = planes
            && let Some(before) = self.kept[slot].replace(planes)
        {
            self.plan.drop_detached(before);
        }
        Ok(())
    }
}

/// A frame, and what is known of it.
struct PlannedFrame<'a> {
    image: &'a ImageHeader,
    context: &'a FrameContext<'a>,
    global: &'a LfGlobal,
    sections: &'a Sections<'a>,
    rows: RowsPlan,
    threads: usize,
}

type Described = Result<(), Error>;

impl PlannedFrame<'_> {
    fn describe(&self, scope: &mut ScopePlan<'_>) -> Described {
        self.describe_painting(scope)?;
        match self.context.header.encoding {
            Encoding::VarDct => self.describe_vardct(scope),
            Encoding::Modular => self.describe_modular(scope),
        }
    }

    /// The planes that a frame leaves behind.
    fn describe_kept(&self, scope: &mut ScopePlan<'_>) -> Result<DetachedPlan, Error> {
        let header = self.context.header;
        let size = kept_size(self.image, header);
        let planes = colour_planes(self.image, header, true) + extra_planes(self.image, header);
        Ok(scope.detached_planes::<f32>(planes, size.0, size.1)?)
    }

    /// Patches, splines and noise.
    fn describe_painting(&self, scope: &mut ScopePlan<'_>) -> Described {
        let features = &self.global.features;
        if let Some(patches) = &features.patches {
            patches.describe(self.context.height, scope)?;
        }
        if let Some(splines) = &features.splines {
            splines.describe((self.context.width, self.context.height), scope)?;
        }
        if features.noise.is_some() {
            NoiseField::describe(self.context.size(), self.context.group_dim, scope)?;
        }
        Ok(())
    }

    /// How many of `tasks` are open at the same time.
    fn at_once(&self, tasks: usize) -> usize {
        tasks.min(self.threads)
    }
}

/// The larger of the sizes that a frame may be kept in.
fn kept_size(image: &ImageHeader, header: &FrameHeader) -> (usize, usize) {
    let (width, height) = frame_size(header);
    match header.frame_type {
        FrameType::LfFrame | FrameType::ReferenceOnly => (width, height),
        _ => (
            width.max(image.size.width as usize),
            height.max(image.size.height as usize),
        ),
    }
}
