use imgref::{ImgRef, ImgRefMut};

use crate::plane::Plane;
use crate::sample::Sample;
use crate::{DetachedPlane, OwnedPlane};

impl<T: Sample> Plane<'_, T> {
    /// The plane as an image of the crate `imgref`, padding included; `None` if the width or the
    /// height exceeds [`u32::MAX`].
    ///
    /// ```
    /// # use frame_arena::{Arena, PlaneAlloc};
    /// # let arena = Arena::new();
    /// # let frame = arena.frame();
    /// let plane = frame.plane_from_fn::<u8>(100, 50, |x, y| (x + y) as u8)?;
    /// let image = plane.as_imgref().expect("an image of moderate size");
    /// assert_eq!((image.stride(), image[(99u32, 49u32)]), (128, 148));
    /// # Ok::<(), frame_arena::AllocError>(())
    /// ```
    ///
    /// An image holds one slice over the whole plane, so a rectangle of a plane has none: between
    /// its rows are samples that others may write.
    ///
    /// ```compile_fail,E0599
    /// # use frame_arena::{Arena, PlaneAlloc};
    /// # let arena = Arena::new();
    /// # let frame = arena.frame();
    /// let mut plane = frame.plane::<u8>(100, 50)?;
    /// let (mut left, mut right) = plane.view_mut().split_at_column(50);
    /// let images = (left.as_imgref_mut(), right.as_imgref_mut());
    /// # Ok::<(), frame_arena::AllocError>(())
    /// ```
    ///
    /// Requires the feature `imgref`.
    pub fn as_imgref(&self) -> Option<ImgRef<'_, T>> {
        let dimensions = (self.width(), self.height(), self.stride());
        image_ref(self.as_padded_slice(), dimensions)
    }

    /// The plane as an image of the crate `imgref`, to write; see [`as_imgref`](Self::as_imgref).
    pub fn as_imgref_mut(&mut self) -> Option<ImgRefMut<'_, T>> {
        let dimensions = (self.width(), self.height(), self.stride());
        image_mut(self.as_padded_mut_slice(), dimensions)
    }
}

/// Images of planes that own their memory.
macro_rules! images {
    ($($plane:ident),+) => {$(
        impl<T: Sample> $plane<T> {
            /// The plane as an image of the crate `imgref`; see [`Plane::as_imgref`].
            pub fn as_imgref(&self) -> Option<ImgRef<'_, T>> {
                let dimensions = (self.width(), self.height(), self.stride());
                image_ref(self.as_padded_slice(), dimensions)
            }

            /// The plane as an image of the crate `imgref`, to write; see [`Plane::as_imgref`].
            pub fn as_imgref_mut(&mut self) -> Option<ImgRefMut<'_, T>> {
                let dimensions = (self.width(), self.height(), self.stride());
                image_mut(self.as_padded_mut_slice(), dimensions)
            }
        }
    )+};
}

images!(DetachedPlane, OwnedPlane);

fn image_ref<T>(samples: &[T], dimensions: (usize, usize, usize)) -> Option<ImgRef<'_, T>> {
    let (width, height, stride) = described(dimensions)?;
    Some(ImgRef::new_stride(samples, width, height, stride))
}

fn image_mut<T>(samples: &mut [T], dimensions: (usize, usize, usize)) -> Option<ImgRefMut<'_, T>> {
    let (width, height, stride) = described(dimensions)?;
    Some(ImgRefMut::new_stride(samples, width, height, stride))
}

/// Width, height and stride, if an image may have them.
fn described((width, height, stride): (usize, usize, usize)) -> Option<(usize, usize, usize)> {
    let fit = u32::try_from(width).is_ok() && u32::try_from(height).is_ok();
    // Rows of no samples have a stride of zero, which images must not have.
    fit.then_some((width, height, stride.max(1)))
}
