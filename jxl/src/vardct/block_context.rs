use super::order::ORDERS;
use crate::Error;
use crate::bits::{Bits, Truncated, U, unpack_signed};
use crate::entropy::read_clusters;
use crate::memory::Memory;

/// Contexts of the number of coefficients that are not zero, for each block context.
const NON_ZERO_CONTEXTS: usize = 37;
/// Contexts of coefficients, for each block context.
pub(super) const COEFFICIENT_CONTEXTS: usize = 458;
/// Most block contexts that a frame may have (ISO/IEC 18181-1, I.2.2).
const MAX_CLUSTERS: usize = 16;
/// Most combinations of LF and multiplier thresholds.
const MAX_COMBINATIONS: usize = 64;

/// Chooses the contexts of a varblock's coefficients from properties of the varblock.
pub(super) struct BlockContexts<'m> {
    /// Thresholds for the quantized X, Y and B of the LF image.
    lf_thresholds: [Thresholds; 3],
    multiplier_thresholds: Thresholds,
    /// Block contexts, indexed by channel, order, multiplier and LF context.
    map: &'m [u8],
    clusters: usize,
}

/// Thresholds that divide the integers into up to sixteen ranges.
#[derive(Clone, Copy, Default)]
struct Thresholds {
    values: [i64; 15],
    count: usize,
}

impl Thresholds {
    fn parse(
        bits: &mut Bits<'_>,
        mut read: impl FnMut(&mut Bits<'_>) -> Result<i64, Truncated>,
    ) -> Result<Self, Error> {
        let mut thresholds = Self {
            count: bits.read(4)? as usize,
            ..Self::default()
        };
        for value in &mut thresholds.values[..thresholds.count] {
            *value = read(bits)?;
        }
        Ok(thresholds)
    }

    /// The number of thresholds that `value` exceeds.
    fn below(&self, value: i64) -> usize {
        let values = &self.values[..self.count];
        values
            .iter()
            .filter(|&&threshold| value > threshold)
            .count()
    }

    fn ranges(&self) -> usize {
        self.count + 1
    }
}

#[rustfmt::skip]
static DEFAULT_MAP: [u8; 3 * ORDERS] = [
    0, 1, 2, 2, 3, 3, 4, 5, 6, 6, 6, 6, 6,
    7, 8, 9, 9, 10, 11, 12, 13, 14, 14, 14, 14, 14,
    7, 8, 9, 9, 10, 11, 12, 13, 14, 14, 14, 14, 14,
];

impl<'m> BlockContexts<'m> {
    pub(super) fn parse(bits: &mut Bits<'_>, memory: Memory<'m>) -> Result<Self, Error> {
        if bits.read_bool()? {
            return Ok(Self {
                lf_thresholds: [Thresholds::default(); 3],
                multiplier_thresholds: Thresholds::default(),
                map: &DEFAULT_MAP,
                clusters: 15,
            });
        }
        let mut lf_thresholds = [Thresholds::default(); 3];
        for thresholds in &mut lf_thresholds {
            *thresholds = Thresholds::parse(bits, |bits| {
                let coded = bits.read_u32(U(4), 16 + U(8), 272 + U(16), 65808 + U(32))?;
                Ok(unpack_signed(coded).into())
            })?;
        }
        let multiplier_thresholds = Thresholds::parse(bits, |bits| {
            Ok(1 + i64::from(bits.read_u32(U(2), 4 + U(3), 12 + U(5), 44 + U(8))?))
        })?;
        let lf_contexts = lf_contexts(&lf_thresholds);
        let combinations = lf_contexts * multiplier_thresholds.ranges();
        if combinations > MAX_COMBINATIONS {
            return Err(Error::corrupt("too many block contexts"));
        }
        let entries = 3 * ORDERS * combinations;
        let (clusters, map) = read_clusters(bits, entries, memory)?;
        if clusters > MAX_CLUSTERS {
            return Err(Error::corrupt("too many block contexts"));
        }
        Ok(Self {
            lf_thresholds,
            multiplier_thresholds,
            map,
            clusters,
        })
    }

    /// The number of values that [`lf_context`](Self::lf_context) returns.
    pub(super) fn lf_contexts(&self) -> usize {
        lf_contexts(&self.lf_thresholds)
    }

    /// The ranges that the quantized X, Y and B of the LF image lie in, as one number.
    pub(super) fn lf_context(&self, quantized: [i32; 3]) -> u8 {
        let mut context = 0;
        for channel in [0, 2, 1] {
            let thresholds = &self.lf_thresholds[channel];
            context = context * thresholds.ranges() + thresholds.below(quantized[channel].into());
        }
        context as u8
    }

    /// The block contexts of a varblock in Y, X and B.
    #[inline]
    pub(super) fn kinds(&self, order: usize, multiplier: u32, lf_context: u8) -> [usize; 3] {
        let thresholds = &self.multiplier_thresholds;
        let (ranges, lf_contexts) = (thresholds.ranges(), self.lf_contexts());
        let above = thresholds.below(multiplier.into());
        let kind = |channel: usize| {
            let index = (channel * ORDERS + order) * ranges + above;
            usize::from(self.map[index * lf_contexts + usize::from(lf_context)])
        };
        [kind(0), kind(1), kind(2)]
    }

    /// The number of coefficient contexts in one preset of a frame.
    pub(super) fn coefficient_contexts(&self) -> usize {
        self.clusters * (NON_ZERO_CONTEXTS + COEFFICIENT_CONTEXTS)
    }

    /// The context of a block's count of nonzero coefficients; `predicted` is the count expected
    /// from neighbors.
    pub(super) fn non_zero_context(&self, kind: usize, predicted: usize) -> usize {
        let bucket = match predicted {
            0..8 => predicted,
            8..64 => 4 + predicted / 2,
            _ => NON_ZERO_CONTEXTS - 1,
        };
        bucket * self.clusters + kind
    }

    /// The first coefficient context of a block.
    pub(super) fn coefficient_context(&self, kind: usize) -> usize {
        self.clusters * NON_ZERO_CONTEXTS + kind * COEFFICIENT_CONTEXTS
    }
}

fn lf_contexts(thresholds: &[Thresholds; 3]) -> usize {
    thresholds.iter().map(Thresholds::ranges).product()
}
