//! Averages over squares of samples, so that a picture is written smaller than it is decoded.
//!
//! Rows arrive from any thread, in pieces that may begin and end within a square. Their samples are
//! added as integers, so the sums do not depend on the order. Only the rows of squares that are not
//! complete are in memory.

mod sums;

use std::sync::Mutex;

use frame_arena::{PlaneSpec, PlaneViewMut, Scope, Spec};

use super::decoded_rows::{ColorRows, ExtraRows};
use super::{Cut, Output, Sink};
use crate::grid::{Pos, Rect, Size};
use crate::headers::{ExtraChannelType, ImageHeader};
use crate::lock::lock;
use crate::memory::Memory;
use crate::{Error, Reduction};
use sums::{Depth, Fixed, Sums, average_floats, average_integers};

/// Color channels of a sum. Gray pictures leave two of them unused.
const COLORS: usize = 3;

/// The shape of the sums of a picture that is reduced.
#[derive(Clone, Copy)]
pub(crate) struct ReducerShape {
    factor: usize,
    /// Size of the picture as stored.
    size: Size,
    /// Rows of squares that can be incomplete at once.
    rows: usize,
    color: Depth,
    /// Whether colors are decoded as X, Y and B.
    is_xyb: bool,
    /// The extra channels that an output may have: black and alpha.
    extra: [Option<Extra>; 2],
}

#[derive(Clone, Copy)]
struct Extra {
    /// Its place among the extra channels.
    index: usize,
    depth: Depth,
}

/// Sums; the averages of one row.
type ReducerSpec = (PlaneSpec<i64>, PlaneSpec<f32>);

impl ReducerShape {
    /// The shape for a picture whose rows arrive in an order in which at most `open_rows` rows lie
    /// between the first incomplete one and the last one that has samples; `None` stands for any
    /// order.
    pub(crate) fn new(image: &ImageHeader, reduction: Reduction, open_rows: Option<usize>) -> Self {
        let (size, factor) = (image.canvas_size(), reduction.factor() as usize);
        let all = size.height.div_ceil(factor);
        let metadata = &image.metadata;
        let extra = |wanted: fn(ExtraChannelType) -> bool| {
            let mut channels = metadata.ec_info.iter().enumerate();
            let (index, channel) = channels.find(|(_, channel)| wanted(channel.ty))?;
            let depth = Depth::new(channel.bit_depth);
            Some(Extra { index, depth })
        };
        Self {
            factor,
            size,
            // Rows of squares that the open rows touch.
            rows: open_rows.map_or(all, |rows| all.min(rows.div_ceil(factor) + 1)),
            color: Depth::new(metadata.bit_depth),
            is_xyb: metadata.xyb_encoded,
            extra: [
                extra(|ty| ty == ExtraChannelType::Black),
                extra(|ty| matches!(ty, ExtraChannelType::Alpha { .. })),
            ],
        }
    }

    /// The memory of [`run`](Self::run).
    pub(crate) fn spec(&self) -> ReducerSpec {
        let width = self.reduced_width();
        let extra = self.extra.iter().flatten();
        let extra_rows = extra.clone().map(|extra| extra.index + 1).max();
        (
            // Zeros: the sums of no samples.
            PlaneSpec::zeros((COLORS + extra.count()) * width, self.rows),
            // Stale: rows are written before they are read.
            PlaneSpec::stale(width, COLORS + extra_rows.unwrap_or(0)),
        )
    }

    /// The integers that stand for colors of a form.
    fn fixed(&self, form: ColorForm) -> Fixed {
        match form {
            ColorForm::Decoded if self.is_xyb => Fixed::Narrow,
            ColorForm::Decoded | ColorForm::Integers(_) => self.color.fixed(),
            ColorForm::Converted => Fixed::Wide,
        }
    }

    fn reduced_width(&self) -> usize {
        self.size.width.div_ceil(self.factor)
    }

    /// Calls `draw` with an output as large as the picture as stored. What is written there goes to
    /// `output`, reduced.
    ///
    /// # Errors
    /// Memory; the errors of `draw`.
    pub(crate) fn run<R>(
        &self,
        output: Output<'_>,
        scope: &Scope,
        draw: impl FnOnce(Output<'_>) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let (mut sums, mut averages) = self.spec().open(scope)?;
        let kept = scope.scratch_beyond_plan();
        let memory = Memory::new(scope, &kept);
        let conversion = output.conversion;
        let rows = sums.rows_mut().map(|sums| {
            Mutex::new(SumRow {
                sums,
                row: 0,
                pixels: 0,
                form: Form::default(),
            })
        });
        let reducer = Reducer {
            shape: *self,
            rows: &memory.collect(rows)?,
            reduced: Mutex::new(Reduced {
                output,
                averages: averages.view_mut(),
            }),
        };
        let sink = Sink::Reduced(ReducedPixels {
            sink: &reducer,
            rect: Rect::whole(self.size),
        });
        draw(Output { sink, conversion })
    }
}

/// Takes rows of a picture.
trait RowSink: Sync {
    /// Takes `width` pixels from `at` on.
    fn put(&self, at: Pos, width: usize, color: ColorRows<'_>, extra: ExtraRows<'_>);
}

/// A rectangle of a picture that is reduced, in columns and rows as stored.
pub(super) struct ReducedPixels<'a> {
    sink: &'a dyn RowSink,
    rect: Rect,
}

impl ReducedPixels<'_> {
    pub(super) fn size(&self) -> Size {
        self.rect.size
    }

    /// Splits into the part before the cut and the rest.
    ///
    /// # Panics
    /// If the cut lies outside of the rectangle.
    pub(super) fn split(self, cut: Cut) -> (Self, Self) {
        let (columns, rows) = (self.rect.columns(), self.rect.rows());
        let (first, second) = match cut {
            Cut::Row(at) => {
                assert!(at <= rows.len(), "a cut outside of the rectangle");
                let at = rows.start + at;
                (
                    Rect::new(columns.clone(), rows.start..at),
                    Rect::new(columns, at..rows.end),
                )
            }
            Cut::Column(at) => {
                assert!(at <= columns.len(), "a cut outside of the rectangle");
                let at = columns.start + at;
                (
                    Rect::new(columns.start..at, rows.clone()),
                    Rect::new(at..columns.end, rows),
                )
            }
        };
        let part = |rect| Self {
            sink: self.sink,
            rect,
        };
        (part(first), part(second))
    }

    /// Takes row `y` of the rectangle.
    pub(super) fn put_row(&self, y: usize, color: ColorRows<'_>, extra: ExtraRows<'_>) {
        let at = Pos::new(self.rect.pos.x, self.rect.pos.y + y);
        self.sink.put(at, self.rect.size.width, color, extra);
    }
}

struct Reducer<'r, 's, 'o> {
    shape: ReducerShape,
    /// The row of squares `row` is at `row % rows.len()`.
    rows: &'r [Mutex<SumRow<'s>>],
    reduced: Mutex<Reduced<'s, 'o>>,
}

/// The sums of a row of squares.
struct SumRow<'s> {
    /// The squares of the first channel, then of the others.
    sums: &'s mut [i64],
    /// Its number, once it has samples.
    row: usize,
    /// Number of pixels in the sums.
    pixels: usize,
    form: Form,
}

/// The meaning of sums.
#[derive(Clone, Copy, Default)]
struct Form {
    color: ColorForm,
    /// Whether extra channels are stored integers.
    has_integer_extra: bool,
}

#[derive(Clone, Copy, Default)]
enum ColorForm {
    /// Stored integers in this number of channels.
    Integers(usize),
    #[default]
    Decoded,
    Converted,
}

struct Reduced<'s, 'o> {
    output: Output<'o>,
    /// A row of each color channel, then of extra channels by their index: floats, or integers as
    /// bits.
    averages: PlaneViewMut<'s, f32>,
}

impl RowSink for Reducer<'_, '_, '_> {
    fn put(&self, at: Pos, width: usize, color: ColorRows<'_>, extra: ExtraRows<'_>) {
        let shape = &self.shape;
        let row = at.y / shape.factor;
        let mut sums = lock(&self.rows[row % self.rows.len()]);
        if sums.pixels == 0 {
            sums.row = row;
        }
        assert_eq!(sums.row, row, "rows that arrive out of order");
        sums.add(shape, at.x, color, extra);
        sums.pixels += width;
        let height = shape.factor.min(shape.size.height - row * shape.factor);
        if sums.pixels == height * shape.size.width {
            lock(&self.reduced).put(shape, &sums, height);
            sums.sums.fill(0);
            sums.pixels = 0;
        }
    }
}

impl SumRow<'_> {
    /// Adds a piece of a row that starts in column `x`.
    fn add(&mut self, shape: &ReducerShape, x: usize, color: ColorRows<'_>, extra: ExtraRows<'_>) {
        let width = shape.reduced_width();
        let (colors, channels) = self.sums.split_at_mut(COLORS * width);
        let colors = colors.chunks_exact_mut(width);
        let channels = channels.chunks_exact_mut(width);
        let sums = |sums| Sums {
            sums,
            x,
            factor: shape.factor,
        };
        self.form.color = match color {
            ColorRows::Integers(rows) if shape.color.is_integer => ColorForm::Integers(rows.len()),
            ColorRows::Decoded(_) => ColorForm::Decoded,
            ColorRows::Integers(_) | ColorRows::Converted(_) => ColorForm::Converted,
        };
        let fixed = shape.fixed(self.form.color);
        match color {
            ColorRows::Integers(rows) => {
                for (to, row) in colors.zip(rows) {
                    sums(to).add_stored(row, shape.color, shape.color.is_integer);
                }
            }
            ColorRows::Decoded(rows) | ColorRows::Converted(rows) => {
                for (to, row) in colors.zip(rows) {
                    sums(to).add_floats(row, fixed);
                }
            }
        }
        let wanted = shape.extra.iter().flatten();
        let is_integer = wanted.clone().all(|extra| extra.depth.is_integer);
        self.form.has_integer_extra = is_integer && matches!(extra, ExtraRows::Integers(_));
        for (to, channel) in channels.zip(wanted) {
            match extra {
                ExtraRows::Integers(row) => {
                    sums(to).add_stored(row(channel.index), channel.depth, is_integer);
                }
                ExtraRows::Floats(rows) => {
                    let row = rows.row(channel.index);
                    sums(to).add_floats(row, channel.depth.fixed());
                }
            }
        }
    }
}

impl Reduced<'_, '_> {
    /// Writes the averages of a row of squares that are `height` rows high.
    fn put(&mut self, shape: &ReducerShape, sums: &SumRow<'_>, height: usize) {
        let (width, form) = (shape.reduced_width(), sums.form);
        let last_columns = shape.size.width - (width - 1) * shape.factor;
        let averages = &mut self.averages;
        // Floats in this form, or integers.
        let mut average = |channel: usize, to: usize, fixed: Option<Fixed>| {
            let sums = &sums.sums[channel * width..][..width];
            let to = averages.row_mut(to);
            let (whole, last) = (shape.factor * height, last_columns * height);
            match fixed {
                None => average_integers(sums, bytemuck::cast_slice_mut(to), whole, last),
                Some(fixed) => average_floats(sums, to, fixed.unit(), whole, last),
            }
        };
        let (colors, fixed) = match form.color {
            ColorForm::Integers(count) => (count, None),
            form => (COLORS, Some(shape.fixed(form))),
        };
        for channel in 0..colors {
            average(channel, channel, fixed);
        }
        for (place, extra) in shape.extra.iter().flatten().enumerate() {
            let fixed = Some(extra.depth.fixed()).filter(|_| !form.has_integer_extra);
            average(COLORS + place, COLORS + extra.index, fixed);
        }
        let averages = averages.view();
        let integers = |row: usize| bytemuck::cast_slice::<f32, i32>(averages.row(row));
        let (floats, stored) = (
            [0, 1, 2].map(|row| averages.row(row)),
            [0, 1, 2].map(integers),
        );
        let color = match form.color {
            ColorForm::Integers(count) => ColorRows::Integers(&stored[..count]),
            ColorForm::Decoded => ColorRows::Decoded(floats),
            ColorForm::Converted => ColorRows::Converted(floats),
        };
        let stored_extra = |index: usize| integers(COLORS + index);
        let extra = match form.has_integer_extra {
            true => ExtraRows::Integers(&stored_extra),
            false => {
                let rows = averages.height() - COLORS;
                ExtraRows::Floats(averages.rect(0, COLORS, width, rows))
            }
        };
        self.output.put_row(sums.row, color, extra);
        self.output.finish_pixels(width);
    }
}
