use crate::layout;
use crate::picture::{Picture, PictureLayout, Placement};
use crate::plane::{Plane, PlaneSet, PlaneView};
use crate::sample::{Sample, SampleKind, Shape};
use crate::{AllocError, Frame, OwnedFrame, OwnedStage, Scope, Stage};
pub(crate) use sealed::Fill;
use sealed::{Grant, Source};

pub(crate) mod sealed {
    use std::ops::Range;

    /// Memory granted by a scope: row-aligned, initialized, and zero but for the stale bytes.
    #[derive(Debug)]
    pub struct Grant<'s> {
        pub bytes: &'s mut [u8],
        pub stale: Range<usize>,
    }

    /// What is in memory at first.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub enum Fill {
        Zero,
        Stale,
    }

    pub(crate) use super::PlaneSource as Source;
}

/// What planes are requested from, as a trait object: a `&dyn PlaneSource` has all methods of
/// [`PlaneAlloc`], which as a trait of generic methods has no objects.
///
/// ```
/// use frame_arena::{AllocError, Arena, PlaneAlloc, PlaneSource};
///
/// fn work(source: &dyn PlaneSource) -> Result<usize, AllocError> {
///     Ok(source.plane::<u8>(8, 8)?.width())
/// }
///
/// let arena = Arena::new();
/// let frame = arena.frame();
/// work(&frame)?;
/// work(&frame.scratch())?;
/// # Ok::<(), AllocError>(())
/// ```
///
/// The trait cannot be implemented outside of this crate.
pub trait PlaneSource {
    #[doc(hidden)]
    fn grant(
        &self,
        bytes: usize,
        sample: SampleKind,
        shape: Shape,
        fill: sealed::Fill,
    ) -> Result<sealed::Grant<'_>, AllocError>;
}

/// Requests of what derefs to a scope are those of the scope.
macro_rules! grant_as_scope {
    ($($source:ty),+) => {$(
        impl PlaneSource for $source {
            fn grant(
                &self,
                bytes: usize,
                sample: SampleKind,
                shape: Shape,
                fill: sealed::Fill,
            ) -> Result<sealed::Grant<'_>, AllocError> {
                Scope::grant(self, bytes, sample, shape, fill)
            }
        }
    )+};
}

grant_as_scope!(Frame, Stage<'_>, OwnedFrame, OwnedStage);

/// Requests of planes, sets of planes, pictures and slices, served by a [`Frame`](crate::Frame), a
/// [`Stage`](crate::Stage), their [owned](crate::OwnedFrame) forms, a [`Scope`](crate::Scope) or a
/// [`Scratch`](crate::Scratch).
///
/// Code that takes any of them is generic, or takes a `&dyn` [`PlaneSource`].
///
/// What is requested borrows from its scope and has no return call. Contents are zero unless the
/// method's name says otherwise. *Stale* samples are whatever the arena last had there:
/// initialized, but of another plane, image or frame, so they must be overwritten wholly. Debug
/// builds mark them with signaling NaNs (`f32`) or bytes of `0xA5`.
///
/// The first request of a scope takes its record too, and that of its frame, so even a small one
/// may be refused.
///
/// Planes whose width, height or number is zero take no memory and no time, whatever the other
/// dimensions are.
///
/// # Errors
/// Every method returns an [`AllocError`] where memory is refused: dimensions whose size overflows,
/// the arena's limit, the system. Nothing of the request is held then.
///
/// # Panics
/// None of the methods panics, unless a caller's closure does.
pub trait PlaneAlloc: Source {
    /// Returns a plane of zeros.
    fn plane<T: Sample>(&self, width: usize, height: usize) -> Result<Plane<'_, T>, AllocError> {
        request_plane(self, width, height, Fill::Zero)
    }

    /// Returns a plane of stale samples.
    fn stale_plane<T: Sample>(
        &self,
        width: usize,
        height: usize,
    ) -> Result<Plane<'_, T>, AllocError> {
        request_plane(self, width, height, Fill::Stale)
    }

    /// Returns a copy of a plane or of a rectangle of one.
    fn copied_plane<T: Sample>(&self, from: PlaneView<'_, T>) -> Result<Plane<'_, T>, AllocError> {
        let mut plane = self.stale_plane(from.width(), from.height())?;
        plane.view_mut().copy_from(from);
        Ok(plane)
    }

    /// Returns a plane whose samples are `sample(x, y)`, computed row by row.
    fn plane_from_fn<T: Sample>(
        &self,
        width: usize,
        height: usize,
        sample: impl FnMut(usize, usize) -> T,
    ) -> Result<Plane<'_, T>, AllocError> {
        let mut plane = self.stale_plane(width, height)?;
        plane.view_mut().fill_from_fn(sample);
        Ok(plane)
    }

    /// Returns `count` equal planes of zeros.
    fn planes<T: Sample>(
        &self,
        count: usize,
        width: usize,
        height: usize,
    ) -> Result<PlaneSet<'_, T>, AllocError> {
        request_planes(self, count, width, height, Fill::Zero)
    }

    /// Returns `count` equal planes of stale samples.
    fn stale_planes<T: Sample>(
        &self,
        count: usize,
        width: usize,
        height: usize,
    ) -> Result<PlaneSet<'_, T>, AllocError> {
        request_planes(self, count, width, height, Fill::Stale)
    }

    /// Returns a copy of a set of planes.
    fn copied_planes<T: Sample>(
        &self,
        from: &PlaneSet<'_, T>,
    ) -> Result<PlaneSet<'_, T>, AllocError> {
        let mut planes = self.stale_planes(from.count(), from.width(), from.height())?;
        planes.view_mut().copy_from(from);
        Ok(planes)
    }

    /// Returns `count` equal planes whose samples are `sample(plane, x, y)`, computed plane by
    /// plane and row by row.
    fn planes_from_fn<T: Sample>(
        &self,
        count: usize,
        width: usize,
        height: usize,
        sample: impl FnMut(usize, usize, usize) -> T,
    ) -> Result<PlaneSet<'_, T>, AllocError> {
        let mut planes = self.stale_planes(count, width, height)?;
        planes.view_mut().fill_from_fn(sample);
        Ok(planes)
    }

    /// Returns a picture of zeros.
    fn picture<T: Sample>(&self, layout: &PictureLayout) -> Result<Picture<'_, T>, AllocError> {
        request_picture(self, layout, Fill::Zero)
    }

    /// Returns a picture of stale samples.
    fn stale_picture<T: Sample>(
        &self,
        layout: &PictureLayout,
    ) -> Result<Picture<'_, T>, AllocError> {
        request_picture(self, layout, Fill::Stale)
    }

    /// Returns a slice of zeros.
    #[allow(clippy::mut_from_ref)]
    fn slice<T: Sample>(&self, len: usize) -> Result<&mut [T], AllocError> {
        request_slice(self, len, Fill::Zero)
    }

    /// Returns a slice of stale samples.
    #[allow(clippy::mut_from_ref)]
    fn stale_slice<T: Sample>(&self, len: usize) -> Result<&mut [T], AllocError> {
        request_slice(self, len, Fill::Stale)
    }

    /// Returns a copy of a slice.
    #[allow(clippy::mut_from_ref)]
    fn copied_slice<T: Sample>(&self, from: &[T]) -> Result<&mut [T], AllocError> {
        let slice = self.stale_slice(from.len())?;
        slice.copy_from_slice(from);
        Ok(slice)
    }

    /// Returns a slice whose samples are `sample(index)`.
    #[allow(clippy::mut_from_ref)]
    fn slice_from_fn<T: Sample>(
        &self,
        len: usize,
        mut sample: impl FnMut(usize) -> T,
    ) -> Result<&mut [T], AllocError> {
        let slice = self.stale_slice(len)?;
        for (index, value) in slice.iter_mut().enumerate() {
            *value = sample(index);
        }
        Ok(slice)
    }
}

impl<S: Source + ?Sized> PlaneAlloc for S {}

fn request_plane<S: Source + ?Sized, T: Sample>(
    source: &S,
    width: usize,
    height: usize,
    fill: Fill,
) -> Result<Plane<'_, T>, AllocError> {
    let layout = layout::planes(1, width, height, size_of::<T>())?;
    let samples = samples(source, layout.bytes, Shape::Plane, fill)?;
    Ok(Plane::new(samples, width, height, layout.stride))
}

fn request_planes<S: Source + ?Sized, T: Sample>(
    source: &S,
    count: usize,
    width: usize,
    height: usize,
    fill: Fill,
) -> Result<PlaneSet<'_, T>, AllocError> {
    let layout = layout::planes(count, width, height, size_of::<T>())?;
    let samples = samples(source, layout.bytes, Shape::PlaneSet, fill)?;
    Ok(PlaneSet::new(samples, count, width, height, &layout))
}

fn request_picture<'s, S: Source + ?Sized, T: Sample>(
    source: &'s S,
    layout: &PictureLayout,
    fill: Fill,
) -> Result<Picture<'s, T>, AllocError> {
    let placement = Placement::new::<T>(layout)?;
    let sample = SampleKind::of::<T>();
    let grant = source.grant(placement.bytes(), sample, Shape::Picture, fill)?;
    Ok(Picture::new(&placement, grant, fill))
}

#[allow(clippy::mut_from_ref)]
fn request_slice<S: Source + ?Sized, T: Sample>(
    source: &S,
    len: usize,
    fill: Fill,
) -> Result<&mut [T], AllocError> {
    let bytes = layout::slice(len, size_of::<T>())?;
    samples(source, bytes, Shape::Slice, fill)
}

/// Samples of a request, filled.
#[allow(clippy::mut_from_ref)]
pub(crate) fn samples<S: Source + ?Sized, T: Sample>(
    source: &S,
    bytes: usize,
    shape: Shape,
    fill: Fill,
) -> Result<&mut [T], AllocError> {
    let grant = source.grant(bytes, SampleKind::of::<T>(), shape, fill)?;
    Ok(fill_samples(grant, fill))
}

/// Grant bytes as samples, filled.
pub(crate) fn fill_samples<T: Sample>(grant: Grant<'_>, fill: Fill) -> &mut [T] {
    const {
        assert!(size_of::<T>() > 0, "a sample has a size");
        assert!(
            align_of::<T>() <= layout::ROW_ALIGN_BYTES,
            "rows are aligned to 64 bytes"
        );
    }
    match fill {
        Fill::Zero => grant.bytes[grant.stale].fill(0),
        Fill::Stale if cfg!(debug_assertions) => mark_stale::<T>(grant.bytes),
        Fill::Stale => {}
    }
    bytemuck::cast_slice_mut(grant.bytes)
}

fn mark_stale<T: Sample>(bytes: &mut [u8]) {
    const SIGNALING_NAN: u32 = 0x7fa5_a5a5;
    bytes.fill(0xa5);
    if SampleKind::of::<T>() == SampleKind::F32 {
        for sample in bytes.chunks_exact_mut(4) {
            sample.copy_from_slice(&SIGNALING_NAN.to_ne_bytes());
        }
    }
}
