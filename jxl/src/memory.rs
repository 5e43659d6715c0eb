//! Memory for data whose size is known only while a section is read: tables of codes, trees, lists.
//!
//! It is beyond the plan, so in a reserve it comes from the arena behind it, under the same limit.

use std::alloc::Layout;

use allocator_api2::vec::Vec;
use frame_arena::{AllocError, PlaneAlloc, Sample, Scope, Scratch};

use crate::Error;

/// A list of any type in the memory of a frame. It grows by [`Memory::add`], which returns an error
/// if memory is refused.
pub(crate) type List<'m, T> = Vec<T, &'m Scratch<'m>>;

/// The memory in which tables and lists are kept.
#[derive(Clone, Copy)]
pub(crate) struct Memory<'m> {
    scope: &'m Scope,
    kept: &'m Scratch<'m>,
}

impl<'m> Memory<'m> {
    /// Tables and lists live in `kept`, a scratch of `scope` [beyond its
    /// plan](Scope::scratch_beyond_plan).
    pub(crate) fn new(scope: &'m Scope, kept: &'m Scratch<'m>) -> Self {
        Self { scope, kept }
    }

    /// Runs `work` with memory that is returned when it ends.
    pub(crate) fn for_now<R>(self, work: impl FnOnce(Memory<'_>) -> R) -> R {
        // The outer scratch takes its block first. Blocks are returned in the reverse order then,
        // and each scratch of the next frame finds the one that it had. What is refused here is
        // refused again where it is needed.
        let _ = self.kept.stale_slice::<u8>(1);
        let kept = self.scope.scratch_beyond_plan();
        work(Memory::new(self.scope, &kept))
    }

    /// Zeros.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn zeros<T: Sample>(self, len: usize) -> Result<&'m mut [T], Error> {
        Ok(self.kept.slice(len)?)
    }

    /// Values that must be set before they are read.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn stale<T: Sample>(self, len: usize) -> Result<&'m mut [T], Error> {
        Ok(self.kept.stale_slice(len)?)
    }

    /// An empty list with room for `capacity` items.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn list<T>(self, capacity: usize) -> Result<List<'m, T>, Error> {
        Ok(list_in(self.kept, capacity)?)
    }

    /// A list of all items.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn collect<T>(
        self,
        items: impl IntoIterator<Item = T>,
    ) -> Result<List<'m, T>, Error> {
        self.try_collect(items.into_iter().map(Ok))
    }

    /// A list of all items, or the first error.
    ///
    /// # Errors
    /// [`Error::Memory`], and those of the items.
    pub(crate) fn try_collect<T>(
        self,
        items: impl IntoIterator<Item = Result<T, Error>>,
    ) -> Result<List<'m, T>, Error> {
        let items = items.into_iter();
        let mut list = self.list(items.size_hint().0)?;
        for item in items {
            self.add(&mut list, item?)?;
        }
        Ok(list)
    }

    /// Appends an item.
    ///
    /// # Errors
    /// [`Error::Memory`]; the list is as before then.
    pub(crate) fn add<T>(self, list: &mut List<'m, T>, item: T) -> Result<(), Error> {
        self.make_room(list, 1)?;
        list.push(item);
        Ok(())
    }

    /// Makes room in a list for `more` items.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn make_room<T>(self, list: &mut List<'m, T>, more: usize) -> Result<(), Error> {
        Ok(make_room(list, more)?)
    }

    /// A copy.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub(crate) fn copy<T: Sample>(self, values: &[T]) -> Result<&'m mut [T], Error> {
        Ok(self.kept.copied_slice(values)?)
    }
}

/// An empty list in `scratch` with room for `capacity` items.
///
/// # Errors
/// If memory is refused.
pub(crate) fn list_in<'s, T>(
    scratch: &'s Scratch<'s>,
    capacity: usize,
) -> Result<List<'s, T>, AllocError> {
    let mut list = Vec::new_in(scratch);
    make_room(&mut list, capacity)?;
    Ok(list)
}

/// Makes room for `more` items, or for twice the items if there is memory for that.
fn make_room<T>(list: &mut List<'_, T>, more: usize) -> Result<(), AllocError> {
    let len = list.len().saturating_add(more);
    let Ok(layout) = Layout::array::<T>(len) else {
        let requested_bytes = len.saturating_mul(size_of::<T>());
        return Err(AllocError::System { requested_bytes });
    };
    let scratch = *list.allocator();
    until_refused(
        || list.try_reserve(more).is_ok() || list.try_reserve_exact(more).is_ok(),
        || scratch.refusal(layout),
    )
}

/// Tries again if the reason of the refusal has passed, as another thread has returned memory
/// meanwhile.
fn until_refused(
    mut grow: impl FnMut() -> bool,
    mut refusal: impl FnMut() -> Option<AllocError>,
) -> Result<(), AllocError> {
    while !grow() {
        if let Some(refusal) = refusal() {
            return Err(refusal);
        }
    }
    Ok(())
}

/// A list of unknown length, which moves to twice its room when it is full.
pub(crate) struct Growing<'m, T> {
    room: &'m mut [T],
    len: usize,
    memory: Memory<'m>,
}

impl<'m, T: Sample> Growing<'m, T> {
    const FIRST_ROOM: usize = 16;

    /// An empty list, which takes nothing.
    pub(crate) fn new(memory: Memory<'m>) -> Self {
        Self {
            room: &mut [],
            len: 0,
            memory,
        }
    }

    /// Appends an item.
    ///
    /// # Errors
    /// [`Error::Memory`]; the list is as before then.
    #[inline]
    pub(crate) fn push(&mut self, item: T) -> Result<(), Error> {
        if self.len == self.room.len() {
            self.grow(1)?;
        }
        self.room[self.len] = item;
        self.len += 1;
        Ok(())
    }

    /// Makes room for `more` items.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub(crate) fn grow(&mut self, more: usize) -> Result<(), Error> {
        let needed = self.len.saturating_add(more);
        if needed <= self.room.len() {
            return Ok(());
        }
        let room = needed.max(2 * self.room.len()).max(Self::FIRST_ROOM);
        // Stale: items are set before they are read.
        let room = self.memory.stale(room)?;
        room[..self.len].copy_from_slice(&self.room[..self.len]);
        self.room = room;
        Ok(())
    }

    /// Forgets the items and keeps the room.
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    pub(crate) fn items(&self) -> &[T] {
        &self.room[..self.len]
    }

    pub(crate) fn items_mut(&mut self) -> &mut [T] {
        &mut self.room[..self.len]
    }

    pub(crate) fn into_items(self) -> &'m mut [T] {
        &mut self.room[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use frame_arena::Arena;

    use super::*;

    #[test]
    fn lists_grow_to_their_limit() {
        let arena = Arena::builder().limit_bytes(1 << 20).build();
        let frame = arena.frame();
        let kept = frame.scratch_beyond_plan();
        let mut list = Growing::new(Memory::new(&frame, &kept));
        let refused = (0_u32..).find(|&i| list.push(i).is_err()).unwrap();
        assert!((50_000..262_144).contains(&refused), "{refused}");
        assert!(list.push(0).is_err());
        assert!(list.items().iter().copied().eq(0..refused));
        assert_eq!(list.into_items().len(), refused as usize);
    }

    #[test]
    fn lists_of_any_type_end_at_the_limit() {
        let arena = Arena::builder().limit_bytes(1 << 20).build();
        let frame = arena.frame();
        let kept = frame.scratch_beyond_plan();
        let memory = Memory::new(&frame, &kept);
        let mut list = memory.list(0).unwrap();
        let refused = (0_u64..).find_map(|i| memory.add(&mut list, Some(i)).err());
        let Some(Error::Memory(AllocError::LimitExceeded { .. })) = refused else {
            panic!("{refused:?}");
        };
        assert!(list.len() > 10_000);
        assert!(list.iter().copied().eq((0..list.len() as u64).map(Some)));
        let items = (0..3).map(|i| (i < 2).then_some(i).ok_or(Error::Truncated));
        assert!(matches!(memory.try_collect(items), Err(Error::Truncated)));
    }

    #[test]
    fn what_is_for_now_is_returned() {
        let arena = Arena::builder().limit_bytes(1 << 20).build();
        let frame = arena.frame();
        let kept = frame.scratch_beyond_plan();
        let memory = Memory::new(&frame, &kept);
        for _ in 0..100 {
            let sum = memory.for_now(|memory| {
                let zeros: &mut [u64] = memory.zeros(10_000)?;
                zeros[5] += 1;
                Ok::<_, Error>(memory.copy(zeros)?.iter().sum::<u64>())
            });
            assert_eq!(sum.unwrap(), 1);
        }
    }

    #[test]
    fn a_refusal_that_has_passed_is_none() {
        let refused = AllocError::System { requested_bytes: 1 };
        let grown = |tries: &[bool], refusals: &[Option<AllocError>]| {
            let (mut tries, mut refusals) = (tries.iter(), refusals.iter());
            let grown = until_refused(|| *tries.next().unwrap(), || *refusals.next().unwrap());
            (grown, tries.count(), refusals.count())
        };
        assert_eq!(grown(&[true], &[]), (Ok(()), 0, 0));
        assert_eq!(grown(&[false, true], &[None]), (Ok(()), 0, 0));
        assert_eq!(
            grown(&[false, true], &[Some(refused)]),
            (Err(refused), 1, 0)
        );
        let passed = [None, Some(refused)];
        assert_eq!(grown(&[false, false, true], &passed), (Err(refused), 1, 0));
    }

    #[test]
    fn a_list_grows_by_less_where_twice_its_room_is_refused() {
        let arena = Arena::builder().limit_bytes(1 << 20).build();
        let frame = arena.frame();
        let kept = frame.scratch_beyond_plan();
        let memory = Memory::new(&frame, &kept);
        let mut list = memory.list::<u32>(100_000).unwrap();
        list.resize(100_000, 7);
        memory.add(&mut list, 8).unwrap();
        assert_eq!((list.len(), list.last()), (100_001, Some(&8)));
    }
}
