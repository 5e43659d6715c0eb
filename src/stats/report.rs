use std::borrow::Cow;

use super::reports::Reports;
use crate::sample::Kind;

/// Number of stage names of one frame that statistics tell apart; further names share the last
/// place.
pub(super) const STAGES: usize = 32;

/// Statistics of one frame: bytes, requests, stages and kinds.
///
/// *Granted* counts the bytes that planes and slices requested; *taken* counts the blocks and runs
/// that served them. A scratch counts the blocks and runs that it holds as granted, as the use of
/// its collections is not visible from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct FrameReport {
    /// Bytes granted at this moment by all open scopes of the frame; 0 after
    /// [`Frame::finish`](crate::Frame::finish), unless a scope was forgotten.
    pub live_bytes: usize,
    /// Most bytes granted at the same time.
    pub peak_bytes: usize,
    /// Sum of all bytes granted by closed scopes and by the frame itself.
    pub requested_bytes: u64,
    /// Number of the requests in `requested_bytes`.
    pub requests: u64,
    /// Most bytes of blocks and runs in use at the same time.
    pub peak_taken_bytes: usize,
    /// Statistics by stage name, in the order of first opening; the frame's own planes and all
    /// scratch come first.
    pub stages: Reports<StageReport, { STAGES }>,
    /// By kind of request.
    pub kinds: Reports<KindReport, { Kind::COUNT }>,
}

impl FrameReport {
    /// The report of a frame that requested nothing.
    pub(crate) fn empty() -> Self {
        Self {
            live_bytes: 0,
            peak_bytes: 0,
            requested_bytes: 0,
            requests: 0,
            peak_taken_bytes: 0,
            stages: Reports::new(),
            kinds: Reports::new(),
        }
    }
}

/// Statistics of all openings of one stage name in a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct StageReport {
    /// Name of the stage; `(frame)` for planes of the frame itself, `(scratch)` for all scratch.
    pub name: Cow<'static, str>,
    /// How often it was opened.
    pub opened: u64,
    /// Requests served.
    pub requests: u64,
    /// Sum of all bytes granted.
    pub requested_bytes: u64,
    /// Bytes granted at this moment.
    pub live_bytes: usize,
    /// Most bytes granted at the same time, over all threads.
    pub peak_bytes: usize,
    /// Most bytes that one opening took and did not grant.
    pub wasted_bytes: u64,
    /// Blocks taken from the system.
    pub blocks_made: u64,
    /// Blocks taken that an earlier scope had returned.
    pub blocks_reused: u64,
    /// Runs taken from the system.
    pub runs_made: u64,
    /// Runs taken that an earlier scope had returned.
    pub runs_reused: u64,
}

/// Statistics of the requests of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct KindReport {
    /// The kind.
    pub kind: Kind,
    /// Requests served.
    pub requests: u64,
    /// Sum of their bytes.
    pub bytes: u64,
    /// Requests served wholly with memory that had been granted before.
    pub hits: u64,
    /// Requests of which at least a byte had never been granted before.
    pub misses: u64,
}

impl KindReport {
    /// Hits among requests, from 0 to 1.
    pub fn hit_rate(&self) -> f64 {
        self.hits as f64 / self.requests as f64
    }
}

/// Statistics of the [charges](crate::Charge) of one origin.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ChargeReport {
    /// The origin, as passed to [`Scope::charge_for`](crate::Scope::charge_for).
    pub origin: String,
    /// Bytes charged at this moment.
    pub live_bytes: usize,
    /// Most bytes ever charged at the same time.
    pub peak_bytes: usize,
    /// Number of charges.
    pub charges: u64,
}

/// Statistics of an arena at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ArenaSnapshot {
    /// Bytes granted by open scopes and detached planes.
    pub live_bytes: usize,
    /// Most bytes ever granted at the same time.
    pub peak_bytes: usize,
    /// Bytes of blocks, runs and records that open scopes and detached planes hold.
    pub in_use_bytes: usize,
    /// Bytes of these that are records of open scopes.
    pub record_bytes: usize,
    /// Bytes of blocks, runs and records retained for the next frames.
    pub retained_bytes: usize,
    /// Bytes of these that are records.
    pub retained_record_bytes: usize,
    /// Bytes charged for memory that others allocate.
    pub charged_bytes: usize,
    /// Most bytes of blocks, runs, records and charges ever held at the same time. The limit bounds
    /// these.
    pub peak_held_bytes: usize,
    /// The limit on blocks, runs, records and charges; `usize::MAX` if there is none.
    pub limit_bytes: usize,
    /// Bytes in use but not granted: the unfilled ends of blocks and runs, and rounding.
    pub wasted_bytes: usize,
    /// Blocks taken from the system so far.
    pub blocks_made: u64,
    /// Blocks taken again after an earlier scope had returned them.
    pub blocks_reused: u64,
    /// Runs taken from the system so far.
    pub runs_made: u64,
    /// Runs taken again after an earlier scope had returned them.
    pub runs_reused: u64,
    /// Bytes of blocks and runs that [reserves](crate::Arena::reserve) took beyond their plans so
    /// far. An arena adds the bytes of a reserve when that ends.
    pub beyond_plan_bytes: u64,
    /// Most bytes of blocks and runs that scratch [beyond plans](crate::Scope::scratch_beyond_plan)
    /// ever held at the same time.
    pub peak_unplanned_bytes: usize,
    /// Frames open at this moment, on all threads; forgotten ones stay open.
    pub open_frames: usize,
    /// Frames ended so far.
    pub frames: u64,
    /// Requests by kind, of all frames ended so far.
    pub kinds: Reports<KindReport, { Kind::COUNT }>,
    /// Memory that others allocate, by origin, in the order of the first charge.
    pub charges: Vec<ChargeReport>,
}
