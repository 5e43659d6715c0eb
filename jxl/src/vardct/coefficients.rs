use super::bias::ChannelBias;
use super::block_context::{BlockContexts, COEFFICIENT_CONTEXTS};
use super::geometry::GROUP_BLOCKS;
use super::hf_global::Pass;
use super::order::Place;
use super::transform::Positions;
use crate::Error;
use crate::bits::{Bits, unpack_signed};
use crate::entropy::{AnsReader, Symbols};
use crate::memory::Memory;

/// Twice the context of the number of coefficients still to come. That number is in units of the
/// varblock's blocks, rounded up (ISO/IEC 18181-1, I.3.4).
#[rustfmt::skip]
const LEFT_CONTEXT: [u32; 64] = [
    0, 0, 62, 124, 124, 186, 186, 186, 186, 246, 246, 246, 246, 304, 304, 304,
    304, 304, 304, 304, 304, 360, 360, 360, 360, 360, 360, 360, 360, 360, 360, 360,
    360, 412, 412, 412, 412, 412, 412, 412, 412, 412, 412, 412, 412, 412, 412, 412,
    412, 412, 412, 412, 412, 412, 412, 412, 412, 412, 412, 412, 412, 412, 412, 412,
];

/// A varblock in one channel, as needed to read its coefficients.
#[derive(Clone, Copy)]
pub(super) struct CodedBlock {
    pub(super) channel: usize,
    /// Place in the group, in blocks of the channel.
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) columns: usize,
    /// log2 of the number of blocks covered.
    pub(super) log_blocks: u32,
    pub(super) order: usize,
    /// The varblock's block context.
    pub(super) kind: usize,
}

/// Receives the coefficients of a varblock.
pub(super) trait Coefficients {
    /// Adds the integer `coded`, times 2^`shift`, to the coefficient at `position`. The sum wraps.
    ///
    /// # Panics
    /// If the varblock has no such position.
    fn add(&mut self, position: u16, coded: u32, shift: u32);
}

/// Sums the quantized coefficients of all passes.
impl<const LEN: usize> Coefficients for &mut [i32; LEN] {
    #[inline(always)]
    fn add(&mut self, position: u16, coded: u32, shift: u32) {
        let sum = &mut self[usize::from(position)];
        *sum = sum.wrapping_add(shifted(coded, shift));
    }
}

/// Dequantizes the coefficients of a frame's only pass as they are read.
pub(super) struct Values<'a> {
    pub(super) values: &'a mut [f32],
    pub(super) factors: &'a [f32],
    pub(super) scale: f32,
    pub(super) bias: &'a ChannelBias,
    /// Values of the smallest coded integers. Empty if coefficients are shifted.
    pub(super) small: &'a [f32],
}

/// The integer `coded`, times 2^`shift`, with wrapping.
#[inline(always)]
pub(super) fn shifted(coded: u32, shift: u32) -> i32 {
    unpack_signed(coded).wrapping_shl(shift)
}

impl Coefficients for Values<'_> {
    #[inline(always)]
    fn add(&mut self, position: u16, coded: u32, shift: u32) {
        let position = usize::from(position);
        let biased = match self.small.get(coded as usize) {
            Some(&biased) => biased,
            None => self.bias.apply(shifted(coded, shift)),
        };
        self.values[position] = biased * (self.factors[position] * self.scale);
    }
}

/// Discards coefficients.
#[derive(Clone, Copy)]
pub(super) struct Skipped;

impl Coefficients for Skipped {
    #[inline(always)]
    fn add(&mut self, _: u16, _: u32, _: u32) {}
}

/// Reads the coefficients of one pass of a group.
pub(super) struct PassReader<'a, 'b> {
    symbols: Symbols<'a, 'b>,
    bits: &'a mut Bits<'b>,
    pass: &'a Pass<'a>,
    contexts: &'a BlockContexts<'a>,
    /// Clusters of the contexts in the preset that the group chose.
    clusters: &'a [u8],
    /// log2 of the factor of the pass's coefficients.
    shift: u32,
    /// Nonzero coefficients per block, in each column, of the latest varblock there.
    non_zeros: [[u8; GROUP_BLOCKS]; 3],
}

impl<'a, 'b> PassReader<'a, 'b> {
    /// Starts the pass: reads the number of its preset.
    pub(super) fn new(
        bits: &'a mut Bits<'b>,
        pass: &'a Pass<'a>,
        contexts: &'a BlockContexts<'a>,
        (presets, shift): (u32, u32),
        memory: Memory<'a>,
    ) -> Result<Self, Error> {
        let preset_bits = presets.next_power_of_two().trailing_zeros();
        let preset = bits.read(preset_bits)?;
        if preset >= presets {
            return Err(Error::corrupt("HF preset out of range"));
        }
        let count = contexts.coefficient_contexts();
        let clusters = &pass.code.clusters()[preset as usize * count..][..count];
        Ok(Self {
            symbols: Symbols::begin(&pass.code, bits, memory)?,
            bits,
            pass,
            contexts,
            clusters,
            shift,
            non_zeros: [[0; GROUP_BLOCKS]; 3],
        })
    }

    /// Ends the pass. The section's reader then stands after the coefficients.
    pub(super) fn finish(self) -> Result<(), Error> {
        self.symbols.finish(self.bits)
    }

    /// Passes the coefficients of a varblock to `out`. Returns a bound on the positions that are
    /// not zero.
    #[inline]
    pub(super) fn read(
        &mut self,
        block: CodedBlock,
        out: &mut impl Coefficients,
    ) -> Result<Positions, Error> {
        let counts = &mut self.non_zeros[block.channel];
        let predicted = predict(counts, block.x, block.y);
        let context = self.contexts.non_zero_context(block.kind, predicted);
        let clusters = &self.clusters[self.contexts.coefficient_context(block.kind)..];
        let scan = Scan {
            order: self.pass.order(block.order, block.channel),
            count_cluster: self.clusters[context],
            clusters: clusters.first_chunk().ok_or_else(too_sparse)?,
            log_blocks: block.log_blocks,
            shift: self.shift,
        };
        let (count, positions) = match &mut self.symbols {
            Symbols::Ans(reader) => match block.log_blocks {
                0 => scan.read_ans::<true>(reader, out)?,
                _ => scan.read_ans::<false>(reader, out)?,
            },
            Symbols::Other(reader) => scan.read::<false, _>(out, |cluster| {
                let integer = reader.read(cluster)?;
                Ok::<_, Error>((integer != 0).then_some(integer))
            })?,
        };
        let per_block = per_block(count, block.log_blocks) as u8;
        // Slices of one or two entries, which most are, are written without a loop.
        match &mut counts[block.x..block.x + block.columns] {
            [count] => *count = per_block,
            [first, second] => (*first, *second) = (per_block, per_block),
            counts => counts.fill(per_block),
        }
        Ok(positions)
    }
}

/// The number of nonzero coefficients per block, predicted from the neighbors above and to the
/// left.
fn predict(counts: &[u8; GROUP_BLOCKS], x: usize, y: usize) -> usize {
    match (x, y) {
        (0, 0) => 32,
        (0, _) => counts[0].into(),
        (_, 0) => counts[x - 1].into(),
        _ => (usize::from(counts[x]) + usize::from(counts[x - 1])).div_ceil(2),
    }
}

/// Reads the coefficients of one channel of a varblock in coded order.
struct Scan<'a> {
    order: &'a [Place],
    /// Cluster of the count of nonzero coefficients.
    count_cluster: u8,
    /// Clusters of the block's contexts.
    clusters: &'a [u8; COEFFICIENT_CONTEXTS],
    log_blocks: u32,
    shift: u32,
}

impl Scan<'_> {
    /// [`read`](Self::read) for ANS codes. A separate function keeps the reader in registers.
    #[inline(never)]
    fn read_ans<const IS_BLOCK: bool>(
        &self,
        reader: &mut AnsReader<'_, '_>,
        out: &mut impl Coefficients,
    ) -> Result<(u32, Positions), Error> {
        reader.with_sparse(
            #[inline(always)]
            |reader| {
                self.read::<IS_BLOCK, _>(
                    out,
                    #[inline(always)]
                    |cluster| reader.read(cluster),
                )
            },
        )
    }

    /// Passes the nonzero coefficients to `out`. Returns their number and a bound on their
    /// positions. `symbol` reads the next integer and returns `None` for zero. With `IS_BLOCK`, the
    /// varblock is a single block.
    #[inline(always)]
    fn read<const IS_BLOCK: bool, E>(
        &self,
        out: &mut impl Coefficients,
        mut symbol: impl FnMut(u8) -> Result<Option<u32>, E>,
    ) -> Result<(u32, Positions), Error>
    where
        Error: From<E>,
    {
        let Some(count) = symbol(self.count_cluster)? else {
            return Ok((0, Positions::NONE));
        };
        let log_blocks = if IS_BLOCK { 0 } else { self.log_blocks };
        if count > 63 << log_blocks {
            return Err(Error::corrupt("varblock with too many coefficients"));
        }
        let mut positions = Positions::NONE;
        let blocks = 1 << log_blocks;
        let mut left = count;
        let mut after_non_zero = u32::from(left as usize <= 4 * blocks);
        let mut left_context = LEFT_CONTEXT[per_block(left, log_blocks) as usize & 63];
        for place in &self.order[blocks..blocks * 64] {
            let context = left_context + u32::from(place[1]) + after_non_zero;
            let cluster = self.clusters.get(context as usize);
            let &cluster = cluster.ok_or_else(too_sparse)?;
            let Some(coded) = symbol(cluster)? else {
                after_non_zero = 0;
                continue;
            };
            out.add(place[0], coded, self.shift);
            positions.add(place[0]);
            left -= 1;
            if left == 0 {
                return Ok((count, positions));
            }
            after_non_zero = 1;
            left_context = LEFT_CONTEXT[per_block(left, log_blocks) as usize & 63];
        }
        Err(too_sparse())
    }
}

/// `count` over 2^`log_blocks` blocks, rounded up.
#[inline(always)]
fn per_block(count: u32, log_blocks: u32) -> u32 {
    (count + (1 << log_blocks) - 1) >> log_blocks
}

#[cold]
fn too_sparse() -> Error {
    Error::corrupt("fewer non-zero coefficients than coded for a varblock")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vardct::QuantBias;
    use crate::vardct::bias::pack_signed;

    #[test]
    fn values_are_those_of_sums() {
        let bias = QuantBias {
            unit: [0.5, 0.9, 0.75],
            numerator: 0.145,
        };
        let bias = ChannelBias::new(&bias, 1);
        for shift in [0, 1, 3] {
            let numbers = [0, 1, -1, 2, 63, -64, 64, 5000, -70_000];
            let (mut sums, mut values) = ([0; 9], [0.0; 9]);
            let factors: [f32; 9] = std::array::from_fn(|i| 0.5 + i as f32);
            let mut into_values = Values {
                values: &mut values,
                factors: &factors,
                scale: 0.25,
                bias: &bias,
                small: if shift == 0 { &bias.small } else { &[] },
            };
            for (position, number) in (0..).zip(numbers) {
                let coded = pack_signed(number);
                (&mut sums).add(position, coded, shift);
                into_values.add(position, coded, shift);
            }
            assert_eq!(sums, numbers.map(|number| number << shift));
            let expected = std::array::from_fn(|i| bias.apply(sums[i]) * (factors[i] * 0.25));
            assert_eq!(values, expected);
        }
    }
}
