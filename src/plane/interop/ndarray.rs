#![allow(unsafe_code)]

use ndarray::{
    ArrayView2, ArrayView3, ArrayViewMut2, ArrayViewMut3, ErrorKind, Ix2, Ix3, ShapeBuilder,
    ShapeError, StrideShape,
};

use crate::plane::{Plane, PlaneSet, PlaneSetViewMut, PlaneView, PlaneViewMut};
use crate::sample::Sample;
use crate::{DetachedPlane, DetachedPlaneSet, OwnedPlane};

impl<'p, T: Sample> PlaneView<'p, T> {
    /// The view as an array of the crate `ndarray`: element `[y, x]` is the sample in column `x` of
    /// row `y`.
    ///
    /// ```
    /// # use frame_arena::{Arena, PlaneAlloc};
    /// # let arena = Arena::new();
    /// # let frame = arena.frame();
    /// let plane = frame.plane_from_fn::<f32>(100, 50, |x, y| (x + y) as f32)?;
    /// let corner = plane.view().rect(98, 48, 2, 2);
    /// let array = corner.as_ndarray().expect("a view with samples");
    /// assert_eq!(array, ndarray::array![[146.0, 147.0], [147.0, 148.0]]);
    /// # Ok::<(), frame_arena::AllocError>(())
    /// ```
    ///
    /// Requires the feature `ndarray`.
    ///
    /// # Errors
    /// A [`ShapeError`] of overflow if the view has no samples and a dimension exceeds
    /// [`isize::MAX`].
    pub fn as_ndarray(&self) -> Result<ArrayView2<'p, T>, ShapeError> {
        let shape = shape_2d(self.width(), self.height(), self.stride())?;
        // SAFETY: by the invariant of the view, the elements of that shape are initialized and
        // written by nobody during 'p; the start is aligned, and strides lie within the view's
        // allocation.
        Ok(unsafe { ArrayView2::from_shape_ptr(shape, self.as_ptr()) })
    }
}

impl<'p, T: Sample> PlaneViewMut<'p, T> {
    /// The view as an array of the crate `ndarray`; see [`PlaneView::as_ndarray`].
    ///
    /// # Errors
    /// The errors of [`PlaneView::as_ndarray`].
    pub fn as_ndarray(&self) -> Result<ArrayView2<'_, T>, ShapeError> {
        self.view().as_ndarray()
    }

    /// The view as an array of the crate `ndarray`, to write; see [`PlaneView::as_ndarray`].
    ///
    /// # Errors
    /// The errors of [`PlaneView::as_ndarray`].
    pub fn as_ndarray_mut(&mut self) -> Result<ArrayViewMut2<'_, T>, ShapeError> {
        self.reborrow().into_ndarray()
    }

    /// As [`as_ndarray_mut`](Self::as_ndarray_mut), for as long as the view's samples may be
    /// written.
    ///
    /// ```compile_fail,E0505
    /// # use frame_arena::{Arena, PlaneAlloc};
    /// # let arena = Arena::new();
    /// # let frame = arena.frame();
    /// let mut plane = frame.plane::<f32>(100, 50)?;
    /// let mut array = plane.view_mut().into_ndarray().expect("a view with samples");
    /// drop(plane);
    /// array[[0, 0]] = 1.0; // the array would outlive its plane
    /// # Ok::<(), frame_arena::AllocError>(())
    /// ```
    ///
    /// # Errors
    /// The errors of [`PlaneView::as_ndarray`].
    pub fn into_ndarray(mut self) -> Result<ArrayViewMut2<'p, T>, ShapeError> {
        let shape = shape_2d(self.width(), self.height(), self.stride())?;
        // SAFETY: by the invariant of the view, which is consumed, the elements of that shape are
        // initialized and accessed by nobody else during 'p, and rows do not overlap; the start is
        // aligned, and strides lie within the view's allocation.
        Ok(unsafe { ArrayViewMut2::from_shape_ptr(shape, self.as_mut_ptr()) })
    }
}

impl<'p, T: Sample> PlaneSetViewMut<'p, T> {
    /// The view as an array of the crate `ndarray`; see [`PlaneSet::as_ndarray`].
    ///
    /// # Errors
    /// The errors of [`PlaneSet::as_ndarray`].
    pub fn as_ndarray(&self) -> Result<ArrayView3<'_, T>, ShapeError> {
        let shape = self.shape()?;
        // SAFETY: as for `into_ndarray`, and the view is borrowed, so nobody writes its samples.
        Ok(unsafe { ArrayView3::from_shape_ptr(shape, self.as_ptr()) })
    }

    /// The view as an array of the crate `ndarray`, to write; see [`PlaneSet::as_ndarray`].
    ///
    /// # Errors
    /// The errors of [`PlaneSet::as_ndarray`].
    pub fn as_ndarray_mut(&mut self) -> Result<ArrayViewMut3<'_, T>, ShapeError> {
        self.reborrow().into_ndarray()
    }

    /// As [`as_ndarray_mut`](Self::as_ndarray_mut), for as long as the view's samples may be
    /// written.
    ///
    /// # Errors
    /// The errors of [`PlaneSet::as_ndarray`].
    pub fn into_ndarray(mut self) -> Result<ArrayViewMut3<'p, T>, ShapeError> {
        let shape = self.shape()?;
        // SAFETY: by the invariant of the view, which is consumed, the elements of that shape are
        // initialized and accessed by nobody else during 'p, and neither planes nor rows overlap;
        // the start is aligned, and strides lie within the view's allocation.
        Ok(unsafe { ArrayViewMut3::from_shape_ptr(shape, self.as_mut_ptr()) })
    }

    fn shape(&self) -> Result<StrideShape<Ix3>, ShapeError> {
        let dimensions = [self.count(), self.height(), self.width()];
        shape_3d(dimensions, self.plane_stride(), self.stride())
    }
}

impl<T: Sample> Plane<'_, T> {
    /// The plane as an array of the crate `ndarray`; see [`PlaneView::as_ndarray`].
    ///
    /// # Errors
    /// The errors of [`PlaneView::as_ndarray`].
    pub fn as_ndarray(&self) -> Result<ArrayView2<'_, T>, ShapeError> {
        self.view().as_ndarray()
    }

    /// The plane as an array of the crate `ndarray`, to write; see [`PlaneView::as_ndarray`].
    ///
    /// # Errors
    /// The errors of [`PlaneView::as_ndarray`].
    pub fn as_ndarray_mut(&mut self) -> Result<ArrayViewMut2<'_, T>, ShapeError> {
        self.view_mut().into_ndarray()
    }
}

impl<T: Sample> PlaneSet<'_, T> {
    /// The set as an array of the crate `ndarray`: element `[plane, y, x]` is the sample in column
    /// `x` of row `y` of a plane.
    ///
    /// ```
    /// # use frame_arena::{Arena, PlaneAlloc};
    /// # let arena = Arena::new();
    /// # let frame = arena.frame();
    /// let mut planes = frame.planes::<f32>(3, 100, 50)?;
    /// planes.as_ndarray_mut().expect("a set with samples")[[2, 49, 99]] = 1.0;
    /// assert_eq!(planes.plane(2).get(99, 49), 1.0);
    /// assert_eq!(planes.as_ndarray().expect("a set with samples").sum(), 1.0);
    /// # Ok::<(), frame_arena::AllocError>(())
    /// ```
    ///
    /// Requires the feature `ndarray`.
    ///
    /// # Errors
    /// A [`ShapeError`] of overflow if the set has no samples and the product of those dimensions
    /// that are not zero exceeds [`isize::MAX`].
    pub fn as_ndarray(&self) -> Result<ArrayView3<'_, T>, ShapeError> {
        let dimensions = [self.count(), self.height(), self.width()];
        let shape = shape_3d(dimensions, self.plane_stride(), self.stride())?;
        ArrayView3::from_shape(shape, self.as_padded_slice())
    }

    /// The set as an array of the crate `ndarray`, to write; see [`as_ndarray`](Self::as_ndarray).
    ///
    /// # Errors
    /// The errors of [`as_ndarray`](Self::as_ndarray).
    pub fn as_ndarray_mut(&mut self) -> Result<ArrayViewMut3<'_, T>, ShapeError> {
        self.view_mut().into_ndarray()
    }
}

impl<T: Sample> DetachedPlaneSet<T> {
    /// The set as an array of the crate `ndarray`; see [`PlaneSet::as_ndarray`].
    ///
    /// # Errors
    /// The errors of [`PlaneSet::as_ndarray`].
    pub fn as_ndarray(&self) -> Result<ArrayView3<'_, T>, ShapeError> {
        let dimensions = [self.count(), self.height(), self.width()];
        let shape = shape_3d(dimensions, self.plane_stride(), self.stride())?;
        ArrayView3::from_shape(shape, self.as_padded_slice())
    }

    /// The set as an array of the crate `ndarray`, to write; see [`PlaneSet::as_ndarray`].
    ///
    /// # Errors
    /// The errors of [`PlaneSet::as_ndarray`].
    pub fn as_ndarray_mut(&mut self) -> Result<ArrayViewMut3<'_, T>, ShapeError> {
        self.view_mut().into_ndarray()
    }
}

/// Arrays of planes that own their memory.
macro_rules! arrays {
    ($($plane:ident),+) => {$(
        impl<T: Sample> $plane<T> {
            /// The plane as an array of the crate `ndarray`; see [`PlaneView::as_ndarray`].
            ///
            /// # Errors
            /// The errors of [`PlaneView::as_ndarray`].
            pub fn as_ndarray(&self) -> Result<ArrayView2<'_, T>, ShapeError> {
                self.view().as_ndarray()
            }

            /// The plane as an array of the crate `ndarray`, to write; see
            /// [`PlaneView::as_ndarray`].
            ///
            /// # Errors
            /// The errors of [`PlaneView::as_ndarray`].
            pub fn as_ndarray_mut(&mut self) -> Result<ArrayViewMut2<'_, T>, ShapeError> {
                self.view_mut().into_ndarray()
            }
        }
    )+};
}

arrays!(DetachedPlane, OwnedPlane);

fn shape_2d(width: usize, height: usize, stride: usize) -> Result<StrideShape<Ix2>, ShapeError> {
    let dimensions = (height, width);
    Ok(match has_samples([height, width])? {
        // The stride of a single row may be any number.
        true if height > 1 => dimensions.strides((stride, 1)),
        _ => dimensions.into(),
    })
}

fn shape_3d(
    dimensions: [usize; 3],
    plane_stride: usize,
    stride: usize,
) -> Result<StrideShape<Ix3>, ShapeError> {
    Ok(match has_samples(dimensions)? {
        true => dimensions.strides([plane_stride, stride, 1]),
        false => dimensions.into(),
    })
}

/// Whether planes of these dimensions have samples. Fails if an array cannot have the dimensions:
/// the product of those that are not zero must be at most [`isize::MAX`], which is always so if
/// there are samples, as they lie in memory.
fn has_samples<const N: usize>(dimensions: [usize; N]) -> Result<bool, ShapeError> {
    let mut lengths = dimensions.into_iter().filter(|&length| length > 0);
    let product = lengths.try_fold(1usize, |product, length| product.checked_mul(length));
    match product {
        Some(product) if product <= isize::MAX as usize => Ok(!dimensions.contains(&0)),
        _ => Err(ShapeError::from_kind(ErrorKind::Overflow)),
    }
}
