//! The places where parts of a mapping meet. Pure arithmetic.

use crate::memory::try_box;

/// Most cuts of a mapping.
const MOST: usize = 62;

/// Offsets at which one mapping of the system may end and the next begin, inside of a mapping.
///
/// `mremap` moves pages of one mapping of the system at a time, so a move must stop at cuts. Most
/// mappings have no cut or one; those that are made from others have a list.
pub(super) struct Cuts {
    /// The only cut, in pages, or 0.
    first: u32,
    /// Whether there is a cut at the start too, which matters once this is joined to the part
    /// before it.
    is_at_start: bool,
    /// All cuts, if there are more.
    list: Option<Box<List>>,
}

#[derive(Clone, Copy)]
struct List {
    /// In pages, ascending.
    pages: [u32; MOST],
    len: usize,
}

impl List {
    fn push(&mut self, page: u32) {
        self.pages[self.len] = page;
        self.len += 1;
    }
}

impl Cuts {
    pub(super) const NONE: Self = Self {
        first: 0,
        is_at_start: false,
        list: None,
    };

    fn known(&self) -> &[u32] {
        match &self.list {
            Some(list) => &list.pages[..list.len],
            None if self.first == 0 => &[],
            None => std::slice::from_ref(&self.first),
        }
    }

    /// Makes room for `more` cuts. Returns whether that succeeded.
    pub(super) fn make_room(&mut self, more: usize) -> bool {
        if self.list.is_none() {
            let mut list = List {
                pages: [0; MOST],
                len: 0,
            };
            self.known().iter().for_each(|&cut| list.push(cut));
            self.list = try_box(list).ok();
        }
        let list = self.list.as_ref();
        list.is_some_and(|list| list.len + more <= MOST)
    }

    /// The first cut beyond `page`.
    pub(super) fn after(&self, page: usize) -> Option<usize> {
        let mut cuts = self.known().iter().map(|&cut| cut as usize);
        cuts.find(|&cut| cut > page)
    }

    /// Adds a cut. If there is no room for it, changes nothing and returns `false`.
    pub(super) fn add(&mut self, page: usize) -> bool {
        let Ok(page) = u32::try_from(page) else {
            return false;
        };
        let Err(place) = self.known().binary_search(&page) else {
            return true;
        };
        if self.list.is_none() && self.first == 0 {
            self.first = page;
            return true;
        }
        if !self.make_room(1) {
            return false;
        }
        if let Some(list) = &mut self.list {
            list.pages.copy_within(place..list.len, place + 1);
            list.pages[place] = page;
            list.len += 1;
        }
        true
    }

    /// Removes the cuts between `first` and `last`, which stay.
    pub(super) fn remove_between(&mut self, first: usize, last: usize) {
        self.keep(|cut| cut <= first || cut >= last);
    }

    fn keep(&mut self, is_kept: impl Fn(usize) -> bool) {
        if !is_kept(self.first as usize) {
            self.first = 0;
        }
        if let Some(list) = &mut self.list {
            let old = **list;
            list.len = 0;
            for &cut in &old.pages[..old.len] {
                if is_kept(cut as usize) {
                    list.push(cut);
                }
            }
        }
    }

    /// Splits off the cuts from `page` on. `None` if there is no memory for them.
    pub(super) fn split_off(&mut self, page: usize) -> Option<Self> {
        let mut tail = Self::NONE;
        for &cut in self.known() {
            match (cut as usize).checked_sub(page) {
                None => {}
                Some(0) => tail.is_at_start = true,
                Some(offset) => tail.add(offset).then_some(())?,
            }
        }
        self.keep(|cut| cut < page);
        Some(tail)
    }

    /// Joins the cuts that were [split off](Self::split_off) at `page`.
    pub(super) fn join(&mut self, page: usize, tail: &Self) {
        let mut fits = !tail.is_at_start || self.add(page);
        for &cut in tail.known() {
            fits &= self.add(page + cut as usize);
        }
        debug_assert!(fits, "as many cuts as before they were split");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(cuts: &Cuts) -> Vec<u32> {
        cuts.known().to_vec()
    }

    fn cuts(pages: &[usize]) -> Cuts {
        let mut cuts = Cuts::NONE;
        assert!(pages.iter().all(|&page| cuts.add(page)));
        cuts
    }

    #[test]
    fn cuts_stand_in_order_and_once() {
        let all = cuts(&[5, 2, 9, 5, 7]);
        assert_eq!(all.known(), [2, 5, 7, 9]);
        assert_eq!(
            [0, 2, 6, 9].map(|page| all.after(page)),
            [Some(2), Some(5), Some(7), None]
        );
    }

    #[test]
    fn there_is_an_end_to_them() {
        let mut all = cuts(&(1..=MOST).collect::<Vec<_>>());
        assert!(all.add(MOST) && !all.add(100) && !all.make_room(1));
        all.remove_between(2, 5);
        assert!(all.make_room(2) && all.add(100));
        assert!(!all.add(usize::MAX));
        assert_eq!(all.known()[..4], [1, 2, 5, 6]);
    }

    #[test]
    fn what_is_split_joins_again() {
        for before in [&[][..], &[5], &[2, 5, 7, 9]] {
            for page in 1..12 {
                let mut head = cuts(before);
                let tail = head.split_off(page).expect("memory");
                assert!(head.known().iter().all(|&cut| (cut as usize) < page));
                assert_eq!(tail.is_at_start, before.contains(&page));
                head.join(page, &tail);
                assert_eq!(known(&head), known(&cuts(before)));
            }
        }
    }
}
