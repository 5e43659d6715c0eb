//! What the arena's figures must be, kept beside it.

use std::ops::Range;

use crate::ranges::Ranges;

/// Bytes from one grant's start to the next that may lie unused between them: rounding, and under a sanitizer a red zone.
const SLACK: usize = 64 + if cfg!(feature = "asan") { 64 } else { 0 };

/// Requests and how they were served. Whether a request that reaches a few bytes beyond what was ever handed out, into
/// rounding, misses is the library's choice; so there is a least and a most.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Requests {
    pub(crate) count: u64,
    pub(crate) bytes: u64,
    pub(crate) least_misses: u64,
    pub(crate) most_misses: u64,
}

impl Requests {
    pub(crate) fn add(&mut self, other: Self) {
        self.count += other.count;
        self.bytes += other.bytes;
        self.least_misses += other.least_misses;
        self.most_misses += other.most_misses;
    }
}

#[derive(Default)]
pub(crate) struct FrameFigures {
    live: usize,
    pub(crate) peak: usize,
    pub(crate) requests: Requests,
}

/// An open frame's own scope, a stage or a scratch.
struct ScopeFigures {
    frame: usize,
    live: usize,
    requests: Requests,
    ranges: Vec<Range<usize>>,
}

#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) live: usize,
    pub(crate) peak: usize,
    pub(crate) charged: usize,
    pub(crate) open_frames: usize,
    pub(crate) ended_frames: u64,
    /// Of ended frames, and for detached planes.
    pub(crate) requests: Requests,
    pub(crate) frames: Vec<FrameFigures>,
    scopes: Vec<ScopeFigures>,
    /// Handed out at this moment.
    lent: Ranges,
    /// Handed out at some time and not given back to the system since.
    touched: Ranges,
    touched_with_slack: Ranges,
}

impl Figures {
    pub(crate) fn open_frame(&mut self) -> usize {
        self.frames.push(FrameFigures::default());
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
        self.scopes.push(ScopeFigures {
            frame,
            live: 0,
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
            self.lent.remove(range);
        }
    }

    /// Ends the newest scope without what a drop does: all that it holds stays lent.
    pub(crate) fn forget_scope(&mut self) {
        self.scopes.pop().expect("an open scope");
    }

    pub(crate) fn open_scopes(&self) -> usize {
        self.scopes.len()
    }

    /// Counts that `scope` handed out `bytes` at `range`, of which `live_bytes` count as live.
    pub(crate) fn lend(&mut self, scope: usize, range: Range<usize>, live_bytes: usize) {
        if range.is_empty() {
            return;
        }
        let requests = self.touch(&range, range.len());
        self.lent.insert(range.clone());
        self.scopes[scope].requests.add(requests);
        self.scopes[scope].ranges.push(range);
        self.grow(scope, live_bytes);
    }

    /// Counts memory that a scratch took: all of it is live, though it is not all handed out.
    pub(crate) fn grow(&mut self, scope: usize, live_bytes: usize) {
        let scope = &mut self.scopes[scope];
        scope.live += live_bytes;
        let frame = &mut self.frames[scope.frame];
        frame.live += live_bytes;
        frame.peak = frame.peak.max(frame.live);
        self.add_live(live_bytes);
    }

    /// Counts a detached plane that was not part of a scope.
    pub(crate) fn lend_detached(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let requests = self.touch(&range, range.len());
        self.requests.add(requests);
        self.add_live(range.len());
        self.lent.insert(range);
    }

    /// Counts that what `scope` lent at `range` is no longer part of it.
    pub(crate) fn move_out(&mut self, scope: usize, range: &Range<usize>) {
        let scope = &mut self.scopes[scope];
        scope.ranges.retain(|other| other != range);
        scope.live -= range.len();
        self.frames[scope.frame].live -= range.len();
    }

    pub(crate) fn drop_detached(&mut self, range: &Range<usize>) {
        self.live -= range.len();
        self.lent.remove(range);
    }

    /// Counts a request of a bump.
    pub(crate) fn count_bump(&mut self, scope: usize, range: &Range<usize>) {
        let mut requests = self.touch(range, range.len());
        requests.count = 1;
        self.scopes[scope].requests.add(requests);
    }

    fn add_live(&mut self, bytes: usize) {
        self.live += bytes;
        self.peak = self.peak.max(self.live);
    }

    /// Notes that memory is handed out, which nobody else may hold.
    fn touch(&mut self, range: &Range<usize>, bytes: usize) -> Requests {
        assert!(
            !self.lent.overlap(range),
            "{range:x?} is handed out a second time"
        );
        for freed in crate::freed::take() {
            self.touched.remove(&freed);
            self.touched_with_slack.remove(&freed);
        }
        let least = !self.touched_with_slack.contain(range);
        let most = !self.touched.contain(range);
        self.touched.insert(range.clone());
        let with_slack = range.end.next_multiple_of(64) + SLACK;
        self.touched_with_slack.insert(range.start..with_slack);
        Requests {
            count: 1,
            bytes: bytes as u64,
            least_misses: least.into(),
            most_misses: most.into(),
        }
    }
}
