#![allow(unsafe_code)]

use std::ffi::{c_int, c_uint, c_void};
use std::mem::MaybeUninit;
use std::ptr;
use std::thread;

use frame_arena::{AllocError, Arena};
use frame_arena_hooks::dav1d::{
    Dav1dHook, Dav1dPicAllocator, Dav1dPicture, Dav1dPictureParameters, INVALID, OUT_OF_MEMORY,
};

/// A whole `Dav1dPicture`, with room for the fields that differ between versions.
#[repr(C)]
struct Picture {
    first: MaybeUninit<Dav1dPicture>,
    others: [usize; 64],
}

// SAFETY: the tests use the pointers in a picture on one thread at a time.
unsafe impl Send for Picture {}

impl Picture {
    fn new(width: c_int, height: c_int, layout: c_uint, bits: c_int) -> Self {
        let mut first = MaybeUninit::<Dav1dPicture>::zeroed();
        let parameters = Dav1dPictureParameters {
            w: width,
            h: height,
            layout,
            bpc: bits,
        };
        // SAFETY: a field of the struct.
        unsafe { (&raw mut (*first.as_mut_ptr()).p).write(parameters) };
        Self {
            first,
            others: [0x55; 64],
        }
    }

    fn first(&self) -> &Dav1dPicture {
        // SAFETY: all fields are initialized: zeros, or the parameters.
        unsafe { self.first.assume_init_ref() }
    }

    fn alloc(&mut self, allocator: &Dav1dPicAllocator) -> c_int {
        let alloc = allocator.alloc_picture_callback.unwrap();
        // SAFETY: the picture is valid, and the hook lives.
        unsafe { alloc(self.first.as_mut_ptr(), allocator.cookie) }
    }

    fn release(&mut self, allocator: &Dav1dPicAllocator) {
        let release = allocator.release_picture_callback.unwrap();
        // SAFETY: the picture was allocated.
        unsafe { release(self.first.as_mut_ptr(), allocator.cookie) }
    }

    /// Bytes of each plane, from its first row to its last one.
    fn plane_bytes(&self) -> [usize; 3] {
        let Dav1dPicture { stride, p, .. } = *self.first();
        let rows = (p.h as usize).next_multiple_of(128);
        let chroma_rows = match p.layout {
            0 => 0,
            1 => rows / 2,
            _ => rows,
        };
        let [luma, chroma] = stride.map(|bytes| bytes as usize);
        [luma * rows, chroma * chroma_rows, chroma * chroma_rows]
    }

    /// Reads every byte of the planes and of the 64 bytes behind the last one, and writes `value`.
    fn overwrite(&mut self, value: u8) {
        let sizes = self.plane_bytes();
        let last = if sizes[1] == 0 { 0 } else { 2 };
        for (index, (&start, bytes)) in self.first().data.iter().zip(sizes).enumerate() {
            let bytes = bytes + if index == last { 64 } else { 0 };
            for at in 0..if start.is_null() { 0 } else { bytes } {
                // SAFETY: what the contract allows a decoder.
                unsafe {
                    let byte = start.cast::<u8>().add(at);
                    std::hint::black_box(byte.read());
                    byte.write(value);
                }
            }
        }
    }
}

#[test]
fn planes_are_as_the_decoder_requires() {
    let arena = Arena::new();
    let hook = Dav1dHook::new(&arena);
    let allocator = hook.allocator();
    for (width, height) in [(1, 1), (128, 64), (130, 300), (1920, 1080)] {
        for (layout, bits) in [(0, 8), (1, 8), (1, 10), (2, 8), (3, 12)] {
            let mut pictures: Vec<Picture> = (0..2)
                .map(|_| Picture::new(width, height, layout, bits))
                .collect();
            for (value, picture) in pictures.iter_mut().enumerate() {
                assert_eq!(picture.alloc(&allocator), 0);
                let first = picture.first();
                let sample_bytes = if bits > 8 { 2 } else { 1 };
                let columns = (width as usize).next_multiple_of(128);
                assert!(first.stride[0] as usize >= columns * sample_bytes);
                for (index, start) in first.data.iter().enumerate() {
                    assert_eq!(start.is_null(), layout == 0 && index > 0);
                    assert_eq!(start.addr() % 64, 0);
                }
                picture.overwrite(value as u8);
            }
            for (value, picture) in pictures.iter_mut().enumerate() {
                for (start, bytes) in picture.first().data.iter().zip(picture.plane_bytes()) {
                    let start = start.cast::<u8>();
                    // SAFETY: bytes of the plane, if it exists.
                    let is_kept = (0..bytes).all(|at| unsafe { *start.add(at) } == value as u8);
                    assert!(start.is_null() || is_kept, "pictures overlap");
                }
                picture.release(&allocator);
                assert_eq!(picture.others, [0x55; 64]);
            }
        }
    }
    assert_eq!(arena.snapshot().in_use_bytes, 0);
    assert_eq!(hook.take_refusal(), None);
}

#[test]
fn pictures_are_released_on_another_thread_and_after_the_hook() {
    let arena = Arena::new();
    let hook = Dav1dHook::new(&arena);
    let allocator = hook.allocator();
    let mut picture = Picture::new(640, 360, 1, 8);
    assert_eq!(picture.alloc(&allocator), 0);
    drop(hook);
    let (release, address) = (
        allocator.release_picture_callback.unwrap(),
        // rav1d passes a new struct that has nothing but the planes.
        picture.first().data[0].expose_provenance(),
    );
    let released = thread::spawn(move || {
        let mut sparse = Picture::new(0, 0, 0, 0);
        // SAFETY: a field of the struct.
        unsafe {
            let data = &raw mut (*sparse.first.as_mut_ptr()).data;
            (*data)[0] = ptr::with_exposed_provenance_mut(address);
            release(sparse.first.as_mut_ptr(), ptr::null_mut());
        }
    });
    released.join().unwrap();
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}

#[test]
fn a_refused_picture_is_an_error_of_the_decoder() {
    let arena = Arena::builder().limit_bytes(1 << 20).build();
    let hook = Dav1dHook::new(&arena);
    let allocator = hook.allocator();
    let mut fitting = Picture::new(640, 360, 1, 8);
    assert_eq!(fitting.alloc(&allocator), 0);
    let mut large = Picture::new(1920, 1080, 1, 8);
    assert_eq!(large.alloc(&allocator), OUT_OF_MEMORY);
    assert!(large.first().data.iter().all(|start| start.is_null()));
    let refusal = hook.take_refusal();
    assert!(
        matches!(refusal, Some(AllocError::LimitExceeded { limit_bytes, .. }) if limit_bytes == 1 << 20)
    );
    assert_eq!(hook.take_refusal(), None);
    // Releasing a picture that was never allocated does nothing.
    large.release(&allocator);
    fitting.release(&allocator);
    assert_eq!(fitting.alloc(&allocator), 0);
    fitting.release(&allocator);
    for (width, height, layout, bits) in [(0, 9, 1, 8), (9, -1, 1, 8), (9, 9, 7, 8), (9, 9, 1, 32)]
    {
        let mut invalid = Picture::new(width, height, layout, bits);
        assert_eq!(invalid.alloc(&allocator), INVALID);
    }
    let mut huge = Picture::new(c_int::MAX, c_int::MAX, 3, 12);
    assert!([OUT_OF_MEMORY, INVALID].contains(&huge.alloc(&allocator)));
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}

/// Page faults of the calling thread so far.
#[cfg(target_os = "linux")]
fn faults() -> u64 {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the call writes the struct, in which zeros are valid too.
    let usage = unsafe {
        assert_eq!(libc::getrusage(libc::RUSAGE_THREAD, usage.as_mut_ptr()), 0);
        usage.assume_init()
    };
    usage.ru_minflt as u64
}

#[test]
#[cfg(target_os = "linux")]
fn warm_pictures_fault_no_pages_and_are_not_cleared() {
    let arena = Arena::new();
    let hook = Dav1dHook::new(&arena);
    let allocator = hook.allocator();
    // A reference picture and the one being decoded, in two sizes.
    let sizes = [(640, 360), (640, 360), (320, 200), (320, 200)];
    let mut held: Vec<Picture> = Vec::new();
    let mut decode = |value: u8| {
        for (width, height) in sizes {
            let mut picture = Picture::new(width, height, 1, 8);
            assert_eq!(picture.alloc(&allocator), 0);
            picture.overwrite(value);
            held.push(picture);
            if held.len() > 4 {
                held.remove(0).release(&allocator);
            }
        }
    };
    decode(1);
    decode(2);
    let (before, made) = (faults(), arena.snapshot().runs_made);
    for value in 3..100 {
        decode(value);
    }
    // Growth of the test's own list and stack is all that may fault. The sanitizer faults its own
    // pages.
    let faults = faults() - before;
    assert!(cfg!(frame_arena_asan) || faults <= 2, "{faults} faults");
    assert_eq!(arena.snapshot().runs_made, made);
    for mut picture in held {
        picture.release(&allocator);
    }
    let mut stale = Picture::new(640, 360, 1, 8);
    assert_eq!(stale.alloc(&allocator), 0);
    // SAFETY: the first byte of the plane.
    let first = unsafe { *stale.first().data[0].cast::<u8>() };
    // Debug builds mark stale memory.
    let expected = if cfg!(debug_assertions) { 0xa5 } else { 99 };
    assert_eq!(first, expected);
    stale.release(&allocator);
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}

/// Another declaration of the C struct.
#[repr(C)]
struct Declared {
    cookie: Option<ptr::NonNull<c_void>>,
    alloc: Option<unsafe extern "C" fn(*mut u8, Option<ptr::NonNull<c_void>>) -> c_int>,
    release: Option<unsafe extern "C" fn(*mut u8, Option<ptr::NonNull<c_void>>)>,
}

#[test]
fn other_declarations_of_the_struct_serve_too() {
    let arena = Arena::new();
    let hook = Dav1dHook::new(&arena);
    // SAFETY: `Declared` has fields of the same representation.
    let declared: Declared = unsafe { hook.allocator().declared_as() };
    let mut picture = Picture::new(64, 64, 3, 10);
    let start = picture.first.as_mut_ptr().cast();
    // SAFETY: as a decoder calls it.
    unsafe {
        assert_eq!(declared.alloc.unwrap()(start, declared.cookie), 0);
        picture.overwrite(1);
        declared.release.unwrap()(start, declared.cookie);
    }
    assert_eq!(arena.snapshot().in_use_bytes, 0);
}
