use crate::AllocError;
use crate::grant::Fill;
use crate::heap::{Heap, HeapSizes, Piece, Pieces};
use crate::layout::{PAGE_BYTES, ROW_ALIGN_BYTES, RUN_OVERHEAD_BYTES};
use crate::memory::Run;
use crate::recorder::ScopeTag;
use crate::sample::Kind;
use crate::sizing::Sizing;
use crate::stats::{FrameStats, KindStats, StageIndex, StageStats};
use crate::store::{RecordLink, Returned, Store};
use crate::sync::{Mutex, MutexGuard, get_mut, lock};

/// Bytes of the first piece that a scope's collections share.
///
/// Their run has one page.
const FIRST_PIECE_BYTES: usize = PAGE_BYTES - RUN_OVERHEAD_BYTES - ROW_ALIGN_BYTES;

/// The record of the heap in which a scope's or scratch's collections allocate.
pub(crate) struct HeapRecord {
    memory: Mutex<HeapMemory>,
    pub(crate) link: RecordLink<HeapRecord>,
}

struct HeapMemory {
    heap: Heap<Run>,
    used: Used,
}

/// Sums over the pieces of a heap. A piece counts as one request of all its room.
struct Used {
    pieces: KindStats,
    made: u64,
    reused: u64,
    /// Bytes of all runs taken.
    taken_bytes: u64,
}

impl Used {
    const NOTHING: Self = Self {
        pieces: KindStats::NONE,
        made: 0,
        reused: 0,
        taken_bytes: 0,
    };
}

/// The source of the pieces of a scope's heap, which also counts them.
///
/// Pieces are not planned, so in a reserve they come from the arena behind it.
#[derive(Clone, Copy)]
pub(crate) struct HeapSource<'s> {
    pub(crate) store: &'s Store,
    pub(crate) stats: &'s FrameStats,
    pub(crate) stage: StageIndex,
    pub(crate) tag: &'s ScopeTag,
    pub(crate) kind: Kind,
}

/// A source during one operation.
struct Source<'s, 'u> {
    of: HeapSource<'s>,
    used: &'u mut Used,
}

impl HeapRecord {
    pub(crate) fn new() -> Self {
        let sizes = HeapSizes::new(FIRST_PIECE_BYTES, FIRST_PIECE_BYTES, FIRST_PIECE_BYTES);
        Self {
            memory: Mutex::new(HeapMemory {
                heap: Heap::new(sizes),
                used: Used::NOTHING,
            }),
            link: RecordLink::NEW,
        }
    }

    /// Prepares the record for a scope of an arena with `sizing`.
    pub(crate) fn prepare(&mut self, sizing: &Sizing) {
        let block_bytes = sizing.block_room_bytes;
        let sizes = HeapSizes::new(FIRST_PIECE_BYTES, block_bytes, block_bytes / 4);
        get_mut(&mut self.memory).heap = Heap::new(sizes);
    }

    /// Runs `work` with the heap, which is locked meanwhile.
    pub(crate) fn with<R>(
        &self,
        source: HeapSource<'_>,
        work: impl FnOnce(&mut Heap<Run>, &mut dyn Pieces<Run>) -> R,
    ) -> R {
        let mut memory: MutexGuard<'_, HeapMemory> = lock(&self.memory);
        let HeapMemory { heap, used } = &mut *memory;
        work(heap, &mut Source { of: source, used })
    }

    /// Returns all pieces, which nobody uses any more, and counts the heap in its frame's stats.
    pub(crate) fn close(&mut self, source: HeapSource<'_>) {
        let HeapMemory { heap, used } = get_mut(&mut self.memory);
        heap.close(&mut Source { of: source, used });
        let used = std::mem::replace(used, Used::NOTHING);
        let mut closed = source.stats.closed();
        closed.kinds.add_kind(source.kind, &used.pieces);
        closed.add(
            source.stage,
            &StageStats {
                requests: used.pieces.requests,
                requested_bytes: used.pieces.bytes,
                runs_made: used.made,
                runs_reused: used.reused,
                taken_bytes: used.taken_bytes,
                wasted_bytes: used.taken_bytes.saturating_sub(used.pieces.bytes),
                ..StageStats::default()
            },
        );
    }
}

impl Pieces<Run> for Source<'_, '_> {
    fn take(&mut self, least_bytes: usize, wanted_bytes: usize) -> Result<Box<Run>, AllocError> {
        let HeapSource {
            store,
            stats,
            stage,
            tag,
            kind,
        } = self.of;
        let store = store.beyond_plan();
        let size = store
            .sizing
            .shared_run(least_bytes, wanted_bytes.max(least_bytes))?;
        let taken = store.take_run(size)?;
        let mut run = taken.memory;
        let missed = run.grant_all();
        let bytes = Piece::bytes(&*run);
        self.used.pieces.count(bytes, missed);
        self.used.made += u64::from(taken.is_new);
        self.used.reused += u64::from(!taken.is_new);
        self.used.taken_bytes += run.total_bytes as u64;
        stats.taken.add(run.total_bytes);
        stats.grant(stage, bytes);
        self.of.store.live.add(bytes);
        // Like a scratch, a piece may be returned before its scope ends.
        let piece_tag = tag.scratch();
        piece_tag.request(run.tag.place(0), bytes, kind, Fill::Stale);
        run.piece_tag = Some(piece_tag);
        Ok(run)
    }

    fn give(&mut self, mut run: Box<Run>) {
        let (bytes, total_bytes) = (Piece::bytes(&*run), run.total_bytes);
        if let Some(tag) = run.piece_tag.take() {
            tag.close();
        }
        self.of
            .stats
            .return_bytes(self.of.stage, bytes, total_bytes);
        self.of.store.live.sub(bytes);
        run.take_back();
        self.of
            .store
            .beyond_plan()
            .return_memory(&mut Returned::run(run));
    }
}
