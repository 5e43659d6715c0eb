use crate::AllocError;
use crate::lent::{Fill, Lent};
use crate::sample::{SampleKind, Shape};

/// What planes are requested from, as a trait object: a `&dyn PlaneSource` has all methods of
/// [`PlaneAlloc`](crate::PlaneAlloc), which as a trait of generic methods has no objects.
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
    fn lend(
        &self,
        bytes: usize,
        sample: SampleKind,
        shape: Shape,
        fill: Fill,
    ) -> Result<Lent<'_>, AllocError>;
}

/// Implements [`PlaneSource`] for types that deref to a scope: their requests are the scope's.
macro_rules! lend_as_scope {
    ($($source:ty),+) => {$(
        impl $crate::PlaneSource for $source {
            fn lend(
                &self,
                bytes: usize,
                sample: $crate::SampleKind,
                shape: $crate::Shape,
                fill: $crate::lent::Fill,
            ) -> Result<$crate::lent::Lent<'_>, $crate::AllocError> {
                (**self).lend(bytes, sample, shape, fill)
            }
        }
    )+};
}

pub(crate) use lend_as_scope;
