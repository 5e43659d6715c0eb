#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::ptr;
use std::thread;

use frame_arena::{AllocError, Arena};
use frame_arena_hooks::libde265::{De265Functions, De265Hook, De265Image, De265ImageSpec};

/// What the library keeps of an image.
struct Image {
    bits: [c_int; 2],
    planes: [*mut u8; 3],
    strides: [c_int; 3],
    userdata: [*mut c_void; 3],
}

// SAFETY: an image is used on one thread at a time.
unsafe impl Send for Image {}

unsafe extern "C" fn set_image_plane(
    image: *mut De265Image,
    channel: c_int,
    memory: *mut c_void,
    stride: c_int,
    userdata: *mut c_void,
) {
    // SAFETY: the tests' images are of this type.
    let image = unsafe { &mut *image.cast::<Image>() };
    image.planes[channel as usize] = memory.cast();
    image.strides[channel as usize] = stride;
    image.userdata[channel as usize] = userdata;
}

unsafe extern "C" fn get_image_plane_user_data(
    image: *const De265Image,
    channel: c_int,
) -> *mut c_void {
    // SAFETY: as above.
    unsafe { (*image.cast::<Image>()).userdata[channel as usize] }
}

unsafe extern "C" fn get_bits_per_pixel(image: *const De265Image, channel: c_int) -> c_int {
    // SAFETY: as above.
    unsafe { (*image.cast::<Image>()).bits[usize::from(channel > 0)] }
}

const FUNCTIONS: De265Functions = De265Functions {
    set_image_plane,
    get_image_plane_user_data,
    get_bits_per_pixel,
};

impl Image {
    fn new(bits: c_int) -> Self {
        Self {
            bits: [bits; 2],
            planes: [ptr::null_mut(); 3],
            strides: [0; 3],
            userdata: [ptr::null_mut(); 3],
        }
    }

    fn get(&mut self, hook: &De265Hook, width: c_int, height: c_int, format: c_int) -> bool {
        let mut spec = De265ImageSpec {
            format,
            width,
            height,
            alignment: 16,
            crop_left: 0,
            crop_right: 0,
            crop_top: 0,
            crop_bottom: 0,
            visible_width: width,
            visible_height: height,
        };
        let image = ptr::from_mut(self).cast();
        let get_buffer = hook.allocation().get_buffer.unwrap();
        // SAFETY: all pointers are valid.
        unsafe { get_buffer(ptr::null_mut(), &mut spec, image, hook.userdata()) != 0 }
    }

    fn release(&mut self, hook: &De265Hook) {
        let image = ptr::from_mut(self).cast();
        let release_buffer = hook.allocation().release_buffer.unwrap();
        // SAFETY: the image has planes of the hook.
        unsafe { release_buffer(ptr::null_mut(), image, hook.userdata()) };
        self.planes = [ptr::null_mut(); 3];
    }

    /// Bytes of a plane of `rows` rows, with the padding.
    fn bytes(&self, channel: usize, rows: c_int) -> usize {
        self.strides[channel] as usize * rows as usize + 16
    }

    /// Whether all bytes of a plane have a value; sets them to another one.
    fn exchange(&mut self, channel: usize, rows: c_int, old: u8, new: u8) -> bool {
        let bytes = self.bytes(channel, rows);
        // SAFETY: the plane has these bytes.
        let plane = unsafe { std::slice::from_raw_parts_mut(self.planes[channel], bytes) };
        let was_old = plane.iter().all(|&byte| byte == old);
        plane.fill(new);
        was_old
    }
}

fn hook(arena: &Arena) -> De265Hook {
    // SAFETY: the tests' images have these functions.
    unsafe { De265Hook::new(arena, FUNCTIONS) }
}

#[test]
fn planes_are_zeroed_aligned_and_apart() {
    let arena = Arena::new();
    let hook = hook(&arena);
    for bits in [8, 10] {
        for (format, width, height) in [(1, 64, 64), (2, 98, 50), (3, 640, 360), (4, 1920, 1080)] {
            let mut images = [Image::new(bits), Image::new(bits)];
            let channels = if format == 1 { 0..1 } else { 0..3 };
            let rows = |channel: usize| match format {
                2 if channel > 0 => height / 2,
                _ => height,
            };
            for image in &mut images {
                assert!(image.get(&hook, width, height, format));
                for channel in 0..3 {
                    assert_eq!(image.planes[channel].is_null(), channel > 0 && format == 1);
                    assert_eq!(image.planes[channel].addr() % 16, 0);
                    let sample_bytes = if bits > 8 { 2 } else { 1 };
                    assert_eq!(image.strides[channel] % (16 * sample_bytes), 0);
                    let columns = if channel > 0 && format == 2 {
                        width / 2
                    } else {
                        width
                    };
                    assert!(
                        image.planes[channel].is_null()
                            || image.strides[channel] >= columns * sample_bytes
                            || format == 3
                    );
                }
            }
            for channel in channels.clone() {
                for (image, value) in images.iter_mut().zip([1, 2]) {
                    assert!(image.exchange(channel, rows(channel), 0, value));
                }
            }
            for (image, value) in images.iter_mut().zip([1, 2]) {
                for channel in channels.clone() {
                    assert!(image.exchange(channel, rows(channel), value, 9));
                }
                image.release(&hook);
            }
        }
    }
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}

#[test]
fn images_are_recycled_from_any_thread() {
    let arena = Arena::new();
    let hook = hook(&arena);
    thread::scope(|scope| {
        let (hook, arena) = (&hook, &arena);
        for _ in 0..20 {
            let mut image = Image::new(8);
            assert!(image.get(hook, 640, 360, 2));
            let released = scope.spawn(move || {
                let mut image = image;
                image.release(hook);
            });
            released.join().unwrap();
            assert_eq!(arena.snapshot().in_use_bytes, 0);
        }
    });
    assert_eq!(arena.snapshot().runs_made, 1);
}

#[test]
fn a_refused_image_is_a_failure() {
    let arena = Arena::builder().limit_bytes(1 << 20).build();
    let hook = hook(&arena);
    let mut fitting = Image::new(8);
    assert!(fitting.get(&hook, 640, 360, 2));
    let mut large = Image::new(8);
    assert!(!large.get(&hook, 1920, 1080, 2));
    assert!(large.planes[0].is_null());
    let refusal = hook.take_refusal();
    assert!(matches!(refusal, Some(AllocError::LimitExceeded { .. })));
    for (width, height, format, bits) in [(0, 8, 2, 8), (8, 8, 9, 8), (8, 8, 2, 40)] {
        assert!(!Image::new(bits).get(&hook, width, height, format));
    }
    fitting.release(&hook);
    assert!(fitting.get(&hook, 640, 360, 2));
    fitting.release(&hook);
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}

#[test]
fn stale_images_are_not_zeroed() {
    let arena = Arena::new();
    // SAFETY: the tests' images have these functions.
    let hook = unsafe { De265Hook::stale(&arena, FUNCTIONS) };
    let mut image = Image::new(8);
    assert!(image.get(&hook, 640, 360, 2));
    image.exchange(0, 360, 0, 7);
    image.release(&hook);
    assert!(image.get(&hook, 640, 360, 2));
    // Debug builds mark stale memory.
    let expected = if cfg!(debug_assertions) { 0xa5 } else { 7 };
    assert!(image.exchange(0, 360, expected, 0));
    image.release(&hook);
}
