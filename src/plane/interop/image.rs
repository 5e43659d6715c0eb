use image::flat::{FlatSamples, SampleLayout};

use crate::plane::{Plane, PlaneSet};
use crate::sample::Sample;
use crate::{DetachedPlane, DetachedPlaneSet, OwnedPlane};

impl<T: Sample> Plane<'_, T> {
    /// The plane as an image of one channel of the crate `image`, padding included; `None` if the
    /// width or the height exceeds [`u32::MAX`]. The image has no color hint: a plane does not know
    /// what color its samples are.
    ///
    /// ```
    /// # use frame_arena::{Arena, PlaneAlloc};
    /// use image::{GenericImageView, Luma};
    ///
    /// # let arena = Arena::new();
    /// # let frame = arena.frame();
    /// let plane = frame.plane_from_fn::<u8>(100, 50, |x, y| (x + y) as u8)?;
    /// let samples = plane.as_flat_samples().expect("an image of moderate size");
    /// let view = samples.as_view::<Luma<u8>>().expect("an image of one channel");
    /// assert_eq!(view.get_pixel(99, 49), Luma([148]));
    /// # Ok::<(), frame_arena::AllocError>(())
    /// ```
    ///
    /// Flat samples hold one slice over the whole plane, so a rectangle of a plane has none:
    /// between its rows are samples that others may write.
    ///
    /// ```compile_fail,E0599
    /// # use frame_arena::{Arena, PlaneAlloc};
    /// # let arena = Arena::new();
    /// # let frame = arena.frame();
    /// let mut plane = frame.plane::<u8>(100, 50)?;
    /// let (mut left, mut right) = plane.view_mut().split_at_column(50);
    /// let images = (left.as_flat_samples_mut(), right.as_flat_samples_mut());
    /// # Ok::<(), frame_arena::AllocError>(())
    /// ```
    ///
    /// Requires the feature `image`.
    pub fn as_flat_samples(&self) -> Option<FlatSamples<&[T]>> {
        let layout = planar((1, 1), (self.width(), self.height(), self.stride()))?;
        Some(flat(self.as_padded_slice(), layout))
    }

    /// The plane as an image of one channel, to write; see
    /// [`as_flat_samples`](Self::as_flat_samples).
    pub fn as_flat_samples_mut(&mut self) -> Option<FlatSamples<&mut [T]>> {
        let layout = planar((1, 1), (self.width(), self.height(), self.stride()))?;
        Some(flat(self.as_padded_mut_slice(), layout))
    }
}

impl<T: Sample, const N: usize> Plane<'_, [T; N]>
where
    [T; N]: Sample,
{
    /// The plane as an image of `N` channels of the crate `image`, padding included; `None` if the
    /// width or the height exceeds [`u32::MAX`], or `N` exceeds 255. See
    /// [`as_flat_samples`](Self::as_flat_samples).
    ///
    /// ```
    /// # use frame_arena::{Arena, PlaneAlloc};
    /// use image::{GenericImage, Rgb};
    ///
    /// # let arena = Arena::new();
    /// # let frame = arena.frame();
    /// let mut plane = frame.plane::<[u8; 3]>(100, 50)?;
    /// let mut pixels = plane.as_flat_pixels_mut().expect("an image of moderate size");
    /// let mut view = pixels.as_view_mut::<Rgb<u8>>().expect("an image of three channels");
    /// view.put_pixel(99, 49, Rgb([1, 2, 3]));
    /// assert_eq!(plane.get(99, 49), [1, 2, 3]);
    /// # Ok::<(), frame_arena::AllocError>(())
    /// ```
    ///
    /// Requires the feature `image`.
    pub fn as_flat_pixels(&self) -> Option<FlatSamples<&[T]>> {
        let layout = interleaved::<N>((self.width(), self.height(), self.stride()))?;
        Some(flat(self.as_padded_slice().as_flattened(), layout))
    }

    /// The plane as an image of `N` channels, to write; see
    /// [`as_flat_pixels`](Self::as_flat_pixels).
    pub fn as_flat_pixels_mut(&mut self) -> Option<FlatSamples<&mut [T]>> {
        let layout = interleaved::<N>((self.width(), self.height(), self.stride()))?;
        let samples = self.as_padded_mut_slice().as_flattened_mut();
        Some(flat(samples, layout))
    }
}

impl<T: Sample> PlaneSet<'_, T> {
    /// The set as an image of the crate `image` whose channels are the planes, padding included;
    /// `None` if the width or the height exceeds [`u32::MAX`], or there are more than 255 planes.
    /// See [`Plane::as_flat_samples`].
    ///
    /// ```
    /// # use frame_arena::{Arena, PlaneAlloc};
    /// use image::{GenericImageView, Rgb};
    ///
    /// # let arena = Arena::new();
    /// # let frame = arena.frame();
    /// let planes = frame.planes_from_fn::<u8>(3, 100, 50, |c, x, y| (50 * c + x + y) as u8)?;
    /// let samples = planes.as_flat_samples().expect("an image of moderate size");
    /// let view = samples.as_view::<Rgb<u8>>().expect("an image of three channels");
    /// assert_eq!(view.get_pixel(9, 2), Rgb([11, 61, 111]));
    /// # Ok::<(), frame_arena::AllocError>(())
    /// ```
    ///
    /// Requires the feature `image`.
    pub fn as_flat_samples(&self) -> Option<FlatSamples<&[T]>> {
        let planes = (self.count(), self.plane_stride());
        let layout = planar(planes, (self.width(), self.height(), self.stride()))?;
        Some(flat(self.as_padded_slice(), layout))
    }

    /// The set as an image whose channels are the planes, to write; see
    /// [`as_flat_samples`](Self::as_flat_samples).
    pub fn as_flat_samples_mut(&mut self) -> Option<FlatSamples<&mut [T]>> {
        let planes = (self.count(), self.plane_stride());
        let layout = planar(planes, (self.width(), self.height(), self.stride()))?;
        Some(flat(self.as_padded_mut_slice(), layout))
    }
}

/// Images of planes that own their memory.
macro_rules! images {
    ($($plane:ident),+) => {$(
        impl<T: Sample> $plane<T> {
            /// The plane as an image of one channel of the crate `image`; see
            /// [`Plane::as_flat_samples`].
            pub fn as_flat_samples(&self) -> Option<FlatSamples<&[T]>> {
                let layout = planar((1, 1), (self.width(), self.height(), self.stride()))?;
                Some(flat(self.as_padded_slice(), layout))
            }

            /// The plane as an image of one channel, to write; see [`Plane::as_flat_samples`].
            pub fn as_flat_samples_mut(&mut self) -> Option<FlatSamples<&mut [T]>> {
                let layout = planar((1, 1), (self.width(), self.height(), self.stride()))?;
                Some(flat(self.as_padded_mut_slice(), layout))
            }
        }

        impl<T: Sample, const N: usize> $plane<[T; N]>
        where
            [T; N]: Sample,
        {
            /// The plane as an image of `N` channels of the crate `image`; see
            /// [`Plane::as_flat_pixels`].
            pub fn as_flat_pixels(&self) -> Option<FlatSamples<&[T]>> {
                let layout = interleaved::<N>((self.width(), self.height(), self.stride()))?;
                Some(flat(self.as_padded_slice().as_flattened(), layout))
            }

            /// The plane as an image of `N` channels, to write; see [`Plane::as_flat_pixels`].
            pub fn as_flat_pixels_mut(&mut self) -> Option<FlatSamples<&mut [T]>> {
                let layout = interleaved::<N>((self.width(), self.height(), self.stride()))?;
                let samples = self.as_padded_mut_slice().as_flattened_mut();
                Some(flat(samples, layout))
            }
        }
    )+};
}

images!(DetachedPlane, OwnedPlane);

impl<T: Sample> DetachedPlaneSet<T> {
    /// The set as an image whose channels are the planes; see [`PlaneSet::as_flat_samples`].
    pub fn as_flat_samples(&self) -> Option<FlatSamples<&[T]>> {
        let planes = (self.count(), self.plane_stride());
        let layout = planar(planes, (self.width(), self.height(), self.stride()))?;
        Some(flat(self.as_padded_slice(), layout))
    }

    /// The set as an image whose channels are the planes, to write; see
    /// [`PlaneSet::as_flat_samples`].
    pub fn as_flat_samples_mut(&mut self) -> Option<FlatSamples<&mut [T]>> {
        let planes = (self.count(), self.plane_stride());
        let layout = planar(planes, (self.width(), self.height(), self.stride()))?;
        Some(flat(self.as_padded_mut_slice(), layout))
    }
}

fn flat<B>(samples: B, layout: SampleLayout) -> FlatSamples<B> {
    FlatSamples {
        samples,
        layout,
        color_hint: None,
    }
}

/// Channels that are planes, `plane_stride` samples apart.
fn planar(
    (count, plane_stride): (usize, usize),
    (width, height, stride): (usize, usize, usize),
) -> Option<SampleLayout> {
    Some(SampleLayout {
        channels: count.try_into().ok()?,
        // `image` requires packed pixels to write an image.
        channel_stride: if count == 1 { 1 } else { plane_stride },
        width: width.try_into().ok()?,
        width_stride: 1,
        height: height.try_into().ok()?,
        height_stride: stride,
    })
}

/// `N` channels that are the elements of each sample.
fn interleaved<const N: usize>(
    (width, height, stride): (usize, usize, usize),
) -> Option<SampleLayout> {
    Some(SampleLayout {
        channels: N.try_into().ok()?,
        channel_stride: 1,
        width: width.try_into().ok()?,
        width_stride: N,
        height: height.try_into().ok()?,
        height_stride: stride.checked_mul(N)?,
    })
}
