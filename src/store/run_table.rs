use crate::AllocError;
use crate::allocator_calls::calling_allocator;
use crate::epoch::Epoch;
use crate::layout::{PAGE_BYTES, run_bytes_below};
use crate::memory::{Chain, Donor, Pages, Run};
use crate::sizing::{Fit, RUN_CLASSES, RunSize, run_class};

/// A donor is cut only if at least this much of it is left.
const LEAST_KEPT_BYTES: usize = 256 << 10;

/// No place in the table.
const NONE: u32 = u32::MAX;

/// The retained runs of a store, and the tails of its runs in use.
///
/// Each run has a place in the table from when it is made until it is released, so that neither
/// taking nor returning it allocates. Retained runs are found by their size class in constant time.
///
/// Invariants: a place is in the list of its run's class and in the list by age exactly while it
/// holds the run; `occupied` has a bit for every class with a run.
pub(super) struct RunTable {
    places: Vec<Place>,
    /// Places without a run, linked by `in_class.next`.
    free: u32,
    classes: Vec<Ends>,
    occupied: [u64; RUN_CLASSES.div_ceil(64)],
    /// Retained runs by age, the longest unused first.
    by_age: Ends,
    /// Tails of runs in use.
    tails: usize,
    /// Runs in use that have a tail or had one.
    cut: usize,
}

struct Place {
    run: Option<Box<Run>>,
    tail: Tail,
    in_class: Links,
    in_age: Links,
    /// The run's place in the table of the store behind this one.
    outer: u32,
}

/// The capacity of a run in use beyond the bytes that it counts for.
enum Tail {
    None,
    Here(Pages, usize, Epoch),
    /// It was released.
    Gone,
}

#[derive(Clone, Copy)]
struct Links {
    before: u32,
    next: u32,
}

/// First and last place of a list.
#[derive(Clone, Copy)]
struct Ends {
    first: u32,
    last: u32,
}

const UNLINKED: Links = Links {
    before: NONE,
    next: NONE,
};

const EMPTY: Ends = Ends {
    first: NONE,
    last: NONE,
};

/// A run that was taken from the table.
pub(super) struct Found {
    pub(super) run: Box<Run>,
    /// Bytes of its tail.
    pub(super) spare_bytes: usize,
}

/// A run that was put into the table.
pub(super) struct Put {
    /// Bytes that it counted for.
    pub(super) total_bytes: usize,
    pub(super) capacity_bytes: usize,
    pub(super) old_tail: Option<(Pages, usize)>,
}

impl Links {
    /// The links of a new last place of a list, which comes after `before`.
    fn after(before: u32) -> Self {
        Self { before, next: NONE }
    }
}

impl RunTable {
    pub(super) const fn new() -> Self {
        Self {
            places: Vec::new(),
            free: NONE,
            classes: Vec::new(),
            occupied: [0; RUN_CLASSES.div_ceil(64)],
            by_age: EMPTY,
            tails: 0,
            cut: 0,
        }
    }

    /// Makes a place for a new run.
    ///
    /// # Errors
    /// [`AllocError::System`] if there is no memory for a larger table.
    pub(super) fn register(&mut self, run: &mut Run) -> Result<(), AllocError> {
        let outer = run.slot;
        if self.classes.is_empty() {
            reserve(&mut self.classes, RUN_CLASSES)?;
            self.classes.resize(RUN_CLASSES, EMPTY);
        }
        if self.free == NONE {
            reserve(&mut self.places, 1)?;
            run.slot = self.places.len() as u32;
            self.places.push(Place {
                run: None,
                tail: Tail::None,
                in_class: UNLINKED,
                in_age: UNLINKED,
                outer,
            });
        } else {
            run.slot = self.free;
            self.free = self.place(self.free).in_class.next;
            self.place(run.slot).outer = outer;
        }
        Ok(())
    }

    /// Frees the place of a run that is not in the table and will not return.
    pub(super) fn unregister(&mut self, run: &mut Run) {
        let (slot, free) = (run.slot, self.free);
        let place = self.place(slot);
        debug_assert!(place.run.is_none());
        let tail = std::mem::replace(&mut place.tail, Tail::None);
        place.in_class.next = free;
        run.slot = place.outer;
        self.free = slot;
        self.cut -= usize::from(!matches!(tail, Tail::None));
    }

    /// Takes a retained run of those that `fit` allows for `size`.
    #[inline]
    pub(super) fn take(&mut self, size: RunSize, fit: Fit) -> Option<Found> {
        match fit {
            Fit::Exact => self.take_exact(size),
            Fit::Whole => self.take_whole(size),
        }
    }

    fn take_exact(&mut self, size: RunSize) -> Option<Found> {
        let wanted = size.wanted_bytes;
        let largest = run_class(size.most_bytes.min(isize::MAX as usize));
        let mut class = self.next_class(run_class(wanted))?;
        loop {
            if class > largest {
                return None;
            }
            let slot = self.classes[class].last;
            let run = self.place(slot).run.as_ref()?;
            if run.capacity_bytes == wanted || run.can_be_narrowed_to(wanted) {
                return Some(self.take_narrowed(slot, wanted));
            }
            class = self.next_class(class + 1)?;
        }
    }

    #[inline]
    fn take_whole(&mut self, size: RunSize) -> Option<Found> {
        let wanted = run_class(size.wanted_bytes);
        let class = match self.has_run(wanted) {
            true => wanted,
            false => self.other_class(size, wanted)?,
        };
        let slot = self.classes[class].last;
        // A retained run grants all of its capacity.
        Some(Found {
            run: self.unlink(slot),
            spare_bytes: 0,
        })
    }

    /// The class from which a run is taken whole if there is none of the wanted class.
    fn other_class(&self, size: RunSize, wanted: usize) -> Option<usize> {
        let below = self.class_before(wanted);
        let below = below.filter(|&class| class >= run_class(size.least_bytes));
        below.or_else(|| {
            let largest = run_class(size.most_bytes.min(isize::MAX as usize));
            let above = self.next_class(wanted)?;
            (above <= largest).then_some(above)
        })
    }

    fn has_run(&self, class: usize) -> bool {
        let word = self.occupied.get(class / 64);
        word.is_some_and(|word| word & (1 << (class % 64)) != 0)
    }

    fn take_narrowed(&mut self, slot: u32, total_bytes: usize) -> Found {
        let mut run = self.unlink(slot);
        run.narrow(total_bytes);
        let spare_bytes = run.capacity_bytes - run.total_bytes;
        if let Some(tail) = run.split_tail() {
            self.place(slot).tail = Tail::Here(tail, spare_bytes, run.last_filled);
            self.tails += 1;
            self.cut += 1;
        }
        Found { run, spare_bytes }
    }

    /// Adds a run that was in use until `now`, and joins its tail. A tail that was last used before
    /// `oldest` is returned instead, to be released.
    #[inline]
    pub(super) fn put(&mut self, mut run: Box<Run>, now: Epoch, oldest: Epoch) -> Put {
        let total_bytes = run.total_bytes;
        let old_tail = self.put_tail(&mut run, now, oldest);
        let capacity_bytes = self.put_joined(run, now);
        Put {
            total_bytes,
            capacity_bytes,
            old_tail,
        }
    }

    /// Whether a part of the capacity of a run in use may be cut off.
    #[inline]
    pub(super) fn has_cut_runs(&self) -> bool {
        self.cut > 0
    }

    /// As [`put`](Self::put), if [no run is cut](Self::has_cut_runs). Returns the bytes that the
    /// run counted for, and its capacity.
    #[inline]
    pub(super) fn put_uncut(&mut self, mut run: Box<Run>, now: Epoch) -> (usize, usize) {
        let total_bytes = run.total_bytes;
        run.last_filled = now;
        (total_bytes, self.put_joined(run, now))
    }

    #[inline]
    fn put_joined(&mut self, mut run: Box<Run>, now: Epoch) -> usize {
        run.last_used = now;
        let capacity_bytes = run.capacity_bytes;
        if run.sized_bytes != capacity_bytes {
            run.narrow(capacity_bytes);
        }
        self.link(run);
        capacity_bytes
    }

    /// Joins a run that was in use with its tail, or returns the tail if that is too old.
    fn put_tail(&mut self, run: &mut Run, now: Epoch, oldest: Epoch) -> Option<(Pages, usize)> {
        let mut old_tail = None;
        let tail = std::mem::replace(&mut self.place(run.slot).tail, Tail::None);
        if !matches!(tail, Tail::None) {
            self.cut -= 1;
        }
        match tail {
            Tail::None => {
                run.last_filled = now;
                return None;
            }
            Tail::Gone => {}
            Tail::Here(tail, bytes, used) => {
                self.tails -= 1;
                if used >= oldest {
                    run.join_tail(tail, bytes);
                    return None;
                }
                old_tail = Some((tail, bytes));
            }
        }
        run.forget_tail();
        run.last_filled = now;
        old_tail
    }

    /// Removes the run that was unused for longest.
    pub(super) fn remove_oldest(&mut self) -> Option<Box<Run>> {
        self.remove(self.by_age.first)
    }

    /// Takes a donor from the run that was unused for longest: the whole run, or about `bytes` of
    /// it if it is much larger. Returns the donor and the bytes that are no longer retained.
    pub(super) fn remove_donor(&mut self, bytes: usize) -> Option<(Donor, usize)> {
        let slot = self.by_age.first;
        let run = self.places.get(slot as usize)?.run.as_ref()?;
        let capacity = run.capacity_bytes;
        let kept = run_bytes_below(capacity.saturating_sub(bytes).max(PAGE_BYTES));
        if kept < LEAST_KEPT_BYTES || !run.can_be_narrowed_to(kept) {
            return Some((Donor::Run(self.remove(slot)?), capacity));
        }
        let mut run = self.unlink(slot);
        let cut = run.cut(kept);
        self.link_oldest(run);
        let (pages, dirty_bytes) = cut?;
        Some((Donor::Tail(pages, dirty_bytes), capacity - kept))
    }

    /// When the run that was unused for longest was last used.
    pub(super) fn oldest(&self) -> Option<Epoch> {
        let place = self.places.get(self.by_age.first as usize)?;
        Some(place.run.as_ref()?.last_used)
    }

    /// Removes the runs that were last used before `oldest`.
    pub(super) fn remove_unused_since(&mut self, oldest: Epoch) -> Chain<Run> {
        let mut removed = Chain::new();
        while self.oldest().is_some_and(|used| used < oldest) {
            removed.push(self.remove_oldest().expect("an oldest run"));
        }
        removed
    }

    /// Removes a tail of a run in use that was last used before `oldest`, and its bytes.
    pub(super) fn remove_tail(&mut self, oldest: Epoch) -> Option<(Pages, usize)> {
        if self.tails == 0 {
            return None;
        }
        let is_old = |tail: &Tail| matches!(tail, Tail::Here(_, _, used) if *used < oldest);
        let place = self.places.iter_mut().find(|place| is_old(&place.tail))?;
        self.tails -= 1;
        match std::mem::replace(&mut place.tail, Tail::Gone) {
            Tail::Here(tail, bytes, _) => Some((tail, bytes)),
            _ => unreachable!("a tail that is here"),
        }
    }

    fn remove(&mut self, slot: u32) -> Option<Box<Run>> {
        if slot == NONE {
            return None;
        }
        let mut run = self.unlink(slot);
        self.unregister(&mut run);
        Some(run)
    }

    #[inline]
    fn link(&mut self, run: Box<Run>) {
        let (slot, class) = (run.slot, run_class(run.capacity_bytes));
        let (in_class, by_age) = (&mut self.classes[class], &mut self.by_age);
        let (class_last, age_last) = (in_class.last, by_age.last);
        (in_class.last, by_age.last) = (slot, slot);
        if class_last == NONE {
            in_class.first = slot;
            self.occupied[class / 64] |= 1 << (class % 64);
        } else {
            self.place(class_last).in_class.next = slot;
        }
        match age_last {
            NONE => self.by_age.first = slot,
            last => self.place(last).in_age.next = slot,
        }
        let place = self.place(slot);
        place.in_class = Links::after(class_last);
        place.in_age = Links::after(age_last);
        debug_assert!(place.run.is_none());
        place.run = Some(run);
    }

    /// Links a run before all others by age.
    fn link_oldest(&mut self, run: Box<Run>) {
        let slot = run.slot;
        self.link(run);
        let Links { before, .. } = self.place(slot).in_age;
        let first = self.by_age.first;
        if before == NONE {
            return;
        }
        self.place(before).in_age.next = NONE;
        self.place(first).in_age.before = slot;
        self.place(slot).in_age = Links {
            before: NONE,
            next: first,
        };
        (self.by_age.first, self.by_age.last) = (slot, before);
    }

    #[inline]
    fn unlink(&mut self, slot: u32) -> Box<Run> {
        let place = self.place(slot);
        let run = place.run.take().expect("a retained run");
        let (in_class, in_age) = (place.in_class, place.in_age);
        let class = run_class(run.capacity_bytes);
        match in_class.before {
            NONE => self.classes[class].first = in_class.next,
            before => self.place(before).in_class.next = in_class.next,
        }
        match in_class.next {
            NONE => self.classes[class].last = in_class.before,
            next => self.place(next).in_class.before = in_class.before,
        }
        if in_class.before == NONE && in_class.next == NONE {
            self.occupied[class / 64] &= !(1 << (class % 64));
        }
        match in_age.before {
            NONE => self.by_age.first = in_age.next,
            before => self.place(before).in_age.next = in_age.next,
        }
        match in_age.next {
            NONE => self.by_age.last = in_age.before,
            next => self.place(next).in_age.before = in_age.before,
        }
        run
    }

    /// The first class from `class` on that has a run.
    fn next_class(&self, class: usize) -> Option<usize> {
        let mut word = class / 64;
        let mut bits = self.occupied.get(word)? & (u64::MAX << (class % 64));
        while bits == 0 {
            word += 1;
            bits = *self.occupied.get(word)?;
        }
        Some(word * 64 + bits.trailing_zeros() as usize)
    }

    /// The last class up to `class` that has a run.
    fn class_before(&self, class: usize) -> Option<usize> {
        let mut word = class / 64;
        let mut bits = self.occupied.get(word)? & (u64::MAX >> (63 - class % 64));
        while bits == 0 {
            word = word.checked_sub(1)?;
            bits = self.occupied[word];
        }
        Some(word * 64 + bits.ilog2() as usize)
    }

    #[inline]
    fn place(&mut self, slot: u32) -> &mut Place {
        &mut self.places[slot as usize]
    }
}

fn reserve<T>(list: &mut Vec<T>, more: usize) -> Result<(), AllocError> {
    let reserved = calling_allocator(|| list.try_reserve(more));
    reserved.map_err(|_| AllocError::System {
        requested_bytes: (list.len() + more) * size_of::<T>(),
    })
}

#[cfg(test)]
mod tests;
