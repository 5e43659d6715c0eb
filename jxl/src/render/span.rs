use std::ops::Range;

use super::mirror::mirror;

/// Kernels work on whole vectors of any width up to this many samples.
pub(crate) const STEP: usize = 16;
/// Samples on either side of the produced columns: derived rows reach a step further, and read 3
/// more samples.
const PADDING: usize = 2 * STEP;
/// Mirrored columns of a row beyond the picture's edges.
const MIRRORED: isize = 3;

/// The columns in the row buffers of a strip, at one resolution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    /// Column of a row buffer's first sample; a multiple of 8.
    origin: isize,
    len: usize,
    /// Width of the picture at this resolution.
    width: usize,
}

impl Span {
    /// The span for producing `columns` of a picture of `width` columns, each of which depends on
    /// `border` columns around it.
    pub(super) fn new(columns: Range<usize>, border: usize, width: usize) -> Self {
        let first = columns.start.saturating_sub(border) / STEP * STEP;
        let last = (columns.end + border).min(width).next_multiple_of(STEP);
        Self {
            origin: first as isize - PADDING as isize,
            len: last - first + 2 * PADDING,
            width,
        }
    }

    /// The longest span for producing `count` columns anywhere in a picture of `width` columns.
    pub(super) fn widest(count: usize, border: usize, width: usize) -> Self {
        let steps = (count + 2 * border + 2 * (STEP - 1)) / STEP;
        let len = (steps * STEP).min(width.next_multiple_of(STEP));
        Self {
            origin: -(PADDING as isize),
            len: len + 2 * PADDING,
            width,
        }
    }

    /// Samples of a row buffer.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Index of the sample of a column.
    pub(super) fn index(&self, column: isize) -> usize {
        (column - self.origin) as usize
    }

    /// Indices that kernels produce, in whole steps. Columns outside of the picture hold arbitrary
    /// samples.
    pub(super) fn produced(&self) -> Range<usize> {
        PADDING..self.len - PADDING
    }

    /// Indices of derived rows, which kernels read to the left and right: a step more on both
    /// sides.
    pub(super) fn derived(&self) -> Range<usize> {
        PADDING - STEP..self.len - PADDING + STEP
    }

    /// Columns of the picture among the produced ones.
    pub(super) fn columns(&self) -> Range<usize> {
        let first = self.origin + PADDING as isize;
        let last = (first + (self.len - 2 * PADDING) as isize).min(self.width as isize);
        first as usize..last as usize
    }

    /// Writes mirrored samples beyond the edges of the picture that the strip reaches.
    #[inline]
    pub(super) fn mirror_edges(&self, row: &mut [f32]) {
        let columns = self.columns();
        if columns.start == 0 {
            self.mirror_edge(0, row);
        }
        if columns.end == self.width {
            self.mirror_edge(self.width, row);
        }
    }

    /// Writes mirrored samples on the outer side of `edge`, a boundary between columns.
    fn mirror_edge(&self, edge: usize, row: &mut [f32]) {
        let around = &mut row[self.index(edge as isize - MIRRORED)..];
        if self.width >= MIRRORED as usize
            && let Some([a, b, c, d, e, f]) = around.first_chunk_mut()
        {
            match edge {
                0 => (*a, *b, *c) = (*f, *e, *d),
                _ => (*d, *e, *f) = (*c, *b, *a),
            }
            return;
        }
        let outside = match edge {
            0 => -MIRRORED..0,
            _ => edge as isize..edge as isize + MIRRORED,
        };
        for column in outside {
            row[self.index(column)] = row[self.index(mirror(column, self.width) as isize)];
        }
    }

    /// The same columns after upsampling by `factor`.
    pub(super) fn upsampled(&self, factor: usize) -> Self {
        Self {
            origin: self.origin * factor as isize,
            len: self.len * factor,
            width: self.width * factor,
        }
    }
}
