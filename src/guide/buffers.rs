//! Buffers of C code: memory for a foreign decoder's callbacks.
//!
//! Many C decoders let their user allocate picture buffers: one callback returns a pointer, and
//! another one receives it when the buffer is no longer needed. A [`RawBuffer`](crate::RawBuffer)
//! serves such callbacks. It belongs to no frame, counts against the arena's limit, and is recycled
//! like any other memory of the arena.
//!
//! * [`RawLayout`](crate::RawLayout) says what the decoder wants: bytes, alignment (64 bytes at
//!   least, 2 MiB at most), and padding behind the bytes that may be read and written too.
//! * [`into_raw`](crate::RawBuffer::into_raw) reduces a buffer to the pointer of its first byte.
//! * [`from_raw`](crate::RawBuffer::from_raw) makes the pointer a buffer again, on any thread.
//!   Dropping the buffer returns the memory.
//!
//! # An example
//!
//! dav1d requests a picture of three planes and gets their pointers in one struct. Here one buffer
//! holds all three planes, so the first plane's pointer is that of the buffer.
//!
//! ```
//! use std::ffi::{c_int, c_void};
//! use std::ptr::{self, NonNull};
//!
//! use frame_arena::{Arena, RawBuffer, RawLayout};
//!
//! /// What the C decoder fills in and reads.
//! #[repr(C)]
//! struct CPicture {
//!     data: [*mut u8; 3],
//!     stride: [usize; 2],
//!     width: usize,
//!     height: usize,
//! }
//!
//! const ALIGN: usize = 64;
//! const OUT_OF_MEMORY: c_int = -12;
//!
//! /// # Safety
//! /// `picture` is valid, and `arena` points to an [`Arena`].
//! unsafe extern "C" fn alloc(picture: *mut CPicture, arena: *mut c_void) -> c_int {
//!     // SAFETY: promised by the caller.
//!     let (picture, arena) = unsafe { (&mut *picture, &*arena.cast::<Arena>()) };
//!     // dav1d writes whole blocks: both sizes are multiples of 128.
//!     let width = picture.width.next_multiple_of(128);
//!     let height = picture.height.next_multiple_of(128);
//!     let (luma, chroma) = (width * height, width * height / 4);
//!     let layout = RawLayout::new(luma + 2 * chroma).align_bytes(ALIGN).padding_bytes(ALIGN);
//!     // Every byte is written before it is read, so stale memory will do.
//!     let Ok(buffer) = arena.stale_raw_buffer(layout) else {
//!         return OUT_OF_MEMORY; // the limit, as an error and not an abort
//!     };
//!     let start = buffer.into_raw().as_ptr();
//!     picture.data = [start, start.wrapping_add(luma), start.wrapping_add(luma + chroma)];
//!     picture.stride = [width, width / 2];
//!     0
//! }
//!
//! /// # Safety
//! /// `picture` came from [`alloc`] and is used no more.
//! unsafe extern "C" fn release(picture: *mut CPicture) {
//!     // SAFETY: promised by the caller.
//!     if let Some(start) = NonNull::new(unsafe { (*picture).data[0] }) {
//!         // SAFETY: `alloc` reduced a buffer to this pointer, and nobody uses it any more.
//!         drop(unsafe { RawBuffer::from_raw(start) });
//!     }
//! }
//!
//! let mut arena = Arena::builder().limit_bytes(1 << 20).build();
//! let user_data: *mut c_void = ptr::from_mut(&mut arena).cast();
//! let mut picture = CPicture { data: [ptr::null_mut(); 3], stride: [0; 2], width: 640, height: 360 };
//! // SAFETY: the pointers are valid, and each picture is released once.
//! unsafe {
//!     for frame in 0..3 {
//!         assert_eq!(alloc(&mut picture, user_data), 0);
//!         picture.data[2].write_bytes(frame, 320 * 192); // the decoder at work
//!         release(&mut picture);
//!     }
//!     picture.width = 6400;
//!     assert_eq!(alloc(&mut picture, user_data), OUT_OF_MEMORY);
//! }
//! assert_eq!(arena.snapshot().runs_made, 1); // one buffer served all three frames
//! assert_eq!(arena.snapshot().in_use_bytes, 0);
//! ```
//!
//! # What to know
//!
//! * The pointer from `into_raw` is valid for the whole buffer and its padding, to read and write.
//! * A buffer whose pointer never comes back keeps its memory, and the arena, for ever.
//! * Foreign code may leave anything in memory, uninitialized padding of structs included. So
//!   memory that foreign code could write is zeroed before it is granted as stale samples.
//!   [`assume_initialized`](crate::RawBuffer::assume_initialized) saves that if the code is known
//!   to write plain bytes only.
//! * Code that needs no initialized memory, such as an allocator's user, gets it as it is from
//!   [`Arena::uninit_raw_buffer`](crate::Arena::uninit_raw_buffer), and nothing is zeroed.
//! * A buffer takes a whole run, which is at least a page, so it is meant for large buffers.
//! * Memory that a foreign library allocates by itself can still be counted against the limit:
//!   [`Scope::charge`](crate::Scope::charge).
