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
    /// For `wanted` of the `columns` groups of a row.
    pub(super) fn new(columns: usize, wanted: usize, threads: usize) -> Self {
        let whole = Self::of_all(columns, threads);
        if wanted == columns {
            return whole;
        }
        // At most as many as a whole row has, whose plan has room for what lies between them.
        let fewest = wanted.div_ceil(whole.batches);
        let groups = Self::of_all(wanted, threads).groups.max(fewest);
        Self {
            batches: wanted.div_ceil(groups),
            groups,
        }
    }

    fn of_all(columns: usize, threads: usize) -> Self {
        // Batches differ in the time that they take, so there are more than threads; the columns
        // between two of them cost extra.
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
    /// Groups of the batch to the left.
    pub(super) index: usize,
    pub(super) is_last: bool,
    /// True if the group above is decoded, too.
    pub(super) has_above: bool,
}

impl BatchGroup {
    /// True if the batch has the group to the left, too.
    pub(super) fn has_left(&self) -> bool {
        self.index > 0
    }
}
