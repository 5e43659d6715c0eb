//! Undoes squeezes by *bands*, rows of groups, so that no channel is whole in memory.
//!
//! Each channel of the picture is a chain of squeeze steps. The averages of the innermost steps are
//! small and kept whole. The other steps are undone band by band. A plane as high as a band holds
//! the residuals of its groups, and the samples replace them.
//!
//! The last row of a vertical step depends on the averages below it, so it waits for the next band.
//! Finished rows therefore start and end some rows above the band.

mod chain;
mod low;
mod step;
#[cfg(test)]
mod tests;

use frame_arena::{AllocError, Plane, PlaneSpec, PlaneView, PlaneViewMut, Scope, ScopePlan, Spec};

use crate::Error;
use crate::memory::{List, Memory};
use crate::modular::inverse::{SqueezeShape, Tasks, invert_rct};
use crate::modular::{ChannelShape, Layout, Slot};
use chain::{Chain, Rct};
pub(crate) use low::Low;
use step::{BandStep, Carried, StepState};

/// How the channels of a layout are split for decoding by bands.
pub(crate) struct BandsShape<'m> {
    channels: &'m [BandedChannel<'m>],
    /// Color transforms in coded order. The last is undone first.
    rcts: &'m [Rct],
    /// Rows at the end of a band that are finished with the next band.
    lag: usize,
    /// Rows above a band that are available with it. At least `lag` rows are.
    margin: usize,
}

/// A channel of the picture.
struct BandedChannel<'m> {
    width: usize,
    /// Steps that are undone by bands, the outermost first.
    steps: &'m [BandStep],
    /// Steps within the averages that are kept whole, the outermost first. They are undone before
    /// the bands, the innermost first.
    low_steps: &'m [LowStep],
    low: (usize, usize),
    /// The coded channel with the innermost averages.
    innermost: usize,
    /// Rows of averages for each band, and rows of the next band that are read with them.
    low_rows: usize,
    lead: usize,
    /// Rows of the band's place in the plane.
    rows: usize,
    /// Rows of this channel at the end of a band that are finished with the next band.
    lag: usize,
}

/// A squeeze step within the averages that are kept whole.
#[derive(Clone, Copy)]
struct LowStep {
    horizontal: bool,
    /// Size of the step's output.
    size: (usize, usize),
    /// The coded channel that holds the residuals.
    coded: usize,
}

impl<'m> BandsShape<'m> {
    /// Returns `None` if the channels cannot be undone by bands of `dim` rows. `picture` are the
    /// channels of the picture. `is_in_group` tells whether groups contain a coded channel. The
    /// finished rows of a band start `margin` rows above it, or if more rows were unfinished, at
    /// least at the last multiple of `step` before these. `margin` and `dim` are multiples of
    /// `step`.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn new(
        layout: &Layout<'_>,
        picture: &[ChannelShape],
        (dim, margin, step): (usize, usize, usize),
        is_in_group: impl Fn(usize, &ChannelShape) -> bool,
        memory: Memory<'m>,
    ) -> Result<Option<Self>, Error> {
        let mut channels = memory.list(picture.len())?;
        for (base, shape) in picture.iter().enumerate() {
            let Some(chain) = Chain::new(layout, base, shape, memory)? else {
                return Ok(None);
            };
            let Some(channel) = chain.banded(dim, &is_in_group, memory)? else {
                return Ok(None);
            };
            channels.push(channel);
        }
        let lags = || channels.iter().map(|channel| channel.lag);
        let (Some(lag), Some(least)) = (lags().max(), lags().min()) else {
            return Ok(None);
        };
        let Some(rcts) = chain::rcts(layout, memory)? else {
            return Ok(None);
        };
        if lag > least && !rcts.is_empty() {
            return Ok(None);
        }
        Ok(Some(Self {
            channels: channels.leak(),
            rcts,
            lag,
            margin: margin.max(lag.next_multiple_of(step)),
        }))
    }

    /// Rows at the end of a band that are finished with the next band.
    pub(crate) fn lag(&self) -> usize {
        self.lag
    }

    /// True if coded channel `index` is in groups.
    pub(crate) fn is_in_band(&self, index: usize) -> bool {
        let mut steps = self.channels.iter().flat_map(|channel| channel.steps);
        steps.any(|step| step.coded == index)
    }

    /// Finished rows of a channel that stay for the next band.
    fn held(&self, channel: &BandedChannel<'_>) -> usize {
        self.margin.max(self.lag) - channel.lag
    }

    /// The plane of a channel: rows held from the band before, then the band.
    fn plane_spec(&self, channel: &BandedChannel<'_>) -> PlaneSpec<i32> {
        // Stale: rows are decoded before they are read.
        PlaneSpec::stale(channel.width, self.held(channel) + channel.rows)
    }

    /// Plans [`Bands::new`].
    pub(crate) fn plan_planes(&self, stage: &mut ScopePlan<'_>) -> Result<(), AllocError> {
        self.plan_low(stage)?;
        self.channels.iter().try_for_each(|channel| {
            self.plane_spec(channel).plan(stage)?;
            let mut steps = channel.steps.iter();
            steps.try_for_each(|step| step.carried_spec().plan(stage))
        })
    }

    /// Plans undoing the steps on `threads` threads.
    pub(crate) fn plan_inverse(
        &self,
        threads: usize,
        stage: &mut ScopePlan<'_>,
    ) -> Result<(), AllocError> {
        self.channels.iter().try_for_each(|channel| {
            let mut low = channel.low_steps.iter();
            low.try_for_each(|step| step.plan(threads, stage))?;
            let mut steps = channel.steps.iter();
            steps.try_for_each(|step| step.plan(threads, stage))
        })
    }
}

/// Plans undoing a squeeze step of a channel of `size`.
fn plan_squeeze(
    horizontal: bool,
    (width, height): (usize, usize),
    threads: usize,
    stage: &mut ScopePlan<'_>,
) -> Result<(), AllocError> {
    let shape = SqueezeShape {
        horizontal,
        width,
        height,
    };
    stage.tasks(threads.min(shape.tasks()), |task| shape.plan(task))
}

/// The memory of channels that are undone by bands.
pub(crate) struct Bands<'s> {
    shape: &'s BandsShape<'s>,
    low: Low<'s>,
    planes: List<'s, BandPlane<'s>>,
    carried: List<'s, Carried<'s>>,
    /// The number of the next band.
    next: usize,
    /// Rows of the picture that are finished in all channels.
    finished: usize,
}

/// A channel's plane: the last rows of the band before, then the band.
struct BandPlane<'s> {
    plane: Plane<'s, i32>,
    /// Rows before the band's place. The last `held` of them are valid.
    most_held: usize,
    held: usize,
    /// Finished rows of the channel before the band, and in it.
    start: usize,
    rows: usize,
}

impl BandPlane<'_> {
    /// The part of the plane that holds the band.
    fn place(&mut self) -> PlaneViewMut<'_, i32> {
        self.plane.view_mut().split_at_row(self.most_held).1
    }

    /// Moves the last rows up, to stay for the next band.
    fn move_on(&mut self) {
        let held = self.most_held.min(self.held + self.rows);
        let (from, to) = (self.most_held + self.rows - held, self.most_held - held);
        if from > to {
            for y in 0..held {
                let [from, to] = self.plane.disjoint_rows_mut([from + y, to + y]);
                to.copy_from_slice(from);
            }
        }
        self.held = held;
        self.start += self.rows;
        self.rows = 0;
    }

    /// `rows` rows of the channel, starting at `first`. All of them must be held.
    fn rows(&self, first: usize, rows: usize) -> PlaneView<'_, i32> {
        let first = self.most_held + first - self.start;
        self.plane.view().rect(0, first, self.plane.width(), rows)
    }
}

/// The rows of all channels that are available with a band.
#[derive(Clone, Copy)]
pub(crate) struct FinishedBand {
    /// The first of these rows.
    pub(crate) first: usize,
    pub(crate) rows: usize,
}

impl<'s> Bands<'s> {
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn new(
        shape: &'s BandsShape<'s>,
        scope: &'s Scope,
        memory: Memory<'s>,
    ) -> Result<Self, Error> {
        let count = shape.channels.len();
        let low = Low::new(shape, scope, memory)?;
        let mut planes = memory.list(count)?;
        let steps = shape.channels.iter().map(|channel| channel.steps.len());
        let mut carried = memory.list(steps.sum())?;
        for channel in shape.channels {
            planes.push(BandPlane {
                plane: shape.plane_spec(channel).open(scope)?,
                most_held: shape.held(channel),
                held: 0,
                start: 0,
                rows: 0,
            });
            for step in channel.steps {
                carried.push(Carried::new(step.carried_spec().open(scope)?));
            }
        }
        Ok(Self {
            shape,
            low,
            planes,
            carried,
            next: 0,
            finished: 0,
        })
    }

    /// The number of the next band.
    pub(crate) fn next(&self) -> usize {
        self.next
    }

    /// The channels that are kept whole.
    pub(crate) fn low(&mut self) -> &mut Low<'s> {
        &mut self.low
    }

    /// Views of the residuals of the next band with their coded channel numbers, in stream order.
    /// Channels without residuals in the band are left out.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn split_band<'v>(
        &'v mut self,
        memory: Memory<'v>,
    ) -> Result<List<'v, (usize, PlaneViewMut<'v, i32>)>, Error> {
        self.planes.iter_mut().for_each(BandPlane::move_on);
        let mut views = memory.list(self.carried.len())?;
        let band = self.next;
        for (channel, plane) in self.shape.channels.iter().zip(&mut self.planes) {
            let mut rest = plane.place();
            for step in channel.steps {
                let (averages, residuals) = step.split(rest, band);
                if residuals.height() > 0 && residuals.width() > 0 {
                    views.push((step.coded, residuals));
                }
                rest = averages;
            }
        }
        views.sort_unstable_by_key(|(coded, _)| *coded);
        Ok(views)
    }

    /// Undoes the steps of the next band. Its residuals must be decoded.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn invert_band(
        &mut self,
        is_last: bool,
        (scope, memory): (&Scope, Memory<'_>),
    ) -> Result<FinishedBand, Error> {
        let state = StepState {
            band: self.next,
            is_last,
        };
        let mut carried = &mut self.carried[..];
        let parts = self.shape.channels.iter().zip(self.low.planes());
        for ((channel, low), plane) in parts.zip(&mut self.planes) {
            let (own, others) = std::mem::take(&mut carried).split_at_mut(channel.steps.len());
            carried = others;
            plane.rows = channel.invert(state, low.view(), plane.place(), own, scope)?;
        }
        if !self.shape.rcts.is_empty() {
            // With color transforms, all channels have the same number of rows.
            let height = self.planes[0].rows;
            let mut views = memory.collect(self.planes.iter_mut().map(BandPlane::place))?;
            for (kind, bases) in self.shape.rcts.iter().rev() {
                let slots = bases.map(|base| Slot {
                    base,
                    x: 0,
                    y: 0,
                    width: views[base].width(),
                    height,
                });
                invert_rct(*kind, &slots, &mut views, (scope, Tasks::Many))?;
            }
        }
        let ends = self.planes.iter().map(|plane| plane.start + plane.rows);
        let end = ends.min().unwrap_or(0);
        let held = self.shape.margin.saturating_sub(self.shape.lag);
        let first = self.finished.saturating_sub(held);
        self.next += 1;
        self.finished = end;
        Ok(FinishedBand {
            first,
            rows: end - first,
        })
    }

    /// The rows of the band that was undone last, of all channels.
    pub(crate) fn finished(&self, band: FinishedBand) -> impl Iterator<Item = PlaneView<'_, i32>> {
        let planes = self.planes.iter();
        planes.map(move |plane| plane.rows(band.first, band.rows))
    }
}

impl BandedChannel<'_> {
    /// Undoes the steps of a band. Returns the number of rows that this finishes.
    fn invert(
        &self,
        state: StepState,
        low: PlaneView<'_, i32>,
        mut plane: PlaneViewMut<'_, i32>,
        carried: &mut [Carried<'_>],
        scope: &Scope,
    ) -> Result<usize, Error> {
        let height = low.height();
        let end_of = |band: usize| height.min(band * self.low_rows + self.lead);
        let start = match state.band {
            0 => 0,
            band => end_of(band),
        };
        let end = match state.is_last {
            true => height,
            false => end_of(state.band + 1),
        };
        let mut rows = end - start;
        let place = plane.reborrow().into_rect(0, 0, low.width(), rows);
        { place }.copy_from(low.rect(0, start, low.width(), rows));
        for (step, carried) in self.steps.iter().zip(carried).rev() {
            let place = plane.reborrow().into_rect(0, 0, step.width, step.rows);
            rows = step.invert(state, place, rows, carried, scope)?;
        }
        Ok(rows)
    }
}
