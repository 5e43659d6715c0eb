//! The averages that are kept whole while bands are undone.

use frame_arena::{AllocError, Plane, PlaneSpec, PlaneView, PlaneViewMut, Scope, ScopePlan, Spec};

use super::{BandedChannel, BandsShape, LowStep, plan_squeeze};
use crate::Error;
use crate::memory::{List, Memory};
use crate::modular::Slot;
use crate::modular::inverse::{invert_rct, invert_squeeze};
use crate::workers::Workers;

/// Horizontal and vertical steps from a picture to an eighth of its width and height.
const STEPS_TO_EIGHTHS: usize = 3;

impl BandedChannel<'_> {
    fn low_spec(&self) -> PlaneSpec<i32> {
        // Zeros: unwanted sections are not decoded.
        PlaneSpec::zeros(self.low.0, self.low.1)
    }

    /// The low steps, from the outermost on, that are not undone for averages of an eighth of the
    /// channel's width and height. `None` if no steps lead there, or not low ones alone.
    fn steps_to_eighths(&self) -> Option<usize> {
        let in_band = self.steps.iter().map(|step| step.horizontal);
        let low = self.low_steps.iter().map(|step| step.horizontal);
        let (mut horizontal, mut vertical) = (0, 0);
        let mut counts = in_band.chain(low).map(|is_horizontal| {
            match is_horizontal {
                true => horizontal += 1,
                false => vertical += 1,
            }
            (horizontal, vertical)
        });
        let steps = counts.position(|counts| counts == (STEPS_TO_EIGHTHS, STEPS_TO_EIGHTHS))?;
        (steps + 1).checked_sub(self.steps.len())
    }

    /// The low steps that lead to averages of an eighth of the channel's width and height, from the
    /// outermost on. None of them if there are no such averages.
    fn eighths_steps(&self) -> &[LowStep] {
        &self.low_steps[self.steps_to_eighths().unwrap_or(0)..]
    }

    /// Size of the averages of an eighth of the channel's width and height.
    fn eighths_size(&self) -> (usize, usize) {
        let steps = self.low_steps[..self.steps_to_eighths().unwrap_or(0)].iter();
        steps.fold(self.low, |(width, height), step| match step.horizontal {
            true => (width.div_ceil(2), height),
            false => (width, height.div_ceil(2)),
        })
    }
}

impl LowStep {
    /// Plans undoing the step on `threads` threads.
    pub(super) fn plan(&self, threads: usize, stage: &mut ScopePlan<'_>) -> Result<(), AllocError> {
        plan_squeeze(self.horizontal, self.size, threads, stage)
    }
}

impl BandsShape<'_> {
    /// True if the averages of an eighth of each channel's width and height are kept whole.
    pub(crate) fn has_eighths(&self) -> bool {
        let mut channels = self.channels.iter();
        channels.all(|channel| channel.steps_to_eighths().is_some())
    }

    /// Plans [`Low::new`].
    pub(crate) fn plan_low(&self, stage: &mut ScopePlan<'_>) -> Result<(), AllocError> {
        let mut channels = self.channels.iter();
        channels.try_for_each(|channel| channel.low_spec().plan(stage))
    }

    /// Plans [`Low::invert_to_eighths`] on `threads` threads.
    pub(crate) fn plan_eighths(
        &self,
        threads: usize,
        stage: &mut ScopePlan<'_>,
    ) -> Result<(), AllocError> {
        self.channels.iter().try_for_each(|channel| {
            let mut steps = channel.eighths_steps().iter();
            steps.try_for_each(|step| step.plan(threads, stage))
        })
    }
}

/// See the module.
pub(crate) struct Low<'s> {
    shape: &'s BandsShape<'s>,
    planes: List<'s, Plane<'s, i32>>,
}

impl<'s> Low<'s> {
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn new(
        shape: &'s BandsShape<'s>,
        scope: &'s Scope,
        memory: Memory<'s>,
    ) -> Result<Self, Error> {
        let planes = shape.channels.iter();
        let planes = planes.map(|channel| Ok(channel.low_spec().open(scope)?));
        Ok(Self {
            shape,
            planes: memory.try_collect(planes)?,
        })
    }

    pub(super) fn planes(&self) -> &[Plane<'s, i32>] {
        &self.planes
    }

    /// Views of the coded channels that are kept whole, in stream order.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn split<'v>(
        &'v mut self,
        memory: Memory<'v>,
    ) -> Result<List<'v, PlaneViewMut<'v, i32>>, Error> {
        let mut views = memory.list(0)?;
        for (channel, plane) in self.shape.channels.iter().zip(&mut self.planes) {
            let mut rest = plane.view_mut();
            for step in channel.low_steps {
                let (averages, residuals) = match step.horizontal {
                    true => rest.split_at_column(step.size.0.div_ceil(2)),
                    false => rest.split_at_row(step.size.1.div_ceil(2)),
                };
                memory.add(&mut views, (step.coded, residuals))?;
                rest = averages;
            }
            memory.add(&mut views, (channel.innermost, rest))?;
        }
        views.sort_unstable_by_key(|(coded, _)| *coded);
        memory.collect(views.into_iter().map(|(_, view)| view))
    }

    /// Undoes all steps, after all of these are decoded.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn invert(&mut self, place: (&Scope, Workers<'_>)) -> Result<(), Error> {
        self.invert_steps(|channel| channel.low_steps, place)
    }

    /// Undoes the steps and the color transforms of the averages of an eighth of the picture's
    /// width and height. The shape [must have](BandsShape::has_eighths) these.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn invert_to_eighths(
        &mut self,
        (scope, memory): (&Scope, Memory<'_>),
        workers: Workers<'_>,
    ) -> Result<(), Error> {
        self.invert_steps(|channel| channel.eighths_steps(), (scope, workers))?;
        let parts = self.shape.channels.iter().zip(&mut self.planes);
        let views = parts.map(|(channel, plane)| {
            let (width, height) = channel.eighths_size();
            plane.view_mut().into_rect(0, 0, width, height)
        });
        let mut views = memory.collect(views)?;
        for (kind, bases) in self.shape.rcts.iter().rev() {
            let slots = bases.map(|base| Slot {
                base,
                x: 0,
                y: 0,
                width: views[base].width(),
                height: views[base].height(),
            });
            invert_rct(*kind, &slots, &mut views, (scope, workers))?;
        }
        Ok(())
    }

    /// Undoes `steps` of each channel, from the innermost on.
    fn invert_steps(
        &mut self,
        steps: impl for<'c> Fn(&'c BandedChannel<'_>) -> &'c [LowStep],
        (scope, workers): (&Scope, Workers<'_>),
    ) -> Result<(), Error> {
        for (channel, plane) in self.shape.channels.iter().zip(&mut self.planes) {
            for &LowStep {
                horizontal, size, ..
            } in steps(channel).iter().rev()
            {
                let rect = plane.view_mut().into_rect(0, 0, size.0, size.1);
                invert_squeeze(horizontal, rect, (scope, workers))?;
            }
        }
        Ok(())
    }

    /// The averages of an eighth of the picture's width and height, of all channels.
    pub(crate) fn eighths(&self) -> impl Iterator<Item = PlaneView<'_, i32>> {
        let parts = self.shape.channels.iter().zip(&self.planes);
        parts.map(|(channel, plane)| {
            let (width, height) = channel.eighths_size();
            plane.view().rect(0, 0, width, height)
        })
    }
}
