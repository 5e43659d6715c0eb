use std::marker::PhantomData;

use crate::AllocError;
use crate::layout::{self, PlaneLayout};
use crate::memory::{Chain, Run};
use crate::plane::{Plane, PlaneSet, PlaneSetViewMut, PlaneView, PlaneViewMut};
use crate::request::sealed::Lent;
use crate::request::{Fill, fill_samples};
use crate::sample::{Kind, Sample};
use crate::store::Store;
use crate::sync::Arc;

/// A plane that outlives the frame it was made in: a reference frame, an LF frame, a canvas. It goes back to its arena when
/// dropped.
///
/// ```compile_fail,E0505
/// # use frame_arena::Arena;
/// # let arena = Arena::new();
/// let reference = arena.detached_plane::<f32>(64, 64)?;
/// let view = reference.view();
/// drop(reference);
/// view.row(0); // the view would outlive its plane
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
pub struct DetachedPlane<T> {
    memory: Detached,
    width: usize,
    height: usize,
    stride: usize,
    samples: PhantomData<T>,
}

/// A set of equal planes that outlives the frame it was made in; see [`DetachedPlane`].
pub struct DetachedPlaneSet<T> {
    memory: Detached,
    count: usize,
    width: usize,
    height: usize,
    layout: PlaneLayout,
    samples: PhantomData<T>,
}

/// A run outside all scopes.
struct Detached {
    store: Arc<Store>,
    /// `None` for planes without samples.
    run: Option<Box<Run>>,
}

impl<T: Sample> DetachedPlane<T> {
    pub(crate) fn zeroed(
        store: &Arc<Store>,
        width: usize,
        height: usize,
    ) -> Result<Self, AllocError> {
        Self::request(store, width, height, Fill::Zero)
    }

    pub(crate) fn stale(
        store: &Arc<Store>,
        width: usize,
        height: usize,
    ) -> Result<Self, AllocError> {
        Self::request(store, width, height, Fill::Stale)
    }

    pub(crate) fn copied(store: &Arc<Store>, from: PlaneView<'_, T>) -> Result<Self, AllocError> {
        let mut plane = Self::stale(store, from.width(), from.height())?;
        plane.view_mut().copy_from(from);
        Ok(plane)
    }

    /// A plane of a scope together with its run, which already left the scope.
    pub(crate) fn moved(store: &Arc<Store>, run: Box<Run>, plane: &Plane<'_, T>) -> Self {
        Self {
            memory: Detached::holding(store, run),
            width: plane.width(),
            height: plane.height(),
            stride: plane.stride(),
            samples: PhantomData,
        }
    }

    fn request(
        store: &Arc<Store>,
        width: usize,
        height: usize,
        fill: Fill,
    ) -> Result<Self, AllocError> {
        let layout = layout::planes(1, width, height, size_of::<T>())?;
        Ok(Self {
            memory: Detached::request::<T>(store, layout.bytes, fill)?,
            width,
            height,
            stride: layout.stride,
            samples: PhantomData,
        })
    }

    /// Samples per row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The plane.
    pub fn view(&self) -> PlaneView<'_, T> {
        PlaneView::from_slice(self.memory.samples(), self.width, self.height, self.stride)
    }

    /// The plane, to write.
    pub fn view_mut(&mut self) -> PlaneViewMut<'_, T> {
        PlaneViewMut::from_slice(
            self.memory.samples_mut(),
            self.width,
            self.height,
            self.stride,
        )
    }
}

impl<T: Sample> DetachedPlaneSet<T> {
    pub(crate) fn zeroed(
        store: &Arc<Store>,
        count: usize,
        width: usize,
        height: usize,
    ) -> Result<Self, AllocError> {
        Self::request(store, count, width, height, Fill::Zero)
    }

    pub(crate) fn copied(store: &Arc<Store>, from: &PlaneSet<'_, T>) -> Result<Self, AllocError> {
        let (width, height) = (from.width(), from.height());
        let mut planes = Self::request(store, from.count(), width, height, Fill::Stale)?;
        for (mut plane, from) in planes.view_mut().into_planes().zip(from.planes()) {
            plane.copy_from(from);
        }
        Ok(planes)
    }

    /// A set of a scope together with its run, which already left the scope.
    pub(crate) fn moved(store: &Arc<Store>, run: Box<Run>, planes: &PlaneSet<'_, T>) -> Self {
        Self {
            memory: Detached::holding(store, run),
            count: planes.count(),
            width: planes.width(),
            height: planes.height(),
            layout: *planes.layout(),
            samples: PhantomData,
        }
    }

    fn request(
        store: &Arc<Store>,
        count: usize,
        width: usize,
        height: usize,
        fill: Fill,
    ) -> Result<Self, AllocError> {
        let layout = layout::planes(count, width, height, size_of::<T>())?;
        Ok(Self {
            memory: Detached::request::<T>(store, layout.bytes, fill)?,
            count,
            width,
            height,
            layout,
            samples: PhantomData,
        })
    }

    /// Planes in the set.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Samples per row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows per plane.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Plane `index`.
    ///
    /// # Panics
    /// If there is no such plane.
    pub fn plane(&self, index: usize) -> PlaneView<'_, T> {
        assert!(index < self.count, "plane {index} of {}", self.count);
        let samples: &[T] = self.memory.samples();
        let start = (index * self.layout.plane_stride).min(samples.len());
        PlaneView::from_slice(
            &samples[start..],
            self.width,
            self.height,
            self.layout.stride,
        )
    }

    /// All planes, to write.
    pub fn view_mut(&mut self) -> PlaneSetViewMut<'_, T> {
        PlaneSetViewMut::new(
            self.memory.samples_mut(),
            self.count,
            self.width,
            self.height,
            &self.layout,
        )
    }
}

impl Detached {
    fn holding(store: &Arc<Store>, run: Box<Run>) -> Self {
        Self {
            store: Arc::clone(store),
            run: Some(run),
        }
    }

    fn request<T: Sample>(
        store: &Arc<Store>,
        bytes: usize,
        fill: Fill,
    ) -> Result<Self, AllocError> {
        let mut detached = Self {
            store: Arc::clone(store),
            run: None,
        };
        if bytes > 0 {
            let mut taken = store.take_run(store.sizes.run(bytes)?)?;
            let granted = taken
                .memory
                .grant(bytes)
                .ok_or(AllocError::System { asked_bytes: bytes })?;
            store.count_request(Kind::Detached, bytes, granted.fresh);
            store.live.add(bytes);
            store.recorder.detached(granted.place, bytes, fill);
            let run = detached.run.insert(taken.memory);
            fill_samples::<T>(
                Lent {
                    bytes: run.bytes_mut(),
                    stale: granted.stale,
                },
                fill,
            );
        }
        Ok(detached)
    }

    fn samples<T: Sample>(&self) -> &[T] {
        match &self.run {
            Some(run) => bytemuck::cast_slice(run.bytes()),
            None => &[],
        }
    }

    fn samples_mut<T: Sample>(&mut self) -> &mut [T] {
        match &mut self.run {
            Some(run) => bytemuck::cast_slice_mut(run.bytes_mut()),
            None => &mut [],
        }
    }
}

impl Drop for Detached {
    fn drop(&mut self) {
        if let Some(mut run) = self.run.take() {
            self.store.live.sub(run.granted_bytes());
            run.hand_back();
            let mut runs = Chain::new();
            runs.push(run);
            self.store.give_back(Chain::new(), runs);
        }
    }
}
