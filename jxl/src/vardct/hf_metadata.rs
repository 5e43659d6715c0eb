use crate::bits::Bits;
use frame_arena::{Plane, PlaneView, PlaneViewMut, Spec};

use super::geometry::{CORRELATION_BLOCKS, GROUP_BLOCKS};
use super::maps::{LfGroupTiles, first_block, other_block};
use super::transform::TransformType;
use crate::Error;
use crate::grid::{Pos, Size};
use crate::modular::{ChannelShape, StreamContext, decode_stream};

/// Largest multiplier minus 1. Larger coded values are clamped to it.
const MAX_MULTIPLIER: i32 = 255;
/// The number of strengths of the edge-preserving filter.
const SHARPNESSES: i32 = 8;

/// The coded channels of an LF group: correlations, varblocks, sharpness.
pub(super) fn coded_channels(blocks: Size, varblocks: usize) -> [ChannelShape; 4] {
    let squares = ChannelShape {
        width: blocks.width.div_ceil(CORRELATION_BLOCKS),
        height: blocks.height.div_ceil(CORRELATION_BLOCKS),
        hshift: 3,
        vshift: 3,
    };
    let varblocks = ChannelShape::full(varblocks, 2);
    [
        squares,
        squares,
        varblocks,
        ChannelShape::full(blocks.width, blocks.height),
    ]
}

/// Decodes the HF metadata of an LF group (ISO/IEC 18181-1, G.2.4) into its part of the maps.
/// Returns the transforms that the LF group uses, one bit each. Needs scratch of `room_bytes`, see
/// [`LfGroupShape`](super::LfGroupShape).
///
/// # Errors
/// Truncated and corrupt streams, varblocks that overlap, cross borders of groups or are larger
/// than a block in `is_subsampled` frames, memory.
pub(crate) fn decode_hf_metadata(
    bits: &mut Bits<'_>,
    stream: StreamContext<'_>,
    is_subsampled: bool,
    room_bytes: usize,
    tiles: &mut LfGroupTiles<'_>,
) -> Result<u32, Error> {
    let blocks = Size::new(tiles.transforms.width(), tiles.transforms.height());
    let count_bits = blocks.area().next_power_of_two().trailing_zeros();
    let count = bits.read(count_bits)? as usize + 1;
    let shapes = coded_channels(blocks, count);
    let scratch = stream.scope.scratch_with_room(room_bytes)?;
    let mut planes = shapes.map(ChannelShape::plane).open(&scratch)?;
    let mut targets = planes.each_mut().map(Plane::view_mut);
    decode_stream(bits, stream, &shapes, &mut targets)?;
    for (correlations, coded) in tiles.correlations.iter_mut().zip(&planes) {
        for (row, coded) in correlations.rows_mut().zip(coded.rows()) {
            for (factor, &coded) in row.iter_mut().zip(coded) {
                *factor = coded.clamp(i8::MIN.into(), i8::MAX.into()) as i8;
            }
        }
    }
    copy_sharpness(planes[3].view(), &mut tiles.sharpness)?;
    place_varblocks(planes[2].view(), is_subsampled, tiles)
}

fn copy_sharpness(coded: PlaneView<'_, i32>, out: &mut PlaneViewMut<'_, u8>) -> Result<(), Error> {
    for (row, coded) in out.rows_mut().zip(coded.rows()) {
        for (sharpness, &coded) in row.iter_mut().zip(coded) {
            if !(0..SHARPNESSES).contains(&coded) {
                return Err(Error::corrupt("sharpness out of range"));
            }
            *sharpness = coded as u8;
        }
    }
    Ok(())
}

/// Places the varblocks in coded order, each at the first block that is still uncovered.
fn place_varblocks(
    coded: PlaneView<'_, i32>,
    is_subsampled: bool,
    tiles: &mut LfGroupTiles<'_>,
) -> Result<u32, Error> {
    let mut varblocks = coded.row(0).iter().zip(coded.row(1));
    let mut used = 0;
    for y in 0..tiles.transforms.height() {
        let mut x = 0;
        while x < tiles.transforms.width() {
            if tiles.transforms.row(y)[x] != 0 {
                x += 1;
                continue;
            }
            let missing = || Error::corrupt("blocks that no varblock covers");
            let (&transform, &multiplier) = varblocks.next().ok_or_else(missing)?;
            let transform = usize::try_from(transform)
                .ok()
                .and_then(TransformType::from_number);
            let transform = transform.ok_or_else(|| Error::corrupt("unknown transform"))?;
            if is_subsampled && transform.log_blocks() != 0 {
                return Err(Error::corrupt("large varblock in a subsampled frame"));
            }
            place(
                transform,
                multiplier.clamp(0, MAX_MULTIPLIER) as u8,
                Pos::new(x, y),
                tiles,
            )?;
            used |= 1 << (transform as u32);
            x += transform.blocks().width;
        }
    }
    Ok(used)
}

fn place(
    transform: TransformType,
    multiplier: u8,
    Pos { x, y }: Pos,
    tiles: &mut LfGroupTiles<'_>,
) -> Result<(), Error> {
    let Size {
        width: columns,
        height: rows,
    } = transform.blocks();
    let crosses = |start: usize, blocks: usize, end: usize| {
        start % GROUP_BLOCKS + blocks > GROUP_BLOCKS || start + blocks > end
    };
    if crosses(x, columns, tiles.transforms.width()) || crosses(y, rows, tiles.transforms.height())
    {
        return Err(Error::corrupt("varblock across a border"));
    }
    for row in y..y + rows {
        let covered = &mut tiles.transforms.row_mut(row)[x..x + columns];
        let multipliers = &mut tiles.multipliers.row_mut(row)[x..x + columns];
        for (covered, covered_multiplier) in covered.iter_mut().zip(multipliers) {
            if *covered != 0 {
                return Err(Error::corrupt("varblocks overlap"));
            }
            *covered = other_block(transform);
            *covered_multiplier = multiplier;
        }
    }
    tiles.transforms.row_mut(y)[x] = first_block(transform);
    Ok(())
}
