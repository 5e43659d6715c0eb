//! The expected statistics of the arena.

use std::ops::Range;

use frame_arena::ArenaSnapshot;

use super::ranges::Ranges;

/// Bytes that may be unused between two grants: rounding, and a red zone under a sanitizer.
const SLACK: usize = 64 + if cfg!(frame_arena_asan) { 64 } else { 0 };

/// Requests and their hits and misses. If a request reaches a few bytes beyond the memory ever
/// granted, into rounding, the library may count it either way, so there is a least and a most.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Requests {
    pub(crate) count: u64,
    pub(crate) bytes: u64,
    /// Further bytes that may have been requested, for pieces of collections that the same
    /// operation freed.
    pub(crate) spare_bytes: u64,
    pub(crate) least_misses: u64,
    pub(crate) most_misses: u64,
}

impl Requests {
    pub(crate) fn add(&mut self, other: Self) {
        self.count += other.count;
        self.bytes += other.bytes;
        self.spare_bytes += other.spare_bytes;
        self.least_misses += other.least_misses;
        self.most_misses += other.most_misses;
    }

    pub(crate) fn most_bytes(&self) -> u64 {
        self.bytes + self.spare_bytes
    }
}

#[derive(Default)]
pub(crate) struct FrameStats {
    pub(crate) live: usize,
    pub(crate) peak: usize,
    /// The most that the peak can be, if it is not known what was live at the same time.
    pub(crate) most_peak: usize,
    pub(crate) requests: Requests,
}

/// An open frame's own scope, a stage or a scratch.
pub(crate) struct ScopeStats {
    pub(crate) frame: usize,
    pub(crate) live: usize,
    /// Bytes of pieces of its collections, which are part of the live bytes.
    pub(crate) pieces_live: usize,
    pub(crate) requests: Requests,
    pub(crate) ranges: Vec<Range<usize>>,
}

#[derive(Default)]
pub(crate) struct Stats {
    pub(crate) live: usize,
    pub(crate) peak: usize,
    pub(crate) charged: usize,
    pub(crate) open_frames: usize,
    pub(crate) ended_frames: u64,
    /// Requests of ended frames, and for detached planes.
    pub(crate) requests: Requests,
    /// Requests of scopes that were forgotten.
    pub(crate) forgotten: Requests,
    pub(crate) frames: Vec<FrameStats>,
    pub(crate) scopes: Vec<ScopeStats>,
    /// Granted at this moment.
    pub(crate) granted: Ranges,
    /// Granted at some time and not returned to the system since.
    touched: Ranges,
    touched_with_slack: Ranges,
    /// Whether memory may have been granted that is not in `touched`.
    pub(crate) is_touched_elsewhere: bool,
}

impl Stats {
    pub(crate) fn open_frame(&mut self) -> usize {
        self.frames.push(FrameStats::default());
        self.open_frames += 1;
        self.frames.len() - 1
    }

    /// The frame of the newest scope.
    pub(crate) fn end_frame(&mut self, frame: usize) {
        self.open_frames -= 1;
        self.ended_frames += 1;
        self.requests.add(self.frames[frame].requests);
    }

    pub(crate) fn open_scope(&mut self, frame: usize) -> usize {
        self.scopes.push(ScopeStats {
            frame,
            live: 0,
            pieces_live: 0,
            requests: Requests::default(),
            ranges: Vec::new(),
        });
        self.scopes.len() - 1
    }

    pub(crate) fn frame_of(&self, scope: usize) -> usize {
        self.scopes[scope].frame
    }

    /// Ends the newest scope.
    pub(crate) fn close_scope(&mut self) {
        let scope = self.scopes.pop().expect("an open scope");
        self.frames[scope.frame].live -= scope.live;
        self.frames[scope.frame].requests.add(scope.requests);
        self.live -= scope.live;
        for range in &scope.ranges {
            self.granted.remove(range);
        }
    }

    /// Ends the newest scope without a drop: all its memory stays granted.
    pub(crate) fn forget_scope(&mut self) {
        let scope = self.scopes.pop().expect("an open scope");
        self.forgotten.add(scope.requests);
    }

    pub(crate) fn open_scopes(&self) -> usize {
        self.scopes.len()
    }

    /// Counts that `scope` granted `bytes` at `range`, of which `live_bytes` count as live.
    pub(crate) fn grant(&mut self, scope: usize, range: Range<usize>, live_bytes: usize) {
        if range.is_empty() {
            return;
        }
        let requests = self.touch(&range, range.len());
        self.granted.insert(range.clone());
        self.scopes[scope].requests.add(requests);
        self.scopes[scope].ranges.push(range);
        self.grow(scope, live_bytes);
    }

    /// Counts memory that a scratch took: all of it is live, though it is not all granted.
    pub(crate) fn grow(&mut self, scope: usize, live_bytes: usize) {
        let scope = &mut self.scopes[scope];
        scope.live += live_bytes;
        let frame = &mut self.frames[scope.frame];
        frame.live += live_bytes;
        frame.peak = frame.peak.max(frame.live);
        frame.most_peak = frame.most_peak.max(frame.live);
        self.add_live(live_bytes);
    }

    /// Counts a detached plane that was not part of a scope.
    pub(crate) fn grant_detached(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let requests = self.touch(&range, range.len());
        self.requests.add(requests);
        self.add_live(range.len());
        self.granted.insert(range);
    }

    /// Counts that the memory at `range` is no longer part of `scope`.
    pub(crate) fn move_out(&mut self, scope: usize, range: &Range<usize>) {
        let scope = &mut self.scopes[scope];
        scope.ranges.retain(|other| other != range);
        scope.live -= range.len();
        self.frames[scope.frame].live -= range.len();
    }

    pub(crate) fn drop_detached(&mut self, range: &Range<usize>) {
        self.live -= range.len();
        self.granted.remove(range);
    }

    fn add_live(&mut self, bytes: usize) {
        self.live += bytes;
        self.peak = self.peak.max(self.live);
    }

    /// Notes that memory is granted, and checks that nobody else holds it.
    fn touch(&mut self, range: &Range<usize>, bytes: usize) -> Requests {
        assert!(
            !self.granted.overlap(range),
            "{range:x?} is granted a second time"
        );
        self.forget_freed();
        let least = !self.is_touched_elsewhere && !self.touched_with_slack.contain(range);
        let most = !self.touched.contain(range);
        self.touched.insert(range.clone());
        let with_slack = range.end.next_multiple_of(64) + SLACK;
        self.touched_with_slack.insert(range.start..with_slack);
        Requests {
            count: 1,
            bytes: bytes as u64,
            spare_bytes: 0,
            least_misses: least.into(),
            most_misses: most.into(),
        }
    }

    pub(crate) fn forget_freed(&mut self) {
        for freed in super::freed::take() {
            self.touched.remove(&freed);
            self.touched_with_slack.remove(&freed);
        }
    }

    /// Takes over the arena's statistics while nothing is open, after work that the model did not
    /// follow.
    pub(crate) fn follow(&mut self, is: &ArenaSnapshot) {
        assert_eq!((is.live_bytes, is.in_use_bytes), (0, 0));
        self.forget_freed();
        self.is_touched_elsewhere = true;
        self.peak = is.peak_bytes;
        self.ended_frames = is.frames;
        self.requests = Requests::default();
        for kind in &is.kinds {
            self.requests.add(Requests {
                count: kind.requests,
                bytes: kind.bytes,
                spare_bytes: 0,
                least_misses: kind.misses,
                most_misses: kind.misses,
            });
        }
    }
}
