use std::fmt;
use std::marker::PhantomData;

use super::forward::forward_reads;
use super::view::{PictureView, debug};
use super::view_mut::PictureViewMut;
use super::{DetachedPicture, places};
use crate::detached::SharedMemory;
use crate::plane::PlaneView;
use crate::sample::Sample;

/// A picture that several owners read, such as the frames predicted from it and the thread that
/// shows it. It is a [`DetachedPicture`] behind a count of its owners, as in an
/// [`Arc`](std::sync::Arc). Its memory is returned to the arena when the last owner is dropped, on
/// whatever thread that is.
///
/// Sharing and cloning call no allocator: the count is part of the arena's own record of the
/// memory.
///
/// ```
/// use frame_arena::{Arena, PictureLayout, SharedPicture};
///
/// let arena = Arena::new();
/// let layout = PictureLayout::yuv420(640, 360).border(32);
/// let mut picture = arena.stale_detached_picture::<u8>(&layout)?;
/// for mut plane in picture.planes_mut() {
///     plane.fill(128);
/// }
/// picture.extend_borders();
///
/// let mut decoded: [Option<SharedPicture<u8>>; 8] = Default::default();
/// decoded[0] = Some(picture.into_shared());
/// let shown = decoded[0].clone().unwrap();
/// let display = std::thread::spawn(move || shown.plane(0).get(639, 359));
/// assert_eq!(display.join().unwrap(), 128);
/// // The only owner may write again.
/// let mut reused = decoded[0].take().unwrap();
/// reused.get_mut().unwrap().plane_mut(0).fill(0);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// A shared picture can be written only while it has one owner, and a view does not outlive the
/// owner that it came from:
///
/// ```compile_fail,E0599
/// # use frame_arena::{Arena, PictureLayout};
/// # let arena = Arena::new();
/// let layout = PictureLayout::yuv420(64, 64);
/// let mut picture = arena.detached_picture::<u8>(&layout)?.into_shared();
/// picture.plane_mut(0).fill(1);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0502
/// # use frame_arena::{Arena, PictureLayout};
/// # let arena = Arena::new();
/// let layout = PictureLayout::yuv420(64, 64);
/// let mut picture = arena.detached_picture::<u8>(&layout)?.into_shared();
/// let written = picture.get_mut().unwrap();
/// let other = picture.clone(); // it would read what is written
/// written.into_plane(0).fill(1);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0505
/// # use frame_arena::{Arena, PictureLayout};
/// # let arena = Arena::new();
/// let layout = PictureLayout::yuv420(64, 64);
/// let picture = arena.detached_picture::<u8>(&layout)?.into_shared();
/// let luma = picture.plane(0);
/// drop(picture); // even where other owners are left
/// luma.row(0);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
#[must_use]
pub struct SharedPicture<T> {
    memory: SharedMemory,
    /// Bytes of the samples, which the record of the planes follows.
    samples_bytes: usize,
    samples: PhantomData<T>,
}

impl<T: Sample> SharedPicture<T> {
    pub(super) fn new(picture: DetachedPicture<T>) -> Self {
        Self {
            memory: SharedMemory::new(picture.memory),
            samples_bytes: picture.samples_bytes,
            samples: PhantomData,
        }
    }

    /// Returns all planes, to read.
    pub fn view(&self) -> PictureView<'_, T> {
        PictureView::new(places::split(self.memory.bytes(), self.samples_bytes))
    }

    forward_reads!();

    /// Returns all planes, to write, or `None` if there are other owners.
    pub fn get_mut(&mut self) -> Option<PictureViewMut<'_, T>> {
        let bytes = self.memory.get_mut()?;
        Some(PictureViewMut::new(places::split_mut(
            bytes,
            self.samples_bytes,
        )))
    }

    /// Takes the picture back for one owner alone.
    ///
    /// # Errors
    /// `self`, unchanged, if there are other owners.
    pub fn try_unwrap(self) -> Result<DetachedPicture<T>, Self> {
        match self.memory.try_unwrap() {
            Ok(memory) => Ok(DetachedPicture::holding(memory, self.samples_bytes)),
            Err(memory) => Err(Self { memory, ..self }),
        }
    }

    /// Returns whether `self` and `other` are owners of one picture.
    pub fn is_same(&self, other: &Self) -> bool {
        let ranges = [self, other].map(|owner| owner.memory.bytes().as_ptr_range());
        !ranges[0].is_empty() && ranges[0] == ranges[1]
    }
}

impl<T> Clone for SharedPicture<T> {
    fn clone(&self) -> Self {
        Self {
            memory: self.memory.clone(),
            ..*self
        }
    }
}

impl<T> fmt::Debug for SharedPicture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = places::places(self.memory.bytes(), self.samples_bytes);
        debug(f, "SharedPicture", places)
    }
}
