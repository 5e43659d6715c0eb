//! Buffers that C code has, of which only the address comes back: for hooks of further decoders.
#![allow(unsafe_code)]

use std::ptr::{self, NonNull};

use frame_arena::RawBuffer;

/// Reduces a buffer to a pointer that may come back through code that keeps only its address.
pub fn lend(buffer: RawBuffer) -> NonNull<u8> {
    let start = buffer.into_raw();
    start.as_ptr().expose_provenance();
    start
}

/// Frees a buffer by its address. Does nothing for 0.
///
/// # Safety
/// The address is 0, or that of a buffer that was [lent](lend), was initialized then, and has not
/// come back. Nobody uses it any more. Only code that is not Rust wrote it, or Rust code that wrote
/// integers, which have no padding.
pub unsafe fn take_back(address: usize) {
    let Some(start) = NonNull::new(ptr::with_exposed_provenance_mut::<u8>(address)) else {
        return;
    };
    // SAFETY: `lend` reduced a buffer to this address, and exposed its provenance.
    let mut buffer = unsafe { RawBuffer::from_raw(start) };
    // SAFETY: the buffer was initialized when it was lent, and stayed so.
    unsafe { buffer.assume_initialized() };
}
