use crate::figures::ArenaSnapshot;
use crate::layout::block_bytes;
use crate::recorder::Recorder;
use crate::sample::Sample;
use crate::store::{BlockSizes, RunSource, Store};
use crate::sync::Arc;
use crate::{AllocError, DetachedPlane, DetachedPlaneSet, Frame, FramePlan, Retention};

/// Room of a block that a thread's small requests in a scope, and those of a scratch, are bumped in.
const SMALL_BLOCK_BYTES: usize = 64 << 10;

/// Room of the runs that the medium requests of a scope share, and of the largest bumps.
const LARGE_BLOCK_BYTES: usize = 2 << 20;

/// The memory that frames are decoded in, kept between them.
///
/// An arena is a handle: clones share the memory. All threads use it at once; several frames may be open.
#[derive(Clone)]
pub struct Arena {
    store: Arc<Store>,
}

/// Options of an [`Arena`].
#[derive(Clone, Copy, Debug)]
pub struct ArenaBuilder {
    limit_bytes: usize,
    retention: Retention,
    block_bytes: usize,
    scratch_block_bytes: usize,
    runs_from: RunSource,
    record: bool,
}

impl Arena {
    /// An arena without a limit, that decays to what the last frames needed. It holds no memory yet.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Options other than the default's.
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

    /// Opens a frame. Opening takes no planes' memory; requests do.
    pub fn frame(&self) -> Frame {
        Frame::open(&self.store)
    }

    /// Runs `work` in a [frame](Self::frame) that ends with it.
    pub fn with_frame<R>(&self, work: impl FnOnce(&Frame) -> R) -> R {
        work(&self.frame())
    }

    /// A plane of zeros that belongs to no frame.
    ///
    /// # Errors
    /// Those of a request ([`PlaneAlloc`](crate::PlaneAlloc)).
    pub fn detached_plane<T: Sample>(
        &self,
        width: usize,
        height: usize,
    ) -> Result<DetachedPlane<T>, AllocError> {
        DetachedPlane::zeroed(&self.store, width, height)
    }

    /// A plane of stale samples (see [`PlaneAlloc`](crate::PlaneAlloc)) that belongs to no frame, to be overwritten wholly.
    ///
    /// # Errors
    /// Those of a request ([`PlaneAlloc`](crate::PlaneAlloc)).
    pub fn stale_detached_plane<T: Sample>(
        &self,
        width: usize,
        height: usize,
    ) -> Result<DetachedPlane<T>, AllocError> {
        DetachedPlane::stale(&self.store, width, height)
    }

    /// `count` equal planes of zeros that belong to no frame.
    ///
    /// # Errors
    /// Those of a request ([`PlaneAlloc`](crate::PlaneAlloc)).
    pub fn detached_planes<T: Sample>(
        &self,
        count: usize,
        width: usize,
        height: usize,
    ) -> Result<DetachedPlaneSet<T>, AllocError> {
        DetachedPlaneSet::zeroed(&self.store, count, width, height)
    }

    /// An arena of its own that has all memory of `plan` from the start, taken from this one and given back to it when the
    /// reserved arena and its frames and detached planes are dropped. Its frames count as this arena's then; until then all
    /// that is reserved counts as handed out here.
    ///
    /// A frame that keeps to the plan takes no memory from the system; in debug builds, one that does not panics. What is
    /// [charged](crate::Scope::charge) is not reserved.
    ///
    /// # Errors
    /// [`AllocError::LimitExceeded`] before anything is taken; [`AllocError::System`].
    pub fn reserve(&self, plan: &FramePlan) -> Result<Arena, AllocError> {
        let store = Store::reserved(&self.store, plan.memory())?;
        Ok(Arena {
            store: Arc::new(store),
        })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Gives all memory that is not in use back to the system.
    pub fn trim(&self) {
        self.store.trim();
    }

    /// All events since the arena was built, if it [records](ArenaBuilder::record). Events that other threads cause at this moment
    /// may be in it or not; those that are have all their causes.
    #[cfg(feature = "recorder")]
    pub fn trace(&self) -> Option<crate::trace::Trace> {
        self.store.recorder.trace()
    }

    /// Events that are missing at the end of the [trace](Self::trace), because the process had no memory for them.
    #[cfg(feature = "recorder")]
    pub fn unrecorded_events(&self) -> u64 {
        self.store.recorder.lost()
    }

    /// The arena's figures at this moment.
    pub fn snapshot(&self) -> ArenaSnapshot {
        self.store.snapshot()
    }
}

impl Default for Arena {
    fn default() -> Self {
        Self::new()
    }
}

impl ArenaBuilder {
    /// Most bytes that the arena takes from the system, over all threads and frames, whether in use or kept, charges
    /// included. Its own bookkeeping, a few kilobytes per open scope, is not counted. Without a limit by default.
    pub fn limit_bytes(mut self, bytes: usize) -> Self {
        self.limit_bytes = bytes;
        self
    }

    /// What is kept between frames; decay over 16 frames by default.
    pub fn retention(mut self, retention: Retention) -> Self {
        self.retention = retention;
        self
    }

    /// Most room in bytes that requests of a frame or stage share, 2 MiB by default. Requests of up to half of it share;
    /// larger ones have a run of their own.
    ///
    /// # Panics
    /// If it is less than 4096 or more than half the address space.
    pub fn block_bytes(mut self, bytes: usize) -> Self {
        assert_block_bytes(bytes);
        self.block_bytes = bytes;
        self
    }

    /// Room of the blocks that scratch, and each thread's requests of up to 1/16 of it in a scope, take; 64 KiB by default.
    ///
    /// # Panics
    /// If it is less than 4096 or more than half the address space.
    pub fn scratch_block_bytes(mut self, bytes: usize) -> Self {
        assert_block_bytes(bytes);
        self.scratch_block_bytes = bytes;
        self
    }

    /// Whether to ask the system for huge pages (of 2 MiB) behind runs that serve one request of more than
    /// [`block_bytes`](Self::block_bytes), as far as it fills such pages; on by default. Takes effect on Linux, where transparent
    /// huge pages are not switched off. Whole planes of large pictures are then touched with far fewer faults and address
    /// translations. A plane of which little is touched takes more memory: 2 MiB for each place.
    ///
    /// Changes nothing for memory of the [global allocator](Self::global_allocator).
    pub fn huge_pages(mut self, on: bool) -> Self {
        if let RunSource::System { huge_pages } = &mut self.runs_from {
            *huge_pages = on;
        }
        self
    }

    /// Takes all memory from the process's global allocator. Without this, runs of 64 KiB or more are mapped by the arena itself on
    /// Linux: all of it is back with the system when it is released, which a heap does not promise.
    pub fn global_allocator(mut self) -> Self {
        self.runs_from = RunSource::GlobalAllocator;
        self
    }

    /// Records every event of the arena, for [`Arena::trace`]. The record grows without end, by some 100 bytes for a request, in
    /// memory of the process that the limit does not count. Where that is refused, the record ends, and
    /// [`Arena::unrecorded_events`] counts on.
    #[cfg(feature = "recorder")]
    pub fn record(mut self) -> Self {
        self.record = true;
        self
    }

    /// The arena.
    pub fn build(self) -> Arena {
        let large = self.block_bytes.max(self.scratch_block_bytes);
        let total = |room| block_bytes(room).expect("the room of a block was checked");
        let sizes = BlockSizes {
            small_total_bytes: total(self.scratch_block_bytes),
            large_total_bytes: total(large),
            small_room_bytes: self.scratch_block_bytes,
            large_room_bytes: large,
            scratch_request_bytes: self.scratch_block_bytes / 2,
            thread_request_bytes: (self.scratch_block_bytes / 16).min(self.block_bytes / 2),
            shared_request_bytes: self.block_bytes / 2,
            shared_run_bytes: self.block_bytes,
        };
        Arena {
            store: Arc::new(Store::new(
                sizes,
                self.limit_bytes,
                self.retention,
                self.runs_from,
                Recorder::new(self.record),
            )),
        }
    }
}

fn assert_block_bytes(bytes: usize) {
    assert!(
        (4096..=isize::MAX as usize / 2).contains(&bytes),
        "a block of {bytes} bytes"
    );
}
