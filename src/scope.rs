mod counts;
mod runs;
mod slots;

pub(crate) use runs::{OPEN_RUNS, shared_room_bytes};
pub(crate) use slots::ScopeState;

use crate::figures::{
    FrameFigures, FrameReport, KindFigures, KindTable, OTHER_ORIGIN, SCRATCH_STAGE, StageIndex,
    Totals,
};
use crate::memory::{Granted, Run};
use crate::plane::{Plane, PlaneSet};
use crate::recorder::ScopeTag;
use crate::request::Fill;
use crate::request::sealed::{Lent, Source};
use crate::sample::{Kind, Sample, SampleKind, Shape};
use crate::span::ScopeSpan;
use crate::store::Store;
use crate::sync::Arc;
use crate::{AllocError, Charge, DetachedPlane, DetachedPlaneSet, Scratch, Stage};

/// What a [`Frame`](crate::Frame) and a [`Stage`] have in common: memory that is handed out to any thread and goes back
/// wholesale when the scope ends.
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
    store: Arc<Store>,
    stage: StageIndex,
    /// `None` once closed.
    open: Option<Open>,
}

struct Open {
    state: Box<ScopeState>,
    figures: Arc<FrameFigures>,
    span: ScopeSpan,
    tag: ScopeTag,
}

impl Scope {
    pub(crate) fn open(
        store: &Arc<Store>,
        figures: Arc<FrameFigures>,
        stage: StageIndex,
        span: ScopeSpan,
        tag: ScopeTag,
    ) -> Self {
        Self {
            store: Arc::clone(store),
            stage,
            open: Some(Open {
                state: store.take_scope(),
                figures,
                span,
                tag,
            }),
        }
    }

    /// Opens a stage: a scope inside this one, whose memory serves the next stage when it ends. The figures are kept by
    /// `name`; stages of one name may be open at once, on several threads.
    pub fn stage(&self, name: &'static str) -> Stage<'_> {
        let open = self.get();
        let figures = Arc::clone(&open.figures);
        let stage = figures.stage(name);
        Stage::new(Self::open(
            &self.store,
            figures,
            stage,
            open.span.stage(name),
            open.tag.stage(name),
        ))
    }

    /// Runs `work` in a [stage](Self::stage) that ends with it.
    pub fn with_stage<R>(&self, name: &'static str, work: impl FnOnce(&Stage<'_>) -> R) -> R {
        work(&self.stage(name))
    }

    /// Opens working memory for one task of the calling thread. Opening takes nothing; the first request does.
    pub fn scratch(&self) -> Scratch<'_> {
        Scratch::new(self)
    }

    /// Opens working memory with room for requests of `room_bytes` in all (see [`ScratchRoom`](crate::ScratchRoom)), taken in one
    /// go. Tasks that need about the same are best given the same room: they then serve each other's memory on.
    ///
    /// # Errors
    /// Those of a request.
    pub fn scratch_with_room(&self, room_bytes: usize) -> Result<Scratch<'_>, AllocError> {
        Scratch::with_room(self, room_bytes)
    }

    /// Opens working memory for needs that no [plan](crate::FramePlan) can know, such as those that the data of a task decide. In
    /// an arena that was [reserved](crate::Arena::reserve) it takes memory of the arena behind, which its limit may refuse.
    pub fn scratch_beyond_plan(&self) -> Scratch<'_> {
        Scratch::beyond_plan(self)
    }

    /// Runs `work` with [scratch](Self::scratch) that ends with it.
    pub fn with_scratch<R>(&self, work: impl FnOnce(&Scratch<'_>) -> R) -> R {
        work(&self.scratch())
    }

    /// Makes a plane outlive its scope. A plane of this scope that is alone in its run and fills at least a quarter of it,
    /// as those of more than half a block do (unless that is hardly a page), is moved, and keeps its stride; any other is copied.
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
    /// Those of a request, if the plane is copied.
    pub fn detach<T: Sample>(&self, plane: Plane<'_, T>) -> Result<DetachedPlane<T>, AllocError> {
        match self.detach_run(plane.start().cast()) {
            Some(run) => Ok(DetachedPlane::moved(&self.store, run, &plane)),
            None => DetachedPlane::copied(&self.store, plane.view()),
        }
    }

    /// Makes a set of planes outlive its scope; see [`detach`](Self::detach).
    ///
    /// # Errors
    /// Those of a request, if the set is copied.
    pub fn detach_planes<T: Sample>(
        &self,
        planes: PlaneSet<'_, T>,
    ) -> Result<DetachedPlaneSet<T>, AllocError> {
        match self.detach_run(planes.start().cast()) {
            Some(run) => Ok(DetachedPlaneSet::moved(&self.store, run, &planes)),
            None => DetachedPlaneSet::copied(&self.store, &planes),
        }
    }

    /// Takes the run whose grant starts at `start` out of the scope. The plane that the grant was for is consumed with it.
    fn detach_run(&self, start: *const u8) -> Option<Box<Run>> {
        let run = self.get().state.detach_run(start)?;
        run.tag.detach();
        self.figures()
            .take_off(self.stage, run.granted_bytes(), run.total_bytes);
        Some(run)
    }

    /// Counts `bytes` of memory that somebody else allocates, as an entropy decoder's window, against the arena's limit until
    /// the charge is dropped.
    ///
    /// # Errors
    /// [`AllocError::LimitExceeded`].
    pub fn charge(&self, bytes: usize) -> Result<Charge, AllocError> {
        self.charge_for(OTHER_ORIGIN, bytes)
    }

    /// The same, counted under the name of what the memory is for: see [`ArenaSnapshot::charges`](crate::ArenaSnapshot::charges).
    ///
    /// # Errors
    /// [`AllocError::LimitExceeded`].
    pub fn charge_for(&self, origin: &'static str, bytes: usize) -> Result<Charge, AllocError> {
        Charge::new(&self.store, self.tag(), origin, bytes)
    }

    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Counts memory taken for scratch: all of it counts as handed out.
    pub(crate) fn take_scratch(&self, bytes: usize) {
        self.figures().taken.add(bytes);
        self.figures().hand_out(SCRATCH_STAGE, bytes);
        self.store.live.add(bytes);
    }

    /// Counts the end of a scratch.
    pub(crate) fn give_scratch(&self, bytes: usize, totals: &Totals, requests: &KindFigures) {
        let figures = self.figures();
        figures.take_off(SCRATCH_STAGE, bytes, bytes);
        let mut sums = figures.sums();
        sums.add(SCRATCH_STAGE, totals);
        sums.kinds.add_kind(Kind::Scratch, requests);
        drop(sums);
        self.store.live.sub(bytes);
    }

    pub(crate) fn tag(&self) -> &ScopeTag {
        &self.get().tag
    }

    pub(crate) fn figures(&self) -> &FrameFigures {
        &self.get().figures
    }

    pub(crate) fn report(&self) -> FrameReport {
        let mut kinds = KindTable::new();
        let counts = self.get().state.counts(&mut kinds);
        self.figures().report(Some((&counts.totals, &kinds)))
    }

    /// Hands all memory back and returns the figures, if that was not done before. Exclusive access means that no plane of
    /// the scope is left.
    pub(crate) fn close(&mut self) -> Option<Arc<FrameFigures>> {
        let Open {
            mut state,
            figures,
            span,
            tag,
        } = self.open.take()?;
        tag.close();
        let mut sums = figures.sums();
        let (counts, blocks, runs) = state.close(&mut sums.kinds);
        sums.add(self.stage, &counts.totals);
        drop(sums);
        span.record(counts.totals.handed_out_bytes, counts.totals.taken_bytes);
        if counts.taken_bytes > 0 {
            figures.take_off(self.stage, counts.live_bytes, counts.taken_bytes);
            self.store.live.sub(counts.live_bytes);
        }
        self.store.end_scope(blocks, runs, state);
        Some(figures)
    }

    fn get(&self) -> &Open {
        self.open.as_ref().expect("an open scope")
    }

    fn grant(&self, bytes: usize, kind: Kind, fill: Fill) -> Result<Granted, AllocError> {
        if bytes == 0 {
            return Ok(Granted::empty());
        }
        let Open { state, tag, .. } = self.get();
        let sizes = &self.store.sizes;
        let (granted, taken_bytes) = if bytes <= sizes.thread_request_bytes {
            state.grant_from_block(&self.store, bytes, kind)?
        } else if bytes <= sizes.shared_request_bytes {
            state.grant_shared(&self.store, bytes, kind)?
        } else {
            state.grant_run(&self.store, bytes, kind)?
        };
        if taken_bytes > 0 {
            self.figures().taken.add(taken_bytes);
        }
        self.figures().hand_out(self.stage, bytes);
        self.store.live.add(bytes);
        tag.request(granted.place, bytes, kind, fill);
        Ok(granted)
    }
}

impl Source for Scope {
    #[allow(unsafe_code)]
    fn lend(
        &self,
        bytes: usize,
        sample: SampleKind,
        shape: Shape,
        fill: Fill,
    ) -> Result<Lent<'_>, AllocError> {
        let granted = self.grant(bytes, Kind::Samples(sample, shape), fill)?;
        let stale = granted.stale.clone();
        // SAFETY: the scope keeps its blocks and runs as they are until `close`, which needs `&mut Scope` and so cannot come
        // while the slice borrows from it; `detach` removes a run only together with the plane that owns its grant. A
        // forgotten scope keeps them for ever.
        let bytes = unsafe { granted.into_slice() };
        Ok(Lent { bytes, stale })
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        self.close();
    }
}
