//! What the decode of pictures will request, from headers alone: the image's, each frame's, and what stands in front of
//! the samples of a frame's LF global section.
//!
//! Follows the decode request by request ([`super::sequence`], [`super::vardct`], [`super::streamed`], [`super::whole`]).
//! Where the headers do not tell, it takes the largest: all orders and quantisation tables that the frame has room for, a varblock for each
//! block. Palettes inside a group are not known either and come on top, as do the weighted predictor's rows of a stream that has a tree of
//! its own beside the frame's.

mod modular;
mod pieces;
mod rows;
mod vardct;

use frame_arena::{Arena, DetachedPlan, FramePlan, PlanRequest, ScopePlan};
use jxl_frame::header::Encoding;
use jxl_image::ImageHeader;

use super::composition;
use super::context::{FrameContext, FramePlace};
use super::kept::{Kept, KeptShape, SLOTS, slot};
use super::lf_global::LfGlobal;
use super::refuse;
use super::sections::Sections;
use super::sequence::ShownFrame;
use super::target::FILLED_ROWS;
use crate::Error;
use crate::image::{CodedFrame, Headers};
use crate::render::{NoiseField, STRIP_WIDTH};
pub(super) use rows::RowsPlan;

/// What the pictures of a codestream take.
pub(crate) struct PlannedPictures {
    pub(crate) plan: FramePlan,
    /// The frame that could not be planned: where it starts, and why. Nothing after it is planned.
    pub(crate) end: Option<(usize, Error)>,
}

/// How many pictures are planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pictures {
    First,
    All,
}

/// Plans the decode of pictures, one after the other, on `threads` threads. `arena` is charged for what is read for it.
pub(crate) fn plan_pictures(
    arena: &Arena,
    headers: &Headers,
    codestream: &[u8],
    threads: usize,
    pictures: Pictures,
) -> PlannedPictures {
    let mut planner = Planner {
        arena,
        headers,
        codestream,
        threads,
        plan: FramePlan::new(arena),
        kept: Default::default(),
    };
    let mut start = headers.first_frame;
    let end = loop {
        match planner.add(start) {
            Ok(Next::AfterPicture(_)) if pictures == Pictures::First => break None,
            Ok(Next::AfterPicture(next) | Next::Frame(next)) => start = next,
            Ok(Next::Nothing) => break None,
            Err(error) => break Some((start, error)),
        }
    };
    PlannedPictures {
        plan: planner.plan,
        end,
    }
}

struct Planner<'a> {
    arena: &'a Arena,
    headers: &'a Headers,
    codestream: &'a [u8],
    threads: usize,
    plan: FramePlan,
    kept: [Option<(KeptShape, DetachedPlan)>; SLOTS],
}

/// Where it goes on after a frame.
enum Next {
    /// The frame is not shown.
    Frame(usize),
    AfterPicture(usize),
    Nothing,
}

/// What becomes of the samples of a decode.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Shown,
    Kept,
    KeptAndShown,
}

impl Planner<'_> {
    /// Adds the frame that starts at `start`.
    fn add(&mut self, start: usize) -> Result<Next, Error> {
        let coded = CodedFrame::read(self.codestream, start, &self.headers.image)?;
        let next = coded.bytes.end;
        if !coded.header.is_keyframe() {
            self.add_decode(&coded, Fate::Kept)?;
            return Ok(Next::Frame(next));
        }
        match ShownFrame::new(&coded) {
            ShownFrame::NotKept => self.add_decode(&coded, Fate::Shown)?,
            ShownFrame::Kept => self.add_decode(&coded, Fate::KeptAndShown)?,
            ShownFrame::KeptAlone => {
                self.add_decode(&coded, Fate::Shown)?;
                self.add_decode(&coded, Fate::Kept)?;
            }
        }
        Ok(match coded.header.is_last {
            true => Next::Nothing,
            false => Next::AfterPicture(next),
        })
    }

    fn add_decode(&mut self, coded: &CodedFrame, fate: Fate) -> Result<(), Error> {
        let (image, header) = (&self.headers.image, &coded.header);
        refuse::check(header)?;
        let data = self.codestream.get(coded.bytes.clone());
        let sections = Sections::new(&coded.toc, data.ok_or(Error::Truncated)?, header);
        let scope = self.arena.frame();
        let is_plain = fate == Fate::Shown && !composition::is_needed(image, header);
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
        let Self { plan, kept, .. } = self;
        if fate == Fate::Shown {
            return plan.frame(|scope| frame.describe(scope, !is_plain));
        }
        let shape = KeptShape::new(image, header);
        let before = &mut kept[slot(header)];
        let plane_use = before
            .as_ref()
            .and_then(|(before, _)| shape.use_of(*before, header));
        let is_filled = !shape.is_coded;
        if plane_use.is_some() {
            return plan.frame(|scope| frame.describe(scope, is_filled));
        }
        let mut planes = None;
        plan.frame(|scope| {
            let (width, height) = shape.size;
            planes = Some(scope.detached_planes::<f32>(shape.planes(), width, height)?);
            frame.describe(scope, is_filled)
        })?;
        if let Some(planes) = planes
            && let Some((_, planes)) = before.replace((shape, planes))
        {
            plan.drop_detached(planes);
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
    /// `is_composed` says that the canvas around the frame is filled.
    fn describe(&self, scope: &mut ScopePlan<'_>, is_composed: bool) -> Described {
        if is_composed {
            self.describe_filling(scope)?;
        }
        match self.context.header.encoding {
            Encoding::VarDct => self.describe_vardct(scope),
            Encoding::Modular => {
                self.describe_painting(scope)?;
                self.describe_modular(scope)
            }
        }
    }

    /// Rows of the canvas where the frame is not.
    fn describe_filling(&self, scope: &mut ScopePlan<'_>) -> Described {
        let size = &self.image.size;
        let width = STRIP_WIDTH.min(size.width as usize);
        let tiles = (size.width as usize).div_ceil(STRIP_WIDTH)
            * (size.height as usize).div_ceil(FILLED_ROWS);
        scope.tasks(self.at_once(tiles), |task| {
            task.planes::<f32>(3, width, 1)?;
            Ok(task.plane::<f32>(width, self.context.extra_channels)?)
        })
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
