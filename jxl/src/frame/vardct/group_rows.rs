use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use frame_arena::{AllocError, Scope, ScopePlan, ScratchPlan};

use super::extra::{self, ExtraChannels, ExtraSource};
use super::frame::Frame;
use super::group_context::GroupContext;
use super::schedule::{Boundary, Group, Schedule, Work};
use super::seams::{ColumnsAround, RowsAbove, Seams};
use super::shape::GroupsShape;
use super::window::Window;
use crate::Error;
use crate::frame::local_channels::LocalChannels;
use crate::frame::target::Target;
use crate::frame::workers::{CurrentPool, Workers};
use crate::grid::GroupPos;
use crate::lock::lock;
use crate::memory::Memory;
use crate::output::Cut;
use crate::vardct::GroupDecoder;

const STAGE: &str = "group seams";

/// Plans [`decode`].
pub(super) fn plan(
    frame: &Frame<'_>,
    threads: usize,
    scope: &mut ScopePlan<'_>,
) -> Result<(), Error> {
    let kept = frame.context.scope.scratch_beyond_plan();
    let memory = Memory::new(frame.context.scope, &kept);
    let shape = GroupsShape::new(frame, threads, memory)?;
    scope.stage(STAGE, |stage| {
        let room_bytes = shape.seams_room()?;
        let seams = stage.task(|task| task.room(room_bytes))?;
        stage.scratch_around(&seams, |stage| {
            Ok(stage.tasks(shape.workers, |task| plan_worker(frame, &shape, task))?)
        })
    })
}

/// Plans [`GroupRows::work`].
fn plan_worker(
    frame: &Frame<'_>,
    shape: &GroupsShape<'_>,
    task: &mut ScratchPlan,
) -> Result<(), AllocError> {
    let context = frame.context;
    task.room(shape.window_room()?)?;
    GroupDecoder::plan(task)?;
    if frame.parsed.has_local_extra() {
        LocalChannels::plan_group(context.group_size(), context.extra_channels, task)?;
    }
    task.scratch(|task| frame.parsed.rows.plan_tile(task))
}

/// Decodes the wanted groups, and passes finished pieces to the target.
///
/// A piece that depends on several groups is finished with the last of them.
pub(super) fn decode(
    groups: &GroupContext<'_>,
    extra: ExtraSource<'_, '_>,
    target: Target<'_>,
) -> Result<(), Error> {
    let frame = groups.frame;
    frame.context.scope.with_stage(STAGE, |stage| {
        let kept = stage.scratch_beyond_plan();
        let memory = Memory::new(stage, &kept);
        let shape = GroupsShape::new(frame, rayon::current_num_threads(), memory)?;
        // The seams have a run of their own. Planes share runs, and a plan cannot know which of
        // these are free.
        let scratch = stage.scratch_with_room(shape.seams_room()?)?;
        let mut seams = Seams::new(&shape, (&scratch, memory))?;
        memory.for_now(|lists| {
            lists.for_now(|memory| {
                let is_ordered = target.is_ordered();
                let schedule = Schedule::new(shape.groups, shape.workers, is_ordered, memory)?;
                let parts = (schedule, &mut seams, target);
                let group_rows = GroupRows::new(groups, &shape, parts, (stage, lists))?;
                group_rows.decode_all(extra, memory)
            })
        })
    })
}

/// The wanted groups of a frame, and the means to decode and finish them.
struct GroupRows<'a, 'p, 'q, 't> {
    groups: &'a GroupContext<'a>,
    shape: &'a GroupsShape<'a>,
    stage: &'a Scope,
    columns: &'p [Mutex<Column<'p, 't>>],
    boundaries: &'p [Mutex<AtBoundary<'p, 't>>],
    progress: Mutex<Progress<'q>>,
    has_changed: Condvar,
}

struct Progress<'q> {
    schedule: Schedule<'q>,
    /// Number of threads that wait for `has_changed`.
    waiting: usize,
    /// The error of the first group that has one.
    error: Option<Error>,
}

/// A column of groups.
struct Column<'p, 't> {
    above: RowsAbove<'p>,
    /// The rows that are not finished, in the columns that are finished with the group.
    rest: Option<Target<'t>>,
}

/// The samples at a boundary between two batches.
struct AtBoundary<'p, 't> {
    columns: ColumnsAround<'p>,
    /// The piece to be finished, once the batch to the right was here.
    piece: Option<Target<'t>>,
    /// True if one of the two batches was here.
    is_half_done: bool,
}

impl<'a, 'p, 'q, 't> GroupRows<'a, 'p, 'q, 't> {
    fn new(
        groups: &'a GroupContext<'a>,
        shape: &'a GroupsShape<'a>,
        (schedule, seams, target): (Schedule<'q>, &'p mut Seams<'_>, Target<'t>),
        (stage, memory): (&'a Scope, Memory<'p>),
    ) -> Result<Self, Error> {
        let dim = groups.frame.context.decoded_group_dim();
        let columns = shape.groups.columns();
        let ends = (columns.start + 1..columns.end).map(|column| {
            let end = column * dim - shape.margins.columns;
            groups.renderer.finished_columns(end)
        });
        let (above, around) = seams.cut(columns.len(), shape.boundaries(), memory)?;
        let columns = above.into_iter().zip(target.into_columns(ends));
        let columns = columns.map(|(above, rest)| {
            let rest = Some(rest);
            Mutex::new(Column { above, rest })
        });
        let boundaries = around.into_iter().map(|columns| {
            Mutex::new(AtBoundary {
                columns,
                piece: None,
                is_half_done: false,
            })
        });
        Ok(Self {
            groups,
            shape,
            stage,
            columns: memory.collect(columns)?.leak(),
            boundaries: memory.collect(boundaries)?.leak(),
            progress: Mutex::new(Progress {
                schedule,
                waiting: 0,
                error: None,
            }),
            has_changed: Condvar::new(),
        })
    }

    /// Decodes all groups.
    fn decode_all(&self, extra: ExtraSource<'_, '_>, memory: Memory<'_>) -> Result<(), Error> {
        let rows = self.shape.groups.rows();
        let channels = match extra {
            ExtraSource::Channels(extra) => return self.decode(rows.end, extra),
            ExtraSource::Banded(channels) => channels,
        };
        // Squeezed samples depend on the rows above.
        for _ in 0..rows.start {
            extra::decode_row(self.groups, channels)?;
        }
        for row in rows {
            let band = extra::decode_row(self.groups, channels)?;
            memory.for_now(|memory| {
                let placed = memory.collect(channels.placed(band))?;
                self.decode(row + 1, ExtraChannels::Whole(&placed))
            })?;
        }
        Ok(())
    }

    /// Decodes the rows of groups up to `end` that are not decoded yet.
    fn decode(&self, end: usize, extra: ExtraChannels<'_>) -> Result<(), Error> {
        self.change(|progress| progress.schedule.add_rows(end));
        CurrentPool.run(self.shape.workers, &|worker| self.work(worker, extra));
        let error = self.change(|progress| progress.error.take());
        error.map_or(Ok(()), Err)
    }

    /// Decodes groups until none are left.
    fn work(&self, worker: usize, extra: ExtraChannels<'_>) {
        let _ending = EndOnPanic(self);
        if let Work::Group(first) = self.next(worker)
            && let Err((pos, error)) = self.decode_batches(worker, first, extra)
        {
            self.change(|progress| {
                if progress.schedule.end_before(pos) {
                    progress.error = Some(error);
                }
            });
        }
    }

    /// Decodes `first` and the following groups. Errors come with their group.
    fn decode_batches(
        &self,
        worker: usize,
        first: Group,
        extra: ExtraChannels<'_>,
    ) -> Result<(), (GroupPos, Error)> {
        fn at<E: Into<Error>>(pos: GroupPos) -> impl Fn(E) -> (GroupPos, Error) {
            move |error| (pos, error.into())
        }
        let room_bytes = self.shape.window_room().map_err(at(first.pos))?;
        let scratch = self.stage.scratch_with_room(room_bytes);
        let scratch = scratch.map_err(at(first.pos))?;
        let kept = self.stage.scratch_beyond_plan();
        let memory = Memory::new(self.stage, &kept);
        let window = Window::new(&self.shape.window, (&scratch, memory));
        let mut window = window.map_err(at(first.pos))?;
        let mut work = Work::Group(first);
        loop {
            match work {
                Work::Group(group) => {
                    let decoded = self.decode_group(group, &mut window, extra);
                    decoded.map_err(at(group.pos))?;
                }
                Work::Boundary(boundary) => {
                    let finished = self.end_batch(boundary, &window, extra);
                    finished.map_err(at(boundary.right))?;
                }
                Work::Wait | Work::Done => return Ok(()),
            }
            work = self.next(worker);
        }
    }

    /// Decodes a group into the window, and finishes the piece that depends on it and on groups
    /// above and to the left.
    fn decode_group(
        &self,
        group: Group,
        window: &mut Window<'_>,
        extra: ExtraChannels<'_>,
    ) -> Result<(), Error> {
        let Group { pos, has_left, .. } = group;
        let (groups, shape) = (self.groups, self.shape);
        if has_left {
            window.move_on();
        }
        decode_samples(groups, extra, pos, window, self.stage)?;
        if !self.is_above_decoded(pos) {
            return Ok(());
        }
        let Some(mut piece) = self.exchange_rows(pos, window) else {
            return Ok(());
        };
        self.change(|progress| progress.schedule.is_decoded(pos));
        if let Some(boundary) = group.boundary {
            let dim = groups.frame.context.decoded_group_dim();
            let end = pos.column * dim + shape.margins.columns;
            let end = groups.renderer.finished_columns(end);
            let (between, rest) = piece.split(Cut::Column(end));
            piece = rest;
            let mut state = lock(&self.boundaries[boundary.number]);
            state.columns.put_right(pos, window);
            state.piece = Some(between);
            self.finish_boundary(boundary, state, extra)?;
        }
        let kept = self.stage.scratch_beyond_plan();
        let memory = Memory::new(self.stage, &kept);
        let color = shape.band(|channel| window.color[channel].placed(pos, has_left));
        let local = window.extra.iter();
        let local = memory.collect(local.map(|window| window.placed(pos, has_left)))?;
        groups.finish(&color, extra.or(&local), piece, self.stage)
    }

    /// Copies the rows kept from the group above into the window, and keeps those of the group
    /// instead. Returns the piece that is finished with the group.
    fn exchange_rows(&self, pos: GroupPos, window: &mut Window<'_>) -> Option<Target<'t>> {
        let (groups, shape) = (self.groups, self.shape);
        let (context, rows) = (groups.frame.context, shape.groups.rows());
        let mut column = lock(&self.columns[pos.column - shape.groups.pos.x]);
        if pos.row > rows.start {
            column.above.put_above(window);
        }
        column.above.replace(pos, window);
        let end = (pos.row + 1) * context.decoded_group_dim() - shape.margins.rows;
        let end = (pos.row + 1 < rows.end).then_some(end);
        let end = groups.renderer.finished_rows(end);
        let (piece, rest) = column.rest.take()?.split(Cut::Row(end));
        column.rest = Some(rest);
        Some(piece)
    }

    /// Keeps the last columns of a batch for the boundary to its right.
    fn end_batch(
        &self,
        boundary: Boundary,
        window: &Window<'_>,
        extra: ExtraChannels<'_>,
    ) -> Result<(), Error> {
        let mut state = lock(&self.boundaries[boundary.number]);
        let last = GroupPos {
            column: boundary.right.column - 1,
            ..boundary.right
        };
        state.columns.put_left(last, window);
        self.finish_boundary(boundary, state, extra)
    }

    /// Finishes the samples at a boundary if both batches were there.
    fn finish_boundary(
        &self,
        boundary: Boundary,
        mut state: MutexGuard<'_, AtBoundary<'p, 't>>,
        extra: ExtraChannels<'_>,
    ) -> Result<(), Error> {
        let is_done = state.is_half_done;
        state.is_half_done = !is_done;
        if !is_done {
            return Ok(());
        }
        if let Some(piece) = state.piece.take().filter(|piece| !piece.is_empty()) {
            let kept = self.stage.scratch_beyond_plan();
            let memory = Memory::new(self.stage, &kept);
            let (window, right) = (&self.shape.window, boundary.right);
            let color = state.columns.color.iter().zip(&window.color);
            let color =
                memory.collect(color.map(|(columns, shape)| columns.placed(shape, right)))?;
            let local = state.columns.extra.iter().zip(&*window.extra);
            let local =
                memory.collect(local.map(|(columns, shape)| columns.placed(shape, right)))?;
            let color = self.shape.band(|channel| color[channel]);
            self.groups
                .finish(&color, extra.or(&local), piece, self.stage)?;
        }
        drop(state);
        self.change(|progress| progress.schedule.is_finished(boundary));
        Ok(())
    }

    /// The next work of a worker, once there is any.
    fn next(&self, worker: usize) -> Work {
        self.wait(|progress| match progress.schedule.next(worker) {
            Work::Wait => None,
            work => Some(work),
        })
    }

    /// Waits for the group above. Returns false if it will not be decoded.
    fn is_above_decoded(&self, pos: GroupPos) -> bool {
        self.wait(|progress| match progress.schedule.is_above_decoded(pos) {
            Some(false) => None,
            is_decoded => Some(is_decoded.is_some()),
        })
    }

    /// Calls `attempt` until it returns something: now, and after each change.
    fn wait<R>(&self, mut attempt: impl FnMut(&mut Progress<'q>) -> Option<R>) -> R {
        let mut progress = lock(&self.progress);
        loop {
            if let Some(result) = attempt(&mut progress) {
                self.notify(&progress);
                return result;
            }
            progress.waiting += 1;
            let woken = self.has_changed.wait(progress);
            progress = woken.unwrap_or_else(PoisonError::into_inner);
            progress.waiting -= 1;
        }
    }

    fn change<R>(&self, change: impl FnOnce(&mut Progress<'q>) -> R) -> R {
        let mut progress = lock(&self.progress);
        let result = change(&mut progress);
        self.notify(&progress);
        result
    }

    fn notify(&self, progress: &Progress<'q>) {
        if progress.waiting > 0 {
            self.has_changed.notify_all();
        }
    }
}

/// Ends the work of all workers if one of them panics.
struct EndOnPanic<'r, 'a, 'p, 'q, 't>(&'r GroupRows<'a, 'p, 'q, 't>);

impl Drop for EndOnPanic<'_, '_, '_, '_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.change(|progress| progress.schedule.end());
        }
    }
}

/// Decodes the samples of a group into the window.
fn decode_samples(
    groups: &GroupContext<'_>,
    extra: ExtraChannels<'_>,
    pos: GroupPos,
    window: &mut Window<'_>,
    stage: &Scope,
) -> Result<(), Error> {
    let kept = stage.scratch_beyond_plan();
    let memory = Memory::new(stage, &kept);
    let mut sections = groups.pass_sections(pos, memory)?;
    let context = groups.frame.context;
    let samples = 3 * context.group_dim * context.group_dim * sections.len().max(1);
    context.place.budget.spend(samples as u64)?;
    let [x, y, b] = &mut window.color;
    let samples = [x.group(pos), y.group(pos), b.group(pos)];
    match sections.is_empty() {
        false => groups.decoder.decode(pos, &mut sections, samples, stage)?,
        true => groups.lf_only.fill(pos, samples)?,
    }
    let group = pos.index(context.groups().width);
    let samples = window.extra.iter_mut().map(|window| window.group(pos));
    extra.decode_group(group, &mut sections, samples, (stage, memory))
}
