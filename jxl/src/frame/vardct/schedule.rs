//! The order in which workers decode the groups of a frame.
//!
//! A worker decodes a *batch*: neighboring groups of a row, from left to right. It keeps the
//! columns between its groups, so batches are long: whole rows, if possible. Rows overlap. A group
//! needs the last rows of the group above, and replaces them with its own. So a group is not
//! claimed before the one above is.
//!
//! A worker without a batch begins the next row if the row above has a lead. Otherwise it takes the
//! right part of another worker's batch. These batches then have a *boundary* between them, whose
//! samples are finished by the worker that comes there second. That happens in the first row, so
//! that workers do not follow each other closely, and in the last rows, so that they end together.

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::Error;
use crate::grid::{GroupPos, Rect};
use crate::memory::Memory;

/// The groups that are decoded, and by which worker.
pub(super) struct Schedule<'m> {
    /// Columns of groups.
    columns: Range<usize>,
    /// Rows of groups that nobody has begun.
    rows: Range<usize>,
    /// True if a row is begun only after all samples of the rows before it are finished.
    is_ordered: bool,
    /// The next row to be claimed in each column.
    claimed: &'m mut [u32],
    /// The next row to be decoded in each column.
    decoded: &'m mut [u32],
    /// The batch of each worker.
    batches: &'m mut [Batch],
    /// Numbers of boundaries: first those that are not in use.
    boundaries: &'m mut [usize],
    free_boundaries: usize,
    /// Number of workers that have work which is not done.
    busy: usize,
    /// Groups from this index on are not decoded any more.
    end: usize,
}

/// Groups of a row that a worker decodes.
#[derive(Clone, Copy, Default)]
struct Batch {
    row: usize,
    /// Columns of the groups that are not claimed yet.
    next: usize,
    end: usize,
    /// True if a group of it was claimed.
    is_begun: bool,
    /// The boundary at each end, unless the row begins or ends there, or the worker was there.
    left: Option<usize>,
    right: Option<usize>,
    /// True if the worker has work that is not done.
    is_busy: bool,
}

/// What a worker does next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Work {
    Group(Group),
    /// The worker is at the right end of its batch, and other groups follow.
    Boundary(Boundary),
    /// Nothing until another worker has made progress.
    Wait,
    /// Nothing any more.
    Done,
}

/// A group to decode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) pos: GroupPos,
    /// True if the worker has decoded the group to the left just before.
    pub(super) has_left: bool,
    /// The boundary to the left.
    pub(super) boundary: Option<Boundary>,
}

/// A boundary between batches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Boundary {
    /// Its number among those in use.
    pub(super) number: usize,
    /// The group to the right.
    pub(super) right: GroupPos,
}

/// Boundaries that may be in use at once. Each is at the right end of a batch that is being
/// decoded, or at the left end of one whose first group is.
pub(super) fn most_boundaries(columns: usize, workers: usize) -> usize {
    match workers {
        1 => 0,
        _ => workers.min(columns - 1),
    }
}

impl<'m> Schedule<'m> {
    /// A schedule of `groups` in rows that follow each other. If it `is_ordered`, a row is begun
    /// only after all samples of the rows before it are finished.
    ///
    /// # Errors
    /// Memory.
    pub(super) fn new(
        groups: Rect,
        workers: usize,
        is_ordered: bool,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        let columns = groups.columns();
        let first = || (0..columns.len()).map(|_| groups.pos.y as u32);
        let boundaries = most_boundaries(columns.len(), workers);
        Ok(Self {
            rows: groups.pos.y..groups.pos.y,
            is_ordered,
            claimed: memory.collect(first())?.leak(),
            decoded: memory.collect(first())?.leak(),
            batches: memory
                .collect((0..workers).map(|_| Batch::default()))?
                .leak(),
            boundaries: memory.collect(0..boundaries)?.leak(),
            free_boundaries: boundaries,
            busy: 0,
            end: usize::MAX,
            columns,
        })
    }

    /// Adds the rows up to `end`, after the last ones are done.
    pub(super) fn add_rows(&mut self, end: usize) {
        self.rows.end = end;
    }

    /// Returns the next work of `worker`, whose last work is done.
    pub(super) fn next(&mut self, worker: usize) -> Work {
        self.set_busy(worker, false);
        let work = self.find(worker);
        self.set_busy(worker, matches!(work, Work::Group(_) | Work::Boundary(_)));
        work
    }

    fn set_busy(&mut self, worker: usize, is_busy: bool) {
        let was_busy = std::mem::replace(&mut self.batches[worker].is_busy, is_busy);
        self.busy = self.busy + usize::from(is_busy) - usize::from(was_busy);
    }

    fn find(&mut self, worker: usize) -> Work {
        let Batch { row, next, end, .. } = self.batches[worker];
        if self.unclaimed(worker) > 0 {
            let pos = GroupPos { column: next, row };
            return match self.is_above_claimed(pos) {
                true => Work::Group(self.claim(worker, pos)),
                false => Work::Wait,
            };
        }
        if next == end
            && let Some(number) = self.batches[worker].right.take()
        {
            let right = GroupPos { column: end, row };
            return Work::Boundary(Boundary { number, right });
        }
        let lead = self.lead();
        if self.begin_row(worker, lead) || self.take_part(worker) || self.begin_row(worker, 1) {
            return self.find(worker);
        }
        let workers = 0..self.batches.len();
        match !self.has_row() && workers.into_iter().all(|other| self.unclaimed(other) == 0) {
            true => Work::Done,
            false => Work::Wait,
        }
    }

    /// Number of groups of a worker's batch that will be claimed.
    fn unclaimed(&self, worker: usize) -> usize {
        let Batch { row, next, end, .. } = self.batches[worker];
        let end_of_all = self.end.saturating_sub(row * self.columns.end);
        end.min(end_of_all).saturating_sub(next)
    }

    fn is_above_claimed(&self, pos: GroupPos) -> bool {
        self.claimed[pos.column - self.columns.start] as usize == pos.row
    }

    fn claim(&mut self, worker: usize, pos: GroupPos) -> Group {
        self.claimed[pos.column - self.columns.start] += 1;
        let batch = &mut self.batches[worker];
        batch.next += 1;
        let number = batch.left.take();
        Group {
            pos,
            has_left: std::mem::replace(&mut batch.is_begun, true),
            boundary: number.map(|number| Boundary { number, right: pos }),
        }
    }

    /// True if there are rows that nobody has begun.
    fn has_row(&self) -> bool {
        !self.rows.is_empty() && self.rows.start * self.columns.end + self.columns.start < self.end
    }

    /// Groups of a row that are claimed before the row below is begun, if there is other work. If
    /// the row above is slower, its worker is caught up with later. Whoever begins the last row
    /// cannot help with the row above any more, so the lead is largest there.
    fn lead(&self) -> usize {
        match self.rows.len() {
            1 => self.columns.len() * 3 / 4,
            _ => self.columns.len() / (2 * self.batches.len()),
        }
        .clamp(1, self.columns.len())
    }

    /// Begins the next row if `lead` groups of the row above are claimed.
    fn begin_row(&mut self, worker: usize, lead: usize) -> bool {
        let pos = GroupPos {
            column: self.columns.start,
            row: self.rows.start,
        };
        let is_held = self.is_ordered && self.busy > 0;
        let is_led = |&row: &u32| row as usize == pos.row;
        if !self.has_row() || is_held || !self.claimed[..lead].iter().all(is_led) {
            return false;
        }
        self.rows.start += 1;
        self.begin(worker, pos, self.columns.end);
        true
    }

    fn begin(&mut self, worker: usize, first: GroupPos, end: usize) {
        self.batches[worker] = Batch {
            row: first.row,
            next: first.column,
            end,
            ..Batch::default()
        };
    }

    /// Takes the right part of the longest batch: half of it if there are no rows to begin,
    /// otherwise more, so that the other worker is the first to begin the next row.
    fn take_part(&mut self, worker: usize) -> bool {
        let parts = if self.has_row() { 3 } else { 2 };
        let part = |other: usize| {
            let (Batch { row, next, .. }, count) = (self.batches[other], self.unclaimed(other));
            let column = next + count / parts;
            let pos = GroupPos { column, row };
            (count > 0 && self.is_above_claimed(pos)).then_some((other, pos))
        };
        let parts = (0..self.batches.len()).filter_map(part);
        // The first of several that are equally long, in whose row others wait the most.
        let longest = parts.min_by_key(|&(other, pos)| {
            (
                std::cmp::Reverse(self.unclaimed(other)),
                pos.row,
                pos.column,
            )
        });
        let Some((other, first)) = longest else {
            return false;
        };
        let Some(last) = self.free_boundaries.checked_sub(1) else {
            return false;
        };
        self.free_boundaries = last;
        let number = self.boundaries[last];
        let cut = &mut self.batches[other];
        let end = std::mem::replace(&mut cut.end, first.column);
        let right = cut.right.replace(number);
        self.begin(worker, first, end);
        self.batches[worker].left = Some(number);
        self.batches[worker].right = right;
        true
    }

    /// The last rows of group `pos` are where the group below finds them.
    pub(super) fn is_decoded(&mut self, pos: GroupPos) {
        self.decoded[pos.column - self.columns.start] += 1;
    }

    /// Whether the group above `pos` is decoded; `None` if it will not be.
    pub(super) fn is_above_decoded(&self, pos: GroupPos) -> Option<bool> {
        let is_wanted = self.index(pos) < self.end;
        let row = self.decoded[pos.column - self.columns.start] as usize;
        is_wanted.then_some(row == pos.row)
    }

    /// The samples at a boundary are finished.
    pub(super) fn is_finished(&mut self, boundary: Boundary) {
        self.boundaries[self.free_boundaries] = boundary.number;
        self.free_boundaries += 1;
    }

    /// Ends the decode with the groups before `pos`. Returns whether it did not end before that.
    pub(super) fn end_before(&mut self, pos: GroupPos) -> bool {
        let index = self.index(pos);
        let is_first = index < self.end;
        self.end = self.end.min(index);
        is_first
    }

    /// Ends the decode.
    pub(super) fn end(&mut self) {
        self.end = 0;
    }

    /// Index of a group in the order of rows.
    fn index(&self, pos: GroupPos) -> usize {
        pos.index(self.columns.end)
    }
}
