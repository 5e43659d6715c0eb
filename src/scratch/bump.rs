use std::marker::PhantomData;
use std::ops::Deref;

use bumpalo::Bump;

use crate::AllocError;
use crate::figures::{KindFigures, Totals};
use crate::memory::{Block, BlockClass, Chain};
use crate::recorder::{RequestTag, ScopeTag};
use crate::request::Fill;
use crate::sample::Kind;
use crate::scope::Scope;

/// A `bumpalo::Bump` in one block of a scratch, for `bumpalo`'s collections. The block goes back when this is dropped, at the
/// latest with its scratch.
///
/// ```
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let scratch = frame.scratch();
/// let bump = scratch.bump(4096)?;
/// let mut contexts = bumpalo::collections::Vec::new_in(&bump);
/// contexts.extend(0..100u32);
/// assert_eq!(contexts.iter().sum::<u32>(), 4950);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// It stays with its thread, and what it holds does not outlive it:
///
/// ```compile_fail,E0277
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let scratch = frame.scratch();
/// let bump = scratch.bump(4096)?;
/// std::thread::scope(|threads| {
///     threads.spawn(move || drop(bump));
/// });
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0505
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let scratch = frame.scratch();
/// let bump = scratch.bump(4096)?;
/// let contexts = bumpalo::vec![in &bump; 1, 2, 3];
/// drop(bump);
/// contexts.len();
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0505
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let scratch = frame.scratch();
/// let bump = scratch.bump(4096)?;
/// drop(scratch);
/// bump.alloc(0u32);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
pub struct ScratchBump<'s> {
    scope: &'s Scope,
    /// `None` only while being dropped.
    block: Option<Box<Block>>,
    totals: Totals,
    tag: ScopeTag,
    request: RequestTag,
    thread: PhantomData<*const ()>,
}

impl<'s> ScratchBump<'s> {
    pub(super) fn new(
        scope: &'s Scope,
        scratch: &ScopeTag,
        room_bytes: usize,
    ) -> Result<Self, AllocError> {
        let sizes = &scope.store().sizes;
        let class = if room_bytes <= sizes.small_room_bytes {
            BlockClass::Small
        } else if room_bytes <= sizes.large_room_bytes {
            BlockClass::Large
        } else {
            return Err(AllocError::BumpTooLarge {
                asked_bytes: room_bytes,
                room_bytes: sizes.large_room_bytes,
            });
        };
        let mut taken = scope.store().take_block(class)?;
        scope.take_scratch(taken.memory.total_bytes);
        taken.memory.lend();
        let tag = scratch.scratch();
        let (place, room) = taken.memory.room();
        let request = tag.request(place, room, Kind::Scratch, Fill::Stale);
        Ok(Self {
            scope,
            totals: Totals {
                opened: 1,
                requests: 1,
                blocks_made: u64::from(taken.made),
                blocks_reused: u64::from(!taken.made),
                taken_bytes: taken.memory.total_bytes as u64,
                ..Totals::default()
            },
            block: Some(taken.memory),
            tag,
            request,
            thread: PhantomData,
        })
    }
}

impl Deref for ScratchBump<'_> {
    type Target = Bump;

    fn deref(&self) -> &Bump {
        self.block.as_ref().expect("a bump in use").lent()
    }
}

impl Drop for ScratchBump<'_> {
    fn drop(&mut self) {
        let Some(mut block) = self.block.take() else {
            return;
        };
        let used_bytes = block.used_bytes();
        let offset = block.total_bytes - used_bytes;
        self.tag.amend(self.request, used_bytes, offset);
        self.tag.close();
        self.totals.handed_out_bytes = used_bytes as u64;
        self.totals.wasted_bytes = self.totals.taken_bytes.saturating_sub(used_bytes as u64);
        let mut requests = KindFigures::NONE;
        requests.count(used_bytes, block.lent_is_fresh());
        self.scope
            .give_scratch(block.total_bytes, &self.totals, &requests);
        if block.is_intact() {
            block.hand_back();
            let mut blocks = Chain::new();
            blocks.push(block);
            self.scope.store().give_back(blocks, Chain::new());
        } else {
            self.scope.store().discard(block);
        }
    }
}
