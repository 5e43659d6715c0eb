mod implicit;
#[cfg(test)]
mod tests;

use std::ops::Range;

use frame_arena::{
    AllocError, PlanRequest, PlaneView, PlaneViewMut, Scope, Scratch, SliceSpec, Spec,
};
use jxl_simd::{ScalarDescriptor, SimdDescriptor};

use super::view;
use crate::Error;
use crate::modular::Predictor;
use crate::modular::layout::{PaletteInverse, Slot};
use crate::modular::predictor::Neighbors;
use crate::modular::rows::{Kernel, RowKernel, decode_row};
use crate::modular::weighted::{Weighted, WeightedRow, WeightedRows};
use implicit::implicit_entry;

/// One row of a palette: the entries of one channel.
#[derive(Clone, Copy)]
struct Entries<'a> {
    explicit: &'a [i32],
    channel: usize,
    bit_depth: u32,
}

impl Entries<'_> {
    #[inline(always)]
    fn get(&self, index: i32) -> i32 {
        // A negative index wraps to one that is too large.
        match self.explicit.get(index as u32 as usize) {
            Some(&entry) => entry,
            None => implicit_entry(index, self.explicit.len(), self.channel, self.bit_depth),
        }
    }
}

/// Undoes a palette (ISO/IEC 18181-1, H.6.4). The first channel holds indices. Every channel gets
/// the entries of these indices.
pub(super) fn invert(
    inverse: &PaletteInverse<'_>,
    palette: PlaneView<'_, i32>,
    bases: &mut [PlaneViewMut<'_, i32>],
    bit_depth: u32,
    scope: &Scope,
) -> Result<(), Error> {
    let first = inverse.slots[0];
    if first.width == 0 || first.height == 0 {
        return Ok(());
    }
    scope.with_scratch(|scratch| {
        // The first channel comes last, because its samples overwrite the indices.
        for (channel, &slot) in inverse.slots.iter().enumerate().rev() {
            let entries = Entries {
                explicit: palette.row(channel),
                channel,
                bit_depth,
            };
            let indices = Indices::new(bases, first, scratch)?;
            if inverse.predictor == Predictor::ZERO {
                invert_pointwise(entries, indices, slot);
            } else {
                invert_predicted(inverse, entries, indices, slot, scratch)?;
            }
        }
        Ok(())
    })
}

/// Plans undoing a palette.
pub(super) fn plan(
    inverse: &PaletteInverse<'_>,
    task: &mut impl PlanRequest,
) -> Result<(), AllocError> {
    let indices = inverse.slots[0].width;
    inverse.slots.iter().try_for_each(|slot| {
        let weighted = inverse.is_weighted();
        let weighted = weighted.then(|| WeightedRows::spec(slot.width));
        (index_row(indices), weighted).plan(task)
    })
}

/// A row of indices.
pub(super) fn index_row(width: usize) -> SliceSpec<i32> {
    // Stale: each row is copied here before it is read.
    SliceSpec::stale(width)
}

/// Rows of indices, copied because the samples of a channel may replace them.
struct Indices<'a, 'p> {
    bases: &'a mut [PlaneViewMut<'p, i32>],
    slot: Slot,
    row: &'a mut [i32],
}

impl<'a, 'p> Indices<'a, 'p> {
    fn new(
        bases: &'a mut [PlaneViewMut<'p, i32>],
        slot: Slot,
        scratch: &'a Scratch<'_>,
    ) -> Result<Self, Error> {
        let row = index_row(slot.width).open(scratch)?;
        Ok(Self { bases, slot, row })
    }

    /// The indices of row `y`, and the channel `out` to be written.
    fn row(&mut self, y: usize, out: Slot) -> (&[i32], PlaneViewMut<'_, i32>) {
        self.row.copy_from_slice(view(self.bases, self.slot).row(y));
        (self.row, view(self.bases, out))
    }
}

fn invert_pointwise(entries: Entries<'_>, mut indices: Indices<'_, '_>, slot: Slot) {
    for y in 0..slot.height {
        let (indices, mut out) = indices.row(y, slot);
        for (out, &index) in out.row_mut(y).iter_mut().zip(indices) {
            *out = entries.get(index);
        }
    }
}

fn invert_predicted(
    inverse: &PaletteInverse<'_>,
    entries: Entries<'_>,
    mut indices: Indices<'_, '_>,
    slot: Slot,
    scratch: &Scratch<'_>,
) -> Result<(), Error> {
    let mut weighted_rows = WeightedRows::none();
    if inverse.is_weighted() {
        weighted_rows = WeightedRows::new(scratch, slot.width)?;
    }
    let mut weighted = inverse
        .is_weighted()
        .then(|| weighted_rows.start(inverse.weighted, slot.width));
    for y in 0..slot.height {
        let (indices, mut out) = indices.row(y, slot);
        let mut kernel = Deltas {
            entries,
            inverse,
            indices,
            weighted: weighted.as_mut(),
        };
        decode_row(ScalarDescriptor, &mut kernel, &mut out, y)?;
    }
    Ok(())
}

/// Palette entries, of which some are added to a prediction.
struct Deltas<'a, 'r> {
    entries: Entries<'a>,
    inverse: &'a PaletteInverse<'a>,
    indices: &'a [i32],
    weighted: Option<&'a mut Weighted<'r>>,
}

impl Kernel for Deltas<'_, '_> {
    type Row<'k, D: SimdDescriptor>
        = DeltasRow<'k>
    where
        Self: 'k;

    fn row<D: SimdDescriptor>(&mut self, _: D, _: usize) -> DeltasRow<'_> {
        DeltasRow {
            entries: self.entries,
            inverse: self.inverse,
            indices: self.indices,
            weighted: self.weighted.as_mut().map(|weighted| weighted.row()),
        }
    }
}

struct DeltasRow<'k> {
    entries: Entries<'k>,
    inverse: &'k PaletteInverse<'k>,
    indices: &'k [i32],
    weighted: Option<WeightedRow<'k>>,
}

impl RowKernel for DeltasRow<'_> {
    const HAS_PIECES: bool = true;

    fn begin(&mut self, columns: &Range<usize>, above: Option<[&[i32]; 2]>) {
        if let Some(weighted) = &mut self.weighted {
            weighted.begin(columns, above.map(|[_, above]| above));
        }
    }

    fn end(&mut self, columns: &Range<usize>) {
        if let Some(weighted) = &mut self.weighted {
            weighted.end(columns);
        }
    }

    fn sample(&mut self, x: usize, at: &Neighbors) -> Result<i32, Error> {
        let guess = self.weighted.as_mut();
        let guess = guess.map(|weighted| weighted.predict(x, at));
        let index = self.indices[x];
        let mut sample = self.entries.get(index);
        if i64::from(index) < self.inverse.deltas as i64 {
            let weighted = guess.map_or(0, |guess| guess.prediction);
            let prediction = self.inverse.predictor.predict(at, weighted);
            sample = sample.wrapping_add(prediction);
        }
        if let Some(weighted) = &mut self.weighted {
            weighted.update(x, sample);
        }
        Ok(sample)
    }
}
