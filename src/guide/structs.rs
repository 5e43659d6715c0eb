//! Frames in structs: decoders that return to their caller in the middle of a frame.
//!
//! The planes of a [`Frame`](crate::Frame) borrow from it. That suits a decoder that decodes a
//! frame in one call. A *push* decoder is given bytes as they arrive, and between calls it must
//! keep the frame, an open stage and their planes in one struct. With borrows, such a struct would
//! refer to itself, which the compiler rejects.
//!
//! Owned scopes solve this. [`Arena::owned_frame`](crate::Arena::owned_frame) opens an
//! [`OwnedFrame`](crate::OwnedFrame), and
//! [`OwnedFrame::owned_stage`](crate::OwnedFrame::owned_stage) a stage of it. Their planes and
//! slices are owned too:
//!
//! | borrowed | owned | requested by |
//! |---|---|---|
//! | [`Frame`](crate::Frame) | [`OwnedFrame`](crate::OwnedFrame) | `arena.owned_frame()` |
//! | [`Stage`](crate::Stage) | [`OwnedStage`](crate::OwnedStage) | `scope.owned_stage(name)` |
//! | [`Plane`](crate::Plane) | [`OwnedPlane`](crate::OwnedPlane) | `scope.owned_plane(width, height)` |
//! | [`PlaneSet`](crate::PlaneSet) | [`OwnedPlaneSet`](crate::OwnedPlaneSet) | `scope.owned_planes(count, width, height)` |
//! | `&mut [T]` | [`OwnedSlice`](crate::OwnedSlice) | `scope.owned_slice(len)` |
//!
//! # An example
//!
//! ```
//! use frame_arena::{AllocError, Arena, OwnedFrame, OwnedPlane, OwnedStage, PlaneAlloc};
//!
//! /// A picture in the middle of its decode. Fields may stand in any order.
//! struct Picture {
//!     frame: OwnedFrame,
//!     samples: OwnedPlane<u8>,
//!     coding: Option<Coding>,
//!     rows: usize,
//! }
//!
//! /// Memory of a stage, which ends before the picture does.
//! struct Coding {
//!     stage: OwnedStage,
//!     residuals: OwnedPlane<u8>,
//! }
//!
//! impl Picture {
//!     fn new(arena: &Arena, width: usize, height: usize) -> Result<Self, AllocError> {
//!         let frame = arena.owned_frame()?;
//!         let stage = frame.owned_stage("coding")?;
//!         let residuals = stage.owned_plane(width, height)?;
//!         Ok(Self {
//!             samples: frame.owned_plane(width, height)?,
//!             coding: Some(Coding { stage, residuals }),
//!             frame,
//!             rows: 0,
//!         })
//!     }
//!
//!     /// Receives one row. Returns the samples once they are complete.
//!     fn push(&mut self, row: &[u8]) -> Result<bool, AllocError> {
//!         let Some(coding) = &mut self.coding else {
//!             return Ok(true);
//!         };
//!         coding.residuals.row_mut(self.rows).copy_from_slice(row);
//!         self.rows += 1;
//!         if self.rows < self.samples.height() {
//!             return Ok(false);
//!         }
//!         // An owned scope is a scope: inside one call, borrow from it.
//!         let scratch = coding.stage.scratch();
//!         let sums = scratch.slice::<u8>(self.samples.width())?;
//!         for (row, residuals) in self.samples.rows_mut().zip(coding.residuals.rows()) {
//!             for ((sample, sum), residual) in row.iter_mut().zip(&mut *sums).zip(residuals) {
//!                 *sum = sum.wrapping_add(*residual);
//!                 *sample = *sum;
//!             }
//!         }
//!         drop(scratch);
//!         self.coding = None; // the stage ends, and its memory serves the next one
//!         Ok(true)
//!     }
//! }
//!
//! let arena = Arena::new();
//! let mut picture = Picture::new(&arena, 64, 3)?;
//! assert!(!picture.push(&[1; 64])?);
//! assert!(!picture.push(&[2; 64])?);
//! assert!(picture.push(&[3; 64])?);
//! assert_eq!(picture.frame.report().stages.len(), 3); // the frame, scratch, "coding"
//!
//! // What the caller keeps for long is detached, so that it keeps no frame open.
//! let Picture { frame, samples, .. } = picture;
//! let samples = samples.detach()?;
//! drop(frame);
//! assert_eq!(arena.snapshot().open_frames, 0);
//! assert_eq!(samples.row(2)[63], 6);
//! # Ok::<(), AllocError>(())
//! ```
//!
//! `examples/push_decoder.rs` decodes pieces of any size, picture after picture.
//!
//! # When memory is returned
//!
//! * A scope ends when the last of its handles, planes and stages is dropped, in whatever order and
//!   on whatever thread. All of its memory is returned then.
//! * So one plane keeps the memory of its whole scope in use. If a caller keeps a plane, request it
//!   from a separate frame, or [`detach`](crate::OwnedPlane::detach) it.
//! * A stage keeps its frame open; a frame does not keep its stages.
//! * There is no `finish`: read [`OwnedFrame::report`](crate::OwnedFrame::report) before the last
//!   handle goes.
//!
//! # Cost
//!
//! Each open owned scope has a *record* (bookkeeping of less than a kilobyte, counted against the
//! limit), taken when it is opened. That is why opening returns a `Result` here, and not for
//! borrowed scopes, which take nothing before their first request. A handle or plane costs an
//! atomic increment. A warm frame makes no call to the global allocator, as records are recycled
//! too.
//!
//! Prefer borrowed scopes where they compile: they are cheaper, and the compiler proves that
//! nothing outlives them.
