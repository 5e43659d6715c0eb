//! Per-frame memory for image and video decoders.
//!
//! A decoder fills dozens of planes per frame. Here each frame decode opens a [`Frame`] on an [`Arena`]; every sample plane,
//! coefficient plane and scratch buffer of the frame comes from it and goes back wholesale when it ends. No buffer has a
//! return call of its own: a lifetime replaces them, and the compiler refuses a plane that outlives its scope. The memory
//! stays mapped in the arena, so the next frame neither allocates nor faults.
//!
//! Five lifetimes, from long to short:
//!
//! | scope | holds | goes back | used by |
//! |---|---|---|---|
//! | [`Arena`] | memory not in use now | on [`Arena::trim`], by its [`Retention`], on drop | all threads |
//! | [`DetachedPlane`] | what outlives its frame: reference frames, a canvas | when dropped | anyone |
//! | [`Frame`] | planes read by several stages | at the end of the frame | any thread |
//! | [`Stage`] | what one stage of the decode needs | at the end of the stage | any thread |
//! | [`Scratch`] | one task's working memory | at the end of the task | the opening thread |
//!
//! ```
//! use frame_arena::{Arena, PlaneAlloc, TileGrid};
//! use rayon::prelude::*;
//!
//! fn decode(arena: &Arena, width: usize, height: usize) -> Result<f32, frame_arena::AllocError> {
//!     let frame = arena.frame();
//!     let mut xyb = frame.planes::<f32>(3, width, height)?;
//!     let coefficients = frame.stage("coefficients");
//!     let quant = coefficients.plane_from_fn::<i32>(width / 8, height / 8, |x, y| (x + y) as i32)?;
//!     // Groups write disjoint rectangles of the planes at once; each task has scratch of its own.
//!     xyb.tiles(TileGrid::new(256, 256)).into_par_iter().try_for_each(|mut group| {
//!         let scratch = coefficients.scratch();
//!         let block = scratch.slice::<f32>(64)?;
//!         block.fill(quant.row(0)[0] as f32 + 0.5);
//!         for mut plane in group.planes_mut() {
//!             plane.fill(block[0]);
//!         }
//!         Ok(())
//!     })?;
//!     drop(coefficients); // its memory serves the next stage
//!     Ok(xyb.plane(1).row(height - 1)[width - 1])
//! } // every plane of the frame goes back here
//!
//! let arena = Arena::new();
//! assert_eq!(decode(&arena, 700, 300)?, 0.5);
//! assert_eq!(decode(&arena, 700, 300)?, 0.5); // the same memory again
//! # Ok::<(), frame_arena::AllocError>(())
//! ```

mod arena;
mod charge;
mod detached;
mod epoch;
mod error;
mod figures;
mod frame;
mod layout;
mod memory;
mod plan;
mod plane;
mod recorder;
mod request;
mod retention;
mod sample;
mod scope;
mod scratch;
mod span;
mod stage;
mod store;
mod sync;
#[cfg(feature = "trace")]
pub mod trace;

pub use arena::{Arena, ArenaBuilder};
pub use charge::Charge;
pub use detached::{DetachedPlane, DetachedPlaneSet};
pub use error::AllocError;
pub use figures::{ArenaSnapshot, ChargeReport, FrameReport, KindReport, StageReport};
pub use frame::Frame;
pub use plan::{
    DetachedPlan, FramePlan, PlanRequest, ScopePlan, ScratchPlan, ScratchRoom, StagePlan,
};
pub use plane::{
    Plane, PlaneSet, PlaneSetViewMut, PlaneView, PlaneViewMut, Rows, RowsMut, TileGrid, Tiles,
};
pub use request::PlaneAlloc;
pub use retention::Retention;
pub use sample::{Kind, Sample, SampleKind, Shape};
pub use scope::Scope;
pub use scratch::{Scratch, ScratchBump};
pub use stage::Stage;
