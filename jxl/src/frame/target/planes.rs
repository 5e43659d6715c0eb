use frame_arena::PlaneSetViewMut;

use crate::output::Cut;
use crate::render::{FinishedRow, plane_of_channel};

/// A rectangle of the planes in which a frame is kept: planes of its colors, then, if wanted, one
/// of each extra channel.
pub(in crate::frame) struct KeptPlanes<'a> {
    planes: PlaneSetViewMut<'a, f32>,
    color_planes: usize,
}

impl<'a> KeptPlanes<'a> {
    /// The first `color_planes` of `planes` have the colors.
    pub(in crate::frame) fn new(planes: PlaneSetViewMut<'a, f32>, color_planes: usize) -> Self {
        Self {
            planes,
            color_planes,
        }
    }

    /// Splits into the part before the cut and the rest.
    ///
    /// # Panics
    /// If the cut lies outside of the rectangle.
    pub(super) fn split(self, cut: Cut) -> (Self, Self) {
        let (first, rest) = match cut {
            Cut::Row(at) => self.planes.split_at_row(at),
            Cut::Column(at) => self.planes.split_at_column(at),
        };
        let part = |planes| Self::new(planes, self.color_planes);
        (part(first), part(rest))
    }

    /// Row `y` of a channel. The three colors come first, then the extra channels.
    pub(super) fn row(&self, channel: usize, y: usize) -> &[f32] {
        let plane = plane_of_channel(channel, self.color_planes);
        self.planes.plane(plane).row(y)
    }

    /// Writes row `y`.
    pub(super) fn put_row(&mut self, y: usize, row: &FinishedRow<'_>) {
        let mut planes = self.planes.planes_mut();
        let color = planes.by_ref().take(self.color_planes);
        for (mut plane, samples) in color.zip(&row.color) {
            plane.row_mut(y).copy_from_slice(samples);
        }
        for (mut plane, samples) in planes.zip(row.extra.rows()) {
            plane.row_mut(y).copy_from_slice(samples);
        }
    }
}
