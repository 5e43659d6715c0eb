mod counts;
mod frame_root;
#[cfg_attr(
    not(any(feature = "allocator-api2-02", feature = "allocator-api2-04")),
    allow(dead_code, reason = "collections come with a feature")
)]
mod heap;
mod runs;
mod slots;
mod state;

#[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04", test))]
pub(crate) use frame_root::take_once;
use frame_root::{Home, Root};
pub(crate) use heap::{HeapRecord, HeapSource};
pub(crate) use slots::Slot;
pub(crate) use state::ScopeState;

use crate::grant::{Fill, Grant};
use crate::memory::{Granted, OnceBox, Run, Shared};
use crate::plane::{Plane, PlaneSet};
use crate::plane_source::PlaneSource;
use crate::recorder::ScopeTag;
use crate::sample::{Kind, Sample, SampleKind, Shape};
use crate::stats::{
    FRAME_NAME, FrameReport, FrameStats, KindStats, KindTable, OTHER_ORIGIN, SCRATCH_STAGE,
    StageStats,
};
use crate::store::{Returned, Store};
use crate::tracing_span::ScopeSpan;
use crate::{AllocError, Charge, DetachedPlane, DetachedPlaneSet, Scratch, Stage};

/// Memory that is granted to any thread and returned wholesale when the scope ends: the common part
/// of a [`Frame`](crate::Frame) and a [`Stage`].
///
/// Opening a scope takes no memory. Its first request also takes its record of about a kilobyte,
/// which counts against the limit.
///
/// Planes are requested through [`PlaneAlloc`](crate::PlaneAlloc) and borrow from the scope:
///
/// ```compile_fail,E0505
/// # use frame_arena::{Arena, PlaneAlloc};
/// let arena = Arena::new();
/// let frame = arena.frame();
/// let plane = frame.plane::<f32>(64, 64)?;
/// drop(frame);
/// plane.row(0); // the plane would outlive its frame
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0597
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let plane = {
///     let stage = frame.stage("coefficients");
///     stage.plane::<i32>(64, 64)? // the plane would outlive its stage
/// };
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0505
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// let frame = arena.frame();
/// let stage = frame.stage("coefficients");
/// drop(frame); // the stage would outlive its frame
/// drop(stage);
/// ```
///
/// ```compile_fail,E0597
/// # use frame_arena::Arena;
/// # let arena = Arena::new();
/// let stage;
/// let frame = arena.frame();
/// stage = frame.stage("coefficients"); // even if it were only dropped after its frame
/// ```
pub struct Scope {
    home: Home,
    name: &'static str,
    /// Taken by the first request.
    state: OnceBox<ScopeState>,
    /// Taken by the first collection.
    heap: OnceBox<HeapRecord>,
    span: ScopeSpan,
    tag: ScopeTag,
    is_open: bool,
}

impl Scope {
    pub(crate) fn of_frame(store: &Shared<Store>) -> Self {
        Self::open(
            Home::Frame(Root::new(store)),
            FRAME_NAME,
            ScopeSpan::frame(),
            store.recorder.frame(),
        )
    }

    fn open(home: Home, name: &'static str, span: ScopeSpan, tag: ScopeTag) -> Self {
        Self {
            home,
            name,
            state: OnceBox::new(),
            heap: OnceBox::new(),
            span,
            tag,
            is_open: true,
        }
    }

    /// Opens a stage: a scope inside this one, whose memory serves the next stage when it ends.
    /// Statistics are kept by `name`. Stages of one name may be open at once, on several threads.
    /// Opening takes no memory.
    #[allow(unsafe_code)]
    pub fn stage(&self, name: &'static str) -> Stage<'_> {
        // SAFETY: the stage borrows this scope, and with it the frame that it is in.
        Stage::new(unsafe { self.open_stage(name) })
    }

    /// Opens a stage that borrows nothing.
    ///
    /// # Safety
    /// The frame of this scope outlives the returned stage and does not move while it exists.
    #[allow(unsafe_code)]
    pub(crate) unsafe fn open_stage(&self, name: &'static str) -> Self {
        Self::open(
            self.home.stage(),
            name,
            self.span.stage(name),
            self.tag.stage(name),
        )
    }

    /// Runs `work` in a [stage](Self::stage) that ends with it.
    pub fn with_stage<R>(&self, name: &'static str, work: impl FnOnce(&Stage<'_>) -> R) -> R {
        work(&self.stage(name))
    }

    /// Opens working memory for one task of the calling thread. Opening takes no memory; the first
    /// request does.
    pub fn scratch(&self) -> Scratch<'_> {
        Scratch::new(self)
    }

    /// Opens working memory with room for requests of `room_bytes` in all (see
    /// [`ScratchRoom`](crate::ScratchRoom)), taken immediately. Give the same room to tasks that
    /// need about the same: the memory of each then serves the next.
    ///
    /// # Errors
    /// The errors of a request.
    pub fn scratch_with_room(&self, room_bytes: usize) -> Result<Scratch<'_>, AllocError> {
        Scratch::with_room(self, room_bytes)
    }

    /// Opens working memory for requests that no [plan](crate::FramePlan) can know, such as those
    /// that depend on the data of a task. In a [reserve](crate::Arena::reserve), it takes memory of
    /// the arena behind the reserve, whose limit may refuse it.
    pub fn scratch_beyond_plan(&self) -> Scratch<'_> {
        Scratch::beyond_plan(self)
    }

    /// Runs `work` with [scratch](Self::scratch) that ends with it.
    pub fn with_scratch<R>(&self, work: impl FnOnce(&Scratch<'_>) -> R) -> R {
        work(&self.scratch())
    }

    /// Makes a plane outlive its scope. If the plane is alone in its run and fills at least a
    /// quarter of it, the run is handed over without copying and the stride is kept; otherwise the
    /// samples are copied. Planes larger than half of
    /// [`block_bytes`](crate::ArenaBuilder::block_bytes) are normally moved.
    ///
    /// ```compile_fail,E0505
    /// # use frame_arena::{Arena, PlaneAlloc};
    /// # let arena = Arena::new();
    /// # let frame = arena.frame();
    /// let plane = frame.plane::<f32>(64, 64)?;
    /// let view = plane.view();
    /// let reference = frame.detach(plane)?; // the plane is still borrowed
    /// view.row(0);
    /// # Ok::<(), frame_arena::AllocError>(())
    /// ```
    ///
    /// # Errors
    /// The errors of a request, if the plane is copied.
    pub fn detach<T: Sample>(&self, plane: Plane<'_, T>) -> Result<DetachedPlane<T>, AllocError> {
        match self.detach_run(plane.start().cast()) {
            Some(run) => Ok(DetachedPlane::moved(self.store(), run, &plane)),
            None => DetachedPlane::copied(self.store(), plane.view()),
        }
    }

    /// Makes a set of planes outlive its scope; see [`detach`](Self::detach).
    ///
    /// # Errors
    /// The errors of a request, if the set is copied.
    pub fn detach_planes<T: Sample>(
        &self,
        planes: PlaneSet<'_, T>,
    ) -> Result<DetachedPlaneSet<T>, AllocError> {
        match self.detach_run(planes.start().cast()) {
            Some(run) => Ok(DetachedPlaneSet::moved(self.store(), run, &planes)),
            None => DetachedPlaneSet::copied(self.store(), &planes),
        }
    }

    /// Takes the run whose grant starts at `start` out of the scope. The plane that it was granted
    /// for is consumed with it.
    pub(crate) fn detach_run(&self, start: *const u8) -> Option<Box<Run>> {
        let state = self.state.get()?;
        let run = state.detach_run(start)?;
        run.tag.detach();
        if let Some(stats) = self.root().stats() {
            stats.return_bytes(state.stage, run.granted_bytes(), run.total_bytes);
        }
        Some(run)
    }

    /// Counts `bytes` of memory that others allocate, such as an entropy decoder's window, against
    /// the arena's limit until the charge is dropped.
    ///
    /// # Errors
    /// [`AllocError::LimitExceeded`]; [`AllocError::System`] if there is no memory to count it in.
    pub fn charge(&self, bytes: usize) -> Result<Charge, AllocError> {
        self.charge_for(OTHER_ORIGIN, bytes)
    }

    /// Counts as [`charge`](Self::charge) does, and names the origin of the memory for
    /// [`ArenaSnapshot::charges`](crate::ArenaSnapshot::charges).
    ///
    /// # Errors
    /// The errors of [`charge`](Self::charge).
    pub fn charge_for(&self, origin: &'static str, bytes: usize) -> Result<Charge, AllocError> {
        Charge::new(self.store(), &self.tag, origin, bytes)
    }

    pub(crate) fn store(&self) -> &Shared<Store> {
        &self.root().store
    }

    pub(crate) fn root(&self) -> &Root {
        self.home.root()
    }

    pub(crate) fn tag(&self) -> &ScopeTag {
        &self.tag
    }

    /// Counts memory taken for scratch, all of it as granted.
    pub(crate) fn take_scratch(&self, stats: &FrameStats, bytes: usize) {
        stats.taken.add(bytes);
        stats.grant(SCRATCH_STAGE, bytes);
        self.store().live.add(bytes);
    }

    /// Counts the end of a scratch that took memory.
    #[inline]
    pub(crate) fn give_scratch(
        &self,
        bytes: usize,
        requests: &KindStats,
        count: impl FnOnce(&mut StageStats),
    ) {
        let Some(stats) = self.root().stats() else {
            return;
        };
        stats.return_bytes(SCRATCH_STAGE, bytes, bytes);
        let mut closed = stats.closed();
        let (totals, kinds) = closed.of_stage(SCRATCH_STAGE);
        count(totals);
        kinds.add_kind(Kind::Scratch, requests);
        drop(closed);
        self.store().live.sub(bytes);
    }

    /// The report of the frame that has this scope.
    pub(crate) fn report(&self) -> FrameReport {
        let Some(stats) = self.root().stats() else {
            return FrameReport::empty();
        };
        let mut kinds = KindTable::new();
        let mut totals = StageStats::default();
        match self.state.get() {
            Some(state) => state.add_counts_to(&mut totals, &mut kinds),
            None => totals.opened = 1,
        }
        stats.report(Some((&totals, &kinds)))
    }

    /// Returns all memory to the store, unless that was done before. As access is exclusive, no
    /// plane of the scope is left. Returns whether the scope was open.
    fn close(&mut self, returned: &mut Returned) -> bool {
        if !std::mem::replace(&mut self.is_open, false) {
            return false;
        }
        self.tag.close();
        let (state, heap) = (self.state.take(), self.heap.take());
        let Some(stats) = self.root().stats() else {
            self.span.record(0, 0);
            return true;
        };
        if let (Some(mut heap), Some(state)) = (heap, &state) {
            heap.close(self.heap_source(state, stats));
            returned.put_record(heap);
        }
        let mut closed = stats.closed();
        let Some(mut state) = state else {
            let stage = closed.stage(self.name);
            closed.of_stage(stage).0.opened += 1;
            drop(closed);
            self.span.record(0, 0);
            return true;
        };
        let counts = state.close(&mut closed, returned);
        let (live_bytes, live_taken_bytes) = (counts.live_bytes, counts.live_taken_bytes);
        self.span.record(counts.requested_bytes, counts.taken_bytes);
        drop(closed);
        if live_taken_bytes > 0 {
            stats.return_bytes(state.stage, live_bytes, live_taken_bytes);
            self.store().live.sub(live_bytes);
        }
        returned.scope = Some(state);
        true
    }

    /// Ends a stage.
    pub(crate) fn end_stage(&mut self) {
        let mut returned = Returned::new();
        if self.close(&mut returned) && self.root().stats().is_some() {
            self.store().return_memory(&mut returned);
        }
    }

    /// Ends a frame, unless that was done before. `report` gets its statistics, if it has any.
    pub(crate) fn end_frame(&mut self, report: impl FnOnce(&FrameStats)) {
        let mut returned = Returned::new();
        if !self.close(&mut returned) {
            return;
        }
        let root = self.home.root_mut();
        let stats = root.take_stats();
        if let Some(stats) = &stats {
            #[cfg(feature = "metrics")]
            crate::stats::publish(stats);
            report(stats);
        }
        root.store.end_frame(&mut returned, stats, root.begun);
    }

    /// The scope's record and the frame's statistics, which the first request takes.
    #[inline]
    fn state(&self) -> Result<(&ScopeState, &FrameStats), AllocError> {
        match (self.state.get(), self.root().stats()) {
            (Some(state), Some(stats)) => Ok((state, stats)),
            _ => self.take_state(),
        }
    }

    #[inline(never)]
    fn take_state(&self) -> Result<(&ScopeState, &FrameStats), AllocError> {
        let stats = self.root().stats_or_take()?;
        // If two threads make the first request, they share one record.
        let mut closed = stats.closed();
        if let Some(state) = self.state.get() {
            return Ok((state, stats));
        }
        let mut state = self.store().take_record::<ScopeState>()?;
        state.stage = closed.stage(self.name);
        match self.state.set(state) {
            Ok(state) => Ok((state, stats)),
            Err(_) => unreachable!("records are taken one at a time"),
        }
    }

    fn heap_source<'s>(&'s self, state: &ScopeState, stats: &'s FrameStats) -> HeapSource<'s> {
        HeapSource {
            store: self.store(),
            stats,
            stage: state.stage,
            tag: &self.tag,
            kind: Kind::Collection,
        }
    }

    #[cfg(any(feature = "allocator-api2-02", feature = "allocator-api2-04", test))]
    /// The heap of the scope's collections, and where its memory comes from.
    pub(crate) fn heap(&self) -> Result<(&HeapRecord, HeapSource<'_>), AllocError> {
        let (state, stats) = self.state()?;
        let heap = match self.heap.get() {
            Some(heap) => heap,
            None => take_once(
                &self.heap,
                self.root(),
                self.store(),
                |heap: &mut HeapRecord| {
                    heap.prepare(&self.store().sizing);
                },
            )?,
        };
        Ok((heap, self.heap_source(state, stats)))
    }

    #[inline]
    fn grant_bytes(&self, bytes: usize, kind: Kind, fill: Fill) -> Result<Granted, AllocError> {
        if bytes == 0 {
            return Ok(Granted::empty());
        }
        let (state, stats) = self.state()?;
        let store = self.store();
        let sizing = &store.sizing;
        let granted = if bytes <= sizing.thread_request_bytes {
            state.grant_from_block(store, stats, bytes, kind)?
        } else if bytes <= sizing.shared_request_bytes {
            state.grant_shared(store, stats, bytes, kind)?
        } else {
            state.grant_run(store, stats, bytes, kind)?
        };
        stats.grant(state.stage, bytes);
        store.live.add(bytes);
        self.tag.request(granted.place, bytes, kind, fill);
        Ok(granted)
    }
}

impl PlaneSource for Scope {
    #[allow(unsafe_code)]
    fn grant(
        &self,
        bytes: usize,
        sample: SampleKind,
        shape: Shape,
        fill: Fill,
    ) -> Result<Grant<'_>, AllocError> {
        let granted = self.grant_bytes(bytes, Kind::Samples(sample, shape), fill)?;
        let stale = granted.stale.clone();
        // SAFETY: the scope keeps its blocks and runs as they are until `close`, which needs `&mut
        // Scope` and so cannot run while the slice borrows from it; `detach` removes a run only
        // together with the plane that owns its grant. A forgotten scope keeps them for ever.
        let bytes = unsafe { granted.into_slice() };
        Ok(Grant { bytes, stale })
    }
}

impl std::fmt::Debug for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scope")
            .field("name", &self.name)
            .field("is_open", &self.is_open)
            .finish_non_exhaustive()
    }
}
