use crate::bits::Bits;
use frame_arena::{Plane, PlaneView, PlaneViewMut, Spec};

use super::lf_global::VarDctGlobal;
use super::maps::LfGroupTiles;
use crate::Error;
use crate::grid::Size;
use crate::modular::{ChannelShape, StreamContext, decode_stream};

/// Channel indices in coded order: Y, X, B.
const CODED: [usize; 3] = [1, 0, 2];

/// The coded channels of an LF group whose X, Y and B have these sizes.
pub(super) fn coded_channels(sizes: [Size; 3]) -> [ChannelShape; 3] {
    CODED.map(|channel| ChannelShape::full(sizes[channel].width, sizes[channel].height))
}

/// Decodes the LF coefficients of an LF group (ISO/IEC 18181-1, G.2.2) into LF samples and LF
/// contexts. Does nothing if an LF frame is the LF image. `factors` are the frame's for X, Y and B.
/// Chroma from luma is not applied in `is_subsampled` frames. Needs scratch of `room_bytes`, see
/// [`LfGroupShape`](super::LfGroupShape).
///
/// # Errors
/// Truncated and corrupt streams, memory.
pub(crate) fn decode_lf_coefficients(
    bits: &mut Bits<'_>,
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
    let contexts = tiles.lf_contexts.as_mut();
    let extra_precision = bits.read(2)?;
    let step = global.quantizer.lf_step() / (1 << extra_precision) as f32;
    let factors = factors.map(|factor| factor * step);
    let scratch = stream.scope.scratch_with_room(room_bytes)?;
    let shapes = coded_channels(lf.each_ref().map(|lf| Size::new(lf.width(), lf.height())));
    let mut planes = shapes.map(ChannelShape::plane).open(&scratch)?;
    let mut targets = planes.each_mut().map(Plane::view_mut);
    decode_stream(bits, stream, &shapes, &mut targets)?;
    let quantized = CODED.map(|c| planes[c].view());
    if is_subsampled {
        dequantize(quantized, factors, lf);
    } else {
        dequantize_correlated(quantized, factors, global, lf);
    }
    find_contexts(quantized, global, contexts);
    Ok(())
}

/// Decodes the LF coefficients of an LF group (ISO/IEC 18181-1, G.2.2) into LF samples of X, Y and
/// B in the place of the coefficients: floats as bits. The frame is not subsampled. `factors` are
/// the frame's for X, Y and B.
///
/// # Errors
/// Truncated and corrupt streams, memory.
pub(crate) fn decode_lf_in_place(
    bits: &mut Bits<'_>,
    stream: StreamContext<'_>,
    global: &VarDctGlobal,
    factors: [f32; 3],
    [mut x, mut y, mut b]: [PlaneViewMut<'_, i32>; 3],
) -> Result<(), Error> {
    let extra_precision = bits.read(2)?;
    let step = global.quantizer.lf_step() / (1 << extra_precision) as f32;
    let factors = factors.map(|factor| factor * step);
    let shapes = coded_channels([Size::new(y.width(), y.height()); 3]);
    let mut targets = [y.reborrow(), x.reborrow(), b.reborrow()];
    decode_stream(bits, stream, &shapes, &mut targets)?;
    let (x_from_y, b_from_y) = (
        global.correlation.lf_factor(0),
        global.correlation.lf_factor(1),
    );
    for row in 0..y.height() {
        let pixels = y.row_mut(row).iter_mut();
        let pixels = pixels.zip(x.row_mut(row)).zip(b.row_mut(row));
        for ((y, x), b) in pixels {
            let luma = *y as f32 * factors[1];
            let chroma = |quantized: i32, factor: f32, from_y: f32| {
                (luma * from_y + quantized as f32 * factor).to_bits() as i32
            };
            *x = chroma(*x, factors[0], x_from_y);
            *b = chroma(*b, factors[2], b_from_y);
            *y = luma.to_bits() as i32;
        }
    }
    Ok(())
}

fn dequantize(
    quantized: [PlaneView<'_, i32>; 3],
    factors: [f32; 3],
    lf: &mut [PlaneViewMut<'_, f32>; 3],
) {
    let channels = lf.iter_mut().zip(quantized).zip(factors);
    for ((lf, quantized), factor) in channels {
        for (row, quantized) in lf.rows_mut().zip(quantized.rows()) {
            for (sample, &quantized) in row.iter_mut().zip(quantized) {
                *sample = quantized as f32 * factor;
            }
        }
    }
}

fn dequantize_correlated(
    [x_in, y_in, b_in]: [PlaneView<'_, i32>; 3],
    factors: [f32; 3],
    global: &VarDctGlobal,
    [x_out, y_out, b_out]: &mut [PlaneViewMut<'_, f32>; 3],
) {
    let x_from_y = global.correlation.lf_factor(0);
    let b_from_y = global.correlation.lf_factor(1);
    for row in 0..y_in.height() {
        let y_row = y_out.row_mut(row);
        for (y, &quantized) in y_row.iter_mut().zip(y_in.row(row)) {
            *y = quantized as f32 * factors[1];
        }
        let chroma = [
            (&mut *x_out, x_in, factors[0], x_from_y),
            (&mut *b_out, b_in, factors[2], b_from_y),
        ];
        for (out, quantized, factor, from_y) in chroma {
            let samples = out.row_mut(row).iter_mut().zip(quantized.row(row));
            for ((sample, &quantized), &y) in samples.zip(&*y_row) {
                *sample = y * from_y + quantized as f32 * factor;
            }
        }
    }
}

fn find_contexts(
    quantized: [PlaneView<'_, i32>; 3],
    global: &VarDctGlobal,
    contexts: Option<&mut PlaneViewMut<'_, u8>>,
) {
    let Some(contexts) = contexts else {
        return;
    };
    let (width, height) = (contexts.width(), contexts.height());
    // A subsampled channel has half of the columns, of the rows, or of both.
    let shifts = quantized.map(|channel| {
        let shift = |whole: usize, samples: usize| usize::from(samples < whole);
        (
            shift(width, channel.width()),
            shift(height, channel.height()),
        )
    });
    for (y, row) in contexts.rows_mut().enumerate() {
        let rows = [0, 1, 2].map(|c| quantized[c].row(y >> shifts[c].1));
        for (x, context) in row.iter_mut().enumerate() {
            *context = global
                .contexts
                .lf_context([0, 1, 2].map(|c| rows[c][x >> shifts[c].0]));
        }
    }
}
