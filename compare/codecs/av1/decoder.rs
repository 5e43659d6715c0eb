//! dav1d's C interface, which rav1d has too, and a decode of a stream with it.

#![allow(unsafe_code, reason = "calls a C library")]

use std::ffi::{c_int, c_uint, c_void};
use std::mem::MaybeUninit;

use frame_arena_hooks::dav1d::{Dav1dHook, Dav1dPicAllocator, Dav1dPicture, OUT_OF_MEMORY};

/// `DAV1D_ERR(EAGAIN)`.
const AGAIN: c_int = -11;

/// The first fields of `Dav1dSettings`, and more room than the others take.
#[repr(C)]
struct Settings {
    threads: c_int,
    max_frame_delay: c_int,
    apply_grain: c_int,
    operating_point: c_int,
    all_layers: c_int,
    frame_size_limit: c_uint,
    allocator: Dav1dPicAllocator,
    others: [usize; 64],
}

/// `Dav1dData`, and more room than its last field takes.
#[repr(C)]
struct Data {
    data: *const u8,
    bytes: usize,
    others: [usize; 64],
}

/// A decoded picture: its first fields, and more room than the others take.
#[repr(C)]
pub(crate) struct Picture {
    first: MaybeUninit<Dav1dPicture>,
    others: [usize; 128],
}

unsafe extern "C" {
    fn dav1d_default_settings(settings: *mut Settings);
    fn dav1d_open(context: *mut *mut c_void, settings: *const Settings) -> c_int;
    fn dav1d_close(context: *mut *mut c_void);
    fn dav1d_data_create(data: *mut Data, bytes: usize) -> *mut u8;
    fn dav1d_data_unref(data: *mut Data);
    fn dav1d_send_data(context: *mut c_void, data: *mut Data) -> c_int;
    fn dav1d_get_picture(context: *mut c_void, picture: *mut Picture) -> c_int;
    fn dav1d_picture_unref(picture: *mut Picture);
}

/// An open decoder. `context` is one of `dav1d_open`.
pub(crate) struct Decoder<'h> {
    context: *mut c_void,
    /// Keeps the hook for as long as the decoder is open.
    _hook: Option<&'h Dav1dHook>,
}

impl<'h> Decoder<'h> {
    pub(crate) fn open(threads: c_int, hook: Option<&'h Dav1dHook>) -> Result<Self, c_int> {
        let mut settings = MaybeUninit::<Settings>::zeroed();
        let mut context = std::ptr::null_mut();
        // SAFETY: the library writes all fields of its struct, which is smaller; zeros are valid
        // in the others.
        let settings = unsafe {
            dav1d_default_settings(settings.as_mut_ptr());
            settings.assume_init_mut()
        };
        settings.threads = threads;
        if let Some(hook) = hook {
            settings.allocator = hook.allocator();
        }
        // SAFETY: both pointers are valid. The hook outlives the decoder by its lifetime.
        match unsafe { dav1d_open(&mut context, settings) } {
            0 => Ok(Self {
                context,
                _hook: hook,
            }),
            error => Err(error),
        }
    }

    /// Decodes a packet.
    pub(crate) fn decode(
        &mut self,
        packet: &[u8],
        each: &mut dyn FnMut(&Picture),
    ) -> Result<(), c_int> {
        let mut data = Data {
            data: std::ptr::null(),
            bytes: 0,
            others: [0; 64],
        };
        // SAFETY: the library fills the struct, and the packet is copied to its memory.
        unsafe {
            let start = dav1d_data_create(&mut data, packet.len());
            if start.is_null() {
                return Err(OUT_OF_MEMORY);
            }
            start.copy_from_nonoverlapping(packet.as_ptr(), packet.len());
        }
        while data.bytes > 0 {
            // SAFETY: the context is open, the data valid.
            let sent = unsafe { dav1d_send_data(self.context, &mut data) };
            let got = match sent {
                0 | AGAIN => self.picture(each),
                error => Err(error),
            };
            if let Err(error) = got {
                // SAFETY: the data is valid, and not used any more.
                unsafe { dav1d_data_unref(&mut data) };
                return Err(error);
            }
        }
        Ok(())
    }

    /// Returns the pictures that are left.
    pub(crate) fn drain(&mut self, each: &mut dyn FnMut(&Picture)) -> Result<(), c_int> {
        while self.picture(each)? {}
        Ok(())
    }

    /// Returns whether there was a picture.
    fn picture(&mut self, each: &mut dyn FnMut(&Picture)) -> Result<bool, c_int> {
        let mut picture = Picture {
            first: MaybeUninit::zeroed(),
            others: [0; 128],
        };
        // SAFETY: the context is open, and the struct has room.
        match unsafe { dav1d_get_picture(self.context, &mut picture) } {
            0 => {
                each(&picture);
                // SAFETY: the library filled the picture, which is not used any more.
                unsafe { dav1d_picture_unref(&mut picture) };
                Ok(true)
            }
            AGAIN => Ok(false),
            error => Err(error),
        }
    }
}

impl Drop for Decoder<'_> {
    fn drop(&mut self) {
        // SAFETY: the context is open, and its pictures were released.
        unsafe { dav1d_close(&mut self.context) };
    }
}

impl Picture {
    /// Calls `each` with every row of every plane.
    pub(crate) fn rows(&self, each: &mut dyn FnMut(&[u8])) {
        let _ = self.others;
        // SAFETY: the library filled the struct.
        let first = unsafe { self.first.assume_init_ref() };
        let (width, height) = (first.p.w as usize, first.p.h as usize);
        let sample_bytes = if first.p.bpc > 8 { 2 } else { 1 };
        for (index, start) in first.data.iter().enumerate() {
            if start.is_null() {
                continue;
            }
            let is_halved = [
                index > 0 && first.p.layout != 3,
                index > 0 && first.p.layout == 1,
            ];
            let columns = if is_halved[0] {
                width.div_ceil(2)
            } else {
                width
            };
            let rows = if is_halved[1] {
                height.div_ceil(2)
            } else {
                height
            };
            let stride = first.stride[usize::from(index > 0)];
            for y in 0..rows {
                // SAFETY: the plane has `rows` rows, `stride` bytes apart.
                let row = unsafe {
                    let row = start.cast::<u8>().offset(stride * y as isize);
                    std::slice::from_raw_parts(row, columns * sample_bytes)
                };
                each(row);
            }
        }
    }
}
