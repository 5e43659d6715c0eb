//! Limits in a server: a byte limit, tenants, waiting for room, and retention.
//!
//! # What the limit guarantees
//!
//! [`limit_bytes`](crate::ArenaBuilder::limit_bytes) bounds all bytes that the arena holds, over
//! all threads and frames, at every moment. It guarantees two things:
//!
//! * The arena never holds more. Memory is counted before it is taken from the system, and until
//!   the system has it back.
//! * A frame that fits once fits again, whatever was decoded in between. Memory that is only
//!   *retained*, that is, kept for later frames, is released if a request needs its room. A
//!   retained run that serves a smaller request counts for no more than a new run would, and the
//!   rest of it is released when needed. So whether a request is refused depends on the bytes in
//!   use, not on earlier decodes.
//!
//! A refusal is an [`AllocError::LimitExceeded`](crate::AllocError::LimitExceeded) with the bytes
//! requested, in use and allowed. Nothing is lost: the scope ends as usual.
//!
//! What counts:
//!
//! | counted | when |
//! |---|---|
//! | blocks and runs, with their rounding and bookkeeping | from the first request that needs them |
//! | records of frames, scopes, further threads of a scope, and heaps of collections | from the first request |
//! | records of owned scopes | from when they are opened |
//! | detached planes and pictures, raw buffers | until they are dropped |
//! | [charges](crate::Scope::charge): memory that others allocate, such as a parser's tables | until they are dropped |
//! | retained memory | until it is released; never the reason of a refusal |
//!
//! The limit does not count memory that others allocate without a charge, and the events of an
//! arena that records.
//!
//! # Reserve before the work starts
//!
//! A decoder that is refused memory half way has wasted its work. A [`FramePlan`](crate::FramePlan)
//! describes a frame's requests, and [`Arena::reserve`](crate::Arena::reserve) takes memory for all
//! of them in one step, or none. If two reserves compete for room that suffices for one, one of
//! them is granted. The arena that `reserve` returns holds the planned memory: frames in it take
//! nothing from the system. A [`Spec`](crate::Spec) states a request once, for the plan and for the
//! frame.
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
//! | [`share(bytes)`](crate::Arena::share) | yes | not guaranteed: the limits of all shares may sum to more than the arena's |
//! | [`allot(bytes)`](crate::Arena::allot) | yes | admitted in advance: no request below the limit is refused for want of room |
//! | [`reserve(&plan)`](crate::Arena::reserve) | the plan | taken in advance |
//!
//! All three use the memory of the arena that made them, and return it there. They are arenas
//! themselves, so they open frames and make detached planes and further shares. The arena behind a
//! share retains the memory that the share returns, for all tenants.
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
//! * **Wait only while holding nothing.** Two workers that each hold 4 of 10 MiB and wait for 4
//!   more wait for each other until their timeouts. Instead, request all memory in one call, before
//!   the work starts. A decoder's reference pictures are held too: let its reserve or allotment
//!   include them.
//! * Requests that do not wait may take room before those that wait. If fairness matters, let all
//!   workers wait.
//! * Nobody waits for retained memory: it is released immediately.
//!
//! # Retention
//!
//! Memory that scopes return stays mapped for the next ones. The [`Retention`](crate::Retention)
//! decides how long:
//!
//! | retention | released | for |
//! |---|---|---|
//! | [`Decay { frames }`](crate::Retention::Decay), the default with 16 | memory that the last frames did not use | busy decoders |
//! | [`Idle { after }`](crate::Retention::Idle) | memory not used for a time | servers whose load comes and goes |
//! | [`UpTo { bytes }`](crate::Retention::UpTo) | memory beyond these bytes, the longest unused first | a fixed budget between frames; 0 retains nothing |
//! | [`KeepAll`](crate::Retention::KeepAll) | nothing | benchmarks, devices with one task |
//!
//! The arena looks at its retention when memory is returned and when frames end. So an idle arena
//! releases nothing by itself: call [`decay_now`](crate::Arena::decay_now) from a timer of the
//! server, or let [`decay_every`](crate::Arena::decay_every) start a thread that does.
//! [`trim`](crate::Arena::trim) releases all retained memory. Call these on the server's arena,
//! because shares and reserves retain no memory of their own.
