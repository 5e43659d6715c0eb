use super::counts::Counts;
use crate::AllocError;
use crate::memory::{Chain, Granted, Run};
use crate::sample::Kind;
use crate::store::Store;

/// Runs with room left that a scope keeps for its next requests.
pub(crate) const OPEN_RUNS: usize = 8;

/// While one thread works in a scope, a run for several requests is at most this fraction of what the scope holds, so that small
/// scopes stay small.
const HELD_OVER_NEW_RUN: usize = 4;

/// The runs of one open scope: those that serve one large request, and those that serve the medium requests of all threads.
///
/// A medium request goes where it leaves the least room. Threads share the runs, so what stays unused does not grow with their
/// number.
pub(super) struct Runs {
    /// Runs that serve no further request, those taken last first.
    held: Chain<Run>,
    open: [Option<Box<Run>>; OPEN_RUNS],
    /// Bytes that the open runs can still grant.
    room_bytes: [usize; OPEN_RUNS],
    held_bytes: usize,
    user: User,
    pub(super) counts: Counts,
}

/// Who made medium requests of a scope.
#[derive(Clone, Copy, PartialEq)]
enum User {
    Nobody,
    Thread(usize),
    Threads,
}

impl Runs {
    pub(super) fn new() -> Self {
        Self {
            held: Chain::new(),
            open: [const { None }; OPEN_RUNS],
            room_bytes: [0; OPEN_RUNS],
            held_bytes: 0,
            user: User::Nobody,
            counts: Counts::NONE,
        }
    }

    /// Keeps a run that serves one request.
    pub(super) fn hold(&mut self, mut run: Box<Run>, made: bool) {
        self.count(&mut run, made);
        self.put_aside(run);
    }

    /// Grants a medium request of thread `thread`. Returns the bytes of a run taken for it, if one was.
    pub(super) fn grant(
        &mut self,
        store: &Store,
        thread: usize,
        bytes: usize,
        kind: Kind,
    ) -> Result<(Granted, usize), AllocError> {
        if let Some(granted) = self.grant_from_open(bytes) {
            self.counts.kinds.count(kind, bytes, granted.fresh);
            return Ok((granted, 0));
        }
        self.user = match self.user {
            User::Nobody => User::Thread(thread),
            User::Thread(other) if other == thread => self.user,
            _ => User::Threads,
        };
        let most_bytes = store.sizes.shared_run_bytes;
        let wanted_bytes = match self.user {
            User::Threads => shared_room_bytes(bytes, most_bytes, usize::MAX),
            _ => shared_room_bytes(bytes, most_bytes, self.held_bytes),
        };
        let mut taken = store.take_run(store.sizes.shared_run(bytes, wanted_bytes)?)?;
        let total_bytes = taken.memory.total_bytes;
        self.count(&mut taken.memory, taken.made);
        let granted = taken.memory.grant(bytes).ok_or(AllocError::System {
            asked_bytes: total_bytes,
        });
        self.keep_open(taken.memory);
        let granted = granted?;
        self.counts.kinds.count(kind, bytes, granted.fresh);
        Ok((granted, total_bytes))
    }

    fn grant_from_open(&mut self, bytes: usize) -> Option<Granted> {
        let (place, _) = (self.room_bytes.iter().enumerate())
            .filter(|&(_, &room)| room >= bytes)
            .min_by_key(|&(_, &room)| room)?;
        let run = self.open[place].as_mut()?;
        let granted = run.grant(bytes);
        self.room_bytes[place] = run.remaining_bytes();
        granted
    }

    fn count(&mut self, run: &mut Run, made: bool) {
        run.order = self.counts.taken();
        self.held_bytes += run.total_bytes;
        self.counts.take(run.total_bytes, made);
    }

    fn put_aside(&mut self, run: Box<Run>) {
        let order = run.order;
        self.held.insert(run, |other| other.order > order);
    }

    /// Keeps a run for further requests, if it has more room than one of those kept.
    fn keep_open(&mut self, run: Box<Run>) {
        let mut least = 0;
        for place in 1..OPEN_RUNS {
            if self.room_bytes[place] < self.room_bytes[least] {
                least = place;
            }
        }
        let room = run.remaining_bytes();
        if room <= self.room_bytes[least] {
            self.put_aside(run);
            return;
        }
        self.room_bytes[least] = room;
        if let Some(full) = self.open[least].replace(run) {
            self.put_aside(full);
        }
    }

    /// Removes the run whose only grant starts at `start`, and counts it as detached.
    pub(super) fn detach(&mut self, start: *const u8) -> Option<Box<Run>> {
        let serves = |run: &Run| run.serves_only(start);
        let run = match self.held.remove(serves) {
            Some(run) => run,
            None => {
                let place =
                    (self.open.iter()).position(|run| run.as_deref().is_some_and(serves))?;
                self.room_bytes[place] = 0;
                self.open[place].take()?
            }
        };
        self.held_bytes -= run.total_bytes;
        self.counts.detached_bytes += run.granted_bytes();
        self.counts.detached_taken_bytes += run.total_bytes;
        Some(run)
    }

    /// Hands all runs back, those taken last first, and is ready for another scope.
    pub(super) fn close(&mut self) -> Chain<Run> {
        self.user = User::Nobody;
        if self.counts.taken() == 0 {
            return Chain::new();
        }
        for place in 0..OPEN_RUNS {
            if let Some(run) = self.open[place].take() {
                self.put_aside(run);
            }
        }
        let mut runs = std::mem::replace(&mut self.held, Chain::new());
        runs.for_each_mut(Run::hand_back);
        self.room_bytes = [0; OPEN_RUNS];
        self.held_bytes = 0;
        self.counts.clear();
        runs
    }
}

/// Room of a new run for a request of `bytes` and others: a whole number of such requests, that grows with what the scope holds.
/// Frames mostly ask for many buffers of one size. Not rounded up: what the last run of a scope does not hand out, it wastes.
///
/// For several threads (`held_bytes` of `usize::MAX`) it does not grow but is as large as may be: the more requests share a
/// run, the less it depends on the order in which the threads come how many runs are needed, which would differ from frame to
/// frame.
pub(crate) fn shared_room_bytes(bytes: usize, most_bytes: usize, held_bytes: usize) -> usize {
    let most = most_bytes.max(bytes);
    let room = (held_bytes / HELD_OVER_NEW_RUN).clamp(bytes, most);
    room / bytes * bytes
}

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
}
