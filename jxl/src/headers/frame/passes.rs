use crate::Error;
use crate::bits::{Bits, U};

/// Most passes of a frame.
pub(crate) const MAX_PASSES: usize = 11;
/// Most resolutions for which passes can be complete.
const MAX_RESOLUTIONS: usize = 4;

/// The passes of a frame (ISO/IEC 18181-1, F.2: Passes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Passes {
    /// 1 to 11.
    pub(crate) num_passes: u32,
    /// log2 of the factor of the coefficients of each pass.
    shift: [u32; MAX_PASSES],
    num_ds: usize,
    /// A downsampling factor, and the last pass that is needed for it.
    resolutions: [(u32, u32); MAX_RESOLUTIONS],
}

impl Default for Passes {
    /// One pass.
    fn default() -> Self {
        Self {
            num_passes: 1,
            shift: [0; MAX_PASSES],
            num_ds: 0,
            resolutions: [(1, 0); MAX_RESOLUTIONS],
        }
    }
}

impl Passes {
    /// # Errors
    /// [`Error::Truncated`]; more resolutions than passes; factors that do not descend or passes
    /// that do not ascend from one resolution to the next; passes that do not exist.
    pub(super) fn parse(bits: &mut Bits<'_>) -> Result<Self, Error> {
        let mut passes = Self {
            num_passes: bits.read_u32(1, 2, 3, 4 + U(3))?,
            ..Self::default()
        };
        if passes.num_passes == 1 {
            return Ok(passes);
        }
        passes.num_ds = bits.read_u32(0, 1, 2, 3 + U(1))? as usize;
        for shift in &mut passes.shift[..passes.num_passes as usize - 1] {
            *shift = bits.read(2)?;
        }
        let resolutions = &mut passes.resolutions[..passes.num_ds];
        for (downsample, _) in &mut *resolutions {
            *downsample = bits.read_u32(1, 2, 4, 8)?;
        }
        for (_, last_pass) in &mut *resolutions {
            *last_pass = bits.read_u32(0, 1, 2, U(3))?;
        }
        passes.check()?;
        Ok(passes)
    }

    fn check(&self) -> Result<(), Error> {
        let resolutions = &self.resolutions[..self.num_ds];
        let are_ordered = resolutions.is_sorted_by(|(factor, last), (next_factor, next_last)| {
            factor > next_factor && last < next_last
        });
        let exist = resolutions.iter().all(|&(_, last)| last < self.num_passes);
        if self.num_ds > self.num_passes as usize || !are_ordered || !exist {
            return Err(Error::corrupt(format!(
                "resolutions (factor, last pass) {resolutions:?} of {} passes",
                self.num_passes
            )));
        }
        Ok(())
    }

    /// log2 of the factor of the coefficients of a pass.
    ///
    /// # Panics
    /// If `pass` exceeds the most passes of a frame.
    pub(crate) fn shift(&self, pass: usize) -> u32 {
        self.shift[pass]
    }

    /// The number of passes, from the first, that a picture smaller by `factor` needs.
    pub(crate) fn needed_for(&self, factor: u32) -> usize {
        let mut resolutions = self.resolutions().iter();
        let found = resolutions.find(|&&(downsample, _)| downsample <= factor);
        found.map_or(self.num_passes, |&(_, last)| last + 1) as usize
    }

    /// The resolutions: a downsampling factor, and the last pass that is needed for it.
    pub(crate) fn resolutions(&self) -> &[(u32, u32)] {
        &self.resolutions[..self.num_ds]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smaller_pictures_need_fewer_passes() {
        let mut passes = Passes {
            num_passes: 4,
            num_ds: 2,
            ..Passes::default()
        };
        passes.resolutions[..2].copy_from_slice(&[(4, 0), (2, 2)]);
        assert_eq!(
            [1, 2, 4, 8].map(|factor| passes.needed_for(factor)),
            [4, 3, 1, 1]
        );
        let one = Passes::default();
        assert_eq!([1, 8].map(|factor| one.needed_for(factor)), [1, 1]);
    }
}
