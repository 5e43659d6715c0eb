//! Limits in a server: a byte limit that holds, tenants, waiting for room, and what is retained.
//!
//! # The limit is a promise
//!
//! [`limit_bytes`](crate::ArenaBuilder::limit_bytes) bounds all that the arena holds, over all
//! threads and frames, at every moment. It works both ways:
//!
//! * The arena never holds more. Memory is admitted before it is taken from the system, and leaves
//!   the count only after the system has it back.
//! * What fits, fits after any history. Memory that is only *retained*, that is, kept for later
//!   frames, is released where a request needs its room. A retained run serves a smaller request
//!   with no more than a new run would have, and gives up the rest when that is needed. So whether
//!   a request is refused depends on what is in use, not on what was decoded before.
//!
//! A refusal is an [`AllocError::LimitExceeded`](crate::AllocError::LimitExceeded) with the bytes
//! requested, in use and allowed. Nothing is lost: the scope ends as usual.
//!
//! What counts:
//!
//! | counted | when |
//! |---|---|
//! | blocks and runs, with their rounding and bookkeeping | from the first request that needs them |
//! | records of frames, scopes and heaps of collections; of a scope's further threads | from the first request |
//! | records of owned scopes | from when they are opened |
//! | detached planes and pictures, raw buffers | until they are dropped |
//! | [charges](crate::Scope::charge): memory of others, such as a parser's tables | until they are dropped |
//! | retained memory | until it is released; never the reason of a refusal |
//!
//! Not counted: memory that no charge was made for, and the events of an arena that records.
//!
//! # Reserve before the work starts
//!
//! A decoder that is refused half way has wasted its work. A [`FramePlan`](crate::FramePlan)
//! describes a frame's requests, and [`Arena::reserve`](crate::Arena::reserve) takes all of them in
//! one step, or none. Of two reserves of which one fits, one is granted. The arena that `reserve`
//! returns holds what was planned: frames in it take nothing from the system. A
//! [`Spec`](crate::Spec) states a request once, for the plan and for the frame.
//!
//! ```
//! use std::time::Duration;
//!
//! use frame_arena::{AllocError, Arena, FramePlan, PlaneSpec, Retention, Spec};
//!
//! fn decode(arena: &Arena, width: usize, height: usize) -> Result<u8, AllocError> {
//!     let spec = PlaneSpec::<u8>::zeros(width, height);
//!     let mut plan = FramePlan::new(arena);
//!     plan.frame(|frame| spec.plan(frame))?;
//!     // Waits until other workers have dropped what they hold. What can never fit fails at once.
//!     let own = arena.reserve_timeout(&plan, Duration::from_secs(60))?;
//!     let frame = own.frame();
//!     let mut samples = spec.open(&frame)?;
//!     samples.fill(7);
//!     Ok(samples.get(width - 1, height - 1))
//! }
//!
//! let arena = Arena::builder()
//!     .limit_bytes(10 << 20)
//!     .retention(Retention::Idle { after: Duration::from_secs(30) })
//!     .build();
//! // A server that falls idle returns nothing that would have the arena look at its retention.
//! let decay = arena.decay_every(Duration::from_secs(10))?;
//!
//! std::thread::scope(|threads| {
//!     let workers = [(); 4].map(|()| {
//!         // Each wants 6 of 10 MiB: they take turns.
//!         threads.spawn(|| decode(&arena, 3 << 10, 2 << 10))
//!     });
//!     for worker in workers {
//!         assert_eq!(worker.join().unwrap(), Ok(7));
//!     }
//! });
//! assert!(matches!(decode(&arena, 1 << 12, 1 << 12), Err(AllocError::LimitExceeded { .. })));
//! assert!(arena.snapshot().peak_held_bytes <= 10 << 20);
//! drop(decay);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Tenants
//!
//! | arena | its own limit | room in the arena behind it |
//! |---|---|---|
//! | [`share(bytes)`](crate::Arena::share) | yes | not assured: shares may have limits that exceed the arena's in sum |
//! | [`allot(bytes)`](crate::Arena::allot) | yes | admitted at once: no request below the limit is refused for want of room |
//! | [`reserve(&plan)`](crate::Arena::reserve) | the plan | taken at once |
//!
//! All three use the memory of the arena that they come from, return it to that, and are arenas
//! themselves: frames, detached planes and further shares come from them. What a share returns is
//! retained by the arena behind it, for all tenants.
//!
//! ```
//! use std::time::Duration;
//!
//! use frame_arena::{AllocError, Arena, PlaneAlloc};
//!
//! let server = Arena::builder().limit_bytes(32 << 20).build();
//!
//! // No tenant may have more than half of it, however little the others use.
//! let tenant = server.share(16 << 20)?;
//! let frame = tenant.frame();
//! assert!(frame.plane::<u8>(4096, 4096).is_err());
//! let plane = frame.plane::<u8>(4096, 2048)?;
//!
//! // A worker that knows its bound, but not its requests, is allotted that.
//! let worker = server.allot_timeout(20 << 20, Duration::from_secs(5))?;
//! assert!(server.allot(8 << 20).is_err()); // 8 MiB and a little of the tenant's are in use
//! assert!(worker.frame().plane::<u8>(4096, 4096).is_ok());
//! # let _ = plane;
//! # Ok::<(), AllocError>(())
//! ```
//!
//! # Waiting without deadlock
//!
//! [`reserve_timeout`](crate::Arena::reserve_timeout) and
//! [`allot_timeout`](crate::Arena::allot_timeout) wait until there is room, first come, first
//! served. Requests never wait.
//!
//! * **Wait only where nothing is held.** Two workers that hold 4 of 10 MiB each and wait for 4
//!   more wait for each other until their time is over. Ask once, before the work, for all of it. A
//!   decoder's reference pictures are held too: let its reserve or allotment include them.
//! * Those who do not wait may take room before those who do. Where fairness matters, all workers
//!   wait.
//! * Retained memory needs no waiting: it makes room at once.
//!
//! # What is retained
//!
//! Memory that scopes return stays mapped for the next ones, as the
//! [`Retention`](crate::Retention) says:
//!
//! | retention | released | for |
//! |---|---|---|
//! | [`Decay { frames }`](crate::Retention::Decay), the default with 16 | what the last frames did not use | decoders at work |
//! | [`Idle { after }`](crate::Retention::Idle) | what was not used for a time | servers whose load comes and goes |
//! | [`UpTo { bytes }`](crate::Retention::UpTo) | the longest unused beyond these bytes | a fixed budget between frames; 0 retains nothing |
//! | [`KeepAll`](crate::Retention::KeepAll) | nothing | benchmarks, devices with one task |
//!
//! The arena looks at its retention when memory is returned and when frames end. Where nothing
//! happens any more, nobody looks: call [`decay_now`](crate::Arena::decay_now) from a timer of the
//! server, or have [`decay_every`](crate::Arena::decay_every) start a thread that does.
//! [`trim`](crate::Arena::trim) releases all that is retained. Call these on the server's arena: a
//! share or a reserve retains nothing for itself to release.
