use std::ops::DerefMut;

pub(crate) use frame_arena_trace::Fill;

/// Memory that frames are decoded in.
pub(crate) trait Memory: Sync {
    type Scope: Scope;
    /// A buffer that belongs to no scope and ends on its own.
    type Own<'m>: Buffer
    where
        Self: 'm;

    /// Runs `work` in a frame that ends with it.
    fn with_frame(&self, work: &mut dyn FnMut(&Self::Scope));
    /// Returns a buffer outside of all frames.
    fn own(&self, bytes: usize, fill: Fill) -> Self::Own<'_>;
}

/// A frame or stage.
pub(crate) trait Scope: Sync + 'static {
    type Buffer<'s>: Buffer
    where
        Self: 's;
    type Scratch<'s>: Scratch
    where
        Self: 's;

    /// Returns a buffer that ends before the scope does. Any thread may request it.
    fn buffer(&self, bytes: usize, fill: Fill) -> Self::Buffer<'_>;
    /// Runs `work` in a stage that ends with it.
    fn with_stage(&self, work: &mut dyn FnMut(&Self));
    /// Runs `work` with the memory of one task on the calling thread, which ends with `work`.
    fn with_scratch(&self, work: &mut dyn FnMut(&Self::Scratch<'_>));
}

/// The memory of a task.
pub(crate) trait Scratch {
    type Buffer<'s>: DerefMut<Target = [u8]>
    where
        Self: 's;

    fn buffer(&self, bytes: usize, fill: Fill) -> Self::Buffer<'_>;
}

/// Bytes that any thread may write.
pub(crate) trait Buffer: DerefMut<Target = [u8]> + Send {}

impl<B: DerefMut<Target = [u8]> + Send> Buffer for B {}
