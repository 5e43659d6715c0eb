use jxl_bitstream::{Bitstream, U, unpack_signed};

use super::order::ORDERS;
use crate::Error;

/// Contexts of the number of coefficients that are not zero, for each block context.
const NON_ZERO_CONTEXTS: usize = 37;
/// Contexts of coefficients, for each block context.
pub(super) const COEFFICIENT_CONTEXTS: usize = 458;
/// Most kinds of blocks that a frame may tell apart (ISO/IEC 18181-1, I.2.2).
const MAX_CLUSTERS: u32 = 16;
/// Most combinations of LF and multiplier thresholds.
const MAX_COMBINATIONS: usize = 64;

/// How the statistics of a varblock's coefficients depend on the varblock.
pub(super) struct BlockContexts {
    /// Of quantised X, Y, B of the LF image.
    lf_thresholds: [Vec<i32>; 3],
    multiplier_thresholds: Vec<u32>,
    /// Kinds of blocks, by channel, order, multiplier and LF image.
    map: Vec<u8>,
    clusters: usize,
}

#[rustfmt::skip]
const DEFAULT_MAP: [u8; 3 * ORDERS] = [
    0, 1, 2, 2, 3, 3, 4, 5, 6, 6, 6, 6, 6,
    7, 8, 9, 9, 10, 11, 12, 13, 14, 14, 14, 14, 14,
    7, 8, 9, 9, 10, 11, 12, 13, 14, 14, 14, 14, 14,
];

impl BlockContexts {
    pub(super) fn parse(bits: &mut Bitstream<'_>) -> Result<Self, Error> {
        if bits.read_bool()? {
            return Ok(Self {
                lf_thresholds: [vec![], vec![], vec![]],
                multiplier_thresholds: vec![],
                map: DEFAULT_MAP.to_vec(),
                clusters: 15,
            });
        }
        let mut lf_thresholds = [vec![], vec![], vec![]];
        for thresholds in &mut lf_thresholds {
            for _ in 0..bits.read_bits(4)? {
                let coded = bits.read_u32(U(4), 16 + U(8), 272 + U(16), 65808 + U(32))?;
                thresholds.push(unpack_signed(coded));
            }
        }
        let mut multiplier_thresholds = vec![];
        for _ in 0..bits.read_bits(4)? {
            multiplier_thresholds.push(1 + bits.read_u32(U(2), 4 + U(3), 12 + U(5), 44 + U(8))?);
        }
        let lf_contexts = lf_contexts(&lf_thresholds);
        let combinations = lf_contexts * (multiplier_thresholds.len() + 1);
        if combinations > MAX_COMBINATIONS {
            return Err(Error::corrupt("too many block contexts"));
        }
        let entries = (3 * ORDERS * combinations) as u32;
        let (clusters, map) = jxl_coding::read_clusters(bits, entries)?;
        if clusters > MAX_CLUSTERS {
            return Err(Error::corrupt("too many block contexts"));
        }
        Ok(Self {
            lf_thresholds,
            multiplier_thresholds,
            map,
            clusters: clusters as usize,
        })
    }

    /// How many values [`lf_context`](Self::lf_context) takes.
    pub(super) fn lf_contexts(&self) -> usize {
        lf_contexts(&self.lf_thresholds)
    }

    /// Where quantised X, Y, B of the LF image lie between the thresholds.
    pub(super) fn lf_context(&self, quantised: [i32; 3]) -> u8 {
        let mut context = 0;
        for channel in [0, 2, 1] {
            let thresholds = &self.lf_thresholds[channel];
            let above = thresholds.iter().filter(|&&t| quantised[channel] > t);
            context = context * (thresholds.len() + 1) + above.count();
        }
        context as u8
    }

    /// The kind of a varblock in Y (0), X (1) or B (2).
    pub(super) fn kind(
        &self,
        channel: usize,
        order: usize,
        multiplier: u32,
        lf_context: u8,
    ) -> usize {
        let thresholds = &self.multiplier_thresholds;
        let above = thresholds.iter().filter(|&&t| multiplier > t).count();
        let index = (channel * ORDERS + order) * (thresholds.len() + 1) + above;
        usize::from(self.map[index * self.lf_contexts() + usize::from(lf_context)])
    }

    /// Contexts of the coefficients of a frame, for one set of statistics.
    pub(super) fn coefficient_contexts(&self) -> usize {
        self.clusters * (NON_ZERO_CONTEXTS + COEFFICIENT_CONTEXTS)
    }

    /// The context of the number of coefficients of a block, where `predicted` are expected.
    pub(super) fn non_zero_context(&self, kind: usize, predicted: usize) -> usize {
        let bucket = match predicted {
            0..8 => predicted,
            8..64 => 4 + predicted / 2,
            _ => NON_ZERO_CONTEXTS - 1,
        };
        bucket * self.clusters + kind
    }

    /// The first context of the coefficients of a block.
    pub(super) fn coefficient_context(&self, kind: usize) -> usize {
        self.clusters * NON_ZERO_CONTEXTS + kind * COEFFICIENT_CONTEXTS
    }
}

fn lf_contexts(thresholds: &[Vec<i32>; 3]) -> usize {
    thresholds
        .iter()
        .map(|thresholds| thresholds.len() + 1)
        .product()
}
