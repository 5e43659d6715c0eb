//! Collections in scopes: `Vec`, `Box`, `hashbrown` maps and others that take an allocator.
//!
//! A decoder needs more than planes: lists of segments, maps of symbols, trees. With the feature
//! `allocator-api2-02` or `allocator-api2-04`, `&Scope` and `&Scratch` implement the `Allocator` of
//! the crate `allocator-api2` in that version. `hashbrown` takes version 0.2. A `&Frame` or
//! `&Stage` derefs to a scope: `&*frame`.
//!
//! # An example
//!
//! ```
//! # #[cfg(feature = "allocator-api2-02")] {
//! # use allocator_api2_02 as allocator_api2;
//! use allocator_api2::{boxed::Box, vec::Vec};
//! use frame_arena::{Arena, PlaneAlloc};
//! use hashbrown::HashMap;
//!
//! let arena = Arena::builder().limit_bytes(1 << 20).build();
//! let frame = arena.frame();
//!
//! // Any type: a collection runs destructors as always.
//! let mut names: Vec<String, _> = Vec::new_in(&*frame);
//! names.push("luma".to_owned());
//! let table = Box::new_in([0u32; 256], &*frame);
//!
//! // A task's own collections live in its scratch.
//! let scratch = frame.scratch();
//! let mut counts = HashMap::new_in(&scratch);
//! for symbol in [1u8, 2, 1] {
//!     *counts.entry(symbol).or_insert(table[0]) += 1;
//! }
//! assert_eq!(counts[&1], 2);
//!
//! // At the limit: `try_reserve` returns an error, and the list stays as it is.
//! let mut symbols: Vec<u64, _> = Vec::new_in(&scratch);
//! symbols.push(7);
//! assert!(symbols.try_reserve(1 << 20).is_err());
//! assert_eq!(symbols[0], 7);
//! // Planes come from the same memory, under the same limit.
//! assert!(frame.plane::<u8>(500, 500).is_ok());
//! # }
//! # Ok::<(), frame_arena::AllocError>(())
//! ```
//!
//! A collection borrows its scope, as a plane does:
//!
//! ```compile_fail,E0505
//! # #[cfg(feature = "allocator-api2-02")] {
//! # use allocator_api2_02::vec::Vec;
//! # let arena = frame_arena::Arena::new();
//! let frame = arena.frame();
//! let list: Vec<u8, _> = Vec::new_in(&*frame);
//! drop(frame); // the list would outlive its frame
//! drop(list);
//! # }
//! # #[cfg(not(feature = "allocator-api2-02"))] {
//! #     let list = String::new();
//! #     let borrowed = &list;
//! #     drop(list);
//! #     drop(borrowed.len());
//! # }
//! ```
//!
//! # Refusals
//!
//! If the arena has a limit, grow collections by `try_reserve`, which returns an error. `push` and
//! other methods that cannot fail end the process if memory is refused, as they do with any
//! allocator (`handle_alloc_error`). So reserve first, then push.
//!
//! The allocator's error has no fields. [`Scope::refusal`](crate::Scope::refusal) and
//! [`Scratch::refusal`](crate::Scratch::refusal) say why an allocation would be refused at the
//! moment of the call. If they return `None`, another thread has returned memory in the meantime:
//! try again. `try_reserve` requests at least twice the room of a collection. If that is refused,
//! `try_reserve_exact` may still be granted.
//!
//! # Where the memory comes from
//!
//! The first collection of a scope or scratch opens a *heap* there: a record, and *pieces*, which
//! are runs that collections share. The first piece has 4 KiB; later ones double in size up to the
//! room of a block (64 KiB). An allocation of more than a quarter of a block has a piece of its
//! own, which is returned as soon as the allocation is freed. Other freed memory serves later
//! collections of the scope, and is returned when the scope ends.
//!
//! * A `Vec` that is pushed to `n` bytes holds at most `2 n` and a block after each growth. It
//!   grows in place if nothing was allocated behind it. While its items move to a larger piece, the
//!   old piece is held too: up to `3 n` and a block. If `n` is known, reserve it in one call.
//! * All threads may use a scope's collections; they share one heap and its lock. Only the opening
//!   thread uses the collections of a scratch.
//! * Collections of a scope are counted as [`Kind::Collection`](crate::Kind::Collection), those of
//!   a scratch as bytes of the scratch. Both count pieces, not the contents of the collections.
//! * Padding of a collection's items is uninitialized. The arena zeroes such memory before it
//!   grants it as stale samples.
//!
//! # What a plan covers
//!
//! A [`FramePlan`](crate::FramePlan) describes planes, slices and scratch. It does not describe
//! collections, as their growth depends on data. In an arena from
//! [`Arena::reserve`](crate::Arena::reserve), the heap's pieces come from the arena behind the
//! reserve, whose limit may refuse them. Leave room for them under that limit, or
//! [allot](crate::Arena::allot) a share with more than the plan's
//! [`held_bytes`](crate::FramePlan::held_bytes) and reserve in that:
//!
//! ```
//! # #[cfg(feature = "allocator-api2-02")] {
//! # use allocator_api2_02 as allocator_api2;
//! use allocator_api2::vec::Vec;
//! use frame_arena::{Arena, FramePlan, PlaneAlloc, PlanRequest};
//!
//! const TABLES: usize = 256 << 10;
//!
//! let arena = Arena::builder().limit_bytes(16 << 20).build();
//! let mut plan = FramePlan::new(&arena);
//! plan.frame(|frame| frame.planes::<f32>(3, 640, 480))?;
//! let own = arena.allot(plan.held_bytes() + TABLES)?;
//! let reserved = own.reserve(&plan)?;
//!
//! let frame = reserved.frame();
//! let xyb = frame.planes::<f32>(3, 640, 480)?; // from the reserve
//! let mut table: Vec<u16, _> = Vec::new_in(&*frame); // from what is left of the allotted share
//! assert!(table.try_reserve(50_000).is_ok());
//! assert!(table.try_reserve(TABLES).is_err());
//! # let _ = xyb;
//! # }
//! # Ok::<(), frame_arena::AllocError>(())
//! ```
