//! Squeezed channels that are decoded by rows of groups.

use frame_arena::{Scope, ScopePlan};

use super::groups::{GroupTasks, SectionChannels};
use super::parsed::ParsedFrame;
use crate::Error;
use crate::bits::Bits;
use crate::memory::Memory;
use crate::modular::{Bands, BandsShape, FinishedBand, Low, StreamShape};
use crate::render::Placed;

/// Modular channels whose small averages are kept whole. Their residuals are kept for one row of
/// groups at a time.
pub(super) struct BandedChannels<'s> {
    frame: &'s ParsedFrame<'s>,
    shape: &'s BandsShape<'s>,
    pub(super) stage: &'s Scope,
    bands: Bands<'s>,
}

impl<'s> BandedChannels<'s> {
    /// # Errors
    /// Memory.
    pub(super) fn new(
        frame: &'s ParsedFrame<'s>,
        shape: &'s BandsShape<'s>,
        stage: &'s Scope,
        memory: Memory<'s>,
    ) -> Result<Self, Error> {
        Ok(Self {
            frame,
            shape,
            stage,
            bands: Bands::new(shape, stage, memory)?,
        })
    }

    /// Plans [`new`](Self::new) and the decoding.
    pub(super) fn plan(
        frame: &ParsedFrame<'_>,
        shape: &BandsShape<'_>,
        threads: usize,
        stage: &mut ScopePlan<'_>,
    ) -> Result<(), Error> {
        let ParsedFrame {
            context, global, ..
        } = frame;
        shape.plan_planes(stage)?;
        global.plan_channels(stage)?;
        let picture = context.color_channels + context.extra_channels;
        // A stream has at most two channels of a shape for each channel of the picture: the two
        // residuals of a squeeze.
        let stream = StreamShape::new(context.group_size().into(), 2 * picture);
        let sections = context.groups().width.max(context.lf_group_count());
        stage.tasks(threads.min(sections), |task| stream.plan(task))?;
        Ok(shape.plan_inverse(threads, stage)?)
    }

    /// The tasks of [`low_tasks`].
    ///
    /// # Errors
    /// The errors of [`low_tasks`].
    pub(super) fn low_tasks<'m>(
        &'m mut self,
        bits: &mut Bits<'_>,
        memory: Memory<'m>,
    ) -> Result<GroupTasks<'m, 'm>, Error> {
        let place = (self.stage, memory);
        low_tasks(self.frame, self.shape, self.bands.low(), bits, place)
    }

    /// Undoes the transforms of the channels in LF groups and the LF global section. All of these
    /// must be decoded.
    ///
    /// # Errors
    /// Memory.
    pub(super) fn invert_low(&mut self) -> Result<(), Error> {
        let workers = self.frame.context.place.workers;
        self.bands.low().invert((self.stage, workers))
    }

    /// Decodes the next row of groups, and undoes its transforms. `decode` reads all passes of one
    /// group.
    ///
    /// # Errors
    /// The errors of `decode`, memory.
    pub(super) fn decode_row(
        &mut self,
        decode: impl Fn(usize, &mut [SectionChannels<'_, '_>]) -> Result<(), Error> + Sync,
    ) -> Result<FinishedBand, Error> {
        let context = &self.frame.context;
        let (columns, row) = (context.groups().width, self.bands.next());
        let passes = context.header.passes.num_passes as usize;
        let kept = self.stage.scratch_beyond_plan();
        let memory = Memory::new(self.stage, &kept);
        let shapes = memory.collect(self.frame.global.layout.shapes())?;
        let channels = self.bands.split_band(memory)?.into_iter();
        let channels = memory.collect(channels.map(|(coded, view)| (shapes[coded], view)))?;
        let tasks = GroupTasks::of_row(context, row, channels, memory)?;
        let first = row * columns;
        let sections = &mut tasks.groups[first * passes..][..columns * passes];
        let sections = sections.chunks_exact_mut(passes).enumerate();
        let workers = context.place.workers;
        workers.for_each(sections, |(column, channels)| {
            decode(first + column, channels)
        })?;
        let is_last = row + 1 == context.groups().height;
        self.bands
            .invert_band(is_last, (self.stage, memory), workers)
    }

    /// The finished rows of a band, of all channels.
    pub(super) fn placed(&self, band: FinishedBand) -> impl Iterator<Item = Placed<'_, i32>> {
        self.bands.finished(band).map(move |samples| Placed {
            samples,
            column: 0,
            row: band.first,
        })
    }
}

/// Decodes the channels in the LF global section, starting where `bits` stands. Returns the tasks
/// that decode those of LF groups.
///
/// # Errors
/// Truncated and corrupt sections, memory.
pub(super) fn low_tasks<'m>(
    frame: &ParsedFrame<'_>,
    shape: &BandsShape<'_>,
    low: &'m mut Low<'_>,
    bits: &mut Bits<'_>,
    (stage, memory): (&Scope, Memory<'m>),
) -> Result<GroupTasks<'m, 'm>, Error> {
    let shapes = frame.global.layout.shapes().enumerate();
    let shapes = shapes.filter(|(index, _)| !shape.is_in_band(*index));
    let shapes = memory.collect(shapes.map(|(_, shape)| shape))?;
    let channels = low.split(memory)?;
    GroupTasks::of_channels(frame, bits, &shapes, channels, (stage, memory))
}
