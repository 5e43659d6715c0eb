use frame_arena::{DetachedPlaneSet, PlaneView, PlaneViewMut, Scope};

use crate::Error;
use crate::budget::Budget;
use crate::grid::{Pos, Rect, Size};
use crate::headers::ImageHeader;
use crate::memory::Memory;
use crate::output::{ColorRows, ExtraRows, Output};
use crate::render::Weights;

/// Upsampling factor from an LF frame to its picture, across and down.
const FACTOR: usize = 8;

/// An LF frame that is shown for a picture, because nothing of the picture itself is present.
pub(super) struct LfPreview<'a> {
    pub(super) image: &'a ImageHeader,
    /// X, Y, B.
    pub(super) planes: &'a DetachedPlaneSet<f32>,
    /// How often to upsample the planes; at least 1.
    pub(super) level: usize,
    /// Column and row of the picture where the output starts.
    pub(super) start: Pos,
}

impl LfPreview<'_> {
    /// Writes the LF frame to `output`, upsampled. Extra channels are zeros.
    ///
    /// # Errors
    /// [`Error::Truncated`] if the LF frame does not show the picture; too much work; memory.
    pub(super) fn show(
        &self,
        mut output: Output<'_>,
        budget: &Budget<'_>,
        scope: &Scope,
    ) -> Result<(), Error> {
        let metadata = &self.image.metadata;
        let weights = Weights::new(&metadata.upsampling_weights.up8);
        let weights = weights.filter(|_| metadata.xyb_encoded && self.planes.count() == 3);
        let weights = weights.ok_or(Error::Truncated)?;
        let kept = scope.scratch_beyond_plan();
        let memory = Memory::new(scope, &kept);
        let mut planes = [0, 1, 2].map(|channel| self.planes.plane(channel));
        for _ in 1..self.level {
            planes = upsampled(&weights, planes, budget, memory)?;
        }
        let width = FACTOR * planes[0].width();
        let shown = Rect {
            pos: self.start,
            size: output.size(),
        };
        let has_all = shown.columns().end <= width;
        if !has_all || shown.rows().end > FACTOR * planes[0].height() {
            return Err(Error::Truncated);
        }
        let zeros: &[i32] = memory.zeros(shown.size.width)?;
        // Stale: each row is written before it is read.
        let mut rows: [&mut [f32]; 3] = [&mut [], &mut [], &mut []];
        for rows in &mut rows {
            *rows = memory.stale(FACTOR * width)?;
        }
        for lf_row in shown.squares(FACTOR).rows() {
            budget.spend((3 * FACTOR * width) as u64)?;
            let part = Rect::new(0..planes[0].width(), lf_row..lf_row + 1);
            for (plane, rows) in planes.iter().zip(&mut rows) {
                let mut rows = PlaneViewMut::from_slice(rows, width, FACTOR, width);
                weights.upsample_by_8(*plane, part, &mut rows);
            }
            for index in 0..FACTOR {
                let y = FACTOR * lf_row + index;
                if !shown.rows().contains(&y) {
                    continue;
                }
                let color = rows.each_ref().map(|rows| {
                    let start = index * width + shown.pos.x;
                    &rows[start..start + shown.size.width]
                });
                let extra = |_| zeros;
                let extra = ExtraRows::Integers(&extra);
                output.put_row(y - shown.pos.y, ColorRows::Decoded(color), extra);
            }
        }
        output.finish();
        Ok(())
    }
}

/// Planes that are 8 times as wide and as high.
fn upsampled<'m>(
    weights: &Weights,
    planes: [PlaneView<'_, f32>; 3],
    budget: &Budget<'_>,
    memory: Memory<'m>,
) -> Result<[PlaneView<'m, f32>; 3], Error> {
    let from = Size::new(planes[0].width(), planes[0].height());
    let (width, height) = (FACTOR * from.width, FACTOR * from.height);
    budget.spend((3 * width * height) as u64)?;
    let mut made = [const { None }; 3];
    for (plane, made) in planes.into_iter().zip(&mut made) {
        // Stale: all samples are written.
        let samples = memory.stale(width * height)?;
        let mut view = PlaneViewMut::from_slice(samples, width, height, width);
        weights.upsample_by_8(plane, Rect::whole(from), &mut view);
        *made = Some(view.into_view());
    }
    match made {
        [Some(x), Some(y), Some(b)] => Ok([x, y, b]),
        _ => Err(Error::Truncated),
    }
}
