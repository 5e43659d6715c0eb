//! Patches (ISO/IEC 18181-1, K.3): rectangles of reference frames, blended into a frame at one or
//! more places.

mod coded;
#[cfg(test)]
mod tests;

use std::ops::Range;

use frame_arena::{AllocError, PlanRequest, Scope, SliceSpec, Spec};

use super::blend::{BlendRow, Blender, Mode, Rule, StoredRule};
use super::reference::Reference;
use super::row_index::RowIndex;
use crate::Error;
use crate::grid::Size;
pub(crate) use coded::CodedPatches;

/// The patches of a frame, with their references.
pub(crate) struct Patches<'s> {
    references: [Option<&'s Reference>; 4],
    places: &'s [Placed],
    rules: &'s [StoredRule],
    /// Number of rules per place.
    rule_count: usize,
    rows: RowIndex<'s>,
}

/// Start and end columns and rows in the frame; slot, column and row in the reference.
type Placed = [u32; 7];

impl CodedPatches<'_> {
    fn placed(&self) -> SliceSpec<Placed> {
        // Stale: all of them are set.
        SliceSpec::stale(self.places.len())
    }

    /// Plans [`Patches`] in a frame of `height` rows, assuming that none is cut off at the sides.
    pub(crate) fn plan(
        &self,
        height: usize,
        scope: &mut impl PlanRequest,
    ) -> Result<(), AllocError> {
        self.placed().plan(scope)?;
        let heights = self
            .places
            .iter()
            .map(|place| self.sources[place.source].height);
        let rows = heights.map(|rows| rows.min(height as u64) as usize).sum();
        RowIndex::spec(height, rows).plan(scope)
    }
}

impl<'s> Patches<'s> {
    /// Places the patches in a frame whose color channels have `size`, with `extra_channels` of the
    /// same size.
    ///
    /// # Errors
    /// Patches outside of the frame or the reference; missing references; references with converted
    /// colors in a frame whose colors are not converted yet (`is_coded`); memory.
    pub(crate) fn new(
        scope: &'s Scope,
        coded: &'s CodedPatches<'s>,
        references: [Option<&'s Reference>; 4],
        size: Size,
        extra_channels: usize,
        is_coded: bool,
    ) -> Result<Self, Error> {
        for source in coded.sources {
            let reference = references.get(source.slot as usize).copied().flatten();
            let reference =
                reference.ok_or_else(|| Error::corrupt("patch of a missing reference frame"))?;
            if reference.is_coded() != is_coded {
                return Err(Error::corrupt("patch of a reference in other colors"));
            }
            let Size { width, height } = reference.size();
            let fits =
                |start: u32, length: u64, end: usize| u64::from(start) + length <= end as u64;
            if !fits(source.x, source.width, width) || !fits(source.y, source.height, height) {
                return Err(Error::corrupt("patch outside of its reference"));
            }
        }
        let places = coded.placed().open(scope)?;
        for (placed, place) in places.iter_mut().zip(coded.places) {
            let source = &coded.sources[place.source];
            let columns = reach(place.x, source.width, size.width)?;
            let mut rows = reach(place.y, source.height, size.height)?;
            if columns.is_empty() {
                rows.end = rows.start;
            }
            let [first, end] = [columns.start, columns.end];
            *placed = [
                first,
                end,
                rows.start,
                rows.end,
                source.slot as u32,
                source.x,
                source.y,
            ];
        }
        let rows = places
            .iter()
            .map(|placed| placed[2] as usize..placed[3] as usize);
        Ok(Self {
            references,
            rows: RowIndex::new(scope, size.height, rows)?,
            places,
            rules: coded.rules,
            rule_count: extra_channels + 1,
        })
    }

    /// Number of samples drawn, over all channels.
    pub(crate) fn samples(&self) -> u64 {
        let area = |&[left, right, top, bottom, ..]: &Placed| {
            u64::from(right - left) * u64::from(bottom - top)
        };
        let area = self.places.iter().map(area).sum::<u64>();
        area.saturating_mul(self.rule_count as u64 + 2)
    }

    /// True if patches change extra channels, or use them to change colors.
    pub(crate) fn touch_extra_channels(&self) -> bool {
        let mut places = self.rules.chunks_exact(self.rule_count);
        let mode = |&rule: &StoredRule| Rule::from(rule).mode;
        let uses_alpha = |rule| matches!(mode(rule), Mode::Blend | Mode::MulAdd);
        self.rule_count > 1
            && places.any(|rules| {
                uses_alpha(&rules[0]) || rules[1..].iter().any(|rule| mode(rule) != Mode::Keep)
            })
    }

    /// Draws on `columns` of row `y`: the samples of `row`.
    pub(super) fn draw(
        &self,
        y: usize,
        columns: Range<usize>,
        row: &mut BlendRow<'_>,
        blender: &mut Blender<'_, '_>,
    ) {
        for &index in self.rows.of_row(y) {
            let [first, end, top, _, slot, x, source_y] = self.places[index as usize];
            let start = columns.start.max(first as usize);
            let end = columns.end.min(end as usize);
            let Some(reference) = self.references[slot as usize] else {
                continue;
            };
            if start >= end {
                continue;
            }
            let part = start - columns.start..end - columns.start;
            let source_x = x as usize + start - first as usize;
            let source_y = source_y as usize + y - top as usize;
            let new = |channel| &reference.row(channel, source_y)[source_x..][..part.len()];
            let rules = &self.rules[index as usize * self.rule_count..][..1 + row.extra.height()];
            let mut part_of_row = BlendRow {
                color: row.color.each_mut().map(|row| &mut row[part.clone()]),
                extra: row.extra.reborrow(),
                first: row.first + part.start,
            };
            blender.blend(&mut part_of_row, rules, new);
        }
    }
}

/// The columns (or rows) covered by a patch, clamped to `size`. A frame is padded to whole blocks,
/// and patches may reach into the padding.
fn reach(start: u32, length: u64, size: usize) -> Result<Range<u32>, Error> {
    let end = u64::from(start) + length;
    if end > size.next_multiple_of(8) as u64 {
        return Err(Error::corrupt("patch outside of its frame"));
    }
    let size = size as u32;
    Ok(start.min(size)..size.min(end as u32))
}
