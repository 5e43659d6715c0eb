//! Pictures: several planes in one request.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr;

use frame_arena::{DetachedPicture, PictureLayout, PictureViewMut, Sample, SharedPicture};

use crate::arena::fa_arena;
use crate::handle;
use crate::out;
use crate::plane::{fa_plane, with_sample};
use crate::status::{fa_status, is_stale, or_if_panicked, returning};

/// Most planes of a picture.
pub const FA_MOST_PLANES: usize = 8;

/// One plane.
pub const FA_YUV400: u32 = 0;

/// A plane and two of half its width and height.
pub const FA_YUV420: u32 = 1;

/// A plane and two of half its width.
pub const FA_YUV422: u32 = 2;

/// Three planes of one size.
pub const FA_YUV444: u32 = 3;

/// The base-2 logarithms of the factors by which a plane is smaller than the first one, each at
/// most 31. Sizes are rounded up.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct fa_subsampling {
    /// The logarithm of the factor between the widths.
    pub x: u32,
    /// The logarithm of the factor between the heights.
    pub y: u32,
}

/// The planes of a picture. `fa_picture_layout_init` sets all fields. Sizes are those of the first
/// plane, in samples; for subsampled planes, they are divided accordingly.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct fa_picture_layout {
    /// Samples per row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Bytes of a sample: 1, 2, 4 or 8.
    pub sample_bytes: u32,
    /// The number of planes, 1 to `FA_MOST_PLANES`.
    pub plane_count: u32,
    /// How each plane is subsampled; the first one is not, whatever it says here.
    pub subsampling: [fa_subsampling; FA_MOST_PLANES],
    /// Columns and rows around each plane; 0 by default.
    pub border: usize,
    /// The allocated columns are a multiple of this; 1 by default.
    pub multiple_width: usize,
    /// The allocated rows are a multiple of this; 1 by default.
    pub multiple_height: usize,
    /// Bytes behind each plane that may be read and written; 0 by default.
    pub padding_bytes: usize,
}

/// A picture. Its fields are read, not written.
///
/// A picture of `fa_picture_alloc` counts its owners; each `fa_picture` is one of them and ends
/// with `fa_picture_unref`. It may be moved to another place in memory. A copy of its bytes is not
/// another owner: `fa_picture_ref` makes one.
#[repr(C)]
#[derive(Debug)]
pub struct fa_picture {
    /// The planes.
    pub planes: [fa_plane; FA_MOST_PLANES],
    /// The number of planes.
    pub plane_count: u32,
    /// Bytes of a sample.
    pub sample_bytes: u32,
    /// Whether the picture counts its owners. Those of a scope do not.
    pub is_counted: u32,
    /// What belongs to the library.
    pub owner: [*mut c_void; 3],
}

/// The place of an owner in a [`fa_picture`].
///
/// Invariant of a picture with `is_counted`: there is a `SharedPicture` of the type of
/// `sample_bytes`.
type Owner = [*mut c_void; 3];

impl fa_picture {
    pub(crate) const NONE: Self = Self {
        planes: [fa_plane::NONE; FA_MOST_PLANES],
        plane_count: 0,
        sample_bytes: 0,
        is_counted: 0,
        owner: [ptr::null_mut(); 3],
    };

    /// The planes of a picture that something else owns.
    pub(crate) fn of<T: Sample>(mut picture: PictureViewMut<'_, T>) -> Self {
        let mut made = Self::NONE;
        made.sample_bytes = size_of::<T>() as u32;
        made.plane_count = picture.count() as u32;
        for (index, plane) in made.planes.iter_mut().take(picture.count()).enumerate() {
            let (border_columns, border_rows) = picture.view().border(index);
            let view = picture.plane(index);
            *plane = fa_plane {
                data: ptr::null_mut(),
                width: view.width(),
                height: view.height(),
                stride_bytes: view.stride() * size_of::<T>(),
                border_columns,
                border_rows,
            };
        }
        for (plane, start) in made.planes.iter_mut().zip(picture.plane_ptrs_mut()) {
            if plane.width > 0 && plane.height > 0 {
                plane.data = start.cast();
            }
        }
        made
    }

    /// The first owner of a picture.
    fn counted<T: Sample>(mut picture: DetachedPicture<T>) -> Self {
        let mut made = Self::of(picture.view_mut());
        made.set_owner(picture.into_shared());
        made
    }

    fn set_owner<T: Sample>(&mut self, owner: SharedPicture<T>) {
        const {
            assert!(size_of::<SharedPicture<T>>() <= size_of::<Owner>());
            assert!(align_of::<SharedPicture<T>>() <= align_of::<Owner>());
        }
        // SAFETY: the place has room, as checked when compiling.
        unsafe {
            ptr::from_mut(&mut self.owner)
                .cast::<SharedPicture<T>>()
                .write(owner)
        };
        self.is_counted = 1;
    }

    /// # Safety
    /// The picture is counted, and `T` is the type of its owner.
    unsafe fn owner<T: Sample>(&self) -> &SharedPicture<T> {
        // SAFETY: as the caller promises.
        unsafe { &*ptr::from_ref(&self.owner).cast::<SharedPicture<T>>() }
    }

    fn another(&self) -> Result<Self, fa_status> {
        if self.is_counted == 0 {
            return Err(fa_status::FA_INVALID_ARGUMENT);
        }
        let mut made = Self {
            is_counted: 0,
            owner: [ptr::null_mut(); 3],
            ..*self
        };
        with_sample!(self.sample_bytes, T => {
            // SAFETY: by the invariant of counted pictures.
            made.set_owner(unsafe { self.owner::<T>() }.clone());
            Ok(made)
        })
    }

    fn end(&mut self) -> Result<(), fa_status> {
        let ended = std::mem::replace(self, Self::NONE);
        if ended.is_counted == 0 {
            return Ok(());
        }
        with_sample!(ended.sample_bytes, T => {
            // SAFETY: by the invariant of counted pictures. The owner is moved out, and `self` has
            // none any more.
            drop(unsafe { ptr::from_ref(ended.owner::<T>()).read() });
            Ok(())
        })
    }
}

impl fa_picture_layout {
    fn new(width: usize, height: usize, sample_bytes: u32, format: u32) -> Option<Self> {
        let (plane_count, x, y) = match format {
            FA_YUV400 => (1, 0, 0),
            FA_YUV420 => (3, 1, 1),
            FA_YUV422 => (3, 1, 0),
            FA_YUV444 => (3, 0, 0),
            _ => return None,
        };
        let mut subsampling = [fa_subsampling::default(); FA_MOST_PLANES];
        if plane_count == 3 {
            subsampling[1..3].fill(fa_subsampling { x, y });
        }
        Some(Self {
            width,
            height,
            sample_bytes,
            plane_count,
            subsampling,
            border: 0,
            multiple_width: 1,
            multiple_height: 1,
            padding_bytes: 0,
        })
    }

    pub(crate) fn checked(&self) -> Result<PictureLayout, fa_status> {
        let count = self.plane_count as usize;
        let subsampling = self.subsampling.get(..count);
        let subsampling = subsampling.filter(|planes| {
            let fits = |plane: &fa_subsampling| plane.x < 32 && plane.y < 32;
            !planes.is_empty() && planes.iter().skip(1).all(fits)
        });
        let is_valid = self.multiple_width > 0 && self.multiple_height > 0;
        let subsampling = subsampling.filter(|_| is_valid);
        let subsampling = subsampling.ok_or(fa_status::FA_INVALID_ARGUMENT)?;
        let first = PictureLayout::new().plane(self.width, self.height);
        let planes = subsampling.iter().skip(1);
        let layout = planes.fold(first, |layout, plane| {
            layout.subsampled_plane(plane.x, plane.y)
        });
        Ok(layout
            .border(self.border)
            .round_up_to(self.multiple_width, self.multiple_height)
            .tail_padding_bytes(self.padding_bytes))
    }
}

/// Describes a picture of `width` x `height` samples of `sample_bytes` bytes (1, 2, 4 or 8) in a
/// `format`, one of the constants `FA_YUV*`, without borders and padding. More planes, such as
/// alpha, are added by setting `plane_count` and `subsampling`.
///
/// Errors: `FA_INVALID_ARGUMENT` for null or an unknown format. Sizes are checked by the request.
///
/// # Safety
/// `layout` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_picture_layout_init(
    layout: *mut fa_picture_layout,
    width: usize,
    height: usize,
    sample_bytes: u32,
    format: u32,
) -> fa_status {
    returning(|| {
        let made = fa_picture_layout::new(width, height, sample_bytes, format);
        let made = made.ok_or(fa_status::FA_INVALID_ARGUMENT)?;
        // SAFETY: as the caller promises.
        unsafe { out::write(layout, made) }
    })
}

/// Allocates a picture that belongs to no frame and counts its owners, such as a reference picture.
/// It is zeroed, or with `FA_STALE` in `flags` not. What is in `*picture` is overwritten. The
/// caller ends its ownership with `fa_picture_unref`, on any thread, also after the arena was
/// destroyed.
///
/// Errors: `FA_LIMIT_EXCEEDED`, `FA_SYSTEM_REFUSED`, `FA_SIZE_OVERFLOW`, `FA_INVALID_ARGUMENT`,
/// `FA_INVALID_HANDLE`; `*picture` has no planes then.
///
/// # Safety
/// `arena` is null or a handle. `layout` is null or valid. `picture` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_picture_alloc(
    arena: *const fa_arena,
    layout: *const fa_picture_layout,
    flags: u32,
    picture: *mut fa_picture,
) -> fa_status {
    returning(|| {
        // SAFETY: as the caller promises.
        let (arena, layout) = unsafe {
            out::write(picture, fa_picture::NONE)?;
            (handle::get(arena)?, out::read(layout)?)
        };
        let planes = layout.checked()?;
        let is_stale = is_stale(flags)?;
        let made = with_sample!(layout.sample_bytes, T => {
            let made = match is_stale {
                true => arena.stale_detached_picture::<T>(&planes)?,
                false => arena.detached_picture::<T>(&planes)?,
            };
            Ok(fa_picture::counted(made))
        })?;
        // SAFETY: as the caller promises.
        unsafe { out::write(picture, made) }
    })
}

/// Makes `*to` another owner of the picture `*from`. What is in `*to` is overwritten. Any thread
/// may call it, at the same time as others that have an owner of their own.
///
/// Errors: `FA_INVALID_ARGUMENT` for null, and for a picture that counts no owners; `*to` has no
/// planes then.
///
/// # Safety
/// `to` is null or may be written. `from` is null or valid, and is not `to`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_picture_ref(to: *mut fa_picture, from: *const fa_picture) -> fa_status {
    returning(|| {
        // SAFETY: as the caller promises.
        unsafe { out::write(to, fa_picture::NONE)? };
        // SAFETY: as the caller promises.
        let from = unsafe { from.as_ref() }.ok_or(fa_status::FA_INVALID_ARGUMENT)?;
        // SAFETY: as the caller promises.
        unsafe { out::write(to, from.another()?) }
    })
}

/// Ends an owner, and clears `*picture`. The memory returns to the arena with the last owner. Does
/// nothing for null and for a picture without planes. A picture of a scope is only cleared: its
/// memory belongs to the scope.
///
/// # Safety
/// `picture` is null or valid, and no thread uses the planes through this owner any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_picture_unref(picture: *mut fa_picture) {
    or_if_panicked((), || {
        // SAFETY: as the caller promises.
        if let Some(picture) = unsafe { picture.as_mut() } {
            let _unknown_size = picture.end();
        }
    });
}
