//! Figures: what the arena handed out, what it holds, and what it had to take from the system for
//! it.

mod charges;
mod frame;
mod kinds;
#[cfg(feature = "metrics")]
mod publish;
mod report;
mod reports;
mod usage;

pub(crate) use charges::{ChargeTable, OTHER_ORIGIN};
pub(crate) use frame::{
    FRAME_NAME, FRAME_STAGE, FrameFigures, SCRATCH_NAME, SCRATCH_STAGE, StageIndex, Sums, Totals,
};
pub(crate) use kinds::{KindFigures, KindTable};
#[cfg(feature = "metrics")]
pub(crate) use publish::publish;
pub(crate) use usage::Usage;

pub use report::{ArenaSnapshot, ChargeReport, FrameReport, KindReport, StageReport};
pub use reports::Reports;
