use crate::Error;
use crate::bits::unpack_signed;
use crate::entropy::{AnsReader, LocalReader, OtherReader};

/// A source of residuals.
pub(in crate::modular) trait Symbols {
    /// Whether reading a residual takes less time than predicting a sample.
    const ARE_FAST: bool;

    /// Reads the next residual, in `cluster`.
    fn read(&mut self, cluster: u32) -> Result<i32, Error>;

    /// Fills a row with what `sample` makes of residuals that are coded in `cluster`, many of which
    /// are 0.
    fn read_row(
        &mut self,
        cluster: u32,
        row: &mut [i32],
        sample: impl Fn(i32) -> i32,
    ) -> Result<(), Error>;

    /// The only residual there is in `cluster`, if it takes no bits.
    fn constant(&self, cluster: u32) -> Option<i32>;

    /// The reader for loops.
    type Local<'l>: LocalSymbols
    where
        Self: 'l;

    /// Returns a reader for a loop.
    fn local(&mut self) -> Self::Local<'_>;
}

/// [`Symbols`] within a loop.
pub(in crate::modular) trait LocalSymbols {
    /// As [`Symbols::read`].
    fn read(&mut self, cluster: u32) -> Result<i32, Error>;
}

impl LocalSymbols for LocalReader<'_, '_> {
    #[inline(always)]
    fn read(&mut self, cluster: u32) -> Result<i32, Error> {
        Ok(unpack_signed(LocalReader::read(self, cluster as u8)?))
    }
}

impl LocalSymbols for &mut OtherReader<'_, '_> {
    #[inline(always)]
    fn read(&mut self, cluster: u32) -> Result<i32, Error> {
        Symbols::read(*self, cluster)
    }
}

impl<'c, 'd> Symbols for AnsReader<'c, 'd> {
    const ARE_FAST: bool = true;

    type Local<'l>
        = LocalReader<'l, 'd>
    where
        Self: 'l;

    #[inline(always)]
    fn local(&mut self) -> LocalReader<'_, 'd> {
        AnsReader::local(self)
    }

    #[inline(always)]
    fn read(&mut self, cluster: u32) -> Result<i32, Error> {
        Ok(unpack_signed(AnsReader::read(self, cluster as u8)?))
    }

    #[inline]
    fn read_row(
        &mut self,
        cluster: u32,
        row: &mut [i32],
        sample: impl Fn(i32) -> i32,
    ) -> Result<(), Error> {
        let of_zero = sample(0);
        self.with_sparse(|reader| {
            for out in row {
                *out = match reader.read(cluster as u8)? {
                    None => of_zero,
                    Some(coded) => sample(unpack_signed(coded)),
                };
            }
            Ok(())
        })
    }

    fn constant(&self, cluster: u32) -> Option<i32> {
        self.code().constant(cluster as u8).map(unpack_signed)
    }
}

impl<'c, 'd> Symbols for OtherReader<'c, 'd> {
    const ARE_FAST: bool = false;

    type Local<'l>
        = &'l mut OtherReader<'c, 'd>
    where
        Self: 'l;

    #[inline(always)]
    fn local(&mut self) -> &mut Self {
        self
    }

    #[inline(always)]
    fn read(&mut self, cluster: u32) -> Result<i32, Error> {
        Ok(unpack_signed(OtherReader::read(self, cluster as u8)?))
    }

    fn read_row(
        &mut self,
        cluster: u32,
        row: &mut [i32],
        sample: impl Fn(i32) -> i32,
    ) -> Result<(), Error> {
        for out in row {
            *out = sample(Symbols::read(self, cluster)?);
        }
        Ok(())
    }

    fn constant(&self, cluster: u32) -> Option<i32> {
        self.code().constant(cluster as u8).map(unpack_signed)
    }
}
