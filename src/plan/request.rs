use crate::layout;
use crate::{AllocError, Sample};

/// The requests of [`PlaneAlloc`](crate::PlaneAlloc), described. Whether memory is zeroed, stale or copied makes no difference.
pub trait PlanRequest {
    /// A request of so many bytes.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    fn bytes(&mut self, bytes: usize) -> Result<(), AllocError>;

    /// A plane.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    fn plane<T: Sample>(&mut self, width: usize, height: usize) -> Result<(), AllocError> {
        self.planes::<T>(1, width, height)
    }

    /// A set of `count` equal planes.
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

    /// A slice.
    ///
    /// # Errors
    /// [`AllocError::SizeOverflow`].
    fn slice<T: Sample>(&mut self, len: usize) -> Result<(), AllocError> {
        self.bytes(layout::slice(len, size_of::<T>())?)
    }
}
