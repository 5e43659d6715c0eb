use crate::Error;
use crate::memory::Memory;

/// One value per channel of a frame: for colors, and for extra channels that are decoded with the
/// groups.
pub(super) struct Channels<'m, C, E> {
    pub(super) color: [C; 3],
    pub(super) extra: &'m mut [E],
}

impl<'m, C, E> Channels<'m, C, E> {
    /// Makes the values of the colors, then of the extra channels.
    ///
    /// # Errors
    /// The errors of `color` and `extra`; memory.
    pub(super) fn try_new(
        mut color: impl FnMut(usize) -> Result<C, Error>,
        extra: impl IntoIterator<Item = Result<E, Error>>,
        memory: Memory<'m>,
    ) -> Result<Self, Error> {
        Ok(Self {
            color: [color(0)?, color(1)?, color(2)?],
            extra: memory.try_collect(extra)?.leak(),
        })
    }
}
