use std::any::TypeId;

use bytemuck::Pod;

/// A sample type: plain data without padding, invalid values or `Drop`, so that memory can be
/// reused as it stands. Every [`bytemuck::Pod`] type that is `Send + Sync` is one; its alignment
/// may be at most 64 bytes (checked when compiling).
///
/// A structure is a sample type if its padding consists of named fields. With the feature `derive`
/// of `bytemuck`, which this crate exports as [`frame_arena::bytemuck`](crate::bytemuck):
///
/// ```
/// use bytemuck::{Pod, Zeroable};
/// use frame_arena::{Arena, PlaneAlloc};
///
/// #[derive(Clone, Copy, Pod, Zeroable)]
/// #[repr(C)]
/// struct MotionVector {
///     x: i16,
///     y: i16,
///     reference: u8,
///     padding: u8, // without it, there would be a byte that is never initialized
/// }
///
/// let arena = Arena::new();
/// let frame = arena.frame();
/// let vectors = frame.plane::<MotionVector>(240, 135)?;
/// assert_eq!(vectors.row(134)[239].reference, 0);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// Types with invalid bit patterns, such as `bool` or an `enum`, are stored as integers.
///
/// ```compile_fail,E0277
/// # use frame_arena::{Arena, PlaneAlloc};
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let plane = frame.plane::<Option<Box<u8>>>(64, 64)?; // what has a `Drop`, or invalid values, is no sample
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0080
/// # use frame_arena::{Arena, PlaneAlloc};
/// #[derive(Clone, Copy)]
/// #[repr(C, align(128))]
/// struct Wide([u8; 128]);
/// // SAFETY: bytes without padding.
/// unsafe impl bytemuck::Zeroable for Wide {}
/// unsafe impl bytemuck::Pod for Wide {}
/// # let arena = Arena::new();
/// # let frame = arena.frame();
/// let plane = frame.plane::<Wide>(64, 64)?; // rows are aligned to 64 bytes only
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sample type",
    note = "a sample type is `bytemuck::Pod`: it has no padding, no invalid values and no `Drop`",
    note = "derive `bytemuck::Pod` and `bytemuck::Zeroable` for a `repr(C)` structure whose padding has names"
)]
pub trait Sample: Pod + Send + Sync {}

impl<T: Pod + Send + Sync> Sample for T {}

/// Row-aligned bytes as samples. Empty bytes need no alignment.
pub(crate) fn cast<T: Pod>(bytes: &[u8]) -> &[T] {
    match bytes {
        [] => &[],
        _ => bytemuck::cast_slice(bytes),
    }
}

/// The same, to write.
pub(crate) fn cast_mut<T: Pod>(bytes: &mut [u8]) -> &mut [T] {
    match bytes {
        [] => &mut [],
        _ => bytemuck::cast_slice_mut(bytes),
    }
}

/// The sample types that statistics tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[allow(missing_docs)]
#[non_exhaustive]
pub enum SampleKind {
    F32,
    I32,
    I16,
    U16,
    U8,
    /// Any other sample type.
    Other,
}

/// The shapes of requests that statistics tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Shape {
    /// A 2-D plane.
    Plane,
    /// A 3-D set of equal planes.
    PlaneSet,
    /// A slice.
    Slice,
    /// Planes of a picture, which may differ in size.
    Picture,
}

/// The kinds of requests that statistics tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Kind {
    /// Requests of a frame or stage.
    Samples(SampleKind, Shape),
    /// All requests of scratch scopes.
    Scratch,
    /// Detached planes, sets and pictures.
    Detached,
    /// Memory of collections in a frame or stage.
    Collection,
    /// Raw buffers.
    Raw,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sample, shape) = match *self {
            Kind::Scratch => return f.pad("scratch"),
            Kind::Detached => return f.pad("detached"),
            Kind::Collection => return f.pad("collection"),
            Kind::Raw => return f.pad("raw"),
            Kind::Samples(sample, shape) => (sample, shape),
        };
        let sample = match sample {
            SampleKind::F32 => "f32",
            SampleKind::I32 => "i32",
            SampleKind::I16 => "i16",
            SampleKind::U16 => "u16",
            SampleKind::U8 => "u8",
            SampleKind::Other => "other",
        };
        let shape = match shape {
            Shape::Plane => "2-D",
            Shape::PlaneSet => "3-D",
            Shape::Slice => "slice",
            Shape::Picture => "picture",
        };
        f.pad(&format!("{sample} {shape}"))
    }
}

impl SampleKind {
    pub(crate) fn of<T: 'static>() -> Self {
        let id = TypeId::of::<T>();
        if id == TypeId::of::<f32>() {
            Self::F32
        } else if id == TypeId::of::<i32>() {
            Self::I32
        } else if id == TypeId::of::<i16>() {
            Self::I16
        } else if id == TypeId::of::<u16>() {
            Self::U16
        } else if id == TypeId::of::<u8>() {
            Self::U8
        } else {
            Self::Other
        }
    }
}

impl Kind {
    const SAMPLES: [SampleKind; 6] = [
        SampleKind::F32,
        SampleKind::I32,
        SampleKind::I16,
        SampleKind::U16,
        SampleKind::U8,
        SampleKind::Other,
    ];
    const SHAPES: [Shape; 4] = [Shape::Plane, Shape::PlaneSet, Shape::Slice, Shape::Picture];
    const OTHERS: [Self; 4] = [Self::Scratch, Self::Detached, Self::Collection, Self::Raw];

    pub(crate) const COUNT: usize = Self::SAMPLES.len() * Self::SHAPES.len() + Self::OTHERS.len();

    #[inline]
    pub(crate) fn index(self) -> usize {
        match self {
            Self::Samples(sample, shape) => sample as usize * Self::SHAPES.len() + shape as usize,
            Self::Scratch => Self::COUNT - 4,
            Self::Detached => Self::COUNT - 3,
            Self::Collection => Self::COUNT - 2,
            Self::Raw => Self::COUNT - 1,
        }
    }

    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Self::SAMPLES
            .into_iter()
            .flat_map(|sample| Self::SHAPES.map(|shape| Self::Samples(sample, shape)))
            .chain(Self::OTHERS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_indexed_in_order() {
        for (index, kind) in Kind::all().enumerate() {
            assert_eq!(kind.index(), index);
        }
        assert_eq!(Kind::all().count(), Kind::COUNT);
        assert_eq!(
            format!(
                "{:>8}",
                Kind::Samples(SampleKind::of::<f32>(), Shape::Plane)
            ),
            " f32 2-D"
        );
    }
}
