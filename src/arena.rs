use std::alloc::{Layout, handle_alloc_error};
use std::fmt;
use std::ptr::NonNull;
use std::time::Duration;

use crate::grant::Fill;
use crate::memory::Shared;
use crate::raw::{RawBuffer, RawLayout};
use crate::recorder::Recorder;
use crate::sample::Sample;
use crate::sizing::{Fit, Sizing};
use crate::stats::ArenaSnapshot;
use crate::store::{Patience, RunSource, Store};
use crate::{
    AllocError, DecayThread, DetachedPicture, DetachedPlane, DetachedPlaneSet, Frame, FramePlan,
    OwnedFrame, PictureLayout, Retention,
};

/// Default room of a block.
const SMALL_BLOCK_BYTES: usize = 64 << 10;

/// Default for the largest room of a run that medium requests share.
const LARGE_BLOCK_BYTES: usize = 2 << 20;

/// The memory that frames are decoded in. It retains memory from one frame for the next.
///
/// An arena is a handle: clones share the memory. All threads can use it at the same time, and
/// several frames may be open. The memory lives as long as any handle, open frame or detached
/// plane.
///
/// [`share`](Self::share), [`allot`](Self::allot) and [`reserve`](Self::reserve) make arenas that
/// use the memory of this one.
#[derive(Clone)]
pub struct Arena {
    store: Shared<Store>,
}

/// Options of an [`Arena`].
#[derive(Clone, Copy, Debug)]
#[must_use = "options do nothing until `build` is called"]
pub struct ArenaBuilder {
    limit_bytes: usize,
    retention: Retention,
    block_bytes: usize,
    scratch_block_bytes: usize,
    runs_from: RunSource,
    record: bool,
}

impl Arena {
    /// Makes an arena without a limit, whose retained memory decays to the need of the last 16
    /// frames. It holds nothing yet except its own record. If there is no memory for the record,
    /// the process aborts, as with any `Box`; [`ArenaBuilder::try_build`] returns an error instead.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Returns options, to be changed from the defaults.
    pub fn builder() -> ArenaBuilder {
        ArenaBuilder {
            limit_bytes: usize::MAX,
            retention: Retention::default(),
            block_bytes: LARGE_BLOCK_BYTES,
            scratch_block_bytes: SMALL_BLOCK_BYTES,
            runs_from: RunSource::System { huge_pages: true },
            record: false,
        }
    }

    /// Opens a frame. Opening takes no memory: the first request takes the record of the frame.
    pub fn frame(&self) -> Frame {
        Frame::open(&self.store)
    }

    /// Opens a frame that stays open as long as its stages and planes, for a decoder that keeps
    /// them in one struct between calls.
    ///
    /// # Errors
    /// The errors of a request: an owned frame takes its record when it is opened.
    pub fn owned_frame(&self) -> Result<OwnedFrame, AllocError> {
        OwnedFrame::open(&self.store)
    }

    /// Runs `work` in a [frame](Self::frame) that ends with it.
    pub fn with_frame<R>(&self, work: impl FnOnce(&Frame) -> R) -> R {
        work(&self.frame())
    }

    /// Returns a plane of zeros that belongs to no frame.
    ///
    /// # Errors
    /// The errors of a request ([`PlaneAlloc`](crate::PlaneAlloc)).
    pub fn detached_plane<T: Sample>(
        &self,
        width: usize,
        height: usize,
    ) -> Result<DetachedPlane<T>, AllocError> {
        DetachedPlane::zeroed(&self.store, width, height)
    }

    /// Returns a plane of stale samples (see [`PlaneAlloc`](crate::PlaneAlloc)) that belongs to no
    /// frame, to be overwritten wholly.
    ///
    /// # Errors
    /// The errors of a request ([`PlaneAlloc`](crate::PlaneAlloc)).
    pub fn stale_detached_plane<T: Sample>(
        &self,
        width: usize,
        height: usize,
    ) -> Result<DetachedPlane<T>, AllocError> {
        DetachedPlane::stale(&self.store, width, height)
    }

    /// Returns `count` equal planes of zeros that belong to no frame.
    ///
    /// # Errors
    /// The errors of a request ([`PlaneAlloc`](crate::PlaneAlloc)).
    pub fn detached_planes<T: Sample>(
        &self,
        count: usize,
        width: usize,
        height: usize,
    ) -> Result<DetachedPlaneSet<T>, AllocError> {
        DetachedPlaneSet::zeroed(&self.store, count, width, height)
    }

    /// Returns `count` equal planes of stale samples (see [`PlaneAlloc`](crate::PlaneAlloc)) that
    /// belong to no frame, to be overwritten wholly.
    ///
    /// # Errors
    /// The errors of a request ([`PlaneAlloc`](crate::PlaneAlloc)).
    pub fn stale_detached_planes<T: Sample>(
        &self,
        count: usize,
        width: usize,
        height: usize,
    ) -> Result<DetachedPlaneSet<T>, AllocError> {
        DetachedPlaneSet::stale(&self.store, count, width, height)
    }

    /// Returns a picture of zeros that belongs to no frame.
    ///
    /// # Errors
    /// The errors of a request ([`PlaneAlloc`](crate::PlaneAlloc)).
    pub fn detached_picture<T: Sample>(
        &self,
        layout: &PictureLayout,
    ) -> Result<DetachedPicture<T>, AllocError> {
        DetachedPicture::request(&self.store, layout, Fill::Zero)
    }

    /// Returns a picture of stale samples (see [`PlaneAlloc`](crate::PlaneAlloc)) that belongs to
    /// no frame, to be overwritten wholly.
    ///
    /// # Errors
    /// The errors of a request ([`PlaneAlloc`](crate::PlaneAlloc)).
    pub fn stale_detached_picture<T: Sample>(
        &self,
        layout: &PictureLayout,
    ) -> Result<DetachedPicture<T>, AllocError> {
        DetachedPicture::request(&self.store, layout, Fill::Stale)
    }

    /// Returns a buffer of zeros for foreign code.
    ///
    /// # Errors
    /// The errors of a request ([`PlaneAlloc`](crate::PlaneAlloc)), and
    /// [`AllocError::UnsupportedAlignment`].
    pub fn raw_buffer(&self, layout: RawLayout) -> Result<RawBuffer, AllocError> {
        RawBuffer::request(&self.store, layout, Fill::Zero)
    }

    /// Returns a buffer of stale bytes (see [`PlaneAlloc`](crate::PlaneAlloc)) for foreign code.
    ///
    /// # Errors
    /// The errors of [`raw_buffer`](Self::raw_buffer).
    pub fn stale_raw_buffer(&self, layout: RawLayout) -> Result<RawBuffer, AllocError> {
        RawBuffer::request(&self.store, layout, Fill::Stale)
    }

    /// Returns the pointer of a buffer for foreign code whose bytes may be uninitialized, as those
    /// of a general allocator. [`RawBuffer::from_raw`] makes it a buffer, to return it.
    ///
    /// Memory that foreign code had before is not zeroed first, as it would be for a
    /// [stale](Self::stale_raw_buffer) buffer.
    ///
    /// # Errors
    /// The errors of [`raw_buffer`](Self::raw_buffer).
    pub fn uninit_raw_buffer(&self, layout: RawLayout) -> Result<NonNull<u8>, AllocError> {
        RawBuffer::request_uninit(&self.store, layout)
    }

    /// Takes all memory of `plan` in one step and returns it as a new arena. If two reserves
    /// compete for room that suffices for one, one of them is granted.
    ///
    /// The memory is returned to this arena when the reserved arena, its frames and its detached
    /// planes are dropped, and the statistics of this arena include its frames from then on. Until
    /// then, everything reserved counts as in use here.
    ///
    /// A frame that keeps to the plan takes no memory from the system. If threads make requests in
    /// another order, or requests have other sizes, the reserve exchanges retained blocks and runs
    /// for one that fits: it is a promise of bytes. Bytes that exceed the plan are taken from this
    /// arena, under its limit, and [counted](crate::ArenaSnapshot::beyond_plan_bytes). The records
    /// of further threads and of owned scopes, [collections](FramePlan#what-a-plan-covers) and
    /// [`scratch_beyond_plan`](crate::Scope::scratch_beyond_plan) take their memory from this arena
    /// as well, and [charges](crate::Scope::charge) count here.
    ///
    /// # Errors
    /// [`AllocError::LimitExceeded`] before anything is taken; [`AllocError::System`].
    pub fn reserve(&self, plan: &FramePlan) -> Result<Arena, AllocError> {
        Store::reserved(&self.store, plan.memory(), Patience::None).and_then(Self::of)
    }

    /// Reserves as [`reserve`](Self::reserve) does, but waits up to `timeout` until the limit has
    /// room. Waiting calls are served first come, first served. Nobody waits for retained memory:
    /// it is released immediately.
    ///
    /// Requests that do not wait may take room that becomes free before calls that wait. A thread
    /// that holds memory of the arena should not wait for more: two such threads may wait for each
    /// other.
    ///
    /// # Errors
    /// [`AllocError::LimitExceeded`], immediately if the plan can never fit, and after `timeout` if
    /// there was no room; [`AllocError::System`].
    pub fn reserve_timeout(
        &self,
        plan: &FramePlan,
        timeout: Duration,
    ) -> Result<Arena, AllocError> {
        Store::reserved(&self.store, plan.memory(), Patience::of(timeout)).and_then(Self::of)
    }

    /// Returns an arena that uses the memory of this one and has its own limit, for one of several
    /// tenants of a server. Its memory counts against both limits. This arena retains the memory
    /// that the share returns, according to this arena's [`Retention`].
    ///
    /// # Errors
    /// [`AllocError::System`] if there is no memory for the share's own record.
    pub fn share(&self, limit_bytes: usize) -> Result<Arena, AllocError> {
        Self::of(Store::share(&self.store, limit_bytes))
    }

    /// Returns a [share](Self::share) whose whole limit this arena admits in advance. Until the
    /// share is dropped, no other user of this arena can take those bytes, and no request of the
    /// share below its limit is refused for want of room. Memory is taken from the system only when
    /// it is requested.
    ///
    /// # Errors
    /// [`AllocError::LimitExceeded`]; [`AllocError::System`] if there is no memory for the share's
    /// own record.
    pub fn allot(&self, limit_bytes: usize) -> Result<Arena, AllocError> {
        Store::allotted(&self.store, limit_bytes, Patience::None).and_then(Self::of)
    }

    /// Allots as [`allot`](Self::allot) does, but waits up to `timeout` for room, as
    /// [`reserve_timeout`](Self::reserve_timeout) does. A worker that knows its need opens its
    /// frame in the arena that this returns.
    ///
    /// # Errors
    /// [`AllocError::LimitExceeded`], immediately if the bytes can never fit, and after `timeout`
    /// if there was no room; [`AllocError::System`] as [`allot`](Self::allot).
    pub fn allot_timeout(
        &self,
        limit_bytes: usize,
        timeout: Duration,
    ) -> Result<Arena, AllocError> {
        Store::allotted(&self.store, limit_bytes, Patience::of(timeout)).and_then(Self::of)
    }

    fn of(store: Store) -> Result<Self, AllocError> {
        Ok(Self {
            store: Shared::new(store)?,
        })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Releases all retained memory to the system. Does nothing for a share or a reserve, whose
    /// memory belongs to another arena.
    pub fn trim(&self) {
        self.store.trim();
    }

    /// Applies the [`Retention`] once, for a server that falls idle: the arena itself applies it
    /// only when memory is returned. Under [`Retention::Decay`] this counts as the end of a frame.
    /// Does nothing for a share or a reserve, whose memory belongs to another arena.
    pub fn decay_now(&self) {
        self.store.decay_now();
    }

    /// Starts a thread that calls [`decay_now`](Self::decay_now) every `period`, until the returned
    /// handle is dropped or the arena is gone.
    ///
    /// # Errors
    /// The errors of starting a thread.
    pub fn decay_every(&self, period: Duration) -> std::io::Result<DecayThread> {
        DecayThread::start(&self.store, period)
    }

    /// Returns all events since the arena was built, if it [records](ArenaBuilder::record). Events
    /// that other threads cause at this moment may be missing, but the recording has every earlier
    /// event that one of its events depends on.
    ///
    /// # Errors
    /// [`AllocError::System`] where the process has no memory for a copy of the events.
    #[cfg(feature = "recorder")]
    pub fn recording(&self) -> Result<Option<crate::recorder::Recording>, AllocError> {
        self.store.recorder.recording()
    }

    /// Returns the number of events that are missing at the end of the [recording](Self::recording)
    /// because the process had no memory for them.
    #[cfg(feature = "recorder")]
    pub fn unrecorded_events(&self) -> u64 {
        self.store.recorder.lost()
    }

    /// Returns the arena's statistics at this moment.
    pub fn snapshot(&self) -> ArenaSnapshot {
        self.store.snapshot()
    }
}

impl fmt::Debug for Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now = self.snapshot();
        f.debug_struct("Arena")
            .field("live_bytes", &now.live_bytes)
            .field("in_use_bytes", &now.in_use_bytes)
            .field("retained_bytes", &now.retained_bytes)
            .field("charged_bytes", &now.charged_bytes)
            .field("limit_bytes", &now.limit_bytes)
            .finish_non_exhaustive()
    }
}

impl Default for Arena {
    fn default() -> Self {
        Self::new()
    }
}

impl ArenaBuilder {
    /// Sets the most bytes that the arena holds at any moment, over all threads and frames: in use
    /// or retained, charges and records included. There is no limit by default.
    ///
    /// A frame that fits under the limit fits again after any other frames: retained memory is
    /// released if a request, a reserve or a charge needs its room, and a retained run that is
    /// larger than a request needs counts for no more than a new one.
    pub fn limit_bytes(mut self, bytes: usize) -> Self {
        self.limit_bytes = bytes;
        self
    }

    /// Sets how much memory is retained between frames; by default, it decays over 16 frames.
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// Sets the most bytes of a run that the medium requests of a frame or stage share, 2 MiB by
    /// default. Requests of up to half of that share runs; larger ones get a run each.
    ///
    /// # Panics
    /// If it is less than 4096 or more than half the address space.
    pub fn block_bytes(mut self, bytes: usize) -> Self {
        assert_block_bytes(bytes);
        self.block_bytes = bytes;
        self
    }

    /// Sets the room of a block, 64 KiB by default. Blocks serve requests of up to half a block in
    /// a scratch, and of up to 1/16 of a block in a frame or stage.
    ///
    /// # Panics
    /// If it is less than 4096 or more than half the address space.
    pub fn scratch_block_bytes(mut self, bytes: usize) -> Self {
        assert_block_bytes(bytes);
        self.scratch_block_bytes = bytes;
        self
    }

    /// Sets whether to request huge pages (of 2 MiB) behind runs that serve one request of more
    /// than [`block_bytes`](Self::block_bytes), for the whole huge pages that the request fills. On
    /// by default. Takes effect on Linux, unless transparent huge pages are switched off there.
    /// Whole planes of large pictures are then touched with far fewer faults and address
    /// translations. Sparsely written planes use more memory: each touched 2 MiB region becomes
    /// fully resident.
    ///
    /// Changes nothing for memory of the [global allocator](Self::global_allocator).
    pub fn huge_pages(mut self, on: bool) -> Self {
        if let RunSource::System { huge_pages } = &mut self.runs_from {
            *huge_pages = on;
        }
        self
    }

    /// Takes all memory from the process's global allocator. Without this option, the arena maps
    /// runs of 64 KiB or more itself on Linux. Such a run goes back to the system completely when
    /// it is released, which a heap does not guarantee, and its unused end can be released
    /// separately. With a limit, a run of the global allocator only serves requests that need a run
    /// of its size.
    pub fn global_allocator(mut self) -> Self {
        self.runs_from = RunSource::GlobalAllocator;
        self
    }

    /// Records every event of the arena, for [`Arena::recording`]. The recording grows without end,
    /// by about 100 bytes for a request, in memory that the limit does not count. If the system
    /// refuses that memory, the recording ends, and [`Arena::unrecorded_events`] counts the further
    /// events.
    #[cfg(feature = "recorder")]
    pub fn record(mut self) -> Self {
        self.record = true;
        self
    }

    /// Makes the arena. It holds nothing yet except its own record. If there is no memory for the
    /// record, the process aborts, as with any `Box`; [`try_build`](Self::try_build) does not.
    pub fn build(self) -> Arena {
        let made = self.try_build();
        made.unwrap_or_else(|_| handle_alloc_error(Layout::new::<Store>()))
    }

    /// Makes the arena.
    ///
    /// # Errors
    /// [`AllocError::System`] if there is no memory for the arena's own record.
    pub fn try_build(self) -> Result<Arena, AllocError> {
        let fit = match self.limit_bytes {
            usize::MAX => Fit::Whole,
            _ => Fit::Exact,
        };
        let sizing = Sizing::new(self.block_bytes, self.scratch_block_bytes, fit);
        let sizing = sizing.expect("the room of a block was checked");
        Arena::of(Store::new(
            sizing,
            self.limit_bytes,
            self.retention,
            self.runs_from,
            Recorder::new(self.record),
        ))
    }
}

fn assert_block_bytes(bytes: usize) {
    assert!(
        (4096..=isize::MAX as usize / 2).contains(&bytes),
        "a block of {bytes} bytes"
    );
}
