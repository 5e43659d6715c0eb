/// How the picture as shown follows from the frame as stored: transposed first where it is, then
/// mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orientation {
    /// Rows become columns.
    pub(super) transpose: bool,
    /// Columns of the shown picture run backwards.
    pub(super) flip_x: bool,
    /// Rows of the shown picture run backwards.
    pub(super) flip_y: bool,
}

impl Orientation {
    /// From the header's number, 1 to 8 as in Exif. Others mean 1.
    pub(super) fn from_header(value: u32) -> Self {
        let (transpose, flip_x, flip_y) = match value {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => (false, false, false),
        };
        Self {
            transpose,
            flip_x,
            flip_y,
        }
    }

    /// Width and height as shown of something stored with this width and height.
    pub(super) fn shown_size(self, (width, height): (usize, usize)) -> (usize, usize) {
        if self.transpose {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Whether a stored row is a row of the shown picture, in the same direction.
    pub(super) fn keeps_rows(self) -> bool {
        !self.transpose && !self.flip_x
    }
}
