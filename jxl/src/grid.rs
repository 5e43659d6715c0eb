//! Sizes of grids and positions in them: of samples, blocks, groups.

/// Columns and rows of a grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Size {
    pub(crate) const fn new(width: usize, height: usize) -> Self {
        Self { width, height }
    }

    pub(crate) const fn square(side: usize) -> Self {
        Self::new(side, side)
    }

    /// Cells of the grid.
    pub(crate) const fn area(self) -> usize {
        self.width * self.height
    }

    /// The smaller width and the smaller height.
    pub(crate) fn min(self, other: Self) -> Self {
        Self::new(self.width.min(other.width), self.height.min(other.height))
    }
}

impl From<Size> for (usize, usize) {
    fn from(size: Size) -> Self {
        (size.width, size.height)
    }
}

/// A cell of a grid: `x` columns from the left, `y` rows from the top.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pos {
    pub(crate) x: usize,
    pub(crate) y: usize,
}

impl Pos {
    pub(crate) const fn new(x: usize, y: usize) -> Self {
        Self { x, y }
    }
}

/// Neighboring cells of a grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rect {
    /// The upper left cell.
    pub(crate) pos: Pos,
    pub(crate) size: Size,
}

/// A group among those of its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupPos {
    pub(crate) column: usize,
    pub(crate) row: usize,
}

impl GroupPos {
    /// The group with number `index` of a frame with `columns` columns of groups.
    pub(crate) const fn of_index(index: usize, columns: usize) -> Self {
        Self {
            column: index % columns,
            row: index / columns,
        }
    }

    /// The number of the group in a frame with `columns` columns of groups.
    pub(crate) const fn index(self, columns: usize) -> usize {
        self.row * columns + self.column
    }
}
