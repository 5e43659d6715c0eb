use frame_arena::Scope;

use super::composition::{self, Composition};
use super::context::FramePlace;
use super::decode_frame;
use super::lf_data::SharedLf;
use super::saved_frames::Kept;
use super::target::{Shown, Target};
use crate::budget::Budget;
use crate::grid::Rect;
use crate::headers::ImageHeader;
use crate::image::{CodedFrame, Headers};
use crate::input::Available;
use crate::memory::Memory;
use crate::output::Output;
use crate::workers::Workers;
use crate::{Error, Reduction};

/// Decodes one frame, with what the frames before it left.
#[derive(Clone, Copy)]
pub(super) struct OneFrame<'s> {
    pub(super) headers: &'s Headers,
    pub(super) codestream: Available<'s>,
    /// The saved frames.
    pub(super) kept: &'s Kept,
    /// Visible frames up to this one, and invisible ones since the last visible one.
    pub(super) counts: [u32; 2],
    /// The wanted part of the canvas; `None` for all of it.
    pub(super) region: Option<Rect>,
    /// The frame's LF groups, if they are decoded already.
    pub(super) lf: Option<&'s SharedLf>,
    pub(super) budget: &'s Budget<'s>,
    pub(super) workers: Workers<'s>,
}

impl<'s> OneFrame<'s> {
    /// Decodes a frame into `output` only.
    pub(super) fn show(
        self,
        scope: &Scope,
        coded: &CodedFrame<'_>,
        output: Output<'_>,
    ) -> Result<(), Error> {
        let (image, header) = (self.image(), &coded.header);
        let target = Target::picture(self.shown(output));
        if !composition::is_needed(image, header) {
            return self.decode(scope, coded, false, target);
        }
        let kept = scope.scratch_beyond_plan();
        let memory = Memory::new(scope, &kept);
        let composition = Composition::new(image, header, self.kept, memory)?;
        self.spend_canvas()?;
        let target = target.composed(&composition, header.frame_size(), (scope, self.workers))?;
        self.decode(scope, coded, false, target)
    }

    /// The part of the canvas that `output` shows.
    pub(super) fn shown<'o>(self, output: Output<'o>) -> Shown<'o> {
        let start = self.region.map(|region| region.pos);
        Shown::new(output, start.unwrap_or_default())
    }

    pub(super) fn decode(
        self,
        scope: &Scope,
        coded: &CodedFrame<'_>,
        stays_coded: bool,
        target: Target<'_>,
    ) -> Result<(), Error> {
        if self.region.is_some() && target.is_empty() {
            return Ok(());
        }
        let place = self.place(stays_coded, &target);
        decode_frame(scope, self.image(), coded, self.codestream, place, target)
    }

    pub(super) fn place(self, stays_coded: bool, target: &Target<'_>) -> FramePlace<'s> {
        FramePlace {
            kept: self.kept,
            counts: self.counts,
            stays_coded,
            wants_float_extra: !target.is_plain(),
            wanted: self.region.map(|_| target.rect()),
            lf: self.lf,
            reduction: Reduction::Full,
            budget: self.budget,
            workers: self.workers,
        }
    }

    /// Counts the work of copying the canvas.
    pub(super) fn spend_canvas(self) -> Result<(), Error> {
        let channels = 3 + self.image().metadata.ec_info.len() as u64;
        let canvas = self.image().canvas_size();
        self.budget.spend(canvas.area() as u64 * channels)
    }

    fn image(self) -> &'s ImageHeader {
        &self.headers.image
    }
}
