use crate::AllocError;
use crate::grant::{Fill, Grant};
use crate::sample::{SampleKind, Shape};

/// The trait behind [`PlaneAlloc`](crate::PlaneAlloc) for trait objects: a `&dyn PlaneSource` has
/// all methods of `PlaneAlloc`, which is not dyn-compatible itself because its methods are generic.
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
        fill: Fill,
    ) -> Result<Grant<'_>, AllocError>;
}

/// Implements [`PlaneSource`] for types that deref to a scope.
macro_rules! grant_as_scope {
    ($($source:ty),+) => {$(
        impl $crate::PlaneSource for $source {
            fn grant(
                &self,
                bytes: usize,
                sample: $crate::SampleKind,
                shape: $crate::Shape,
                fill: $crate::grant::Fill,
            ) -> Result<$crate::grant::Grant<'_>, $crate::AllocError> {
                (**self).grant(bytes, sample, shape, fill)
            }
        }
    )+};
}

pub(crate) use grant_as_scope;
