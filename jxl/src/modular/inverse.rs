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
pub(super) use rct::invert as invert_rct;
pub(super) use squeeze::{STRIP_COLUMNS, SqueezeShape, VerticalStrip, invert as invert_squeeze};

/// Rows that one task undoes at a time where the whole frame is transformed at once.
const BAND_ROWS: usize = 64;

/// Where the palettes of a layout are.
#[derive(Clone, Copy)]
pub(crate) enum Palettes<'a> {
    /// After the channels of the picture, among the bases.
    InBases,
    /// In planes of their own, in the order of [`Layout::palettes`].
    Shared(&'a [PlaneView<'a, i32>]),
}

impl Layout<'_> {
    /// Undoes the transforms: makes the channels of the picture, which are the first of `bases`,
    /// from the coded channels that [`Layout::split`] let be written there.
    ///
    /// `bit_depth` is that of the image; entries that a palette has without coding them depend on
    /// it. Large channels are worked on by several tasks, each with scratch of `scope`.
    ///
    /// # Errors
    /// [`Error::Memory`] if there is no room for the rows that the transforms need.
    ///
    /// # Panics
    /// If number or sizes of `bases` or `palettes` are not those of the layout.
    pub(crate) fn invert(
        &self,
        bases: &mut [PlaneViewMut<'_, i32>],
        palettes: Palettes<'_>,
        bit_depth: u32,
        scope: &Scope,
    ) -> Result<(), Error> {
        for step in self.steps.iter().rev() {
            match *step {
                Step::Rct { kind, slots } => rct::invert(kind, &slots, bases, scope)?,
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
                    squeeze::invert(horizontal, view(bases, slot), scope)?;
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
    /// Plans the transforms that a stream may have: a palette of a block, and what undoing one
    /// transform at a time needs. Of a squeeze, the last step is the largest.
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

/// The rectangle of the bases that `slot` stands for.
fn view<'v>(bases: &'v mut [PlaneViewMut<'_, i32>], slot: Slot) -> PlaneViewMut<'v, i32> {
    let base = bases[slot.base].reborrow();
    base.into_rect(slot.x, slot.y, slot.width, slot.height)
}
