use std::fmt;

use super::place::{PlanePlace, Record};
use super::placement::Placement;
use crate::grant::{Fill, Grant, fill_samples};
use crate::layout::ROW_ALIGN_BYTES;
use crate::sample::{Sample, cast, cast_mut};

/// The places of a picture's planes, stored behind its samples, so that owners and views of
/// pictures need not carry them.
#[derive(Clone, Copy)]
pub(super) struct Places<'p>(&'p [Record]);

impl<'p> Places<'p> {
    /// The number of planes.
    pub(super) fn count(self) -> usize {
        self.0.len()
    }

    /// Plane `index`.
    ///
    /// # Panics
    /// If there is no such plane.
    pub(super) fn plane(self, index: usize) -> PlanePlace {
        assert!(index < self.0.len(), "plane {index} of {}", self.0.len());
        PlanePlace::of_record(&self.0[index])
    }

    /// The planes in the order of their memory.
    pub(super) fn planes(self) -> impl ExactSizeIterator<Item = PlanePlace> + use<'p> {
        self.0.iter().map(PlanePlace::of_record)
    }

    pub(super) fn records(self) -> &'p [Record] {
        self.0
    }
}

impl fmt::Debug for Places<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.planes().map(|place| (place.width, place.height));
        f.debug_list().entries(sizes).finish()
    }
}

/// Fills the memory of a new picture, and returns its samples and places.
pub(super) fn fill<'p, T: Sample>(
    placement: &Placement,
    grant: Grant<'p>,
    fill: Fill,
) -> (&'p mut [T], Places<'p>) {
    let samples_bytes = placement.samples_bytes();
    let (samples, record) = grant.bytes.split_at_mut(record_offset(samples_bytes));
    let samples = &mut samples[..samples_bytes];
    let stale = grant.stale.start.min(samples_bytes)..grant.stale.end.min(samples_bytes);
    let samples: &mut [T] = match samples {
        [] => &mut [],
        bytes => fill_samples(Grant { bytes, stale }, fill),
    };
    let record: &mut [Record] = cast_mut(record);
    for (record, place) in record.iter_mut().zip(placement.planes()) {
        *record = place.record();
    }
    (samples, Places(record))
}

/// The places in a picture's memory.
pub(super) fn places(bytes: &[u8], samples_bytes: usize) -> Places<'_> {
    Places(cast(&bytes[record_offset(samples_bytes)..]))
}

/// The samples and places in a picture's memory.
pub(super) fn split<T: Sample>(bytes: &[u8], samples_bytes: usize) -> (&[T], Places<'_>) {
    let samples = cast(&bytes[..samples_bytes]);
    (samples, places(bytes, samples_bytes))
}

/// The same, to write the samples.
pub(super) fn split_mut<T: Sample>(
    bytes: &mut [u8],
    samples_bytes: usize,
) -> (&mut [T], Places<'_>) {
    let (samples, record) = bytes.split_at_mut(record_offset(samples_bytes));
    let samples = cast_mut(&mut samples[..samples_bytes]);
    (samples, Places(cast(record)))
}

/// Bytes from the beginning of a picture's memory to the record.
pub(super) fn record_offset(samples_bytes: usize) -> usize {
    samples_bytes.next_multiple_of(ROW_ALIGN_BYTES)
}
