//! Plans the decode of pictures from headers: those of the image and of each frame, and the part of
//! a frame's LF global section before its samples.
//!
//! The plan follows the decode request by request ([`super::sequence`], [`super::vardct`],
//! [`super::streamed`], [`super::whole`]). Where the headers leave something open, it assumes the
//! worst case: all orders and quantization tables that fit into the frame, and a varblock for each
//! block. Two kinds of memory are beyond the plan: palettes inside a group, and the weighted
//! predictor's rows of a stream that has its own tree in addition to the frame's.

use frame_arena::{Arena, DetachedPlan, FramePlan, ScopePlan, Spec};

use super::composition;
use super::context::FramePlace;
use super::lf_data::SharedLf;
use super::parsed::ParsedFrame;
use super::reduced::{Part, part_of, reducer_shape};
use super::saved_frames::{Kept, KeptShape, SLOTS, ShownFrame, slot};
use super::target::plan_filling;
use super::{plan_frame, plan_part};
use crate::budget::Budget;
use crate::grid::Rect;
use crate::image::{CodedFrame, Headers};
use crate::input::Available;
use crate::memory::Memory;
use crate::output::ReducerShape;
use crate::workers::Workers;
use crate::{Error, Reduction};

/// The plan of a codestream's pictures.
pub(crate) struct PlannedPictures {
    pub(crate) plan: FramePlan,
    /// The start of the frame that could not be planned, and the reason. Nothing after it is
    /// planned.
    pub(crate) end: Option<(usize, Error)>,
}

/// The number of pictures to plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pictures {
    First,
    All,
}

/// Plans the decode of pictures, or of `region` of each, one after the other, on `threads` threads.
/// Whole pictures are reduced. Planning reads headers in memory of `arena`.
pub(crate) fn plan_pictures(
    arena: &Arena,
    headers: &Headers,
    codestream: Available<'_>,
    threads: usize,
    pictures: Pictures,
    region: Option<Rect>,
    reduction: Reduction,
) -> PlannedPictures {
    let mut planner = Planner {
        reduction,
        ..Planner::new(arena, (headers, codestream), threads, region)
    };
    let mut start = headers.first_frame;
    let end = loop {
        match planner.add(start) {
            Ok(Next::AfterPicture(_)) if pictures == Pictures::First => break None,
            Ok(Next::AfterPicture(next) | Next::Frame(next)) => start = next,
            Ok(Next::Nothing) => break None,
            // The decode ends there as well.
            Err(Error::Truncated) if codestream.may_end() => break None,
            Err(error) => break Some((start, error)),
        }
    };
    PlannedPictures {
        plan: planner.plan,
        end,
    }
}

/// Plans the decode of `region` of the shown frame that starts at `start`, after the frames before
/// it, on `threads` threads. `lf`: its LF groups, if they are decoded already.
///
/// # Errors
/// The errors of a decode, for the parts read here.
pub(super) fn plan_shown(
    arena: &Arena,
    (headers, codestream, start): (&Headers, Available<'_>, usize),
    threads: usize,
    region: Option<Rect>,
    lf: Option<&SharedLf>,
) -> Result<FramePlan, Error> {
    let mut planner = Planner {
        lf,
        ..Planner::new(arena, (headers, codestream), threads, region)
    };
    let scope = arena.frame();
    let kept = scope.scratch_beyond_plan();
    let memory = Memory::new(&scope, &kept);
    let coded = CodedFrame::read(codestream, start, headers.frame_source(), memory)?;
    planner.add_decode(&coded, false, None)?;
    Ok(planner.plan)
}

struct Planner<'a> {
    arena: &'a Arena,
    headers: &'a Headers,
    codestream: Available<'a>,
    threads: usize,
    region: Option<Rect>,
    reduction: Reduction,
    /// The LF groups of the planned frame, if they are decoded already.
    lf: Option<&'a SharedLf>,
    plan: FramePlan,
    kept: [Option<(KeptShape, DetachedPlan)>; SLOTS],
}

/// The place to continue after a frame.
enum Next {
    /// The frame is not shown.
    Frame(usize),
    AfterPicture(usize),
    Nothing,
}

impl<'a> Planner<'a> {
    /// Plans frames in full size that are decoded with their LF groups.
    fn new(
        arena: &'a Arena,
        (headers, codestream): (&'a Headers, Available<'a>),
        threads: usize,
        region: Option<Rect>,
    ) -> Self {
        Self {
            arena,
            headers,
            codestream,
            threads,
            region,
            reduction: Reduction::Full,
            lf: None,
            plan: FramePlan::new(arena),
            kept: Default::default(),
        }
    }

    /// Adds the frame that starts at `start`.
    fn add(&mut self, start: usize) -> Result<Next, Error> {
        let scope = self.arena.frame();
        let kept = scope.scratch_beyond_plan();
        let memory = Memory::new(&scope, &kept);
        let coded = CodedFrame::read(self.codestream, start, self.headers.frame_source(), memory)?;
        if !coded.header.is_keyframe() {
            self.add_decode(&coded, true, None)?;
            return Ok(Next::Frame(coded.end()));
        }
        let (headers, codestream) = (self.headers, self.codestream);
        if let Some(part) = part_of(&scope, headers, &coded, codestream, self.reduction) {
            self.add_part(&coded, part)?;
            return Ok(self.after(&coded));
        }
        let reducer = reducer_shape(&self.headers.image, Some(&coded), self.reduction);
        match ShownFrame::new(&coded) {
            ShownFrame::NotKept => self.add_decode(&coded, false, reducer)?,
            ShownFrame::Kept => self.add_decode(&coded, true, reducer)?,
            ShownFrame::KeptAlone => {
                self.add_decode(&coded, false, reducer)?;
                self.add_decode(&coded, true, None)?;
            }
        }
        Ok(self.after(&coded))
    }

    /// The place to continue after a shown frame.
    fn after(&self, coded: &CodedFrame<'_>) -> Next {
        match coded.header.is_last {
            true => Next::Nothing,
            false => Next::AfterPicture(coded.end()),
        }
    }

    /// Adds a decode of the part of a frame that [makes the picture](part_of).
    fn add_part(&mut self, coded: &CodedFrame<'_>, part: Part) -> Result<(), Error> {
        let scope = self.arena.frame();
        let (kept, budget) = (Kept::default(), Budget::planning(self.headers.limits));
        let place = part.place(FramePlace::planning(&kept, &budget));
        let beyond_plan = scope.scratch_beyond_plan();
        let memory = (&*scope, Memory::new(&scope, &beyond_plan));
        let image = &self.headers.image;
        let (frame, _) = ParsedFrame::new(memory, image, coded, self.codestream, place)?;
        let threads = self.threads;
        self.plan
            .frame(|scope| plan_part(&frame, part, threads, scope))
    }

    /// Adds a decode to the caller's buffer only, or also to planes that are kept. `reducer` makes
    /// the rows in the buffer smaller.
    fn add_decode(
        &mut self,
        coded: &CodedFrame<'_>,
        is_kept: bool,
        reducer: Option<ReducerShape>,
    ) -> Result<(), Error> {
        let (image, header) = (&self.headers.image, &coded.header);
        let scope = self.arena.frame();
        let is_plain = !is_kept && !composition::is_needed(image, header);
        let region = self.region.filter(|_| !is_kept);
        let wanted = region.map(|region| match is_plain {
            true => region,
            false => composition::part_of_frame(header, region),
        });
        let place = FramePlace {
            kept: &Kept::default(),
            counts: [1, 0],
            stays_coded: false,
            wants_float_extra: !is_plain,
            wanted,
            lf: self.lf,
            reduction: Reduction::Full,
            budget: &Budget::planning(self.headers.limits),
            workers: Workers::ALONE,
        };
        let beyond_plan = scope.scratch_beyond_plan();
        let memory = (&*scope, Memory::new(&scope, &beyond_plan));
        let (frame, _) = ParsedFrame::new(memory, image, coded, self.codestream, place)?;
        let threads = self.threads;
        let describe = |scope: &mut ScopePlan<'_>, is_composed| {
            if is_composed {
                let canvas = region.map_or(image.canvas_size(), |region| region.size);
                plan_filling(canvas, frame.context.extra_channels, threads, scope)?;
            }
            match wanted {
                Some(wanted) if wanted.is_empty() => Ok(()),
                _ => plan_frame(&frame, threads, scope),
            }
        };
        let reducer = reducer.as_ref().map(ReducerShape::spec);
        let Self { plan, kept, .. } = self;
        if !is_kept {
            return plan.frame(|scope| {
                reducer.plan(scope)?;
                describe(scope, !is_plain)
            });
        }
        let shape = KeptShape::new(image, header);
        let before = &mut kept[slot(header)];
        let plane_use = before
            .as_ref()
            .and_then(|(before, _)| shape.use_of(*before, header));
        let is_filled = !shape.is_coded;
        if plane_use.is_some() {
            return plan.frame(|scope| {
                reducer.plan(scope)?;
                describe(scope, is_filled)
            });
        }
        let mut planes = None;
        plan.frame(|scope| {
            reducer.plan(scope)?;
            let spec = shape.spec();
            let (count, width, height) = (spec.count(), spec.width(), spec.height());
            planes = Some(scope.detached_planes::<f32>(count, width, height)?);
            describe(scope, is_filled)
        })?;
        if let Some(planes) = planes
            && let Some((_, planes)) = before.replace((shape, planes))
        {
            plan.drop_detached(planes);
        }
        Ok(())
    }
}
