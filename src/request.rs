use crate::AllocError;
use crate::layout;
use crate::plane::{Plane, PlaneSet, PlaneView};
use crate::sample::{Sample, SampleKind, Shape};
pub(crate) use sealed::Fill;
use sealed::{Lent, Source};

pub(crate) mod sealed {
    use std::ops::Range;

    use crate::AllocError;
    use crate::sample::{SampleKind, Shape};

    /// Memory lent by a scope: row-aligned, initialised, and zero but for the stale bytes.
    pub struct Lent<'s> {
        pub bytes: &'s mut [u8],
        pub stale: Range<usize>,
    }

    /// What is in memory at first.
    #[derive(Clone, Copy, PartialEq)]
    pub enum Fill {
        Zero,
        Stale,
    }

    /// What memory is requested from.
    pub trait Source {
        fn lend(
            &self,
            bytes: usize,
            sample: SampleKind,
            shape: Shape,
            fill: Fill,
        ) -> Result<Lent<'_>, AllocError>;
    }
}

/// Requests of planes, sets of planes and slices, served by a [`Frame`](crate::Frame), a [`Stage`](crate::Stage) or a
/// [`Scratch`](crate::Scratch).
///
/// What is requested borrows from its scope and has no return call. Contents are zero unless the method's name says
/// otherwise. *Stale* samples are whatever this arena last kept there: initialised, but of another plane, image or frame, so
/// they must be overwritten wholly; debug builds mark them with signalling NaNs (`f32`) or bytes of `0xA5`.
///
/// # Errors
/// Every method returns an [`AllocError`] where memory is refused: dimensions whose size overflows, the arena's limit, the
/// system. Nothing of the request is kept then.
///
/// # Panics
/// None of the methods panics, but for what a caller's closure does.
pub trait PlaneAlloc: Source {
    /// A plane of zeros.
    fn plane<T: Sample>(&self, width: usize, height: usize) -> Result<Plane<'_, T>, AllocError> {
        request_plane(self, width, height, Fill::Zero)
    }

    /// A plane of stale samples.
    fn stale_plane<T: Sample>(
        &self,
        width: usize,
        height: usize,
    ) -> Result<Plane<'_, T>, AllocError> {
        request_plane(self, width, height, Fill::Stale)
    }

    /// A copy of a plane or of a rectangle of one.
    fn copied_plane<T: Sample>(&self, from: PlaneView<'_, T>) -> Result<Plane<'_, T>, AllocError> {
        let mut plane = self.stale_plane(from.width(), from.height())?;
        plane.view_mut().copy_from(from);
        Ok(plane)
    }

    /// A plane whose samples are `sample(x, y)`, computed row by row.
    fn plane_from_fn<T: Sample>(
        &self,
        width: usize,
        height: usize,
        mut sample: impl FnMut(usize, usize) -> T,
    ) -> Result<Plane<'_, T>, AllocError> {
        let mut plane = self.stale_plane(width, height)?;
        for y in 0..height {
            for (x, value) in plane.row_mut(y).iter_mut().enumerate() {
                *value = sample(x, y);
            }
        }
        Ok(plane)
    }

    /// `count` equal planes of zeros.
    fn planes<T: Sample>(
        &self,
        count: usize,
        width: usize,
        height: usize,
    ) -> Result<PlaneSet<'_, T>, AllocError> {
        request_planes(self, count, width, height, Fill::Zero)
    }

    /// `count` equal planes of stale samples.
    fn stale_planes<T: Sample>(
        &self,
        count: usize,
        width: usize,
        height: usize,
    ) -> Result<PlaneSet<'_, T>, AllocError> {
        request_planes(self, count, width, height, Fill::Stale)
    }

    /// A copy of a set of planes.
    fn copied_planes<T: Sample>(
        &self,
        from: &PlaneSet<'_, T>,
    ) -> Result<PlaneSet<'_, T>, AllocError> {
        let mut planes = self.stale_planes(from.count(), from.width(), from.height())?;
        for (mut plane, from) in planes.planes_mut().zip(from.planes()) {
            plane.copy_from(from);
        }
        Ok(planes)
    }

    /// `count` equal planes whose samples are `sample(plane, x, y)`, computed plane by plane and row by row.
    fn planes_from_fn<T: Sample>(
        &self,
        count: usize,
        width: usize,
        height: usize,
        mut sample: impl FnMut(usize, usize, usize) -> T,
    ) -> Result<PlaneSet<'_, T>, AllocError> {
        let mut planes = self.stale_planes(count, width, height)?;
        for (index, mut plane) in planes.planes_mut().enumerate() {
            for y in 0..height {
                for (x, value) in plane.row_mut(y).iter_mut().enumerate() {
                    *value = sample(index, x, y);
                }
            }
        }
        Ok(planes)
    }

    /// A slice of zeros.
    #[allow(clippy::mut_from_ref)]
    fn slice<T: Sample>(&self, len: usize) -> Result<&mut [T], AllocError> {
        request_slice(self, len, Fill::Zero)
    }

    /// A slice of stale samples.
    #[allow(clippy::mut_from_ref)]
    fn stale_slice<T: Sample>(&self, len: usize) -> Result<&mut [T], AllocError> {
        request_slice(self, len, Fill::Stale)
    }

    /// A copy of a slice.
    #[allow(clippy::mut_from_ref)]
    fn copied_slice<T: Sample>(&self, from: &[T]) -> Result<&mut [T], AllocError> {
        let slice = self.stale_slice(from.len())?;
        slice.copy_from_slice(from);
        Ok(slice)
    }

    /// A slice whose samples are `sample(index)`.
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

#[allow(clippy::mut_from_ref)]
fn request_slice<S: Source + ?Sized, T: Sample>(
    source: &S,
    len: usize,
    fill: Fill,
) -> Result<&mut [T], AllocError> {
    let bytes = layout::slice(len, size_of::<T>())?;
    samples(source, bytes, Shape::Slice, fill)
}

#[allow(clippy::mut_from_ref)]
fn samples<S: Source + ?Sized, T: Sample>(
    source: &S,
    bytes: usize,
    shape: Shape,
    fill: Fill,
) -> Result<&mut [T], AllocError> {
    let lent = source.lend(bytes, SampleKind::of::<T>(), shape, fill)?;
    Ok(fill_samples(lent, fill))
}

/// Lent bytes as samples, filled.
pub(crate) fn fill_samples<T: Sample>(lent: Lent<'_>, fill: Fill) -> &mut [T] {
    const {
        assert!(size_of::<T>() > 0, "a sample has a size");
        assert!(
            align_of::<T>() <= layout::ROW_ALIGN_BYTES,
            "rows are aligned to 64 bytes"
        );
    }
    match fill {
        Fill::Zero => lent.bytes[lent.stale].fill(0),
        Fill::Stale if cfg!(debug_assertions) => mark_stale::<T>(lent.bytes),
        Fill::Stale => {}
    }
    bytemuck::cast_slice_mut(lent.bytes)
}

fn mark_stale<T: Sample>(bytes: &mut [u8]) {
    const SIGNALLING_NAN: u32 = 0x7fa5_a5a5;
    bytes.fill(0xa5);
    if SampleKind::of::<T>() == SampleKind::F32 {
        for sample in bytes.chunks_exact_mut(4) {
            sample.copy_from_slice(&SIGNALLING_NAN.to_ne_bytes());
        }
    }
}
