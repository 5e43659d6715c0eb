use frame_arena::{PlaneView, PlaneViewMut, Scope};
use jxl_bitstream::Bitstream;
use jxl_frame::FrameHeader;
use jxl_transforms::transform_map::{
    HfTransformType, block_shape_id, covered_blocks_x, covered_blocks_y,
};

use super::coefficients::{CodedBlock, PassReader};
use super::dequantise::{QuantBias, Reconstruct, Workspace};
use super::geometry::{BLOCK_DIM, CORRELATION_BLOCKS, GROUP_BLOCKS, Geometry};
use super::hf_global::HfGlobal;
use super::lf_global::VarDctGlobal;
use super::maps::{BlockMaps, LfImage, varblock_at};
use super::quant_table::QuantTables;
use crate::Error;
use crate::simd::dispatch;

/// Channels in the order that their coefficients are coded in.
const CODED: [usize; 3] = [1, 0, 2];

/// A value for each of three channels. Unlike `map` of arrays, this is always inlined.
#[inline(always)]
fn each<T>(value: impl Fn(usize) -> T) -> [T; 3] {
    [value(0), value(1), value(2)]
}

/// Decodes the groups of a frame, in any order and from any thread.
pub(crate) struct GroupDecoder<'a> {
    geometry: Geometry,
    global: &'a VarDctGlobal,
    hf: &'a HfGlobal<'a>,
    maps: &'a BlockMaps<'a>,
    lf: [PlaneView<'a, f32>; 3],
    tables: QuantTables<'a>,
    bias: QuantBias,
    /// Of X, Y, B.
    scales: [f32; 3],
    /// Left shift of the coefficients of each pass.
    shifts: &'a [u32],
    /// Blocks of the largest varblock.
    most_blocks: usize,
}

/// What [`GroupDecoder::new`] takes.
pub(crate) struct GroupInput<'a> {
    pub(crate) geometry: Geometry,
    pub(crate) header: &'a FrameHeader,
    pub(crate) global: &'a VarDctGlobal,
    pub(crate) hf: &'a HfGlobal<'a>,
    pub(crate) maps: &'a BlockMaps<'a>,
    pub(crate) lf: &'a LfImage<'a>,
    /// Transforms that the frame uses, a bit for each.
    pub(crate) used_transforms: u32,
    pub(crate) bias: QuantBias,
}

/// A varblock in the group that is being decoded.
#[derive(Clone, Copy)]
struct Varblock {
    transform: HfTransformType,
    /// Place in the group, in blocks.
    x: usize,
    y: usize,
    /// Place of the group in the frame, in blocks.
    group: (usize, usize),
}

impl<'a> GroupDecoder<'a> {
    /// Computes the quantisation tables of the transforms in use; custom ones come from `scope`.
    ///
    /// # Errors
    /// Tables whose weights are out of range, memory.
    pub(crate) fn new(input: GroupInput<'a>, scope: &'a Scope) -> Result<Self, Error> {
        let used = input.used_transforms;
        let is_used = |&transform: &HfTransformType| used >> (transform as u32) & 1 == 1;
        let blocks = |t| (covered_blocks_x(t) * covered_blocks_y(t)) as usize;
        let transforms = HfTransformType::VALUES.into_iter().filter(is_used);
        let step = input.global.quantiser.hf_step();
        let scale = |coded: u32| step * 0.8_f32.powi(coded as i32 - 2);
        Ok(Self {
            geometry: input.geometry,
            global: input.global,
            hf: input.hf,
            maps: input.maps,
            lf: input.lf.views(),
            tables: QuantTables::new(&input.hf.tables, used, scope)?,
            bias: input.bias,
            scales: [
                scale(input.header.x_qm_scale),
                step,
                scale(input.header.b_qm_scale),
            ],
            shifts: &input.header.passes.shift,
            most_blocks: transforms.map(blocks).max().unwrap_or(1),
        })
    }

    /// Decodes the group at `column` and `row` (in groups) from one section for each pass into
    /// the samples of X, Y, B, whole blocks of them. The readers are left behind the coefficients.
    ///
    /// # Errors
    /// Truncated and corrupt sections, memory.
    pub(crate) fn decode(
        &self,
        (column, row): (usize, usize),
        passes: &mut [Bitstream<'_>],
        mut out: [PlaneViewMut<'_, f32>; 3],
        scope: &Scope,
    ) -> Result<(), Error> {
        self.read((column, row), passes, Some(&mut out), scope)
    }

    /// Reads over the coefficients of a group, to what follows them in its sections.
    pub(crate) fn skip(
        &self,
        place: (usize, usize),
        passes: &mut [Bitstream<'_>],
        scope: &Scope,
    ) -> Result<(), Error> {
        self.read(place, passes, None, scope)
    }

    fn read(
        &self,
        (column, row): (usize, usize),
        passes: &mut [Bitstream<'_>],
        mut out: Option<&mut [PlaneViewMut<'_, f32>; 3]>,
        scope: &Scope,
    ) -> Result<(), Error> {
        let mut readers = Vec::with_capacity(passes.len());
        for (index, bits) in passes.iter_mut().enumerate() {
            readers.push(PassReader::new(
                bits,
                &self.hf.passes[index],
                &self.global.contexts,
                self.hf.presets,
                self.shifts.get(index).copied().unwrap_or(0),
            )?);
        }
        let group = (column * GROUP_BLOCKS, row * GROUP_BLOCKS);
        let columns = GROUP_BLOCKS.min(self.geometry.columns - group.0);
        let rows = GROUP_BLOCKS.min(self.geometry.rows - group.1);
        scope.with_scratch(|scratch| {
            let mut workspace = Workspace::new(scratch, self.most_blocks)?;
            for y in 0..rows {
                let transforms = &self.maps.transforms.row(group.1 + y)[group.0..][..columns];
                for (x, &entry) in transforms.iter().enumerate() {
                    if let Some(transform) = varblock_at(entry) {
                        let varblock = Varblock {
                            transform,
                            x,
                            y,
                            group,
                        };
                        let out = out.as_deref_mut();
                        self.decode_varblock(varblock, &mut readers, &mut workspace, out)?;
                    }
                }
            }
            Ok::<_, Error>(())
        })?;
        readers.into_iter().try_for_each(PassReader::finish)
    }

    fn decode_varblock(
        &self,
        varblock: Varblock,
        readers: &mut [PassReader<'_, '_>],
        workspace: &mut Workspace<'_>,
        out: Option<&mut [PlaneViewMut<'_, f32>; 3]>,
    ) -> Result<(), Error> {
        let Varblock {
            transform,
            x,
            y,
            group,
        } = varblock;
        let Geometry { hshift, vshift, .. } = self.geometry;
        let (frame_x, frame_y) = (group.0 + x, group.1 + y);
        let multiplier = u32::from(self.maps.multipliers.row(frame_y)[frame_x]) + 1;
        let is_coded =
            each(|c| (x >> hshift[c]) << hshift[c] == x && (y >> vshift[c]) << vshift[c] == y);
        let has_coefficients =
            self.read_coefficients(varblock, multiplier, is_coded, readers, workspace)?;
        let Some(out) = out else {
            return Ok(());
        };
        let square = (frame_x / CORRELATION_BLOCKS, frame_y / CORRELATION_BLOCKS);
        let correlation = |chroma: usize| {
            let coded = self.maps.correlations[chroma].row(square.1)[square.0];
            self.global.correlation.factor(chroma, coded.into())
        };
        let inverse = 1.0 / multiplier as f32;
        dispatch(Reconstruct {
            workspace,
            transform,
            is_coded,
            has_coefficients,
            factors: self.tables.get(transform),
            scales: each(|c| self.scales[c] * inverse),
            bias: self.bias,
            from_y: [correlation(0), correlation(1)],
            lf: &self.lf,
            lf_place: each(|c| (frame_x >> hshift[c], frame_y >> vshift[c])),
            out,
            out_place: each(|c| (BLOCK_DIM * (x >> hshift[c]), BLOCK_DIM * (y >> vshift[c]))),
        });
        Ok(())
    }

    /// Sums the coefficients of all passes in the workspace. Returns which channels have any.
    fn read_coefficients(
        &self,
        varblock: Varblock,
        multiplier: u32,
        is_coded: [bool; 3],
        readers: &mut [PassReader<'_, '_>],
        workspace: &mut Workspace<'_>,
    ) -> Result<[bool; 3], Error> {
        let Varblock {
            transform,
            x,
            y,
            group,
        } = varblock;
        let Geometry { hshift, vshift, .. } = self.geometry;
        let lf_contexts = &self.maps.lf_contexts;
        let lf_context = match self.global.has_lf_contexts() {
            true => lf_contexts.row(group.1 + y)[group.0 + x],
            false => 0,
        };
        let columns = covered_blocks_x(transform);
        let blocks = columns * covered_blocks_y(transform);
        let order = block_shape_id(transform) as usize;
        let mut has_coefficients = [false; 3];
        let contexts = &self.global.contexts;
        let coded = each(|place| {
            let channel = CODED[place];
            CodedBlock {
                channel,
                x: x >> hshift[channel],
                y: y >> vshift[channel],
                columns: columns as usize,
                log_blocks: blocks.trailing_zeros(),
                order,
                kind: contexts.kind(place, order, multiplier, lf_context),
            }
        });
        for reader in readers {
            for block in coded.iter().filter(|block| is_coded[block.channel]) {
                let out = &mut workspace.quantised[block.channel][..64 * blocks as usize];
                has_coefficients[block.channel] |= reader.read(*block, out)?;
            }
        }
        Ok(has_coefficients)
    }
}
