//! Buffers for foreign code.
#![allow(unsafe_code)]

mod layout;

use std::fmt;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

pub use layout::RawLayout;

use crate::AllocError;
use crate::detached::DetachedMemory;
use crate::grant::Fill;
use crate::memory::Shared;
use crate::store::Store;

/// The data that returns a buffer by its pointer alone. It lies directly before the buffer.
#[repr(C, align(64))]
struct Header {
    /// The memory that contains the header and the buffer.
    memory: DetachedMemory,
    bytes: usize,
    padding_bytes: usize,
    /// Whether foreign code may have written the buffer.
    is_exposed: bool,
    /// A hash of the buffer's address, by which debug builds recognize a buffer.
    mark: usize,
}

const HEADER_BYTES: usize = size_of::<Header>();
const _: () = assert!(HEADER_BYTES == 64);

/// Memory outside all frames for code that takes pointers, such as a decoder in C with callbacks
/// for its picture buffers. It is returned to the arena when dropped.
///
/// A buffer can be reduced to the pointer of its first byte, and made from the pointer again. It
/// may be used and dropped on any thread, and keeps its arena's memory alive. It takes a whole run
/// of the arena, which is at least a page, so it is meant for large buffers.
///
/// ```
/// use std::ffi::c_void;
/// use std::ptr::{self, NonNull};
///
/// use frame_arena::{Arena, RawBuffer, RawLayout};
///
/// /// The callback of a C decoder that wants a buffer of zeros, and may write 32 bytes beyond it.
/// ///
/// /// # Safety
/// /// `arena` is an [`Arena`].
/// unsafe extern "C" fn get_buffer(arena: *const c_void, bytes: usize) -> *mut u8 {
///     // SAFETY: promised by the caller.
///     let arena = unsafe { &*arena.cast::<Arena>() };
///     match arena.raw_buffer(RawLayout::new(bytes).padding_bytes(32)) {
///         Ok(buffer) => buffer.into_raw().as_ptr(),
///         Err(_) => ptr::null_mut(),
///     }
/// }
///
/// /// The callback that ends the use of a buffer.
/// ///
/// /// # Safety
/// /// `buffer` came from [`get_buffer`] and is used no more.
/// unsafe extern "C" fn release_buffer(buffer: *mut u8) {
///     if let Some(start) = NonNull::new(buffer) {
///         // SAFETY: promised by the caller.
///         drop(unsafe { RawBuffer::from_raw(start) });
///     }
/// }
///
/// let arena = Arena::builder().limit_bytes(1 << 20).build();
/// let user_data: *const c_void = ptr::from_ref(&arena).cast();
/// // SAFETY: what a C decoder does.
/// unsafe {
///     let buffer = get_buffer(user_data, 100_000);
///     buffer.write_bytes(7, 100_032);
///     release_buffer(buffer);
///     assert!(get_buffer(user_data, 2_000_000).is_null()); // beyond the limit
/// }
/// assert_eq!(arena.snapshot().live_bytes, 0);
/// ```
///
/// # Contents
///
/// A new buffer and its padding are zeroed or stale, so all bytes are initialized. If
/// [`as_slice`](Self::as_slice) or [`as_mut_slice`](Self::as_mut_slice) is called after writes
/// through a pointer, these must have left the [`len`](Self::len) bytes initialized. Bytes that C
/// code writes are initialized; the padding of a Rust type is not. The buffer's own padding may be
/// left uninitialized.
///
/// After the buffer is returned, the arena does not rely on this: if there was a pointer to write,
/// the memory counts as uninitialized, and the arena zeroes it before it serves a stale request,
/// unless the buffer's user [declares it initialized](Self::assume_initialized). A user who never
/// needs initialized memory requests it by
/// [`Arena::uninit_raw_buffer`](crate::Arena::uninit_raw_buffer), and nothing is zeroed.
///
/// A slice borrows from its buffer:
///
/// ```compile_fail,E0505
/// # use frame_arena::{Arena, RawLayout};
/// # let arena = Arena::new();
/// let buffer = arena.raw_buffer(RawLayout::new(1000))?;
/// let bytes = buffer.as_slice();
/// let start = buffer.into_raw();
/// bytes.len();
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// ```compile_fail,E0502
/// # use frame_arena::{Arena, RawLayout};
/// # let arena = Arena::new();
/// let mut buffer = arena.raw_buffer(RawLayout::new(1000))?;
/// let bytes = buffer.as_slice();
/// buffer.as_mut_ptr(); // somebody could write what is read
/// bytes.len();
/// # Ok::<(), frame_arena::AllocError>(())
/// ```
///
/// Invariants: right before `start` is a `Header` that this buffer alone refers to. `start` may be
/// offset to all of the header's memory, which holds the header, its `bytes` bytes from `start` and
/// its `padding_bytes` behind them. That memory belongs to this buffer alone. The `bytes` bytes are
/// initialized, unless somebody breaks the contract above.
#[must_use]
pub struct RawBuffer {
    start: NonNull<u8>,
}

// SAFETY: the buffer owns its memory and header, and what is in the header is `Send`.
unsafe impl Send for RawBuffer {}
// SAFETY: a shared buffer is only read.
unsafe impl Sync for RawBuffer {}

impl RawBuffer {
    pub(crate) fn request(
        store: &Shared<Store>,
        layout: RawLayout,
        fill: Fill,
    ) -> Result<Self, AllocError> {
        let memory_bytes = layout.memory_bytes()?;
        let (memory, granted) =
            DetachedMemory::take_raw(store, memory_bytes, layout.is_sparse(), fill)?;
        let memory_start = granted.start();
        let offset = layout.offset(memory_start.addr().get());
        let end = offset + layout.len() + layout.padding_len();
        let written = match fill {
            Fill::Zero => granted.stale.start.max(offset)..granted.stale.end.min(end),
            Fill::Stale if cfg!(debug_assertions) => offset..end,
            Fill::Stale => 0..0,
        };
        if !written.is_empty() {
            let value = if fill == Fill::Zero { 0 } else { 0xa5 };
            // SAFETY: bytes of the buffer and its padding, which `memory_bytes` counts.
            unsafe {
                memory_start
                    .add(written.start)
                    .write_bytes(value, written.len())
            };
        }
        Ok(Self::place(layout, memory, memory_start))
    }

    /// Takes a buffer whose bytes may be uninitialized.
    pub(crate) fn request_uninit(
        store: &Shared<Store>,
        layout: RawLayout,
    ) -> Result<NonNull<u8>, AllocError> {
        let memory_bytes = layout.memory_bytes()?;
        let (memory, granted) =
            DetachedMemory::take_uninit(store, memory_bytes, layout.is_sparse())?;
        Ok(Self::place(layout, memory, granted.start()).into_raw())
    }

    /// Makes a buffer in `memory`, which was taken for it and starts at `memory_start`.
    fn place(layout: RawLayout, memory: DetachedMemory, memory_start: NonNull<u8>) -> Self {
        let offset = layout.offset(memory_start.addr().get());
        // SAFETY: `offset` is in the memory, which `memory_bytes` counts.
        let start = unsafe { memory_start.add(offset) };
        let header = Header {
            memory,
            bytes: layout.len(),
            padding_bytes: layout.padding_len(),
            is_exposed: false,
            mark: mark(start),
        };
        // SAFETY: `offset` leaves room for the header and aligns it.
        unsafe { start.cast::<Header>().sub(1).write(header) };
        Self { start }
    }

    /// Makes the buffer again from the pointer that [`into_raw`](Self::into_raw) returned.
    ///
    /// # Safety
    /// `start` came from [`into_raw`](Self::into_raw), and no buffer was made from it since. Nobody
    /// uses the memory any more through a pointer that does not come from this buffer. Writes kept
    /// to the contract of the [contents](Self#contents). The pointer may also come from
    /// [`Arena::uninit_raw_buffer`](crate::Arena::uninit_raw_buffer).
    pub unsafe fn from_raw(start: NonNull<u8>) -> Self {
        let buffer = Self { start };
        debug_assert_eq!(buffer.header().mark, mark(start), "not a raw buffer");
        buffer
    }

    /// Reduces the buffer to the pointer of its first byte, which may be used to read and write the
    /// whole buffer and its padding until [`from_raw`](Self::from_raw) makes it a buffer again. If
    /// that never happens, the memory and the arena are kept for ever.
    #[must_use = "the buffer is leaked unless it is made of the pointer again"]
    pub fn into_raw(self) -> NonNull<u8> {
        let mut buffer = ManuallyDrop::new(self);
        buffer.expose();
        buffer.start
    }

    /// Returns the bytes, without the padding.
    pub fn len(&self) -> usize {
        self.header().bytes
    }

    /// Returns whether the buffer has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the bytes behind the buffer that may be read and written through its pointers.
    pub fn padding_bytes(&self) -> usize {
        self.header().padding_bytes
    }

    /// Returns a pointer to the first byte, to read the buffer and its padding until the buffer is
    /// next borrowed to write or dropped.
    pub fn as_ptr(&self) -> *const u8 {
        self.start.as_ptr()
    }

    /// Returns a pointer to the first byte, to read and write the buffer and its padding. It stays
    /// valid until the buffer is dropped, and must not be used while a slice of the buffer is.
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.expose();
        self.start.as_ptr()
    }

    /// Returns the buffer's bytes, without the padding.
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: by the invariants of the type, the bytes are initialized and belong to this
        // buffer.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len()) }
    }

    /// Returns the buffer's bytes, without the padding, to write.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: as above, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len()) }
    }

    /// Declares that the whole buffer and its padding are initialized, so that the arena need not
    /// zero them before it serves a stale request. The declaration holds until the next call that
    /// returns a pointer to write.
    ///
    /// # Safety
    /// No byte is uninitialized, and none becomes so through an existing pointer. That holds if
    /// only C code, or Rust code with plain bytes, writes through pointers.
    pub unsafe fn assume_initialized(&mut self) {
        // SAFETY: by the invariants of the type.
        unsafe { (*self.header_ptr()).is_exposed = false };
    }

    fn expose(&mut self) {
        // SAFETY: by the invariants of the type.
        unsafe { (*self.header_ptr()).is_exposed = true };
    }

    fn header(&self) -> &Header {
        // SAFETY: by the invariants of the type.
        unsafe { &*self.header_ptr() }
    }

    fn header_ptr(&self) -> *mut Header {
        self.start.as_ptr().cast::<Header>().wrapping_sub(1)
    }
}

impl Drop for RawBuffer {
    fn drop(&mut self) {
        let header = self.header_ptr();
        // SAFETY: by the invariants of the type. The header is moved out, the buffer ends, and the
        // bytes of the header, which has padding, are initialized again.
        let mut moved = unsafe {
            let moved = header.read();
            header.write_bytes(0, 1);
            moved
        };
        if moved.is_exposed {
            moved.memory.mark_foreign();
        }
    }
}

impl fmt::Debug for RawBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawBuffer")
            .field("start", &self.start)
            .field("len", &self.len())
            .field("padding_bytes", &self.padding_bytes())
            .finish_non_exhaustive()
    }
}

fn mark(start: NonNull<u8>) -> usize {
    const BUFFER: usize = 0x7261_775f;
    start.addr().get() ^ BUFFER
}
