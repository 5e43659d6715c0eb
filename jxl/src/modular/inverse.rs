mod palette;
mod rct;
mod squeeze;

use frame_arena::{
    AllocError, PlanRequest, PlaneView, PlaneViewMut, Scope, ScopePlan, ScratchPlan, Spec,
};

use crate::Error;
use crate::modular::layout::Step;
use crate::modular::weighted::WeightedRows;
use crate::modular::{Layout, Slot, StreamShape};
use crate::workers::Workers;
pub(super) use rct::invert as invert_rct;
pub(super) use squeeze::{STRIP_COLUMNS, SqueezeShape, VerticalStrip, invert as invert_squeeze};

/// Rows per task where a whole frame is transformed.
const BAND_ROWS: usize = 64;

/// The location of a layout's palettes.
#[derive(Clone, Copy)]
pub(crate) enum Palettes<'a> {
    /// Among the bases, after the channels of the picture.
    InBases,
    /// In planes of their own, in the order of [`Layout::palettes`].
    Shared(&'a [PlaneView<'a, i32>]),
}

impl Layout<'_> {
    /// Undoes the transforms. The channels of the picture, which come first in `bases`, replace the
    /// coded channels written through the views of [`Layout::split`].
    ///
    /// `bit_depth` is the image's. The implicit entries of palettes depend on it. Workers share
    /// large channels, and have scratch of `scope`.
    ///
    /// # Errors
    /// [`Error::Memory`] if there is no memory for the rows that the transforms need.
    ///
    /// # Panics
    /// If the number or sizes of `bases` or `palettes` do not match the layout.
    pub(crate) fn invert(
        &self,
        bases: &mut [PlaneViewMut<'_, i32>],
        palettes: Palettes<'_>,
        bit_depth: u32,
        (scope, workers): (&Scope, Workers<'_>),
    ) -> Result<(), Error> {
        for step in self.steps.iter().rev() {
            match *step {
                Step::Rct { kind, slots } => rct::invert(kind, &slots, bases, (scope, workers))?,
                Step::Palette(inverse) => {
                    let (picture, palette) = match palettes {
                        Palettes::InBases => {
                            let first = bases.len() - self.palettes().len();
                            let (before, after) = bases.split_at_mut(first + inverse.palette);
                            (before, after[0].view())
                        }
                        Palettes::Shared(shared) => (&mut *bases, shared[inverse.palette]),
                    };
                    palette::invert(&inverse, palette, picture, bit_depth, scope)?;
                }
                Step::Squeeze { horizontal, slot } => {
                    squeeze::invert(horizontal, view(bases, slot), (scope, workers))?;
                }
            }
        }
        Ok(())
    }
}

impl Layout<'_> {
    /// Plans [`invert`](Self::invert) with scratch of `stage`.
    pub(crate) fn plan_inverse(
        &self,
        threads: usize,
        stage: &mut ScopePlan<'_>,
    ) -> Result<(), AllocError> {
        self.steps.iter().rev().try_for_each(|step| match step {
            Step::Rct { slots, .. } => stage.tasks(1, |task| rct::spec(slots).plan(task)),
            Step::Palette(inverse) => stage.tasks(1, |task| palette::plan(inverse, task)),
            Step::Squeeze { horizontal, slot } => {
                let shape = SqueezeShape {
                    horizontal: *horizontal,
                    width: slot.width,
                    height: slot.height,
                };
                stage.tasks(threads.min(shape.tasks()), |task| shape.plan(task))
            }
        })
    }
}

impl StreamShape {
    /// Plans all transforms that a stream may have: the palette of a block, and the memory to undo
    /// one transform at a time. The last step of a squeeze is the largest.
    pub(crate) fn plan_transforms(self, task: &mut ScratchPlan) -> Result<(), AllocError> {
        let squeeze = SqueezeShape {
            horizontal: false,
            width: self.width,
            height: self.height,
        };
        task.possibly(|task| {
            task.scratch(|task| task.bytes(1))?;
            task.scratch(|task| {
                squeeze.plan(task)?;
                let rows = self.channels.max(3);
                (0..rows).try_for_each(|_| palette::index_row(self.width).plan(task))?;
                task.possibly(|task| WeightedRows::spec(self.width).plan(task))
            })
        })
    }
}

/// The rectangle of `slot` in its base.
fn view<'v>(bases: &'v mut [PlaneViewMut<'_, i32>], slot: Slot) -> PlaneViewMut<'v, i32> {
    let base = bases[slot.base].reborrow();
    base.into_rect(slot.x, slot.y, slot.width, slot.height)
}
