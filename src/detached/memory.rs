use crate::AllocError;
use crate::grant::{Fill, Grant, fill_samples};
use crate::memory::{Granted, Run, Shared};
use crate::sample::{Kind, Sample, cast, cast_mut};
use crate::sizing::RunSize;
use crate::store::{Returned, Store};

/// A run outside all scopes, returned to its store when dropped.
pub(crate) struct DetachedMemory {
    store: Shared<Store>,
    /// `None` for memory of no bytes.
    run: Option<Box<Run>>,
}

impl DetachedMemory {
    /// Memory whose run was taken from `store` before.
    pub(crate) fn holding(store: &Shared<Store>, run: Box<Run>) -> Self {
        Self {
            store: store.clone(),
            run: Some(run),
        }
    }

    /// Memory of no bytes.
    pub(super) fn empty(store: &Shared<Store>) -> Self {
        Self {
            store: store.clone(),
            run: None,
        }
    }

    /// Takes memory for samples, and fills it.
    pub(crate) fn request<T: Sample>(
        store: &Shared<Store>,
        bytes: usize,
        fill: Fill,
    ) -> Result<Self, AllocError> {
        let (mut memory, granted) = Self::take(store, bytes, Kind::Detached, fill)?;
        if bytes == 0 {
            return Ok(memory);
        }
        fill_samples::<T>(memory.grant(granted), fill);
        Ok(memory)
    }

    /// Takes memory that is not filled yet.
    pub(crate) fn take(
        store: &Shared<Store>,
        bytes: usize,
        kind: Kind,
        fill: Fill,
    ) -> Result<(Self, Granted), AllocError> {
        let size = store.sizing.run(bytes)?;
        Self::take_by(Run::grant, store, bytes, size, kind, fill)
    }

    /// Takes memory for a raw buffer that is not filled yet. No huge pages are requested for sparse
    /// memory.
    pub(crate) fn take_raw(
        store: &Shared<Store>,
        bytes: usize,
        is_sparse: bool,
        fill: Fill,
    ) -> Result<(Self, Granted), AllocError> {
        let size = Self::raw_size(store, bytes, is_sparse)?;
        Self::take_by(Run::grant, store, bytes, size, Kind::Raw, fill)
    }

    /// As [`take_raw`](Self::take_raw). The memory may be uninitialized: nobody may make a slice of
    /// it.
    pub(crate) fn take_uninit(
        store: &Shared<Store>,
        bytes: usize,
        is_sparse: bool,
    ) -> Result<(Self, Granted), AllocError> {
        let size = Self::raw_size(store, bytes, is_sparse)?;
        Self::take_by(
            Run::grant_uninit,
            store,
            bytes,
            size,
            Kind::Raw,
            Fill::Stale,
        )
    }

    fn raw_size(
        store: &Shared<Store>,
        bytes: usize,
        is_sparse: bool,
    ) -> Result<RunSize, AllocError> {
        let size = store.sizing.run(bytes)?;
        Ok(if is_sparse { size.sparse() } else { size })
    }

    fn take_by(
        grant: fn(&mut Run, usize) -> Option<Granted>,
        store: &Shared<Store>,
        bytes: usize,
        size: RunSize,
        kind: Kind,
        fill: Fill,
    ) -> Result<(Self, Granted), AllocError> {
        if bytes == 0 {
            return Ok((Self::empty(store), Granted::empty()));
        }
        let taken = store.take_run(size)?;
        let mut memory = Self::empty(store);
        let run = memory.run.insert(taken.memory);
        let granted = grant(run, bytes);
        let granted = granted.ok_or(AllocError::System {
            requested_bytes: bytes,
        })?;
        store.count_request(kind, bytes, granted.fresh);
        store.live.add(bytes);
        store.recorder.detached(granted.place, bytes, kind, fill);
        Ok((memory, granted))
    }

    /// Notes that foreign code may have left the memory uninitialized.
    pub(crate) fn mark_foreign(&mut self) {
        if let Some(run) = &mut self.run {
            run.mark_foreign();
        }
    }

    /// The bytes, still to be filled, that `granted` was made for.
    pub(crate) fn grant(&mut self, granted: Granted) -> Grant<'_> {
        Grant {
            bytes: self.bytes_mut(),
            stale: granted.stale,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.run {
            Some(run) => run.bytes(),
            None => &[],
        }
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        match &mut self.run {
            Some(run) => run.bytes_mut(),
            None => &mut [],
        }
    }

    pub(super) fn samples<T: Sample>(&self) -> &[T] {
        cast(self.bytes())
    }

    pub(super) fn samples_mut<T: Sample>(&mut self) -> &mut [T] {
        cast_mut(self.bytes_mut())
    }

    /// The store and the run, which the caller returns.
    pub(super) fn into_parts(mut self) -> (Shared<Store>, Option<Box<Run>>) {
        let run = self.run.take();
        (self.store.clone(), run)
    }
}

impl Drop for DetachedMemory {
    fn drop(&mut self) {
        if let Some(mut run) = self.run.take() {
            self.store.live.sub(run.granted_bytes());
            run.take_back();
            self.store.return_detached(&mut Returned::run(run));
        }
    }
}
