//! Expected statistics of collections, which take and return pieces of memory: a piece counts as a
//! request of all its room.

use std::ops::Range;

use frame_arena::ArenaSnapshot;

use super::super::stats::{Requests, Stats};

/// More than the records of a frame, a scope and its heap, and the rounding of a run.
const OVERHEAD_BYTES: usize = 24 << 10;

impl Stats {
    /// Counts the effects of an operation on a collection of `scope`, which takes at most one
    /// piece.
    pub(crate) fn count_pieces(
        &mut self,
        scope: usize,
        before: &ArenaSnapshot,
        after: &ArenaSnapshot,
    ) {
        let taken = |is: &ArenaSnapshot| is.runs_made + is.runs_reused;
        let count = taken(after) - taken(before);
        assert!(count <= 1, "{count} pieces for one vector");
        assert_eq!(before.live_bytes, self.live);
        let scope = &mut self.scopes[scope];
        let frame = &mut self.frames[scope.frame];
        let more = after.live_bytes.saturating_sub(before.live_bytes);
        let less = before.live_bytes.saturating_sub(after.live_bytes);
        assert!(less <= scope.pieces_live, "pieces of others were returned");
        // The same operation may have returned earlier pieces.
        let most = match count {
            0 => 0,
            _ => scope.pieces_live - less + more,
        };
        assert!(more <= most, "more is live, and no piece was taken");
        let peaks = self.peak.max(after.live_bytes)..=self.peak.max(before.live_bytes + most);
        assert!(peaks.contains(&after.peak_bytes), "peak");
        self.peak = after.peak_bytes;
        self.live = after.live_bytes;
        frame.most_peak = frame.most_peak.max(frame.live + most);
        for live in [&mut scope.live, &mut scope.pieces_live, &mut frame.live] {
            *live = *live + more - less;
        }
        frame.peak = frame.peak.max(frame.live);
        frame.most_peak = frame.most_peak.max(frame.peak);
        scope.requests.add(Requests {
            count,
            bytes: more as u64,
            spare_bytes: (most - more) as u64,
            least_misses: 0,
            most_misses: count,
        });
        self.is_touched_elsewhere |= count > 0;
        self.forget_freed();
    }

    /// Notes that a vector of `scope` has the memory at `range`, which nobody else may hold.
    pub(crate) fn hold_list(&mut self, scope: usize, range: Range<usize>) {
        assert!(
            !self.granted.overlap(&range),
            "a vector has {range:x?}, which is granted"
        );
        if !range.is_empty() {
            self.granted.insert(range.clone());
            self.scopes[scope].ranges.push(range);
        }
    }

    /// Notes that a vector of `scope` no longer has the memory at `range`.
    pub(crate) fn take_list_back(&mut self, scope: usize, range: &Range<usize>) {
        if !range.is_empty() {
            self.granted.remove(range);
            self.scopes[scope].ranges.retain(|other| other != range);
        }
    }
}

/// Checks that the refusal of `bytes` for a vector was right, and that nobody lost anything.
pub(crate) fn check_refused_list(before: &ArenaSnapshot, after: &ArenaSnapshot, bytes: usize) {
    let room = after.limit_bytes - after.in_use_bytes - after.charged_bytes;
    // A small vector has up to a quarter more, and a run up to a sixteenth.
    let most_bytes = bytes + bytes / 3 + OVERHEAD_BYTES;
    assert!(room < most_bytes, "{room} bytes of room for {bytes}");
    // Pieces without vectors were returned first.
    assert!(after.live_bytes <= before.live_bytes);
    assert_eq!(after.kinds, before.kinds);
}
