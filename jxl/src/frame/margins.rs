use super::context::FrameContext;
use crate::grid::Size;
use crate::vardct::{BLOCK_DIM, Geometry};

/// The part of groups that depends on their neighbors and is finished with them, in samples of a
/// channel that is not subsampled.
#[derive(Clone, Copy)]
pub(super) struct Margins {
    /// Columns left of a boundary between groups that are finished with the right group; at least
    /// the border of the filters.
    pub(super) columns: usize,
    /// Rows above a boundary that are finished with the lower group.
    pub(super) rows: usize,
}

impl Margins {
    /// `border` is that of the [pipeline](crate::render::PipelineShape::border), `lag` that of
    /// [extra channels](super::parsed::ParsedFrame::lag).
    pub(super) fn new(
        context: &FrameContext<'_>,
        geometry: &Geometry,
        (border, lag): (usize, usize),
    ) -> Self {
        let border = border_of(geometry, border);
        let groups = context.groups();
        Self {
            // A multiple, so that what is read of a group starts in the same column of vectors as
            // the group.
            columns: match groups.width {
                1 => 0,
                _ => border.width.next_multiple_of(BLOCK_DIM),
            },
            rows: match groups.height {
                1 => 0,
                _ => border
                    .height
                    .max(lag.div_ceil(context.place.reduction.factor() as usize)),
            },
        }
    }
}

/// Columns and rows around a sample that it depends on, for a pipeline with this `border`.
pub(super) fn border_of(geometry: &Geometry, border: usize) -> Size {
    // Chroma upsampling looks at a sample of chroma on every side.
    let border = |axis: usize| {
        let is_subsampled = (0..3).any(|channel| geometry.sample_shifts(channel)[axis] > 0);
        border + 2 * usize::from(is_subsampled)
    };
    Size::new(border(0), border(1))
}
