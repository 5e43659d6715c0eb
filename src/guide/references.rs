//! Reference pictures: planes and pictures that outlive the frame in which they were decoded.
//!
//! A video decoder predicts from earlier pictures, and shows pictures in another order than it
//! decodes them. Such a picture belongs to no frame. It is *detached*: it has its own memory from
//! the arena, counts against the same limit, and returns its memory when it is dropped.
//!
//! | type | owners | written by |
//! |---|---|---|
//! | [`DetachedPlane`](crate::DetachedPlane), [`DetachedPlaneSet`](crate::DetachedPlaneSet), [`DetachedPicture`](crate::DetachedPicture) | one | its owner |
//! | [`SharedPlane`](crate::SharedPlane), [`SharedPicture`](crate::SharedPicture) | several, on any threads | its owner, while there is only one |
//!
//! There are two ways to make a detached plane or picture:
//!
//! * Request it from the arena ([`Arena::detached_picture`](crate::Arena::detached_picture)) and
//!   decode into it. Use this if you know that it is kept.
//! * Request it from a scope, and move it out of the scope if it turns out to be kept:
//!   [`Scope::detach`](crate::Scope::detach),
//!   [`Scope::detach_planes`](crate::Scope::detach_planes),
//!   [`Scope::detach_picture`](crate::Scope::detach_picture). A large plane keeps its memory; one
//!   that shares memory with others is copied.
//!
//! # Pictures of several planes
//!
//! A [`PictureLayout`](crate::PictureLayout) describes planes of unequal size, such as 4:2:0 with
//! alpha, with a border around each plane and padding behind. All of it is one request. A motion
//! vector may point outside of the picture: the border holds the picture's outermost samples there
//! ([`extend_borders`](crate::DetachedPicture::extend_borders)), so no coordinate is clamped.
//! [`plane_with_border`](crate::SharedPicture::plane_with_border) is the plane with its border;
//! column 0 of the plane itself is its column [`border`](crate::SharedPicture::border)`.0`, and
//! starts at a multiple of 64 bytes.
//!
//! # A decoded-picture buffer
//!
//! ```
//! use frame_arena::{AllocError, Arena, PictureLayout, PlaneAlloc, SharedPicture};
//!
//! const BORDER: usize = 16;
//!
//! struct Decoder {
//!     arena: Arena,
//!     /// What later pictures are predicted from.
//!     kept: [Option<SharedPicture<u8>>; 2],
//! }
//!
//! impl Decoder {
//!     /// Decodes a picture that is the one before it, moved by `motion` columns.
//!     fn decode(&mut self, motion: isize) -> Result<SharedPicture<u8>, AllocError> {
//!         let layout = PictureLayout::yuv420(64, 48).border(BORDER);
//!         // Every sample is written below, so stale memory will do.
//!         let mut picture = self.arena.stale_detached_picture::<u8>(&layout)?;
//!         // What only this picture needs, such as residuals, comes from a frame.
//!         let frame = self.arena.frame();
//!         for (index, mut plane) in picture.planes_mut().enumerate() {
//!             let residuals = frame.plane_from_fn(plane.width(), plane.height(), |x, _| x as u8)?;
//!             let motion = if index > 0 { motion / 2 } else { motion };
//!             for (y, row) in plane.rows_mut().enumerate() {
//!                 match &self.kept[0] {
//!                     Some(reference) => {
//!                         let (border_x, border_y) = reference.border(index);
//!                         let from = reference.plane_with_border(index);
//!                         let left = border_x.wrapping_add_signed(motion); // may be in the border
//!                         row.copy_from_slice(&from.row(border_y + y)[left..][..row.len()]);
//!                     }
//!                     None => row.copy_from_slice(residuals.row(y)),
//!                 }
//!             }
//!         }
//!         picture.extend_borders();
//!         let picture = picture.into_shared(); // allocates nothing
//!         // The picture that leaves the buffer goes back to the arena when nobody shows it.
//!         self.kept.rotate_right(1);
//!         self.kept[0] = Some(picture.clone());
//!         Ok(picture)
//!     }
//! }
//!
//! let arena = Arena::builder().limit_bytes(1 << 20).build();
//! let mut decoder = Decoder { arena: arena.clone(), kept: [None, None] };
//! let first = decoder.decode(0)?;
//! let second = decoder.decode(-8)?;
//! let display = std::thread::spawn(move || second.plane(0).row(0)[..10].to_vec());
//! assert_eq!(display.join().unwrap(), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
//! drop(first);
//! let runs_made = {
//!     for _ in 0..4 {
//!         decoder.decode(2)?;
//!     }
//!     arena.snapshot().runs_made
//! };
//! for _ in 0..20 {
//!     decoder.decode(2)?; // warm: each picture has the memory of one that left the buffer
//! }
//! assert_eq!(arena.snapshot().runs_made, runs_made);
//! # Ok::<(), AllocError>(())
//! ```
//!
//! `examples/video.rs` keeps eight pictures and shows them out of order on a thread of its own,
//! with no allocation and no page fault in a warm frame.
//!
//! # What to know
//!
//! * A detached plane or picture takes a whole run of the arena, which is at least a page, so it is
//!   meant for large planes.
//! * Sharing and cloning allocate nothing: the count of owners is in the arena's own bookkeeping of
//!   the memory.
//! * [`SharedPicture::get_mut`](crate::SharedPicture::get_mut) and
//!   [`try_unwrap`](crate::SharedPicture::try_unwrap) write a picture again once it has one owner.
//! * Detached memory keeps its arena alive.
//! * Retained memory decays even if a client uses only detached memory and never opens a frame; see
//!   [`Retention`](crate::Retention).
