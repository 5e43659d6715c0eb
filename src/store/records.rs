use super::record_link::RecordLink;
use crate::AllocError;
use crate::epoch::Epoch;
use crate::memory::{Chain, Linked, try_box};
use crate::owned::OwnedScope;
use crate::scope::{HeapRecord, ScopeState, Slot};
use crate::stats::FrameStats;

/// Bookkeeping of an open frame, scope, thread or heap. Records are recycled, and count against the
/// limit as planes do.
pub(crate) trait Record: Linked {
    /// Bytes that a record counts for: its own, and the header of the global allocator.
    const BYTES: usize = size_of::<Self>() + 16;

    fn make() -> Self;

    fn link(&mut self) -> &mut RecordLink<Self>;

    /// Records of this type that are not in use.
    fn pool(records: &mut Records) -> &mut Chain<Self>;
}

/// The types of records: each has a `link`, and `new`.
macro_rules! records {
    ($($pool:ident: $record:ty,)+) => {
        /// Records that are not in use, by type.
        pub(crate) struct Records {
            $($pool: Chain<$record>,)+
            bytes: usize,
            /// A lower bound of when the records were last used.
            oldest: Epoch,
        }

        impl Records {
            pub(crate) const fn new() -> Self {
                Self {
                    $($pool: Chain::new(),)+
                    bytes: 0,
                    oldest: Epoch::NEVER,
                }
            }

            /// Adds all of `records`, and returns the bytes that they count for.
            #[inline]
            pub(super) fn put_all(&mut self, records: &mut Self, now: Epoch) -> usize {
                $(while let Some(record) = records.$pool.pop() {
                    self.put(record, now);
                })+
                std::mem::take(&mut records.bytes)
            }

            /// Moves the records that were last used before `oldest` to `to`, and returns their
            /// bytes.
            pub(super) fn release(&mut self, oldest: Epoch, to: &mut Self) -> usize {
                let before = self.bytes;
                self.oldest = Epoch::NEVER;
                $(self.release_type::<$record>(oldest, to);)+
                before - self.bytes
            }
        }

        $(impl Linked for $record {
            #[inline]
            fn next(&mut self) -> &mut Option<Box<Self>> {
                &mut self.link.next
            }
        }

        impl Record for $record {
            fn make() -> Self {
                Self::new()
            }

            #[inline]
            fn link(&mut self) -> &mut RecordLink<Self> {
                &mut self.link
            }

            #[inline]
            fn pool(records: &mut Records) -> &mut Chain<Self> {
                &mut records.$pool
            }
        })+
    };
}

records! {
    scopes: ScopeState,
    frames: FrameStats,
    slots: Slot,
    owned: OwnedScope,
    heaps: HeapRecord,
}

impl Records {
    /// Bytes that all of them count for.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    #[inline]
    pub(super) fn take<R: Record>(&mut self) -> Option<Box<R>> {
        let record = R::pool(self).pop()?;
        self.bytes -= R::BYTES;
        Some(record)
    }

    #[inline]
    pub(crate) fn put<R: Record>(&mut self, mut record: Box<R>, now: Epoch) {
        record.link().last_used = now;
        self.oldest = self.oldest.min(now);
        self.bytes += R::BYTES;
        R::pool(self).push(record);
    }

    /// Whether there may be a record that was last used before `oldest`.
    pub(super) fn has_older(&self, oldest: Epoch) -> bool {
        self.bytes > 0 && self.oldest < oldest
    }

    fn release_type<R: Record>(&mut self, oldest: Epoch, to: &mut Self) {
        let mut kept_since = self.oldest;
        let removed = R::pool(self).split(|record| {
            let last_used = record.link().last_used;
            let is_kept = last_used >= oldest;
            if is_kept {
                kept_since = kept_since.min(last_used);
            }
            is_kept
        });
        self.oldest = kept_since;
        for record in removed {
            self.bytes -= R::BYTES;
            R::pool(to).push(record);
        }
    }
}

/// A new record.
pub(super) fn make<R: Record>() -> Result<Box<R>, AllocError> {
    try_box(R::make())
}
