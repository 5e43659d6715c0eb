use crate::epoch::Epoch;

/// The part of each record that is used while the record is not in use.
pub(crate) struct RecordLink<R> {
    /// When the record was last returned.
    pub(super) last_used: Epoch,
    pub(super) next: Option<Box<R>>,
}

impl<R> RecordLink<R> {
    pub(crate) const NEW: Self = Self {
        last_used: Epoch::FIRST,
        next: None,
    };
}
