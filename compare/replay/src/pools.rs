//! Vectors that are kept by their size.

use std::collections::HashMap;
use std::ops::{Deref, DerefMut};
use std::sync::Mutex;

use crate::memory::{Fill, Memory, Scope, Scratch};

/// A store of vectors that are not in use.
pub(crate) trait Shelf: Sync {
    fn take(&self, bytes: usize, fill: Fill) -> Vec<u8>;
    fn put(&self, buffer: Vec<u8>);
}

type BySize = HashMap<usize, Vec<Vec<u8>>>;

/// One map from exact sizes to vectors, behind a lock. Vectors are cleared when they return.
pub(crate) struct ExactPool(Mutex<BySize>);

impl ExactPool {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }
}

impl Shelf for ExactPool {
    fn take(&self, bytes: usize, _: Fill) -> Vec<u8> {
        let kept = self.0.lock().unwrap().entry(bytes).or_default().pop();
        kept.unwrap_or_else(|| vec![0; bytes])
    }

    fn put(&self, mut buffer: Vec<u8>) {
        buffer.fill(0);
        let mut kept = self.0.lock().unwrap();
        kept.entry(buffer.len()).or_default().push(buffer);
    }
}

/// An [`ExactPool`] that releases all its vectors to the system if that refuses a new one.
pub(crate) struct EmptiedPool(ExactPool);

impl EmptiedPool {
    pub(crate) fn new() -> Self {
        Self(ExactPool::new())
    }
}

impl Shelf for EmptiedPool {
    fn take(&self, bytes: usize, _: Fill) -> Vec<u8> {
        let mut pool = self.0.0.lock().unwrap();
        if let Some(kept) = pool.get_mut(&bytes).and_then(Vec::pop) {
            return kept;
        }
        let mut fresh = Vec::new();
        if fresh.try_reserve_exact(bytes).is_err() {
            pool.clear();
            fresh.reserve_exact(bytes);
        }
        fresh.resize(bytes, 0);
        fresh
    }

    fn put(&self, buffer: Vec<u8>) {
        self.0.put(buffer);
    }
}

/// A pool that forgets to clear. The check of contents must detect it.
pub(crate) struct Unclean(Mutex<BySize>);

impl Unclean {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }
}

impl Shelf for Unclean {
    fn take(&self, bytes: usize, _: Fill) -> Vec<u8> {
        let kept = self.0.lock().unwrap().entry(bytes).or_default().pop();
        kept.unwrap_or_else(|| vec![1; bytes])
    }

    fn put(&self, buffer: Vec<u8>) {
        let mut kept = self.0.lock().unwrap();
        kept.entry(buffer.len()).or_default().push(buffer);
    }
}

/// A map for each thread. The thread that ends a vector keeps it. Vectors are cleared when they are
/// taken, if zeros are requested.
pub(crate) struct ThreadPools(Vec<Mutex<BySize>>);

impl ThreadPools {
    pub(crate) fn new(threads: usize) -> Self {
        Self((0..=threads).map(|_| Mutex::default()).collect())
    }

    fn mine(&self) -> &Mutex<BySize> {
        let thread = rayon::current_thread_index().unwrap_or(self.0.len() - 1);
        &self.0[thread]
    }
}

impl Shelf for ThreadPools {
    fn take(&self, bytes: usize, fill: Fill) -> Vec<u8> {
        let kept = self.mine().lock().unwrap().entry(bytes).or_default().pop();
        cleared(kept, bytes, fill)
    }

    fn put(&self, buffer: Vec<u8>) {
        let mut kept = self.mine().lock().unwrap();
        kept.entry(buffer.len()).or_default().push(buffer);
    }
}

fn cleared(kept: Option<Vec<u8>>, bytes: usize, fill: Fill) -> Vec<u8> {
    match kept {
        Some(mut buffer) => {
            if fill == Fill::Zeroed {
                buffer.fill(0);
            }
            buffer
        }
        None => vec![0; bytes],
    }
}

/// The pool of jxl-rs: a stack behind a lock for each size of a buffer of a group, fixed
/// beforehand. Larger buffers come from the system and return to it. Vectors are cleared when they
/// are taken, if zeros are requested.
pub(crate) struct Recycler(HashMap<usize, Mutex<Vec<Vec<u8>>>>);

/// The largest buffer of a group: 1024 x 1024 samples of four bytes.
const LARGEST_GROUP_BYTES: usize = 4 << 20;

impl Recycler {
    /// Makes a stack for each of `sizes`, which are those of all requests that will be made.
    pub(crate) fn new(sizes: &[usize]) -> Self {
        let sizes = sizes.iter().filter(|&&bytes| bytes <= LARGEST_GROUP_BYTES);
        Self(sizes.map(|&bytes| (bytes, Mutex::default())).collect())
    }
}

impl Shelf for Recycler {
    fn take(&self, bytes: usize, fill: Fill) -> Vec<u8> {
        let kept = self.0.get(&bytes);
        cleared(
            kept.and_then(|kept| kept.lock().unwrap().pop()),
            bytes,
            fill,
        )
    }

    fn put(&self, buffer: Vec<u8>) {
        if let Some(kept) = self.0.get(&buffer.len()) {
            kept.lock().unwrap().push(buffer);
        }
    }
}

/// A vector that returns to its shelf when it is dropped.
pub(crate) struct Shelved<'s, S: Shelf> {
    buffer: Vec<u8>,
    shelf: &'s S,
}

impl<'s, S: Shelf> Shelved<'s, S> {
    fn take(shelf: &'s S, bytes: usize, fill: Fill) -> Self {
        Self {
            buffer: shelf.take(bytes, fill),
            shelf,
        }
    }
}

impl<S: Shelf> Deref for Shelved<'_, S> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.buffer
    }
}

impl<S: Shelf> DerefMut for Shelved<'_, S> {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.buffer
    }
}

impl<S: Shelf> Drop for Shelved<'_, S> {
    fn drop(&mut self) {
        self.shelf.put(std::mem::take(&mut self.buffer));
    }
}

/// Implements memory for a shelf. Each of its scopes is the shelf itself.
macro_rules! impl_memory {
    ($shelf:ty) => {
        impl Memory for $shelf {
            type Scope = Self;
            type Own<'m> = Shelved<'m, Self>;

            fn with_frame(&self, work: &mut dyn FnMut(&Self)) {
                work(self);
            }

            fn own(&self, bytes: usize, fill: Fill) -> Shelved<'_, Self> {
                Shelved::take(self, bytes, fill)
            }
        }

        impl Scope for $shelf {
            type Buffer<'s> = Shelved<'s, Self>;
            type Scratch<'s> = Self;

            fn buffer(&self, bytes: usize, fill: Fill) -> Shelved<'_, Self> {
                Shelved::take(self, bytes, fill)
            }

            fn with_stage(&self, work: &mut dyn FnMut(&Self)) {
                work(self);
            }

            fn with_scratch(&self, work: &mut dyn FnMut(&Self)) {
                work(self);
            }
        }

        impl Scratch for $shelf {
            type Buffer<'s> = Shelved<'s, Self>;

            fn buffer(&self, bytes: usize, fill: Fill) -> Shelved<'_, Self> {
                Shelved::take(self, bytes, fill)
            }
        }
    };
}

impl_memory!(ExactPool);
impl_memory!(EmptiedPool);
impl_memory!(Unclean);
impl_memory!(ThreadPools);
impl_memory!(Recycler);
