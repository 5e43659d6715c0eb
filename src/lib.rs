//! Per-frame memory for image and video decoders.
//!
//! A decoder fills dozens of planes per frame. Here each frame decode opens a [`Frame`] on an
//! [`Arena`]. Every sample plane, coefficient plane and scratch buffer of the decode comes from the
//! frame and is returned wholesale when the frame ends. There are no calls that return single
//! buffers: lifetimes replace them, and the compiler rejects a plane that outlives its scope. The
//! memory stays mapped in the arena, so the next frame neither allocates nor faults.
//!
//! Lifetimes, from long to short:
//!
//! | scope | holds | returned | used by |
//! |---|---|---|---|
//! | [`Arena`] | memory not in use | on [`Arena::trim`], by its [`Retention`], on drop | all threads |
//! | [`DetachedPlane`], [`DetachedPlaneSet`], [`DetachedPicture`] | planes that outlive their frame: reference frames, a canvas | when dropped | anyone |
//! | [`SharedPlane`], [`SharedPicture`] | planes that several owners read: references of later frames, pictures to be shown | with its last owner | its owners |
//! | [`RawBuffer`] | buffers of foreign code, each known by its pointer alone | when dropped | anyone |
//! | [`OwnedFrame`], [`OwnedStage`] | a frame or stage that its user keeps in a struct | with the last of its handles, planes and stages | any thread |
//! | [`Frame`] | planes read by several stages | at the end of the frame | any thread |
//! | [`Stage`] | buffers of one stage of the decode | at the end of the stage | any thread |
//! | [`Scratch`] | one task's working memory | at the end of the task | the opening thread |
//!
//! [`PlaneAlloc`] has the requests of frames, stages and scratch: planes, sets of planes, pictures
//! of unequal planes, slices. With a feature, collections live in them too.
//!
//! ```
//! use frame_arena::{Arena, PlaneAlloc, TileGrid};
//! use rayon::prelude::*;
//!
//! fn decode(arena: &Arena, width: usize, height: usize) -> Result<f32, frame_arena::AllocError> {
//!     let frame = arena.frame();
//!     let mut xyb = frame.planes::<f32>(3, width, height)?;
//!     let coefficients = frame.stage("coefficients");
//!     let (columns, rows) = (width / 8, height / 8);
//!     let quant = coefficients.plane_from_fn::<i32>(columns, rows, |x, y| (x + y) as i32)?;
//!     // Groups write disjoint rectangles in parallel; each task opens its own scratch.
//!     xyb.tiles(TileGrid::new(256, 256)).into_par_iter().try_for_each(|mut group| {
//!         let scratch = coefficients.scratch();
//!         let block = scratch.slice::<f32>(64)?;
//!         block.fill(quant.row(0)[0] as f32 + 0.5);
//!         for mut plane in group.planes_mut() {
//!             plane.fill(block[0]);
//!         }
//!         Ok(())
//!     })?;
//!     drop(coefficients); // the memory of the stage serves the next one
//!     Ok(xyb.plane(1).row(height - 1)[width - 1])
//! } // every plane of the frame is returned here
//!
//! let arena = Arena::new();
//! assert_eq!(decode(&arena, 700, 300)?, 0.5);
//! assert_eq!(decode(&arena, 700, 300)?, 0.5); // the same memory again
//! # Ok::<(), frame_arena::AllocError>(())
//! ```
//!
//! # Guides
//!
//! The module `guide` has a page with examples for each common task: [frames in
//! structs](guide::structs), [reference pictures](guide::references), [buffers of C
//! code](guide::buffers), [collections](guide::collections) and [limits in a
//! server](guide::limits).
//!
//! # Where memory comes from
//!
//! * A *block* is memory of a fixed size, 64 KiB by default, in which the small requests of one
//!   thread lie one behind the other. In a frame or stage, requests of up to 1/16 of a block are
//!   small; in a scratch, those of up to half a block.
//! * A *run* is memory of any size. It serves one large request, or the medium requests of all
//!   threads in a scope, or the collections of a scope (such a run is called a *piece*).
//! * A *record* is an arena's bookkeeping of an open frame, scope, thread or heap of collections: a
//!   kilobyte or less for each scope. Opening a frame, stage or scratch takes no memory: its first
//!   request takes the records too. Records count against the limit and are recycled.
//! * Memory is *in use* while a scope or a detached plane has it, and *retained* while the arena
//!   keeps it for later requests. [`Retention`] decides how much is retained.
//!
//! A request gets retained memory if some fits, and new memory from the system otherwise. If the
//! arena has a limit, a retained run that is larger than needed is *narrowed*: it grants and counts
//! for no more than a new run would. The rest of it is released when another request needs room
//! under the limit. So whether a request fits under the limit does not depend on what was retained
//! before.
//!
//! # Features
//!
//! Features only add to the interface.
//!
//! | feature | adds |
//! |---|---|
//! | `rayon` (default) | parallel iterators over tiles, rows and planes |
//! | `recorder` | arenas that record their events, for the crate `frame-arena-trace` |
//! | `allocator-api2-02`, `allocator-api2-04` | collections in scopes, by the `Allocator` of `allocator-api2` 0.2 or 0.4 |
//! | `imgref`, `ndarray`, `image` | planes as the types of those crates, without a copy |
//! | `serde` | reports that can be serialized |
//! | `tracing` | spans for frames and stages |
//! | `metrics` | statistics of every frame for the `metrics` facade |

#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(missing_debug_implementations)]

mod allocator_calls;
mod arena;
mod charge;
#[cfg(any(test, feature = "allocator-api2-02", feature = "allocator-api2-04"))]
#[cfg_attr(
    not(any(feature = "allocator-api2-02", feature = "allocator-api2-04")),
    allow(
        unused_macros,
        unused_imports,
        dead_code,
        reason = "tested by themselves"
    )
)]
mod collections;
mod decay_thread;
mod detached;
mod epoch;
mod error;
mod frame;
mod grant;
#[cfg(any(doc, doctest))]
pub mod guide;
#[cfg_attr(
    not(any(feature = "allocator-api2-02", feature = "allocator-api2-04")),
    allow(dead_code, unused_imports, reason = "collections come with a feature")
)]
mod heap;
mod layout;
mod memory;
mod owned;
mod picture;
mod plan;
mod plane;
mod plane_source;
mod raw;
#[cfg(doctest)]
mod readme;
pub mod recorder;
mod request;
mod retention;
mod sample;
mod scope;
mod scratch;
mod sizing;
mod spec;
mod stage;
mod stats;
mod store;
mod sync;
mod tracing_span;

pub use allocator_calls::is_calling_allocator;
pub use bytemuck;

pub use arena::{Arena, ArenaBuilder};
pub use charge::Charge;
pub use decay_thread::DecayThread;
pub use detached::{DetachedPlane, DetachedPlaneSet, SharedPlane};
pub use error::AllocError;
pub use frame::Frame;
#[doc(hidden)]
pub use memory::try_box;
pub use owned::{OwnedFrame, OwnedPlane, OwnedPlaneSet, OwnedSlice, OwnedStage};
pub use picture::{
    DetachedPicture, Picture, PictureLayout, PictureView, PictureViewMut, SharedPicture,
};
pub use plan::{
    DetachedPlan, FramePlan, PlanRequest, ScopePlan, ScratchPlan, ScratchRoom, StagePlan,
};
#[cfg(feature = "rayon")]
pub use plane::{ParRows, ParRowsMut, ParTiles, Parallel};
pub use plane::{
    Plane, PlaneSet, PlaneSetViewMut, PlaneView, PlaneViewMut, Rows, RowsMut, TileGrid, Tiles,
};
pub use plane_source::PlaneSource;
pub use raw::{RawBuffer, RawLayout};
pub use request::PlaneAlloc;
pub use retention::Retention;
pub use sample::{Kind, Sample, SampleKind, Shape};
pub use scope::Scope;
pub use scratch::Scratch;
pub use spec::{PictureSpec, PlaneSetSpec, PlaneSpec, SliceSpec, Spec};
pub use stage::Stage;
pub use stats::{ArenaSnapshot, ChargeReport, FrameReport, KindReport, Reports, StageReport};
