use frame_arena::{PlaneAlloc, PlaneView, PlaneViewMut};
use jxl_bitstream::Bitstream;

use super::lf_global::VarDctGlobal;
use super::maps::LfGroupTiles;
use crate::Error;
use crate::modular::{ChannelShape, StreamContext, decode_stream};

/// The channels in the order that they are coded in: Y, X, B.
const CODED: [usize; 3] = [1, 0, 2];

/// Decodes the LF coefficients of an LF group (ISO/IEC 18181-1, G.2.2) into samples of the LF
/// image and their contexts; there are none if an LF frame is the LF image. `factors` are the frame's for X, Y, B; `is_subsampled` frames
/// have no chroma from luma in them. Scratch has [room](super::lf_group_room) of `room_bytes`.
///
/// # Errors
/// Truncated and corrupt streams, memory.
pub(crate) fn decode_lf_coefficients(
    bits: &mut Bitstream<'_>,
    stream: StreamContext<'_>,
    global: &VarDctGlobal,
    factors: [f32; 3],
    is_subsampled: bool,
    room_bytes: usize,
    tiles: &mut LfGroupTiles<'_>,
) -> Result<(), Error> {
    let Some(lf) = &mut tiles.lf else {
        return Ok(());
    };
    let contexts = &mut tiles.lf_contexts;
    let extra_precision = bits.read_bits(2)?;
    let step = global.quantiser.lf_step() / (1 << extra_precision) as f32;
    let factors = factors.map(|factor| factor * step);
    let scratch = stream.scope.scratch_with_room(room_bytes)?;
    let shapes = CODED.map(|c| ChannelShape::full(lf[c].width(), lf[c].height()));
    // Stale: all samples are decoded.
    let mut planes = Vec::with_capacity(3);
    for shape in shapes {
        planes.push(scratch.stale_plane::<i32>(shape.width, shape.height)?);
    }
    let mut targets: Vec<_> = planes.iter_mut().map(|plane| plane.view_mut()).collect();
    decode_stream(bits, stream, &shapes, &mut targets)?;
    drop(targets);
    let quantised = CODED.map(|c| planes[c].view());
    if is_subsampled {
        dequantise(quantised, factors, lf);
    } else {
        dequantise_correlated(quantised, factors, global, lf);
    }
    find_contexts(quantised, global, contexts.as_mut());
    Ok(())
}

fn dequantise(
    quantised: [PlaneView<'_, i32>; 3],
    factors: [f32; 3],
    lf: &mut [PlaneViewMut<'_, f32>; 3],
) {
    let channels = lf.iter_mut().zip(quantised).zip(factors);
    for ((lf, quantised), factor) in channels {
        for (row, quantised) in lf.rows_mut().zip(quantised.rows()) {
            for (sample, &quantised) in row.iter_mut().zip(quantised) {
                *sample = quantised as f32 * factor;
            }
        }
    }
}

fn dequantise_correlated(
    [x_in, y_in, b_in]: [PlaneView<'_, i32>; 3],
    factors: [f32; 3],
    global: &VarDctGlobal,
    [x_out, y_out, b_out]: &mut [PlaneViewMut<'_, f32>; 3],
) {
    let x_from_y = global.correlation.lf_factor(0);
    let b_from_y = global.correlation.lf_factor(1);
    for row in 0..y_in.height() {
        let y_row = y_out.row_mut(row);
        for (y, &quantised) in y_row.iter_mut().zip(y_in.row(row)) {
            *y = quantised as f32 * factors[1];
        }
        let chroma = [
            (&mut *x_out, x_in, factors[0], x_from_y),
            (&mut *b_out, b_in, factors[2], b_from_y),
        ];
        for (out, quantised, factor, from_y) in chroma {
            let samples = out.row_mut(row).iter_mut().zip(quantised.row(row));
            for ((sample, &quantised), &y) in samples.zip(&*y_row) {
                *sample = y * from_y + quantised as f32 * factor;
            }
        }
    }
}

fn find_contexts(
    quantised: [PlaneView<'_, i32>; 3],
    global: &VarDctGlobal,
    contexts: Option<&mut PlaneViewMut<'_, u8>>,
) {
    let Some(contexts) = contexts else {
        return;
    };
    let (width, height) = (contexts.width(), contexts.height());
    // Subsampled channels have a half or all of the columns and rows.
    let shifts = quantised.map(|channel| {
        let shift = |whole: usize, samples: usize| usize::from(samples < whole);
        (
            shift(width, channel.width()),
            shift(height, channel.height()),
        )
    });
    for (y, row) in contexts.rows_mut().enumerate() {
        let rows = [0, 1, 2].map(|c| quantised[c].row(y >> shifts[c].1));
        for (x, context) in row.iter_mut().enumerate() {
            *context = global
                .contexts
                .lf_context([0, 1, 2].map(|c| rows[c][x >> shifts[c].0]));
        }
    }
}
