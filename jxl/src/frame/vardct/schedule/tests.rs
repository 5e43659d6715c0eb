//! Drives a schedule with workers in simulated time.

use std::collections::BTreeMap;

use frame_arena::Arena;

use super::{Boundary, Group, Schedule, Work};
use crate::grid::{GroupPos, Rect, Size};
use crate::memory::Memory;

/// Time to finish the samples at a boundary.
const BOUNDARY_TIME: u64 = 20;

/// A worker at one moment.
#[derive(Clone, Copy)]
enum At {
    Decoding(Group),
    /// Decoded, but the group above is not.
    Above(Group),
    Finishing,
    Boundary(Boundary),
    Waiting,
    Done,
}

/// What simulated workers did.
#[derive(Debug, Default)]
struct Outcome {
    time: u64,
    /// Time in which workers had nothing to do.
    idle: u64,
    boundaries: usize,
    /// Groups in the order in which their samples were decoded.
    decoded: Vec<GroupPos>,
}

/// The simulated threads of a frame of `groups`. Decoding group `(column, row)` takes
/// `cost(column, row)`, and so does finishing it.
struct Simulation<'s, 'm> {
    schedule: &'s mut Schedule<'m>,
    cost: &'s dyn Fn(usize, usize) -> u64,
    workers: Vec<(u64, At)>,
    now: u64,
    /// Batches that were at each boundary that is in use.
    half_done: BTreeMap<usize, GroupPos>,
    outcome: Outcome,
}

impl Simulation<'_, '_> {
    fn run(mut self) -> Outcome {
        loop {
            self.progress();
            let busy = self.workers.iter().filter(|(until, _)| *until > self.now);
            let Some(next) = busy.map(|&(until, _)| until).min() else {
                let is_done = |(_, at): &(u64, At)| matches!(at, At::Done);
                assert!(self.workers.iter().all(is_done), "workers wait for ever");
                assert!(self.half_done.is_empty(), "unfinished boundaries");
                return Outcome {
                    time: self.now,
                    ..self.outcome
                };
            };
            let idle = self.workers.iter().filter(|(until, _)| *until <= self.now);
            self.outcome.idle += (next - self.now) * idle.count() as u64;
            self.now = next;
        }
    }

    /// Lets all workers continue that can, until none changes.
    fn progress(&mut self) {
        let mut has_changed = true;
        while has_changed {
            has_changed = false;
            for worker in 0..self.workers.len() {
                has_changed |= self.workers[worker].0 <= self.now && self.step(worker);
            }
        }
    }

    /// Returns whether the worker has continued.
    fn step(&mut self, worker: usize) -> bool {
        let next = match self.workers[worker].1 {
            At::Done => return false,
            At::Decoding(group) | At::Above(group) => self.decoded(group),
            At::Boundary(boundary) => {
                let (time, at) = self.at_boundary(boundary, self.now);
                (time, at)
            }
            At::Finishing | At::Waiting => match self.schedule.next(worker) {
                Work::Group(group) => {
                    let GroupPos { column, row } = group.pos;
                    (self.now + (self.cost)(column, row), At::Decoding(group))
                }
                Work::Boundary(boundary) => (self.now, At::Boundary(boundary)),
                Work::Wait => (self.now, At::Waiting),
                Work::Done => (self.now, At::Done),
            },
        };
        let was_idle = matches!(self.workers[worker].1, At::Waiting | At::Above(_));
        self.workers[worker] = next;
        !(was_idle && matches!(next.1, At::Waiting | At::Above(_)))
    }

    fn decoded(&mut self, group: Group) -> (u64, At) {
        let GroupPos { column, row } = group.pos;
        match self.schedule.is_above_decoded(group.pos) {
            None => (self.now, At::Finishing),
            Some(false) => (self.now, At::Above(group)),
            Some(true) => {
                self.schedule.is_decoded(group.pos);
                self.outcome.decoded.push(group.pos);
                let until = self.now + (self.cost)(column, row);
                match group.boundary {
                    Some(boundary) => self.at_boundary(boundary, until),
                    None => (until, At::Finishing),
                }
            }
        }
    }

    /// Two batches must come to each boundary, with the same group to its right.
    fn at_boundary(&mut self, boundary: Boundary, until: u64) -> (u64, At) {
        match self.half_done.remove(&boundary.number) {
            None => {
                self.half_done.insert(boundary.number, boundary.right);
                (until, At::Finishing)
            }
            Some(right) => {
                assert_eq!(right, boundary.right);
                self.schedule.is_finished(boundary);
                self.outcome.boundaries += 1;
                (until + BOUNDARY_TIME, At::Finishing)
            }
        }
    }
}

fn simulate(
    groups: Rect,
    workers: usize,
    cost: &dyn Fn(usize, usize) -> u64,
    prepare: impl FnOnce(&mut Schedule<'_>),
) -> Outcome {
    let arena = Arena::builder().build();
    let frame = arena.frame();
    let kept = frame.scratch_beyond_plan();
    let memory = Memory::new(&frame, &kept);
    let mut schedule = Schedule::new(groups, workers, false, memory).unwrap();
    schedule.add_rows(groups.rows().end);
    prepare(&mut schedule);
    let simulation = Simulation {
        schedule: &mut schedule,
        cost,
        workers: vec![(0, At::Waiting); workers],
        now: 0,
        half_done: BTreeMap::new(),
        outcome: Outcome::default(),
    };
    simulation.run()
}

fn whole(columns: usize, rows: usize) -> Rect {
    Rect::whole(Size::new(columns, rows))
}

/// Costs of 50 to 149, without a pattern.
fn uneven(column: usize, row: usize) -> u64 {
    50 + (column * 7919 + row * 104_729) as u64 * 2_654_435_761 % (1 << 32) % 100
}

#[test]
fn each_group_is_decoded_once_and_after_the_one_above() {
    let shapes = [(1, 1), (1, 7), (7, 1), (2, 2), (15, 9), (17, 12), (3, 40)];
    for (columns, rows) in shapes {
        for workers in [1, 2, 3, 4, 8, 16] {
            let groups = whole(columns, rows);
            let outcome = simulate(groups, workers.min(columns * rows), &uneven, |_| {});
            let mut next = vec![0; columns];
            for GroupPos { column, row } in &outcome.decoded {
                assert_eq!(next[*column], *row, "{columns} x {rows}, {workers} workers");
                next[*column] += 1;
            }
            assert!(next.iter().all(|&next| next == rows));
        }
    }
}

#[test]
fn a_part_of_the_groups_is_decoded() {
    let groups = Rect::new(3..9, 2..7);
    for workers in [1, 2, 5] {
        let outcome = simulate(groups, workers, &uneven, |_| {});
        assert_eq!(outcome.decoded.len(), groups.size.area());
        assert!(
            outcome
                .decoded
                .iter()
                .all(|&pos| groups.contains(pos.into()))
        );
    }
}

#[test]
fn one_worker_decodes_rows_without_boundaries() {
    let outcome = simulate(whole(15, 9), 1, &uneven, |_| {});
    assert_eq!((outcome.boundaries, outcome.idle), (0, 0));
    let order = |pos: &GroupPos| pos.index(15);
    assert!(outcome.decoded.iter().map(order).eq(0..135));
}

/// Idle time of all workers, in thousandths of their time, and boundaries, at most.
#[test]
fn workers_are_rarely_idle() {
    let bounds = [
        ((15, 9), 2, (8, 4)),
        ((15, 9), 4, (55, 6)),
        ((15, 9), 8, (105, 10)),
        ((17, 12), 2, (8, 5)),
        ((17, 12), 4, (25, 14)),
        ((17, 12), 8, (95, 18)),
        ((8, 5), 2, (15, 4)),
        ((8, 5), 4, (50, 5)),
        ((32, 32), 8, (15, 56)),
    ];
    for ((columns, rows), workers, (most_idle, most_boundaries)) in bounds {
        let outcome = simulate(whole(columns, rows), workers, &uneven, |_| {});
        let idle = outcome.idle * 1000 / (outcome.time * workers as u64);
        let boundaries = outcome.boundaries;
        let what = format!("{columns} x {rows}, {workers} workers: {idle}, {boundaries}");
        println!("{what}");
        assert!(idle <= most_idle && boundaries <= most_boundaries, "{what}");
    }
}

#[test]
fn rows_in_order_do_not_overlap() {
    let cost = |column: usize, row: usize| uneven(column, row);
    let outcome = simulate(whole(9, 5), 4, &cost, |schedule| schedule.is_ordered = true);
    assert!(outcome.decoded.is_sorted_by_key(|pos| pos.row));
    assert_eq!(outcome.decoded.len(), 45);
}

#[test]
fn groups_before_an_error_are_decoded() {
    for workers in [1, 2, 4] {
        let (columns, rows) = (7, 6);
        let last = GroupPos { column: 4, row: 3 };
        let end = |schedule: &mut Schedule<'_>| assert!(schedule.end_before(last));
        let outcome = simulate(whole(columns, rows), workers, &uneven, |schedule| {
            // An error further on does not matter any more.
            end(schedule);
            assert!(!schedule.end_before(GroupPos { column: 5, row: 3 }));
        });
        assert_eq!(outcome.decoded.len(), last.index(columns));
    }
}

#[test]
fn nothing_is_decoded_after_the_end() {
    let outcome = simulate(whole(4, 4), 3, &uneven, |schedule| schedule.end());
    assert!(outcome.decoded.is_empty());
}
