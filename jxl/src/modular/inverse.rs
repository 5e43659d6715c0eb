mod palette;
mod rct;
mod squeeze;

pub(super) use squeeze::STRIP_COLUMNS;

use frame_arena::{PlaneView, PlaneViewMut, Scope};

use crate::Error;
use crate::modular::layout::Step;
use crate::modular::{Layout, Slot};

/// Rows that one task undoes at a time where the whole frame is transformed at once.
pub(super) const BAND_ROWS: usize = 64;

/// Where the palettes of a layout are.
#[derive(Clone, Copy)]
pub(crate) enum Palettes<'a> {
    /// After the channels of the picture, among the bases.
    InBases,
    /// In planes of their own, in the order of [`Layout::palettes`].
    Shared(&'a [PlaneView<'a, i32>]),
}

impl Layout {
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
            match step {
                Step::Rct { kind, slots } => rct::invert(*kind, slots, bases, scope)?,
                Step::Palette(inverse) => {
                    let (picture, palette) = match palettes {
                        Palettes::InBases => {
                            let first = bases.len() - self.palettes().len();
                            let (before, after) = bases.split_at_mut(first + inverse.palette);
                            (before, after[0].view())
                        }
                        Palettes::Shared(shared) => (&mut *bases, shared[inverse.palette]),
                    };
                    palette::invert(inverse, palette, picture, bit_depth, scope)?;
                }
                Step::Squeeze { horizontal, slot } => {
                    squeeze::invert(*horizontal, view(bases, *slot), scope)?;
                }
            }
        }
        Ok(())
    }
}

/// The rectangle of the bases that `slot` stands for.
fn view<'v>(bases: &'v mut [PlaneViewMut<'_, i32>], slot: Slot) -> PlaneViewMut<'v, i32> {
    let base = bases[slot.base].reborrow();
    base.into_rect(slot.x, slot.y, slot.width, slot.height)
}
