use super::counts::Counts;
use crate::AllocError;
use crate::memory::{Chain, Granted, Run};
use crate::sample::Kind;
use crate::sizing::{OPEN_RUNS, shared_room_bytes};
use crate::stats::FrameStats;
use crate::store::Store;
use crate::sync::thread_index;

/// The runs of one open scope: those that serve one large request, and those that serve the medium
/// requests of all threads.
///
/// A medium request goes to the run where it leaves the least room. Threads share the runs, so the
/// unused bytes do not grow with the number of threads.
pub(super) struct Runs {
    /// Runs that serve no further request, those taken last first.
    held: Chain<Run>,
    open: [Option<Box<Run>>; OPEN_RUNS],
    /// Places of open runs that have been used so far.
    opened: usize,
    /// Bytes that the open runs can still grant.
    room_bytes: [usize; OPEN_RUNS],
    /// Bounds of the room of all open runs, which make most searches unnecessary.
    most_room: usize,
    least_room: usize,
    /// The place and the size of the last request; the size is 0 after runs were added.
    last_place: usize,
    last_bytes: usize,
    held_bytes: usize,
    user: User,
    pub(super) counts: Counts,
}

/// The threads that made medium requests of a scope.
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
            opened: 0,
            room_bytes: [0; OPEN_RUNS],
            most_room: 0,
            least_room: usize::MAX,
            last_place: 0,
            last_bytes: 0,
            held_bytes: 0,
            user: User::Nobody,
            counts: Counts::NONE,
        }
    }

    /// Adds a run that serves one request.
    pub(super) fn hold(&mut self, mut run: Box<Run>, is_new: bool) {
        self.count(&mut run, is_new);
        self.put_aside(run);
    }

    /// Grants a medium request of the calling thread.
    #[inline]
    pub(super) fn grant(
        &mut self,
        store: &Store,
        frame: &FrameStats,
        bytes: usize,
        kind: Kind,
    ) -> Result<Granted, AllocError> {
        let granted = match self.grant_from_open(bytes) {
            Some(granted) => granted,
            None => self.grant_from_new(store, frame, bytes)?,
        };
        self.counts.count(frame, kind, bytes, granted.fresh);
        Ok(granted)
    }

    /// Takes a run for a medium request and those after it.
    #[inline(never)]
    fn grant_from_new(
        &mut self,
        store: &Store,
        frame: &FrameStats,
        bytes: usize,
    ) -> Result<Granted, AllocError> {
        let thread = thread_index();
        let user = match self.user {
            User::Nobody => User::Thread(thread),
            User::Thread(other) if other == thread => self.user,
            _ => User::Threads,
        };
        let most_bytes = store.sizing.shared_run_bytes;
        let wanted_bytes = match user {
            User::Threads => shared_room_bytes(bytes, most_bytes, usize::MAX),
            _ => shared_room_bytes(bytes, most_bytes, self.held_bytes),
        };
        let mut taken = store.take_run(store.sizing.shared_run(bytes, wanted_bytes)?)?;
        self.user = user;
        let total_bytes = taken.memory.total_bytes;
        self.count(&mut taken.memory, taken.is_new);
        frame.taken.add(total_bytes);
        let granted = taken.memory.grant(bytes).ok_or(AllocError::System {
            requested_bytes: total_bytes,
        });
        if let Some(place) = self.keep_open(taken.memory) {
            // No other open run has room for such a request.
            (self.last_place, self.last_bytes) = (place, bytes);
        }
        granted
    }

    #[inline]
    fn grant_from_open(&mut self, bytes: usize) -> Option<Granted> {
        if bytes > self.most_room {
            return None;
        }
        // If requests have one size, the run that served the last one still has the least room.
        if bytes != self.last_bytes || self.room_bytes[self.last_place] < bytes {
            self.last_place = self.find_open(bytes)?;
            self.last_bytes = bytes;
        }
        let place = self.last_place;
        let run = self.open[place].as_mut()?;
        let granted = run.grant(bytes);
        let room = run.remaining_bytes();
        self.room_bytes[place] = room;
        self.least_room = self.least_room.min(room);
        granted
    }

    /// The open run with the least room of those that have enough.
    #[inline]
    fn find_open(&mut self, bytes: usize) -> Option<usize> {
        let (mut place, mut best_room) = (OPEN_RUNS, usize::MAX);
        for (index, &room) in self.room_bytes.iter().enumerate() {
            if room >= bytes && room < best_room {
                (place, best_room) = (index, room);
            }
        }
        if place == OPEN_RUNS {
            self.last_bytes = 0;
            self.most_room = bytes - 1;
            return None;
        }
        Some(place)
    }

    fn count(&mut self, run: &mut Run, is_new: bool) {
        run.order = self.counts.taken();
        self.held_bytes += run.sized_bytes;
        self.counts.take(run.total_bytes, is_new);
    }

    #[inline]
    fn put_aside(&mut self, run: Box<Run>) {
        let order = run.order;
        self.held.insert(run, |other| other.order > order);
    }

    /// Keeps a run open for further requests, if it has more room than an open one. Returns its
    /// place.
    #[inline]
    fn keep_open(&mut self, run: Box<Run>) -> Option<usize> {
        let room = run.remaining_bytes();
        if self.opened < OPEN_RUNS {
            self.opened += 1;
            return Some(self.open_at(self.opened - 1, run, room));
        }
        if room > self.least_room {
            let least = self.place_of_least_room();
            if room > self.room_bytes[least] {
                return Some(self.open_at(least, run, room));
            }
        }
        self.put_aside(run);
        None
    }

    #[inline]
    fn open_at(&mut self, place: usize, run: Box<Run>, room: usize) -> usize {
        self.room_bytes[place] = room;
        self.most_room = self.most_room.max(room);
        self.least_room = self.least_room.min(room);
        self.last_bytes = 0;
        if let Some(full) = self.open[place].replace(run) {
            self.put_aside(full);
        }
        place
    }

    fn place_of_least_room(&mut self) -> usize {
        if self.room_bytes[self.last_place] <= self.least_room {
            // No open run has less room, mostly because the last request filled this one.
            return self.last_place;
        }
        let rooms = self.room_bytes.iter().enumerate();
        let (place, &room) = rooms.min_by_key(|&(_, &room)| room).unwrap_or((0, &0));
        self.least_room = room;
        place
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
                self.least_room = 0;
                self.open[place].take()?
            }
        };
        self.held_bytes -= run.sized_bytes;
        self.counts.detached_bytes += run.granted_bytes();
        self.counts.detached_taken_bytes += run.total_bytes;
        Some(run)
    }

    /// Returns all runs, those taken last first, and prepares this for another scope.
    #[inline]
    pub(super) fn close(&mut self) -> Chain<Run> {
        self.user = User::Nobody;
        (self.most_room, self.least_room) = (0, usize::MAX);
        self.last_bytes = 0;
        for place in 0..std::mem::take(&mut self.opened) {
            self.room_bytes[place] = 0;
            if let Some(run) = self.open[place].take() {
                self.put_aside(run);
            }
        }
        let mut runs = std::mem::replace(&mut self.held, Chain::new());
        runs.for_each_mut(Run::take_back);
        self.held_bytes = 0;
        self.counts.clear();
        runs
    }
}
