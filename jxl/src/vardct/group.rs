use crate::bits::Bits;
use crate::headers::{FrameHeader, MAX_PASSES, Passes};
use bytemuck::cast_slice_mut;
use frame_arena::{AllocError, PlaneView, PlaneViewMut, Scope, ScratchPlan, Spec};
use jxl_simd::SimdDescriptor;

use super::bias::{ChannelBias, QuantBias};
use super::coefficients::{CodedBlock, Coefficients, PassReader, Skipped, Values};
use super::dequantize::{MAX_BLOCKS, Reconstruct, Workspace};
use super::geometry::{BLOCK_DIM, CORRELATION_BLOCKS, GROUP_BLOCKS, Geometry};
use super::hf_global::HfGlobal;
use super::large::{Area, InPlace, ReconstructLarge};
use super::lf_global::VarDctGlobal;
use super::maps::{BlockMaps, LfImage, varblock_at};
use super::transform::{Positions, TransformType, average};
use crate::Error;
use crate::grid::{GroupPos, Pos, Size};
use crate::memory::Memory;
use crate::simd::{Kernel, dispatch_octets};

/// Channel indices in coded order: Y, X, B.
const CODED: [usize; 3] = [1, 0, 2];

/// Makes a value for each of three channels. Unlike `map` on arrays, this is always inlined.
#[inline(always)]
fn each<T>(value: impl Fn(usize) -> T) -> [T; 3] {
    [value(0), value(1), value(2)]
}

/// Decodes the groups of a frame, in any order and from any thread.
pub(crate) struct GroupDecoder<'a> {
    geometry: Geometry,
    global: &'a VarDctGlobal<'a>,
    hf: &'a HfGlobal<'a>,
    maps: &'a BlockMaps<'a>,
    lf: [PlaneView<'a, f32>; 3],
    biases: [ChannelBias; 3],
    /// Dequantization factors of X, Y, B.
    scales: [f32; 3],
    /// Columns and rows of samples of a block in each channel.
    blocks: [Size; 3],
    /// Bits that are zero in the places of varblocks that a channel is coded in.
    skipped: [Pos; 3],
    /// The passes of the frame header, with the left shift of each pass's coefficients.
    passes: &'a Passes,
}

/// The arguments of [`GroupDecoder::new`].
pub(crate) struct GroupInput<'a> {
    pub(crate) geometry: Geometry,
    pub(crate) header: &'a FrameHeader<'a>,
    pub(crate) global: &'a VarDctGlobal<'a>,
    pub(crate) hf: &'a HfGlobal<'a>,
    pub(crate) maps: &'a BlockMaps<'a>,
    pub(crate) lf: &'a LfImage<'a>,
    pub(crate) bias: QuantBias,
}

/// A varblock of the group that is being decoded.
#[derive(Clone, Copy)]
struct Varblock {
    transform: TransformType,
    /// Place in the group, in blocks.
    x: usize,
    y: usize,
    /// Place of the group in the frame, in blocks.
    group: Pos,
}

impl Varblock {
    /// Place in the frame, in blocks.
    #[inline(always)]
    fn place(&self) -> Pos {
        Pos::new(self.group.x + self.x, self.group.y + self.y)
    }
}

/// Decodes the varblocks of a group. All of it is one kernel, so that small varblocks share the
/// choice of the instruction set.
struct DecodeVarblocks<'k, 'a, 'r, 'b, 's, 'p> {
    decoder: &'k GroupDecoder<'a>,
    pos: GroupPos,
    readers: &'k mut [Option<PassReader<'r, 'b>>],
    workspace: &'k mut Workspace<'s>,
    out: &'k mut [PlaneViewMut<'p, f32>; 3],
    scope: &'k Scope,
}

impl Kernel for DecodeVarblocks<'_, '_, '_, '_, '_, '_> {
    type Output = Result<(), Error>;

    #[inline(always)]
    fn run<D: SimdDescriptor>(self, d: D) -> Result<(), Error> {
        let Self {
            decoder,
            pos,
            readers,
            workspace,
            out,
            scope,
        } = self;
        decoder.for_varblocks(
            pos,
            #[inline(always)]
            |varblock| match varblock.transform.blocks().area() > MAX_BLOCKS {
                true => decoder.decode_large_varblock(varblock, readers, workspace, (out, scope)),
                false => decoder.decode_varblock(d, varblock, readers, workspace, out),
            },
        )
    }
}

impl<'a> GroupDecoder<'a> {
    pub(crate) fn new(input: GroupInput<'a>) -> Self {
        let step = input.global.quantizer.hf_step();
        let scale = |coded: u32| step * 0.8_f32.powi(coded as i32 - 2);
        Self {
            geometry: input.geometry,
            global: input.global,
            hf: input.hf,
            maps: input.maps,
            lf: input.lf.views(),
            biases: each(|c| ChannelBias::new(&input.bias, c)),
            scales: [
                scale(input.header.x_qm_scale),
                step,
                scale(input.header.b_qm_scale),
            ],
            blocks: each(|c| input.geometry.block_size(c)),
            skipped: each(|c| {
                let Geometry { hshift, vshift, .. } = &input.geometry;
                Pos::new((1 << hshift[c]) - 1, (1 << vshift[c]) - 1)
            }),
            passes: &input.header.passes,
        }
    }

    /// Plans [`decode`](Self::decode).
    pub(crate) fn plan(task: &mut ScratchPlan) -> Result<(), AllocError> {
        task.scratch(|task| Workspace::spec().plan(task))
    }

    /// Decodes group `pos`, from one section for each pass, into whole blocks of X, Y and B
    /// samples. The readers then stand after the coefficients.
    ///
    /// # Errors
    /// Truncated and corrupt sections, memory.
    pub(crate) fn decode(
        &self,
        pos: GroupPos,
        passes: &mut [Bits<'_>],
        mut out: [PlaneViewMut<'_, f32>; 3],
        scope: &Scope,
    ) -> Result<(), Error> {
        let kept = scope.scratch_beyond_plan();
        let count = passes.len();
        let mut readers = self.readers(passes, Memory::new(scope, &kept))?;
        let coded = &mut readers[..count];
        scope.with_scratch(|scratch| {
            let mut workspace = Workspace::new(scratch)?;
            dispatch_octets(DecodeVarblocks {
                decoder: self,
                pos,
                readers: coded,
                workspace: &mut workspace,
                out: &mut out,
                scope,
            })
        })?;
        let mut readers = readers.into_iter().flatten();
        readers.try_for_each(PassReader::finish)
    }

    /// The number of passes that can be decoded: 0 without an HF global section.
    pub(crate) fn pass_count(&self) -> usize {
        self.hf.pass_count()
    }

    /// Skips the coefficients of a group. The readers then stand after them.
    pub(crate) fn skip(
        &self,
        pos: GroupPos,
        passes: &mut [Bits<'_>],
        scope: &Scope,
    ) -> Result<(), Error> {
        let kept = scope.scratch_beyond_plan();
        let count = passes.len();
        let mut readers = self.readers(passes, Memory::new(scope, &kept))?;
        let coded = &mut readers[..count];
        self.for_varblocks(pos, |varblock| {
            let is_coded = self.is_coded(varblock);
            let at = self.subsampled(Pos::new(varblock.x, varblock.y));
            self.read_coefficients(varblock, (is_coded, &at), coded, [Skipped; 3])?;
            Ok(())
        })?;
        let mut readers = readers.into_iter().flatten();
        readers.try_for_each(PassReader::finish)
    }

    /// Starts the readers of the passes; unused places stay empty.
    fn readers<'r, 'b>(
        &'r self,
        passes: &'r mut [Bits<'b>],
        memory: Memory<'r>,
    ) -> Result<[Option<PassReader<'r, 'b>>; MAX_PASSES], Error> {
        let mut readers = [const { None }; MAX_PASSES];
        let places = readers.iter_mut().zip(passes).enumerate();
        for (index, (reader, bits)) in places {
            *reader = Some(PassReader::new(
                bits,
                &self.hf.passes[index],
                &self.global.contexts,
                (self.hf.presets, self.passes.shift(index)),
                memory,
            )?);
        }
        Ok(readers)
    }

    /// Calls `decode` with each varblock of a group, in coded order.
    #[inline(always)]
    fn for_varblocks(
        &self,
        GroupPos { column, row }: GroupPos,
        mut decode: impl FnMut(Varblock) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let group = Pos::new(column * GROUP_BLOCKS, row * GROUP_BLOCKS);
        let columns = GROUP_BLOCKS.min(self.geometry.columns - group.x);
        let rows = GROUP_BLOCKS.min(self.geometry.rows - group.y);
        for y in 0..rows {
            let transforms = &self.maps.transforms.row(group.y + y)[group.x..][..columns];
            for (x, &entry) in transforms.iter().enumerate() {
                if let Some(transform) = varblock_at(entry) {
                    decode(Varblock {
                        transform,
                        x,
                        y,
                        group,
                    })?;
                }
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn decode_varblock<D: SimdDescriptor>(
        &self,
        d: D,
        varblock: Varblock,
        readers: &mut [Option<PassReader<'_, '_>>],
        workspace: &mut Workspace<'_>,
        out: &mut [PlaneViewMut<'_, f32>; 3],
    ) -> Result<(), Error> {
        let transform = varblock.transform;
        let at = self.subsampled(Pos::new(varblock.x, varblock.y));
        let is_coded = self.is_coded(varblock);
        let (factors, scales) = (self.hf.tables.get(transform), self.scales(varblock));
        let has_values = readers.len() == 1;
        let positions = if has_values {
            let [x, y, b] = workspace.coefficients;
            let values = |channel: usize, values| Values {
                values: cast_slice_mut::<i32, f32>(values),
                factors: factors[channel],
                scale: scales[channel],
                bias: &self.biases[channel],
                small: match self.passes.shift(0) {
                    0 => &self.biases[channel].small,
                    _ => &[],
                },
            };
            let values = [values(0, x), values(1, y), values(2, b)];
            self.read_coefficients(varblock, (is_coded, &at), readers, values)?
        } else {
            let sums = workspace.coefficients.each_mut();
            self.read_coefficients(varblock, (is_coded, &at), readers, sums)?
        };
        let mut reconstruct = Reconstruct {
            workspace,
            transform,
            is_coded,
            positions,
            has_values,
            factors,
            scales,
            biases: &self.biases,
            from_y: self.luma_shares(varblock),
            lf: &self.lf,
            lf_place: self.subsampled(varblock.place()),
            out,
            out_place: each(|c| {
                Pos::new(
                    self.blocks[c].width * at[c].x,
                    self.blocks[c].height * at[c].y,
                )
            }),
            blocks: &self.blocks,
        };
        reconstruct.run(d);
        Ok(())
    }

    /// Decodes a varblock in the place of its samples, or if these are fewer, in memory of its
    /// full size.
    #[inline(never)]
    fn decode_large_varblock(
        &self,
        varblock: Varblock,
        readers: &mut [Option<PassReader<'_, '_>>],
        workspace: &mut Workspace<'_>,
        (out, scope): (&mut [PlaneViewMut<'_, f32>; 3], &Scope),
    ) -> Result<(), Error> {
        let Varblock {
            transform, x, y, ..
        } = varblock;
        // Varblocks of several blocks are not subsampled.
        let block = self.blocks[0];
        if block == Size::square(BLOCK_DIM) {
            let area = Area::new(transform, Pos::new(x, y));
            return self.decode_in_place(varblock, area, readers, workspace, out);
        }
        let area = Area::new(transform, Pos::default());
        let kept = scope.scratch_beyond_plan();
        let memory = Memory::new(scope, &kept);
        let (width, height) = (area.width, area.height);
        let mut planes = [&mut [][..], &mut [], &mut []];
        for plane in &mut planes {
            // Stale: cleared before coefficients are added.
            *plane = memory.stale(width * height)?;
        }
        let mut samples =
            planes.map(|samples| PlaneViewMut::from_slice(samples, width, height, width));
        self.decode_in_place(varblock, area, readers, workspace, &mut samples)?;
        let Size { width, height } = transform.blocks();
        for (samples, out) in samples.iter().zip(out) {
            let out = out.reborrow();
            let mut out = out.into_rect(
                x * block.width,
                y * block.height,
                width * block.width,
                height * block.height,
            );
            average(samples.view(), &mut out);
        }
        Ok(())
    }

    fn decode_in_place(
        &self,
        varblock: Varblock,
        area: Area,
        readers: &mut [Option<PassReader<'_, '_>>],
        workspace: &mut Workspace<'_>,
        out: &mut [PlaneViewMut<'_, f32>; 3],
    ) -> Result<(), Error> {
        let Varblock {
            transform, x, y, ..
        } = varblock;
        out.iter_mut().for_each(|samples| area.clear(samples));
        let in_place = out.each_mut().map(|samples| InPlace { samples, area });
        let at = [Pos::new(x, y); 3];
        self.read_coefficients(varblock, ([true; 3], &at), readers, in_place)?;
        workspace.lend(|workspace| {
            dispatch_octets(ReconstructLarge {
                transform,
                area,
                factors: self.hf.tables.get(transform),
                scales: self.scales(varblock),
                biases: &self.biases,
                from_y: self.luma_shares(varblock),
                lf: &self.lf,
                lf_place: varblock.place(),
                samples: out,
                workspace,
            });
        });
        Ok(())
    }

    /// Channels that the varblock is coded in.
    #[inline(always)]
    fn is_coded(&self, Varblock { x, y, .. }: Varblock) -> [bool; 3] {
        each(|c| (x & self.skipped[c].x) | (y & self.skipped[c].y) == 0)
    }

    /// The place of a block in each channel.
    #[inline(always)]
    fn subsampled(&self, Pos { x, y }: Pos) -> [Pos; 3] {
        let Geometry { hshift, vshift, .. } = &self.geometry;
        each(|c| Pos::new(x >> hshift[c], y >> vshift[c]))
    }

    /// The varblock's multiplier of the quantization step.
    #[inline(always)]
    fn multiplier(&self, varblock: Varblock) -> u32 {
        let Pos { x, y } = varblock.place();
        u32::from(self.maps.multipliers.row(y)[x]) + 1
    }

    #[inline(always)]
    fn scales(&self, varblock: Varblock) -> [f32; 3] {
        let inverse = 1.0 / self.multiplier(varblock) as f32;
        each(|c| self.scales[c] * inverse)
    }

    /// Factors of Y in X and B at the varblock (chroma from luma).
    #[inline(always)]
    fn luma_shares(&self, varblock: Varblock) -> [f32; 2] {
        let Pos { x, y } = varblock.place();
        let correlation = |chroma: usize| {
            let correlations = self.maps.correlations[chroma].row(y / CORRELATION_BLOCKS);
            let coded = correlations[x / CORRELATION_BLOCKS];
            self.global.correlation.factor(chroma, coded.into())
        };
        [correlation(0), correlation(1)]
    }

    /// Adds the coefficients of all passes to the `sums` of each channel. `at` are the places of
    /// the varblock in the group. Returns bounds on the positions of nonzero ones.
    #[inline(always)]
    fn read_coefficients<C: Coefficients>(
        &self,
        varblock: Varblock,
        (is_coded, at): ([bool; 3], &[Pos; 3]),
        readers: &mut [Option<PassReader<'_, '_>>],
        mut sums: [C; 3],
    ) -> Result<[Positions; 3], Error> {
        let Varblock {
            transform,
            x,
            y,
            group,
        } = varblock;
        let lf_contexts = &self.maps.lf_contexts;
        let lf_context = match self.global.has_lf_contexts() {
            true => lf_contexts.row(group.y + y)[group.x + x],
            false => 0,
        };
        let columns = transform.blocks().width;
        let log_blocks = transform.log_blocks();
        let order = transform.order();
        let multiplier = self.multiplier(varblock);
        let mut positions = [Positions::NONE; 3];
        let kinds = self.global.contexts.kinds(order, multiplier, lf_context);
        for reader in readers.iter_mut().flatten() {
            // By index: an iterator over the array would be kept in memory.
            for index in 0..3 {
                let channel = CODED[index];
                if !is_coded[channel] {
                    continue;
                }
                let block = CodedBlock {
                    channel,
                    x: at[channel].x,
                    y: at[channel].y,
                    columns,
                    log_blocks,
                    order,
                    kind: kinds[index],
                };
                positions[channel] |= reader.read(block, &mut sums[channel])?;
            }
        }
        Ok(positions)
    }
}
