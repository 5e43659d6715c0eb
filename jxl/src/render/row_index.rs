use std::ops::Range;

use frame_arena::{AllocError, Scope, SliceSpec, Spec};

/// An index of the things, such as patches or dots, that reach into each row of a frame, in their
/// order.
pub(super) struct RowIndex<'s> {
    /// Start of each row's things in `order`, and the end of the last row's.
    starts: &'s [u32],
    /// Numbers of things, row by row.
    order: &'s [u32],
}

impl<'s> RowIndex<'s> {
    /// The memory of an index of rows below `height`. `reached` is the number of rows reached,
    /// summed over all things.
    pub(super) fn spec(height: usize, reached: usize) -> [SliceSpec<u32>; 2] {
        // Stale: each entry belongs to a row that something reaches.
        [SliceSpec::zeros(height + 1), SliceSpec::stale(reached)]
    }

    /// `rows` are the rows, below `height`, that each thing reaches; their sum is below 2^32.
    ///
    /// # Errors
    /// Memory.
    pub(super) fn new(
        scope: &'s Scope,
        height: usize,
        rows: impl Iterator<Item = Range<usize>> + Clone,
    ) -> Result<Self, AllocError> {
        let reached = rows.clone().map(|rows| rows.len()).sum();
        let [starts, order] = Self::spec(height, reached).open(scope)?;
        for row in rows.clone().flatten() {
            starts[row + 1] += 1;
        }
        for row in 0..height {
            starts[row + 1] += starts[row];
        }
        for (index, rows) in rows.enumerate() {
            for row in rows {
                order[starts[row] as usize] = index as u32;
                starts[row] += 1;
            }
        }
        // Each start has moved to the next row's.
        starts.copy_within(..height, 1);
        starts[0] = 0;
        Ok(Self { starts, order })
    }

    /// Numbers of the things that reach row `y`, from the first.
    pub(super) fn of_row(&self, y: usize) -> &'s [u32] {
        &self.order[self.starts[y] as usize..self.starts[y + 1] as usize]
    }
}
