use frame_arena::PlaneView;

use crate::headers::EpfParams;

/// Blocks with a smaller sigma are not filtered.
pub(super) const MIN_SIGMA: f32 = 0.3;

/// The strength of the edge-preserving filter.
#[derive(Clone, Copy)]
pub(crate) enum Sigma<'p> {
    /// The same everywhere, as in Modular frames.
    Constant(f32),
    /// A value for every 8x8 block of the frame, see [`block_sigma`].
    Blocks(PlaneView<'p, f32>),
}

impl Sigma<'_> {
    /// The sigma of a Modular frame; 0 without the filter.
    pub(crate) fn of_modular(filter: Option<&EpfParams>) -> Self {
        Self::Constant(filter.map_or(0.0, |params| params.sigma_for_modular))
    }

    /// Marks each block, from block column `first` on, that is filtered or next to a filtered
    /// block, looking at block rows `rows`.
    pub(super) fn mark_near(&self, first: isize, rows: [usize; 2], marks: &mut [u8]) {
        let plane = match self {
            Self::Constant(sigma) => return marks.fill((*sigma >= MIN_SIGMA).into()),
            Self::Blocks(plane) => plane,
        };
        let last = plane.height() - 1;
        let rows = rows.map(|row| plane.row(row.min(last)));
        // Blocks beyond the picture are never looked at.
        let beyond = first.min(0).unsigned_abs();
        let columns = first.max(0) as usize..plane.width();
        let sigmas = rows[0][columns.clone()].iter().zip(&rows[1][columns]);
        marks.fill(0);
        for (mark, (&above, &below)) in marks[beyond..].iter_mut().zip(sigmas) {
            *mark = (above.max(below) >= MIN_SIGMA).into();
        }
        let mut previous = 1;
        for block in 0..marks.len() {
            let next = marks.get(block + 1).map_or(1, |&mark| mark);
            let near = previous | marks[block] | next;
            previous = std::mem::replace(&mut marks[block], near);
        }
    }
}

/// Sigma of a block of a VarDCT frame: `quantizer_scale` is 65536 / global scale, `hf_multiplier`
/// that of the varblock (at least 1), `sharpness` 0 to 7.
pub(crate) fn block_sigma(
    params: &EpfParams,
    quantizer_scale: f32,
    hf_multiplier: i32,
    sharpness: u8,
) -> f32 {
    let quantizer = quantizer_scale / hf_multiplier as f32;
    let sharpness = params.sharp_lut[usize::from(sharpness & 7)];
    params.quant_mul * quantizer * sharpness
}
