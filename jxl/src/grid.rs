//! Sizes, positions and rectangles in grids of samples, blocks or groups.

use std::ops::Range;

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

    /// The minimum of each of width and height.
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

/// A rectangle of cells of a grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rect {
    /// The upper left cell.
    pub(crate) pos: Pos,
    pub(crate) size: Size,
}

impl Rect {
    /// All cells of a grid.
    pub(crate) const fn whole(size: Size) -> Self {
        Self {
            pos: Pos::new(0, 0),
            size,
        }
    }

    /// The cells in these columns and rows.
    pub(crate) fn new(columns: Range<usize>, rows: Range<usize>) -> Self {
        Self {
            pos: Pos::new(columns.start, rows.start),
            size: Size::new(columns.len(), rows.len()),
        }
    }

    pub(crate) fn columns(&self) -> Range<usize> {
        self.pos.x..self.pos.x + self.size.width
    }

    pub(crate) fn rows(&self) -> Range<usize> {
        self.pos.y..self.pos.y + self.size.height
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.size.area() == 0
    }

    /// True if the rectangle contains the cell.
    pub(crate) fn contains(&self, Pos { x, y }: Pos) -> bool {
        self.columns().contains(&x) && self.rows().contains(&y)
    }

    /// The rectangle extended by `border` cells on each side, within a grid of `size`. An empty one
    /// stays empty.
    pub(crate) fn grown(&self, border: Size, size: Size) -> Self {
        if self.is_empty() {
            return *self;
        }
        let grow = |cells: Range<usize>, border: usize, end: usize| {
            cells.start.saturating_sub(border)..end.min(cells.end + border)
        };
        Self::new(
            grow(self.columns(), border.width, size.width),
            grow(self.rows(), border.height, size.height),
        )
    }

    /// The squares of `dim` x `dim` cells that the rectangle touches; none if it is empty.
    pub(crate) fn squares(&self, dim: usize) -> Self {
        if self.is_empty() {
            return Self::default();
        }
        let touched = |cells: Range<usize>| cells.start / dim..cells.end.div_ceil(dim);
        Self::new(touched(self.columns()), touched(self.rows()))
    }

    /// The cells of a grid of `size` that lie in these squares of `dim` x `dim`.
    pub(crate) fn cells(&self, dim: usize, size: Size) -> Self {
        let cells = |squares: Range<usize>, end: usize| {
            end.min(squares.start * dim)..end.min(squares.end * dim)
        };
        Self::new(
            cells(self.columns(), size.width),
            cells(self.rows(), size.height),
        )
    }
}

/// The position of a group in the grid of its frame's groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct GroupPos {
    pub(crate) column: usize,
    pub(crate) row: usize,
}

impl From<GroupPos> for Pos {
    fn from(GroupPos { column, row }: GroupPos) -> Self {
        Self::new(column, row)
    }
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
