//! The lane of each block and run: its own, or one that the smallest share.

use std::cmp::Reverse;

use crate::MemorySpan;
use crate::list::{Fallible, add, filled, listed};

/// Approximate height of all lanes together, in units.
const LANES_HEIGHT: f64 = 560.0;
/// Height of the lane of the smallest memory, in units, if there are not too many lanes.
const LEAST_HEIGHT: f64 = 3.0;
const GAP: f64 = 1.0;
/// Blocks and runs that have lanes of their own; the others, the smallest, share one.
const MOST_LANES: usize = 96;
const SHARED_HEIGHT: f64 = 28.0;

pub(super) struct Lanes {
    /// In the order of the drawing.
    pub(super) lanes: Vec<Lane>,
    /// Index in `lanes` of each block and run; none for those that share.
    pub(super) of_memory: Vec<Option<usize>>,
    /// The lane of those without one.
    pub(super) shared: Option<Shared>,
    pub(super) height: f64,
}

pub(super) struct Lane {
    pub(super) memory: usize,
    pub(super) y: f64,
    pub(super) height: f64,
}

/// Blocks and runs that are drawn as one curve of their bytes in use.
pub(super) struct Shared {
    pub(super) members: Vec<usize>,
    pub(super) y: f64,
    pub(super) height: f64,
}

impl Lanes {
    /// Lanes in the order in which memory came from the system.
    pub(super) fn new(memory: &[MemorySpan]) -> Fallible<Self> {
        let mut own = listed(0..memory.len())?;
        own.sort_unstable_by_key(|&number| (Reverse(memory[number].bytes), number));
        let mut members = listed(own.iter().skip(MOST_LANES).copied())?;
        own.truncate(MOST_LANES);
        own.sort_unstable();
        members.sort_unstable();
        let total: f64 = own.iter().map(|&number| memory[number].bytes as f64).sum();
        let least = LEAST_HEIGHT.min(LANES_HEIGHT / 2.0 / own.len().max(1) as f64);
        let mut of_memory = filled(memory.len(), None)?;
        let mut y = 0.0;
        let mut lanes = Vec::new();
        for number in own {
            let share = memory[number].bytes as f64 / total.max(1.0) * LANES_HEIGHT;
            let height = share.max(least);
            of_memory[number] = Some(lanes.len());
            let lane = Lane {
                memory: number,
                y,
                height,
            };
            add(&mut lanes, lane)?;
            y += height + GAP;
        }
        let shared = (!members.is_empty()).then_some(Shared {
            members,
            y: y + 3.0,
            height: SHARED_HEIGHT,
        });
        Ok(Self {
            lanes,
            of_memory,
            height: shared.as_ref().map_or(y, |shared| shared.y + shared.height),
            shared,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryClass;

    fn memory(bytes: impl IntoIterator<Item = usize>) -> Vec<MemorySpan> {
        let span = |bytes| MemorySpan {
            class: MemoryClass::Run,
            bytes,
            begin: 0,
            end: None,
            uses: vec![(0, None)],
        };
        bytes.into_iter().map(span).collect()
    }

    #[test]
    fn heights_are_as_the_bytes_and_small_memory_is_seen() {
        let lanes = Lanes::new(&memory([2 << 20, 1, 1 << 20])).unwrap();
        let heights: Vec<f64> = lanes.lanes.iter().map(|lane| lane.height).collect();
        assert!((heights[0] / heights[2] - 2.0).abs() < 1e-9);
        assert_eq!(heights[1], LEAST_HEIGHT);
        assert!(
            lanes
                .lanes
                .windows(2)
                .all(|two| two[0].y + two[0].height < two[1].y)
        );
        assert!(lanes.shared.is_none());
    }

    #[test]
    fn many_are_not_higher_than_a_page_and_the_smallest_share() {
        let lanes = Lanes::new(&memory((0..5000).map(|size| size * 1000))).unwrap();
        assert_eq!(lanes.lanes.len(), MOST_LANES);
        assert!(lanes.height < 900.0);
        let shared = lanes.shared.unwrap();
        assert_eq!(shared.members, (0..5000 - MOST_LANES).collect::<Vec<_>>());
        assert!(
            lanes.of_memory[..5000 - MOST_LANES]
                .iter()
                .all(Option::is_none)
        );
    }
}
