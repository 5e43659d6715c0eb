use frame_arena::DetachedPlaneSet;

use crate::grid::Size;

/// The samples of all channels of a finished frame, for use by later frames.
pub(crate) struct Reference {
    /// Colors, then extra channels.
    planes: DetachedPlaneSet<f32>,
    /// Number of color planes; for gray pictures, one plane is used for all three channels.
    color_planes: usize,
    /// Whether colors are X, Y, B or Cb, Y, Cr.
    is_coded: bool,
}

impl Reference {
    /// `planes` has `color_planes` (1 or 3) planes of colors, then one of each extra channel.
    /// `is_coded` tells that colors were kept before their conversion, as X, Y, B or Cb, Y, Cr.
    pub(crate) fn new(planes: DetachedPlaneSet<f32>, color_planes: usize, is_coded: bool) -> Self {
        Self {
            planes,
            color_planes,
            is_coded,
        }
    }

    pub(crate) fn size(&self) -> Size {
        Size::new(self.planes.width(), self.planes.height())
    }

    /// Number of color planes: one for gray pictures, otherwise three.
    pub(crate) fn color_planes(&self) -> usize {
        self.color_planes
    }

    /// Number of planes of extra channels.
    pub(crate) fn extra_planes(&self) -> usize {
        self.planes.count() - self.color_planes
    }

    /// True if colors are X, Y, B or Cb, Y, Cr.
    pub(crate) fn is_coded(&self) -> bool {
        self.is_coded
    }

    /// Row `y` of a channel: 0 to 2 are colors, those from 3 on extra channels.
    pub(crate) fn row(&self, channel: usize, y: usize) -> &[f32] {
        let plane = plane_of_channel(channel, self.color_planes);
        self.planes.plane(plane).row(y)
    }

    /// The planes, to be overwritten.
    pub(crate) fn into_planes(self) -> DetachedPlaneSet<f32> {
        self.planes
    }
}

/// The plane of a frame that holds a channel: channels 0 to 2 are colors, those from 3 on extra
/// channels.
pub(crate) fn plane_of_channel(channel: usize, color_planes: usize) -> usize {
    match channel.checked_sub(3) {
        None => channel.min(color_planes - 1),
        Some(extra) => color_planes + extra,
    }
}
