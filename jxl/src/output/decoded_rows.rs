//! Rows of a picture as its frames are decoded, before they become output.

use frame_arena::PlaneView;

/// A row of all color channels.
#[derive(Clone, Copy)]
pub(crate) enum ColorRows<'a> {
    /// Samples as stored: one channel for gray pictures, otherwise three. Samples out of the range
    /// of their depth are clamped; floats are bit patterns.
    Integers(&'a [&'a [i32]]),
    /// X, Y and B for an XYB picture, otherwise as [`Converted`](Self::Converted).
    Decoded([&'a [f32]; 3]),
    /// The output colors of any picture, including an XYB picture. Full scale is 1.0; gray pictures
    /// use the first row.
    Converted([&'a [f32]; 3]),
}

/// A row of all extra channels, in file order.
#[derive(Clone, Copy)]
pub(crate) enum ExtraRows<'a> {
    /// The row of a channel, as stored.
    Integers(&'a dyn Fn(usize) -> &'a [i32]),
    /// Full scale is 1.0.
    Floats(PlaneView<'a, f32>),
}
