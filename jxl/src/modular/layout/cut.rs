//! Application of transforms to lists of channels, for any type that represents a channel.

use frame_arena::PlaneViewMut;

use super::{Operation, Slot};
use crate::Error;
use crate::memory::{List, Memory};
use crate::modular::ChannelShape;

/// An item that a squeeze can cut into averages and residuals.
pub(super) trait Cut: Sized {
    /// The half with the averages, which is the larger one, and the half with the residuals.
    fn cut(self, horizontal: bool) -> (Self, Self);
}

impl Cut for ChannelShape {
    fn cut(self, horizontal: bool) -> (Self, Self) {
        let (mut average, mut residual) = (self, self);
        if horizontal {
            average.width = self.width.div_ceil(2);
            residual.width = self.width / 2;
        } else {
            average.height = self.height.div_ceil(2);
            residual.height = self.height / 2;
        }
        let shift = if horizontal { self.hshift } else { self.vshift };
        if shift >= 0 {
            for half in [&mut average, &mut residual] {
                let shift = if horizontal {
                    &mut half.hshift
                } else {
                    &mut half.vshift
                };
                *shift += 1;
            }
        }
        (average, residual)
    }
}

impl Cut for Slot {
    fn cut(self, horizontal: bool) -> (Self, Self) {
        let (mut average, mut residual) = (self, self);
        if horizontal {
            average.width = self.width.div_ceil(2);
            residual.width = self.width / 2;
            residual.x += average.width;
        } else {
            average.height = self.height.div_ceil(2);
            residual.height = self.height / 2;
            residual.y += average.height;
        }
        (average, residual)
    }
}

impl Cut for PlaneViewMut<'_, i32> {
    fn cut(self, horizontal: bool) -> (Self, Self) {
        if horizontal {
            let width = self.width();
            self.split_at_column(width.div_ceil(2))
        } else {
            let height = self.height();
            self.split_at_row(height.div_ceil(2))
        }
    }
}

impl<A: Cut, B: Cut> Cut for (A, B) {
    fn cut(self, horizontal: bool) -> (Self, Self) {
        let (average, residual) = self.0.cut(horizontal);
        let (other_average, other_residual) = self.1.cut(horizontal);
        ((average, other_average), (residual, other_residual))
    }
}

/// Applies `operation` to `list`; `palette` represents a new palette.
///
/// # Errors
/// [`Error::Memory`].
pub(super) fn apply<'m, T: Cut>(
    operation: &Operation,
    list: &mut List<'m, T>,
    palette: impl FnOnce() -> Option<T>,
    memory: Memory<'m>,
) -> Result<(), Error> {
    match *operation {
        Operation::Keep => {}
        Operation::Palette { begin, count } => {
            list.drain(begin + 1..begin + count);
            if let Some(palette) = palette() {
                memory.make_room(list, 1)?;
                list.insert(0, palette);
            }
        }
        Operation::Squeeze(step) => {
            memory.make_room(list, step.count)?;
            let end = step.begin + step.count;
            for index in step.begin..end {
                // What is last takes the place for as long as the channel is cut.
                let channel = list.swap_remove(index);
                let (average, residual) = channel.cut(step.horizontal);
                list.push(average);
                let last = list.len() - 1;
                list.swap(index, last);
                list.push(residual);
            }
            if step.in_place {
                list[end..].rotate_right(step.count);
            }
        }
    }
    Ok(())
}
