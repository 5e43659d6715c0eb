//! Statistics: bytes that the arena granted, holds, and took from the system.

mod charges;
mod frame;
mod kinds;
mod live_bytes;
#[cfg(feature = "metrics")]
mod publish;
mod report;
mod reports;

pub(crate) use charges::{ChargeTable, OTHER_ORIGIN};
pub(crate) use frame::{
    ClosedScopes, FRAME_NAME, FRAME_STAGE, FrameStats, SCRATCH_NAME, SCRATCH_STAGE, StageIndex,
    StageStats,
};
pub(crate) use kinds::{KindStats, KindTable};
pub(crate) use live_bytes::LiveBytes;
#[cfg(feature = "metrics")]
pub(crate) use publish::publish;

pub use report::{ArenaSnapshot, ChargeReport, FrameReport, KindReport, StageReport};
pub use reports::Reports;
