use jxl_bitstream::{Bitstream, unpack_signed};
use jxl_coding::Decoder;

use crate::Error;
use crate::entropy::{AnsReader, LocalReader};

/// Where residuals come from.
pub(in crate::modular) trait Symbols {
    /// The next residual, coded in `cluster`.
    fn read(&mut self, cluster: u32) -> Result<i32, Error>;

    /// The only residual there is in `cluster`, if it takes no bits.
    fn constant(&self, cluster: u32) -> Option<i32>;

    /// What reads for a loop.
    type Local<'l>: LocalSymbols
    where
        Self: 'l;

    /// Lends itself to a loop.
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

impl LocalSymbols for &mut Any<'_, '_, '_> {
    #[inline(always)]
    fn read(&mut self, cluster: u32) -> Result<i32, Error> {
        Symbols::read(*self, cluster)
    }
}

impl<'c, 'd> Symbols for AnsReader<'c, 'd> {
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

    fn constant(&self, cluster: u32) -> Option<i32> {
        self.code().constant(cluster as u8).map(unpack_signed)
    }
}

/// Residuals of any code, which may be copied from earlier ones (LZ77).
pub(in crate::modular) struct Any<'d, 'b, 'i> {
    pub(in crate::modular) decoder: &'d mut Decoder,
    pub(in crate::modular) bits: &'b mut Bitstream<'i>,
    /// Width of the widest channel of the stream.
    pub(in crate::modular) distance_multiplier: u32,
}

impl<'d, 'b, 'i> Symbols for Any<'d, 'b, 'i> {
    type Local<'l>
        = &'l mut Any<'d, 'b, 'i>
    where
        Self: 'l;

    #[inline(always)]
    fn local(&mut self) -> &mut Self {
        self
    }

    #[inline(always)]
    fn read(&mut self, cluster: u32) -> Result<i32, Error> {
        let symbol = self.decoder.read_varint_with_multiplier_clustered(
            self.bits,
            cluster as u8,
            self.distance_multiplier,
        )?;
        Ok(unpack_signed(symbol))
    }

    fn constant(&self, cluster: u32) -> Option<i32> {
        self.decoder.single_token(cluster as u8).map(unpack_signed)
    }
}
