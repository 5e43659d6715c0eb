use std::ops::Range;

use crate::grid::{Pos, Rect};
use crate::output::{ColorRows, Cut, ExtraRows, Output};
use crate::render::FinishedRow;

/// The part of a frame, or of its canvas, that goes to the caller's buffer.
pub(in crate::frame) struct Shown<'a> {
    /// As large as the part.
    output: Output<'a>,
    /// Column and row of the frame where it starts.
    start: Pos,
}

impl<'a> Shown<'a> {
    /// `output` shows the part that starts at `start`.
    pub(in crate::frame) fn new(output: Output<'a>, start: Pos) -> Self {
        Self { output, start }
    }

    /// Columns and rows of the frame.
    pub(super) fn rect(&self) -> Rect {
        Rect {
            pos: self.start,
            size: self.output.size(),
        }
    }

    /// Splits into the part before the cut and the rest; `None` for an empty part.
    pub(super) fn split(self, cut: Cut) -> (Option<Self>, Option<Self>) {
        let rect = self.rect();
        let inside = |at: usize, range: Range<usize>| at.clamp(range.start, range.end);
        let (cut, start) = match cut {
            Cut::Row(at) => {
                let at = inside(at, rect.rows());
                (Cut::Row(at - self.start.y), Pos::new(self.start.x, at))
            }
            Cut::Column(at) => {
                let at = inside(at, rect.columns());
                (Cut::Column(at - self.start.x), Pos::new(at, self.start.y))
            }
        };
        let (first, rest) = self.output.split(cut);
        let part = |output, start| Some(Self { output, start }).filter(|part| !part.is_empty());
        (part(first, self.start), part(rest, start))
    }

    fn is_empty(&self) -> bool {
        self.rect().is_empty()
    }

    /// The same part with the place `from` of the old coordinates at `to` in the new ones.
    pub(super) fn moved(self, from: Pos, to: Pos) -> Self {
        let start = Pos::new(self.start.x - from.x + to.x, self.start.y - from.y + to.y);
        Self { start, ..self }
    }

    /// True if rows must be written [in order](Output::is_reduced).
    pub(super) fn is_reduced(&self) -> bool {
        self.output.is_reduced()
    }

    pub(super) fn has_row(&self, y: usize) -> bool {
        self.rect().rows().contains(&y)
    }

    /// Writes row `y` of the frame, which has exactly the shown columns.
    pub(super) fn put_whole_row(&mut self, y: usize, color: ColorRows<'_>, extra: ExtraRows<'_>) {
        self.output.put_row(y - self.start.y, color, extra);
    }

    /// Writes the shown columns of a row that starts at column `first`. Its colors are those of the
    /// picture if they are `converted`, otherwise those of the frame.
    pub(super) fn put_row(&mut self, first: usize, row: &FinishedRow<'_>, converted: bool) {
        let (start, width) = (self.start.x - first, self.output.size().width);
        let color = row.color.each_ref().map(|row| &row[start..start + width]);
        let extra = row.extra.view();
        let extra = extra.rect(start, 0, width, extra.height());
        let color = match converted {
            true => ColorRows::Converted(color),
            false => ColorRows::Decoded(color),
        };
        let y = row.y - self.start.y;
        self.output.put_row(y, color, ExtraRows::Floats(extra));
    }

    /// Reports that all rows are written.
    pub(super) fn finish(&self) {
        self.output.finish();
    }
}
