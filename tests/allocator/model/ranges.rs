//! Sets of addresses.

use std::collections::BTreeMap;
use std::ops::Range;

/// Addresses as disjoint ranges that do not touch: start to end.
#[derive(Default)]
pub(crate) struct Ranges(BTreeMap<usize, usize>);

impl Ranges {
    /// Ranges that share an address with `range`, or touch it.
    fn near(&self, range: &Range<usize>) -> Vec<Range<usize>> {
        let before = self.0.range(..=range.end).rev();
        before
            .map(|(&start, &end)| start..end)
            .take_while(|other| other.end >= range.start)
            .collect()
    }

    pub(crate) fn contain(&self, range: &Range<usize>) -> bool {
        let holds = |other: &Range<usize>| other.start <= range.start && range.end <= other.end;
        range.is_empty() || self.near(range).iter().any(holds)
    }

    pub(crate) fn overlap(&self, range: &Range<usize>) -> bool {
        let overlaps = |other: &Range<usize>| other.start < range.end && range.start < other.end;
        self.near(range).iter().any(overlaps)
    }

    pub(crate) fn insert(&mut self, mut range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        for other in self.near(&range) {
            self.0.remove(&other.start);
            range = range.start.min(other.start)..range.end.max(other.end);
        }
        self.0.insert(range.start, range.end);
    }

    pub(crate) fn remove(&mut self, range: &Range<usize>) {
        for other in self.near(range) {
            self.0.remove(&other.start);
            for rest in [
                other.start..range.start.min(other.end),
                range.end.max(other.start)..other.end,
            ] {
                if !rest.is_empty() {
                    self.0.insert(rest.start, rest.end);
                }
            }
        }
    }
}

#[test]
fn ranges_join_and_split() {
    let mut ranges = Ranges::default();
    ranges.insert(10..20);
    ranges.insert(30..40);
    assert!(!ranges.contain(&(15..35)) && ranges.overlap(&(15..35)));
    ranges.insert(20..30);
    assert!(ranges.contain(&(10..40)) && !ranges.overlap(&(40..50)));
    ranges.remove(&(15..16));
    assert!(ranges.contain(&(16..40)) && !ranges.contain(&(14..16)));
}
