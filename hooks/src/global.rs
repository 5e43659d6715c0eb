//! Large allocations of unmodified Rust decoders, through the global allocator.
//!
//! Many decoders in Rust allocate their planes as vectors. In a program whose global allocator is a
//! [`FrameGlobal`], [`Adopt::adopt`] runs such a decoder with the memory of an arena: allocations
//! of [`LEAST_BYTES`] (16 KiB) and more come from the arena, one by one, for as long as the call
//! lasts and on its thread. Smaller allocations, other threads, and everything outside of the call
//! go to the allocator that `FrameGlobal` wraps.
//!
//! ```
//! use frame_arena::Arena;
//! use frame_arena_hooks::global::{Adopt, FrameGlobal};
//!
//! #[global_allocator]
//! static GLOBAL: FrameGlobal = FrameGlobal::new();
//!
//! /// A decoder that knows nothing of arenas.
//! fn decode() -> Vec<u8> {
//!     let coefficients = vec![1i16; 100_000];
//!     coefficients.iter().map(|&value| value as u8).collect()
//! }
//!
//! let arena = Arena::builder().limit_bytes(1 << 20).build();
//! let picture = arena.adopt(decode)?;
//! assert!(arena.snapshot().live_bytes >= 100_000); // the picture escaped
//! drop(picture);
//! assert_eq!(arena.snapshot().live_bytes, 0);
//!
//! // Past the limit, the system serves, and `adopt` returns an error.
//! let excess = arena.adopt(|| vec![0u8; 2 << 20]).unwrap_err();
//! assert_eq!(excess.requests(), 1);
//! assert_eq!(excess.into_result().len(), 2 << 20);
//! # Ok::<(), frame_arena_hooks::global::Excess<Vec<u8>>>(())
//! ```
//!
//! # Escape
//!
//! Memory may be freed or reallocated anywhere, at any time: on other threads, after the call, when
//! the last handle of the arena is gone. A table of addresses tells which allocations are those of
//! arenas, so each goes back where it came from. What a decoder keeps for later calls, such as a
//! cache, stays in use in the arena. The memory of a panic's message and backtrace does not come
//! from the arena.
//!
//! # Threads
//!
//! Workers of a pool are adopted if they are a [`Crew`] that the call names:
//!
//! ```
//! use std::thread;
//!
//! use frame_arena::Arena;
//! use frame_arena_hooks::global::{Adopt, Crew, FrameGlobal};
//!
//! #[global_allocator]
//! static GLOBAL: FrameGlobal = FrameGlobal::new();
//!
//! static WORKERS: Crew = Crew::new();
//!
//! let arena = Arena::new();
//! let worker = || {
//!     WORKERS.join(); // for rayon: in `ThreadPoolBuilder::start_handler`
//!     drop(vec![1u8; 100_000]);
//! };
//! arena.adopt_crew(&WORKERS, || thread::scope(|scope| scope.spawn(worker).join())).unwrap();
//! assert_eq!(arena.snapshot().runs_made, 1);
//! ```
//!
//! # Limits
//!
//! A refused allocation would abort the process, so past the limit the wrapped allocator serves.
//! [`is_exceeded`] tells a decoder that can be stopped to stop. The excess is an error of the
//! arena's user, not of the decoder: what it returned is in [`Excess::into_result`].
//!
//! # Statistics
//!
//! Each call is a frame of the arena, by which retained memory decays. Each allocation is a raw
//! buffer ([`Kind::Raw`](frame_arena::Kind)) in a run of its own, which has up to 4.5 KiB more.

mod adoption;
mod allocator;
mod current;
mod registry;

use std::sync::Arc;

use adoption::Adoption;
pub use adoption::Excess;
pub use allocator::{FrameGlobal, LEAST_BYTES};
pub use current::Crew;
use current::{Entered, Listed};
use frame_arena::Arena;

/// Arenas that adopt the large allocations of a program.
pub trait Adopt: sealed::Sealed {
    /// Runs `work`. Allocations of [`LEAST_BYTES`] and more that this thread makes meanwhile come
    /// from this arena. If calls are nested, from the arena of the innermost one.
    ///
    /// # Errors
    /// The limit refused allocations, which the system served.
    ///
    /// # Panics
    /// If the program's global allocator is no [`FrameGlobal`], and if `work` panics.
    fn adopt<R>(&self, work: impl FnOnce() -> R) -> Result<R, Excess<R>>;

    /// As [`adopt`](Self::adopt), with the allocations of the threads of `crew` too. If several
    /// calls name a crew at once, its threads allocate from the arena of the last one that began.
    ///
    /// # Errors
    /// As [`adopt`](Self::adopt).
    ///
    /// # Panics
    /// As [`adopt`](Self::adopt).
    fn adopt_crew<R>(&self, crew: &'static Crew, work: impl FnOnce() -> R) -> Result<R, Excess<R>>;
}

impl Adopt for Arena {
    fn adopt<R>(&self, work: impl FnOnce() -> R) -> Result<R, Excess<R>> {
        adopt(self, None, work)
    }

    fn adopt_crew<R>(&self, crew: &'static Crew, work: impl FnOnce() -> R) -> Result<R, Excess<R>> {
        adopt(self, Some(crew), work)
    }
}

mod sealed {
    /// Arenas.
    pub trait Sealed {}

    impl Sealed for frame_arena::Arena {}
}

fn adopt<R>(
    arena: &Arena,
    crew: Option<&'static Crew>,
    work: impl FnOnce() -> R,
) -> Result<R, Excess<R>> {
    allocator::assert_installed();
    // Without a frame, each buffer that returns would count as the end of one, and memory that a
    // decode uses once would decay within it.
    let _frame = arena.frame();
    let adoption = Arc::new(Adoption::new(arena));
    let entered = Entered::new(adoption);
    let listed = crew.map(|crew| Listed::new(crew, entered.adoption()));
    let result = work();
    drop(listed);
    entered.adoption().end(result)
}

/// Returns whether the limit of the arena that adopts this thread's allocations was exceeded since
/// it began to. False outside of [`Adopt::adopt`].
pub fn is_exceeded() -> bool {
    current::with(|adoption| Some(adoption.is_exceeded())).unwrap_or(false)
}
