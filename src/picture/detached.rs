use std::fmt;
use std::marker::PhantomData;

use super::forward::{forward_reads, forward_writes};
use super::view::{PictureView, debug};
use super::view_mut::PictureViewMut;
use super::{Picture, PictureLayout, Placement, places};
use crate::detached::DetachedMemory;
use crate::grant::Fill;
use crate::memory::Shared;
use crate::plane::{PlaneView, PlaneViewMut};
use crate::sample::{Kind, Sample};
use crate::scope::Scope;
use crate::store::Store;
use crate::{AllocError, SharedPicture};

/// A picture that outlives the frame in which it was made. Its memory is returned to the arena when
/// it is dropped.
///
/// ```compile_fail,E0505
/// # use frame_arena::{Arena, PictureLayout};
/// # let arena = Arena::new();
/// let picture = arena.detached_picture::<u8>(&PictureLayout::yuv420(64, 64))?;
/// let luma = picture.plane(0);
/// let shared = picture.into_shared(); // the picture is still borrowed
/// luma.row(0);
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
#[must_use]
pub struct DetachedPicture<T> {
    pub(super) memory: DetachedMemory,
    /// Bytes of the samples, which the record of the planes follows.
    pub(super) samples_bytes: usize,
    pub(super) samples: PhantomData<T>,
}

impl<T: Sample> DetachedPicture<T> {
    pub(crate) fn request(
        store: &Shared<Store>,
        layout: &PictureLayout,
        fill: Fill,
    ) -> Result<Self, AllocError> {
        let placement = Placement::new::<T>(layout)?;
        let (mut memory, granted) =
            DetachedMemory::take(store, placement.bytes(), Kind::Detached, fill)?;
        places::fill::<T>(&placement, memory.grant(granted), fill);
        Ok(Self::holding(memory, placement.samples_bytes()))
    }

    /// A copy of a scope's picture, borders included.
    fn copied(store: &Shared<Store>, from: &Picture<'_, T>) -> Result<Self, AllocError> {
        let samples: &[u8] = bytemuck::cast_slice(from.samples);
        let record: &[u8] = bytemuck::cast_slice(from.places.records());
        let offset = places::record_offset(samples.len());
        let bytes = offset + record.len();
        let (mut memory, _) = DetachedMemory::take(store, bytes, Kind::Detached, Fill::Stale)?;
        memory.bytes_mut()[..samples.len()].copy_from_slice(samples);
        memory.bytes_mut()[offset..].copy_from_slice(record);
        Ok(Self::holding(memory, samples.len()))
    }

    pub(super) fn holding(memory: DetachedMemory, samples_bytes: usize) -> Self {
        Self {
            memory,
            samples_bytes,
            samples: PhantomData,
        }
    }

    /// Returns all planes, to read.
    pub fn view(&self) -> PictureView<'_, T> {
        PictureView::new(places::split(self.memory.bytes(), self.samples_bytes))
    }

    /// Returns all planes, to write.
    pub fn view_mut(&mut self) -> PictureViewMut<'_, T> {
        PictureViewMut::new(places::split_mut(
            self.memory.bytes_mut(),
            self.samples_bytes,
        ))
    }

    forward_reads!();
    forward_writes!();

    /// Shares the picture with further owners. Calls no allocator.
    pub fn into_shared(self) -> SharedPicture<T> {
        SharedPicture::new(self)
    }
}

impl Scope {
    /// Makes a picture outlive its scope. It is moved or copied by the same rule as a plane; see
    /// [`detach`](Self::detach).
    ///
    /// # Errors
    /// The errors of a request, if the picture is copied.
    pub fn detach_picture<T: Sample>(
        &self,
        picture: Picture<'_, T>,
    ) -> Result<DetachedPicture<T>, AllocError> {
        let samples_bytes = size_of_val(picture.samples);
        match self.detach_run(picture.samples.as_ptr().cast()) {
            Some(run) => {
                let memory = DetachedMemory::holding(self.store(), run);
                Ok(DetachedPicture::holding(memory, samples_bytes))
            }
            None => DetachedPicture::copied(self.store(), &picture),
        }
    }
}

impl<T> fmt::Debug for DetachedPicture<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = places::places(self.memory.bytes(), self.samples_bytes);
        debug(f, "DetachedPicture", places)
    }
}
