use crate::AllocError;
use crate::grant::{Fill, fill_samples};
use crate::layout;
use crate::picture::{Picture, PictureLayout, Placement};
use crate::plane::{Plane, PlaneSet, PlaneView};
use crate::plane_source::PlaneSource;
use crate::sample::{Sample, SampleKind, Shape};

/// Requests of planes, sets of planes, pictures and slices, served by a [`Frame`](crate::Frame), a
/// [`Stage`](crate::Stage), their [owned](crate::OwnedFrame) forms, a [`Scope`](crate::Scope) or a
/// [`Scratch`](crate::Scratch).
///
/// Code that accepts any of them is generic, or takes a `&dyn` [`PlaneSource`].
///
/// Planes and slices borrow from their scope and need no return call. Contents are zero unless the
/// method's name says otherwise. *Stale* samples are left over from another plane, picture or
/// frame: initialized, but meaningless, so they must be overwritten wholly. Debug builds mark them
/// with signaling NaNs (`f32`) or bytes of `0xA5`.
///
/// The first request of a scope also takes the records of the scope and its frame, so even a small
/// request may be refused.
///
/// Planes whose width, height or number is zero take no memory and no time, whatever the other
/// dimensions are.
///
/// # Errors
/// Every method returns an [`AllocError`] if the size overflows, or if the arena's limit or the
/// system refuses the memory. A refused request holds no memory.
///
/// # Panics
/// None of the methods panics, unless a caller's closure does.
pub trait PlaneAlloc: PlaneSource {
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

impl<S: PlaneSource + ?Sized> PlaneAlloc for S {}

fn request_plane<S: PlaneSource + ?Sized, T: Sample>(
    source: &S,
    width: usize,
    height: usize,
    fill: Fill,
) -> Result<Plane<'_, T>, AllocError> {
    let layout = layout::planes(1, width, height, size_of::<T>())?;
    let samples = samples(source, layout.bytes, Shape::Plane, fill)?;
    Ok(Plane::new(samples, width, height, layout.stride))
}

fn request_planes<S: PlaneSource + ?Sized, T: Sample>(
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

fn request_picture<'s, S: PlaneSource + ?Sized, T: Sample>(
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
fn request_slice<S: PlaneSource + ?Sized, T: Sample>(
    source: &S,
    len: usize,
    fill: Fill,
) -> Result<&mut [T], AllocError> {
    let bytes = layout::slice(len, size_of::<T>())?;
    samples(source, bytes, Shape::Slice, fill)
}

/// Samples of a request, filled.
#[allow(clippy::mut_from_ref)]
pub(crate) fn samples<S: PlaneSource + ?Sized, T: Sample>(
    source: &S,
    bytes: usize,
    shape: Shape,
    fill: Fill,
) -> Result<&mut [T], AllocError> {
    let grant = source.grant(bytes, SampleKind::of::<T>(), shape, fill)?;
    Ok(fill_samples(grant, fill))
}
