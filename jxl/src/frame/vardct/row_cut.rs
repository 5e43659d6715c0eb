use crate::grid::GroupPos;

/// How the groups of a row are cut into batches. One task decodes a batch.
#[derive(Clone, Copy)]
pub(super) struct RowCut {
    /// Batches in a row.
    pub(super) batches: usize,
    /// Groups in each batch; the last may have fewer.
    pub(super) groups: usize,
}

impl RowCut {
    /// Cuts the `wanted` groups of a row that has `columns` groups.
    pub(super) fn new(columns: usize, wanted: usize, threads: usize) -> Self {
        let whole = Self::of_all(columns, threads);
        if wanted == columns {
            return whole;
        }
        // The plan has room for the boundaries of a whole row, so no more batches than that.
        let fewest = wanted.div_ceil(whole.batches);
        let groups = Self::of_all(wanted, threads).groups.max(fewest);
        Self {
            batches: wanted.div_ceil(groups),
            groups,
        }
    }

    fn of_all(columns: usize, threads: usize) -> Self {
        // Batches take different times, so there are more batches than threads. But each boundary
        // between two batches costs extra work.
        let groups = match threads {
            1 => columns,
            _ => (columns / (2 * threads)).max(1),
        };
        Self {
            batches: columns.div_ceil(groups),
            groups,
        }
    }

    /// Boundaries between the batches of a row.
    pub(super) fn boundaries(&self) -> usize {
        self.batches - 1
    }
}

/// A group of a batch.
#[derive(Clone, Copy)]
pub(super) struct BatchGroup {
    pub(super) pos: GroupPos,
    /// Number of groups to the left in the batch.
    pub(super) index: usize,
    pub(super) is_last: bool,
    /// True if the group above is also decoded.
    pub(super) has_above: bool,
}

impl BatchGroup {
    /// True if the group to the left is in the same batch.
    pub(super) fn has_left(&self) -> bool {
        self.index > 0
    }
}
