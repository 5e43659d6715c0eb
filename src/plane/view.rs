#![allow(unsafe_code)]

use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

use super::{Rows, assert_row, debug_dimensions};
use crate::sample::Sample;

/// A rectangle of a plane, to read.
///
/// Invariant: during `'p`, the `width` samples from `start + y * stride` are initialized and
/// written by nobody, for every `y < height`.
pub struct PlaneView<'p, T> {
    start: NonNull<T>,
    width: usize,
    height: usize,
    stride: usize,
    samples: PhantomData<&'p [T]>,
}

// SAFETY: a view is a set of shared slices.
unsafe impl<T: Sync> Send for PlaneView<'_, T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for PlaneView<'_, T> {}

impl<T> Clone for PlaneView<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for PlaneView<'_, T> {}

impl<T> fmt::Debug for PlaneView<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dimensions = (self.width, self.height, self.stride);
        debug_dimensions(f, "PlaneView", None, dimensions)
    }
}

/// Samples that a rectangle spans from its first to its last, or `None` on overflow.
pub(super) fn span(width: usize, height: usize, stride: usize) -> Option<usize> {
    match height {
        0 => Some(0),
        _ => (height - 1).checked_mul(stride)?.checked_add(width),
    }
}

/// Samples of a rectangle whose rows follow each other without gaps; `None` if there are gaps.
pub(super) fn len_without_gaps(width: usize, height: usize, stride: usize) -> Option<usize> {
    let has_gaps = stride != width && height > 1 && width > 0;
    (!has_gaps).then(|| width * height)
}

impl<'p, T: Sample> PlaneView<'p, T> {
    /// `samples` as rows of `width` samples whose starts are `stride` apart.
    ///
    /// # Panics
    /// If the rows overlap (`stride < width`) or exceed the slice.
    pub fn from_slice(samples: &'p [T], width: usize, height: usize, stride: usize) -> Self {
        assert!(stride >= width || height <= 1, "rows overlap");
        let span = span(width, height, stride);
        assert!(
            span.is_some_and(|span| span <= samples.len()),
            "rows exceed the slice"
        );
        Self {
            start: NonNull::from(samples).cast(),
            width,
            height,
            stride,
            samples: PhantomData,
        }
    }

    /// # Safety
    /// The invariant of the type.
    pub(super) unsafe fn from_raw(
        start: NonNull<T>,
        width: usize,
        height: usize,
        stride: usize,
    ) -> Self {
        Self {
            start,
            width,
            height,
            stride,
            samples: PhantomData,
        }
    }

    /// Samples per row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Samples from one row start to the next.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Row `y`.
    ///
    /// # Panics
    /// If `y >= height`.
    pub fn row(&self, y: usize) -> &'p [T] {
        assert_row(y, self.height);
        // SAFETY: by the invariant.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr().add(y * self.stride), self.width) }
    }

    /// The sample in column `x` of row `y`.
    ///
    /// # Panics
    /// If `x >= width` or `y >= height`.
    pub fn get(&self, x: usize, y: usize) -> T {
        self.row(y)[x]
    }

    /// All samples as one slice, row after row, if there is nothing between the rows.
    pub fn as_slice(&self) -> Option<&'p [T]> {
        let len = len_without_gaps(self.width, self.height, self.stride)?;
        // SAFETY: by the invariant for every row; each begins where the one before ends.
        Some(unsafe { std::slice::from_raw_parts(self.start.as_ptr(), len) })
    }

    /// Pointer to the first sample; row `y` starts [`stride`](Self::stride)` * y` samples behind
    /// it.
    ///
    /// Only the samples of the view may be read through it, and only during `'p`: between the rows
    /// of a rectangle are samples that others may write. Nothing may be read through the pointer of
    /// a view without samples.
    pub fn as_ptr(&self) -> *const T {
        self.start.as_ptr()
    }

    /// All rows from the top.
    pub fn rows(&self) -> Rows<'p, T> {
        Rows::new(*self)
    }

    /// The rectangle of `width` x `height` samples whose first is in column `x` of row `y`.
    ///
    /// # Panics
    /// If it exceeds the view.
    #[must_use]
    pub fn rect(&self, x: usize, y: usize, width: usize, height: usize) -> Self {
        assert_inside((self.width, self.height), x, y, width, height);
        // SAFETY: the rows of the rectangle are parts of rows of this view.
        unsafe {
            Self::from_raw(
                offset(self.start, x, y, self.stride, (width, height)),
                width,
                height,
                self.stride,
            )
        }
    }
}

/// The start of a rectangle inside a view; for an empty rectangle the view's start, as its own
/// could lie outside.
///
/// # Safety
/// The rectangle lies in a view that starts at `start`.
pub(super) unsafe fn offset<T>(
    start: NonNull<T>,
    x: usize,
    y: usize,
    stride: usize,
    (width, height): (usize, usize),
) -> NonNull<T> {
    if width == 0 || height == 0 {
        return start;
    }
    // SAFETY: the sample is one of the view.
    unsafe { start.add(y * stride + x) }
}

pub(super) fn assert_inside(
    (whole_width, whole_height): (usize, usize),
    x: usize,
    y: usize,
    width: usize,
    height: usize,
) {
    let inside = x <= whole_width
        && width <= whole_width - x
        && y <= whole_height
        && height <= whole_height - y;
    assert!(
        inside,
        "{width} x {height} at {x}, {y} exceeds {whole_width} x {whole_height}"
    );
}
