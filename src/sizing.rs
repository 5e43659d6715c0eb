//! The choice of memory for a request: pure arithmetic over sizes, shared by the store, the scopes
//! and the plans.

use crate::AllocError;
use crate::layout::{self, PAGE_BYTES, block_bytes};
use crate::memory::Run;

/// Capacities of blocks and runs, and the requests that each serves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizing {
    /// Bytes that a block counts for.
    pub(crate) block_total_bytes: usize,
    /// Bytes that a block grants.
    pub(crate) block_room_bytes: usize,
    /// Largest request of a scratch that its block serves; larger ones get a run.
    pub(crate) scratch_request_bytes: usize,
    /// Largest request of a frame or stage that the thread's block serves.
    pub(crate) thread_request_bytes: usize,
    /// Largest request of a frame or stage that shares a run; larger ones get a run of their own.
    pub(crate) shared_request_bytes: usize,
    /// Room of the largest shared runs.
    pub(crate) shared_run_bytes: usize,
    /// Bytes that such a run counts for.
    shared_run_total_bytes: usize,
    /// Which retained runs serve a request.
    pub(crate) fit: Fit,
}

/// Which retained runs serve a request, and how much of them it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// A run of the wanted bytes, or the smallest larger one, narrowed so that the request gets and
    /// counts for no more than the wanted bytes. So the bytes that a frame takes do not depend on
    /// what was retained before it, and retained memory is never the reason of a refusal.
    Exact,
    /// The largest run of up to the wanted bytes, or the smallest larger one, whole. Without a
    /// limit, this retains the least memory.
    Whole,
}

/// If the rest can be split off or shared, a retained run serves a request down to this fraction of
/// its capacity.
const CAPACITY_OVER_REQUEST: usize = 2;

/// A retained run serves a large request whole if it leaves at most this fraction of the request
/// unused. Larger runs are better used as donors of pages.
const REQUEST_OVER_UNUSED: usize = 8;

/// While one thread works in a scope, a new shared run is at most this fraction of what the scope
/// holds, so that small scopes stay small.
const HELD_OVER_NEW_RUN: usize = 4;

/// Runs with room left that a scope keeps open for its next requests.
pub(crate) const OPEN_RUNS: usize = 8;

impl Sizing {
    /// `None` if a block has no size.
    pub(crate) fn new(shared_run_bytes: usize, block_room_bytes: usize, fit: Fit) -> Option<Self> {
        Some(Self {
            fit,
            block_total_bytes: block_bytes(block_room_bytes)?,
            block_room_bytes,
            scratch_request_bytes: block_room_bytes / 2,
            thread_request_bytes: (block_room_bytes / 16).min(shared_run_bytes / 2),
            shared_request_bytes: shared_run_bytes / 2,
            shared_run_bytes,
            shared_run_total_bytes: Run::total_bytes_for(shared_run_bytes).unwrap_or(0),
        })
    }

    /// The run for a request of `bytes` alone.
    pub(crate) fn run(&self, bytes: usize) -> Result<RunSize, AllocError> {
        let total = run_total_bytes(bytes)?;
        Ok(RunSize {
            request_bytes: bytes,
            least_bytes: total,
            wanted_bytes: total,
            most_bytes: match self.fit {
                Fit::Exact => total.saturating_mul(CAPACITY_OVER_REQUEST),
                Fit::Whole => total.saturating_add(total / REQUEST_OVER_UNUSED),
            },
        })
    }

    /// The run for a request of `bytes` and for others after it, with room for `room_bytes`.
    pub(crate) fn shared_run(
        &self,
        bytes: usize,
        room_bytes: usize,
    ) -> Result<RunSize, AllocError> {
        let wanted = run_total_bytes(room_bytes)?;
        Ok(RunSize {
            request_bytes: bytes,
            least_bytes: match room_bytes == bytes {
                true => wanted,
                false => run_total_bytes(bytes)?,
            },
            wanted_bytes: wanted,
            most_bytes: match self.fit {
                Fit::Exact => wanted.saturating_mul(CAPACITY_OVER_REQUEST),
                Fit::Whole => self.shared_run_total_bytes.max(wanted),
            },
        })
    }

    /// Whether other scopes may share a run of `total_bytes` later.
    pub(crate) fn is_shared(&self, total_bytes: usize) -> bool {
        total_bytes <= self.shared_run_total_bytes
    }
}

fn run_total_bytes(bytes: usize) -> Result<usize, AllocError> {
    Run::total_bytes_for(bytes).ok_or(AllocError::System {
        requested_bytes: bytes,
    })
}

/// Bytes of the runs that serve a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunSize {
    /// Bytes of the request that the run is for, which may be huge pages.
    pub(crate) request_bytes: usize,
    /// The size of a new run if the limit has no room for the wanted bytes.
    pub(crate) least_bytes: usize,
    /// The size of a new run.
    pub(crate) wanted_bytes: usize,
    /// The largest size of a retained run that may serve.
    pub(crate) most_bytes: usize,
}

impl RunSize {
    /// A run of just `total_bytes`.
    pub(crate) fn exact(total_bytes: usize) -> Self {
        Self {
            request_bytes: total_bytes,
            least_bytes: total_bytes,
            wanted_bytes: total_bytes,
            most_bytes: total_bytes.saturating_mul(CAPACITY_OVER_REQUEST),
        }
    }

    /// The same, without huge pages.
    pub(crate) fn sparse(self) -> Self {
        Self {
            request_bytes: 0,
            ..self
        }
    }

    /// The same, with `total_bytes` for a new run.
    pub(crate) fn wanting(self, total_bytes: usize) -> Self {
        Self {
            wanted_bytes: total_bytes,
            ..self
        }
    }

    /// The same, limited to capacities that leave little unused even if no other request shares the
    /// run.
    pub(crate) fn tight(self) -> Self {
        Self {
            most_bytes: self.wanted_bytes.saturating_mul(CAPACITY_OVER_REQUEST),
            ..self
        }
    }
}

/// Room of a new shared run for a request of `bytes`: a whole number of such requests, as frames
/// mostly request many buffers of one size. The number grows with the bytes that the scope holds.
/// It is not rounded up, as the last run of a scope wastes the room that it does not grant.
///
/// For several threads (`held_bytes` of `usize::MAX`), the room is as large as allowed from the
/// start: the more requests share a run, the less the number of runs depends on the order of the
/// threads' requests, which differs from frame to frame.
pub(crate) fn shared_room_bytes(bytes: usize, most_bytes: usize, held_bytes: usize) -> usize {
    let most = most_bytes.max(bytes);
    let room = (held_bytes / HELD_OVER_NEW_RUN).clamp(bytes, most);
    match room < 2 * bytes {
        true => bytes,
        false => room / bytes * bytes,
    }
}

/// Number of size classes of runs.
pub(crate) const RUN_CLASSES: usize = FINE_CLASSES + (usize::BITS as usize - 17) * STEPS;

/// Below this number of pages, each number of pages has a class.
const FINE_CLASSES: usize = 2 * STEPS;

/// Classes for each doubling of the size above that.
const STEPS: usize = 16;

/// The class of runs of `total_bytes`. Each size from [`layout::run_bytes`] has its own class, and
/// larger sizes have larger classes.
pub(crate) fn run_class(total_bytes: usize) -> usize {
    let pages = total_bytes / PAGE_BYTES;
    if pages < FINE_CLASSES {
        return pages;
    }
    let shift = (pages.ilog2() - STEPS.ilog2()) as usize;
    FINE_CLASSES + (shift - 1) * STEPS + (pages >> shift) - STEPS
}

const _: () = assert!(
    layout::PAGE_BYTES == 1 << 12,
    "classes count pages of 4096 bytes"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_run_holds_whole_requests_and_grows_with_the_scope() {
        let most = 2 << 20;
        assert_eq!(shared_room_bytes(786_432, most, 0), 786_432);
        assert_eq!(shared_room_bytes(100_000, most, 1 << 20), 200_000);
        assert_eq!(shared_room_bytes(474_240, most, 2_375_680), 474_240);
        assert_eq!(shared_room_bytes(786_432, most, 1 << 30), 2 * 786_432);
        assert_eq!(shared_room_bytes(262_144, most, 1 << 30), most);
        assert_eq!(shared_room_bytes(8192, 4096, 1 << 30), 8192);
        assert_eq!(shared_room_bytes(262_144, most, usize::MAX), most);
    }

    #[test]
    fn every_size_of_a_run_has_a_class_of_its_own() {
        let (mut bytes, mut last) = (1, None::<(usize, usize)>);
        while let Some(total) = layout::run_bytes(bytes) {
            let class = run_class(total);
            assert!(class < RUN_CLASSES);
            if let Some((last_total, last_class)) = last {
                assert_eq!(
                    total > last_total,
                    class > last_class,
                    "{last_total}, {total}"
                );
                assert!(total >= last_total);
            }
            last = Some((total, class));
            bytes += (bytes / 100).max(1000);
        }
        assert!(last.is_some_and(|(total, _)| total > isize::MAX as usize / 2));
    }
}
