use crate::layout;
use crate::{AllocError, PictureLayout, Sample};

/// Describes requests for a plan, with the methods of [`PlaneAlloc`](crate::PlaneAlloc). Zeroed,
/// stale and copied memory is described alike. A [`Spec`](crate::Spec) states a request for both
/// traits.
pub trait PlanRequest {
    /// Describes a request of `bytes` bytes.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    fn bytes(&mut self, bytes: usize) -> Result<(), AllocError>;

    /// Describes a plane.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    fn plane<T: Sample>(&mut self, width: usize, height: usize) -> Result<(), AllocError> {
        self.planes::<T>(1, width, height)
    }

    /// Describes a set of `count` equal planes.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    fn planes<T: Sample>(
        &mut self,
        count: usize,
        width: usize,
        height: usize,
    ) -> Result<(), AllocError> {
        self.bytes(layout::planes(count, width, height, size_of::<T>())?.bytes)
    }

    /// Describes a picture.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    fn picture<T: Sample>(&mut self, layout: &PictureLayout) -> Result<(), AllocError> {
        self.bytes(layout.bytes::<T>()?)
    }

    /// Describes a slice.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    fn slice<T: Sample>(&mut self, len: usize) -> Result<(), AllocError> {
        self.bytes(layout::slice(len, size_of::<T>())?)
    }
}
