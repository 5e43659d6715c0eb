//! The dimensions of a plane and of the border around it.

use frame_arena::PlaneView;

/// Dimensions of a plane with a border, in samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Visible samples per row.
    pub width: usize,
    /// Visible rows.
    pub height: usize,
    /// Samples on each side that repeat the nearest visible one.
    pub border: usize,
}

impl Shape {
    /// Returns the shape of plane `index` of a 4:2:0 picture whose luma plane has this shape.
    pub fn of_plane(self, index: usize) -> Self {
        match index {
            0 => self,
            _ => Self {
                width: self.width.div_ceil(2),
                height: self.height.div_ceil(2),
                border: self.border / 2,
            },
        }
    }

    /// Samples per row, border included.
    pub fn full_width(self) -> usize {
        self.width + 2 * self.border
    }

    /// Rows, border included.
    pub fn full_height(self) -> usize {
        self.height + 2 * self.border
    }

    /// Samples of the whole plane, border included, where rows have no gaps between them.
    pub fn full_len(self) -> usize {
        self.full_width() * self.full_height()
    }

    /// Returns the visible part of a whole plane.
    pub fn visible(self, plane: PlaneView<'_, u8>) -> PlaneView<'_, u8> {
        plane.rect(self.border, self.border, self.width, self.height)
    }
}
