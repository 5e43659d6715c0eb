//! A frame whose tasks nest in each other while their scratch is open, tag the memory that they
//! hold, and check the tags later.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

use frame_arena::{
    AllocError, Arena, Charge, DetachedPlane, Plane, PlaneAlloc, Scope, Scratch, TileGrid,
};
use rayon::prelude::*;

use super::random::Random;

/// Disturbances in tasks.
#[derive(Clone, Copy, Default)]
pub(crate) struct Trouble {
    pub(crate) sleeps: bool,
    pub(crate) panics: bool,
    pub(crate) forgets: bool,
}

/// A planned panic of a task.
pub(crate) struct Planned;

/// Counts of events over all tasks.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) tasks: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) panicked: AtomicU64,
    pub(crate) forgotten: AtomicU64,
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

static NEXT_TAG: AtomicU64 = AtomicU64::new(1);

/// Memory filled with a tag that no other memory has.
struct Tagged<'s> {
    samples: &'s mut [u64],
    tag: u64,
}

impl<'s> Tagged<'s> {
    fn request(source: &'s impl PlaneAlloc, len: usize) -> Result<Self, AllocError> {
        let tag = NEXT_TAG.fetch_add(1, Ordering::Relaxed);
        let samples = source.slice::<u64>(len)?;
        assert!(samples.iter().all(|&sample| sample == 0), "zeros");
        samples.fill(tag);
        Ok(Self { samples, tag })
    }

    fn check(&self) {
        let intact = self.samples.iter().all(|&sample| sample == self.tag);
        assert!(intact, "memory was granted twice");
    }
}

/// Decodes a frame. The plane returned, if any, outlives it, and holds `tag`.
pub(crate) fn frame(
    arena: &Arena,
    seed: u64,
    trouble: Trouble,
    counts: &Counts,
) -> Result<(DetachedPlane<u64>, u64), AllocError> {
    let mut random = Random::new(seed);
    let frame = arena.frame();
    let mut whole = frame.plane::<u64>(200 + random.below(200), 300)?;
    let own = Tagged::request(&*frame, 1 + random.below(3000))?;
    frame.with_stage("groups", |stage| {
        let groups = whole.tiles(TileGrid::new(64, 64)).into_par_iter();
        groups.enumerate().try_for_each(|(index, mut tile)| {
            let seed = seed << 20 | index as u64;
            let done = task(stage, seed, 3, trouble, counts);
            tile.fill(seed);
            if done.is_err() {
                count(&counts.refused);
            }
            Ok::<(), AllocError>(())
        })
    })?;
    own.check();
    check_tiles(&whole, seed);
    if trouble.forgets && random.once_in(4) {
        count(&counts.forgotten);
        std::mem::forget(frame.stage("forgotten"));
    }
    let tag = NEXT_TAG.fetch_add(1, Ordering::Relaxed);
    let kept = frame.plane_from_fn(100 + random.below(400), 150, |_, _| tag)?;
    let detached = frame.detach(kept)?;
    if trouble.forgets && random.once_in(8) {
        count(&counts.forgotten);
        std::mem::forget(frame);
    } else {
        assert!(frame.finish().peak_bytes > 0);
    }
    Ok((detached, tag))
}

fn check_tiles(whole: &Plane<'_, u64>, seed: u64) {
    let columns = whole.width().div_ceil(64);
    for (y, row) in whole.rows().enumerate() {
        for (x, &sample) in row.iter().enumerate() {
            let index = y / 64 * columns + x / 64;
            assert_eq!(sample, seed << 20 | index as u64, "a tile at {x}, {y}");
        }
    }
}

/// Works in a scratch, splits into two tasks while it is open, and checks that its memory is
/// unchanged.
fn task(
    scope: &Scope,
    seed: u64,
    depth: u32,
    trouble: Trouble,
    counts: &Counts,
) -> Result<(), AllocError> {
    count(&counts.tasks);
    let mut random = Random::new(seed ^ u64::from(depth) << 60);
    let scratch = scope.scratch();
    let first = Tagged::request(&scratch, 1 + random.below(2000))?;
    let of_scope = Tagged::request(scope, 1 + random.below(500))?;
    let large = match random.once_in(8) {
        true => Some(Tagged::request(scope, 70_000 + random.below(60_000))?),
        false => None,
    };
    let charge: Option<Charge> = match random.once_in(6) {
        true => Some(scope.charge(random.below(200_000))?),
        false => None,
    };
    if trouble.sleeps && random.once_in(3) {
        sleep(Duration::from_micros(random.below(400) as u64));
    }
    if trouble.panics && random.once_in(150) {
        count(&counts.panicked);
        resume_unwind(Box::new(Planned));
    }
    if depth > 0 {
        inner(
            scope,
            &scratch,
            random.next() >> 8,
            depth - 1,
            trouble,
            counts,
        )?;
    }
    // A request after the nested tasks, during which another task may have run on this thread.
    let last = Tagged::request(&scratch, 1 + random.below(9000))?;
    for tagged in [&first, &of_scope, &last].into_iter().chain(&large) {
        tagged.check();
    }
    drop(charge);
    if trouble.forgets && random.once_in(60) {
        count(&counts.forgotten);
        std::mem::forget(scratch);
    }
    Ok(())
}

/// Two tasks at once, one of them in a stage of its own, with a scratch open.
fn inner(
    scope: &Scope,
    scratch: &Scratch<'_>,
    seed: u64,
    depth: u32,
    trouble: Trouble,
    counts: &Counts,
) -> Result<(), AllocError> {
    let list = scratch.slice_from_fn(50, |i| seed ^ i as u64)?;
    let (left, right) = rayon::join(
        || {
            let stage = scope.stage("inner");
            let outcome = task(&stage, seed, depth, trouble, counts);
            if trouble.forgets && seed.is_multiple_of(50) {
                count(&counts.forgotten);
                std::mem::forget(stage);
            }
            outcome
        },
        || task(scope, seed ^ 1 << 40, depth, trouble, counts),
    );
    assert!(list.iter().zip(0..).all(|(&value, i)| value == seed ^ i));
    left.and(right)
}

/// Runs `work`, and returns `None` if it ended by a planned panic.
pub(crate) fn ends_by_plan<R>(work: impl FnOnce() -> R) -> Option<R> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => Some(result),
        Err(panic) if panic.is::<Planned>() => None,
        Err(panic) => resume_unwind(panic),
    }
}
