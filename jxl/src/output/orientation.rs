/// How the picture as shown follows from the frame as stored: transposed first where it is, then mirrored.
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

    /// Where the element at `shown` is stored, in a grid of the stored `size`.
    pub(super) fn stored(self, shown: (usize, usize), size: (usize, usize)) -> (usize, usize) {
        let (shown_width, shown_height) = self.shown_size(size);
        let x = if self.flip_x {
            shown_width - 1 - shown.0
        } else {
            shown.0
        };
        let y = if self.flip_y {
            shown_height - 1 - shown.1
        } else {
            shown.1
        };
        if self.transpose { (y, x) } else { (x, y) }
    }

    /// Whether a stored row is a row of the shown picture, in the same direction.
    pub(super) fn keeps_rows(self) -> bool {
        !self.transpose && !self.flip_x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The Exif standard (CIPA DC-008, 4.6.5.1.6) says which edges of the picture the stored row 0 and column 0 are.
    #[test]
    fn first_row_and_column_lie_on_the_edges_that_exif_names() {
        let size = (3, 2);
        // Orientation, then where the stored (0, 0), (1, 0) and (0, 1) are shown.
        let expected = [
            (1, [(0, 0), (1, 0), (0, 1)]),
            (2, [(2, 0), (1, 0), (2, 1)]),
            (3, [(2, 1), (1, 1), (2, 0)]),
            (4, [(0, 1), (1, 1), (0, 0)]),
            (5, [(0, 0), (0, 1), (1, 0)]),
            (6, [(1, 0), (1, 1), (0, 0)]),
            (7, [(1, 2), (1, 1), (0, 2)]),
            (8, [(0, 2), (0, 1), (1, 2)]),
        ];
        for (value, shown) in expected {
            let orientation = Orientation::from_header(value);
            for (shown, stored) in shown.into_iter().zip([(0, 0), (1, 0), (0, 1)]) {
                assert_eq!(
                    orientation.stored(shown, size),
                    stored,
                    "orientation {value}"
                );
            }
        }
    }
}
