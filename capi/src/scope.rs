//! Frames and stages.
#![allow(unsafe_code, reason = "exported functions")]

use std::ffi::c_void;
use std::ptr;

use frame_arena::{Arena, OwnedFrame, OwnedStage, PlaneAlloc, Scope};

use crate::arena::fa_arena;
use crate::handle::{self, opaque};
use crate::out;
use crate::picture::{fa_picture, fa_picture_layout};
use crate::plane::{fa_plane, with_sample};
use crate::status::{fa_status, is_stale, returning};

/// A frame or a stage: memory that is returned wholesale when the scope is closed. A frame is one
/// decode; a stage is a part of it, whose memory serves the next stage.
///
/// Any number of threads may make requests of a scope at the same time. One of them closes it, when
/// no other uses it any more.
///
/// The compiler cannot check how long memory is used: whatever a scope granted must not be used
/// after the scope was closed. Scopes may be closed in any order. If a frame is closed while a
/// stage of it is open, it ends with that stage, and its memory stays until then.
pub struct fa_scope {
    _opaque: [u8; 0],
}

opaque!(fa_scope, Open, b"fa_scope");

/// An open scope. A stage comes with its frame.
pub(crate) enum Open {
    Frame(OwnedFrame),
    Stage(OwnedStage, OwnedFrame),
}

/// Statistics of a frame.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct fa_frame_stats {
    /// Bytes granted at this moment by the frame and its open stages.
    pub live_bytes: usize,
    /// Most bytes granted at the same time.
    pub peak_live_bytes: usize,
    /// Most bytes that the frame and its stages held at the same time.
    pub peak_in_use_bytes: usize,
    /// Sum of all requests. Those of open stages are missing.
    pub requested_bytes: u64,
    /// Number of requests. Those of open stages are missing.
    pub requests: u64,
}

impl Open {
    fn frame(&self) -> &OwnedFrame {
        match self {
            Self::Frame(frame) | Self::Stage(_, frame) => frame,
        }
    }

    fn scope(&self) -> &Scope {
        match self {
            Self::Frame(frame) => frame,
            Self::Stage(stage, _) => stage,
        }
    }

    fn stage(&self) -> Result<Self, fa_status> {
        // Names are for statistics by stage, which the interface does not have.
        const NAME: &str = "stage";
        let stage = match self {
            Self::Frame(frame) => frame.owned_stage(NAME)?,
            Self::Stage(stage, _) => stage.owned_stage(NAME)?,
        };
        Ok(Self::Stage(stage, self.frame().clone()))
    }
}

/// Opens a frame, which the caller closes with `fa_scope_close`. Several frames of an arena may be
/// open.
///
/// Errors: `FA_LIMIT_EXCEEDED`, `FA_SYSTEM_REFUSED`, `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`;
/// `*frame` is null then.
///
/// # Safety
/// `arena` is null or a handle. `frame` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_frame_open(
    arena: *const fa_arena,
    frame: *mut *mut fa_scope,
) -> fa_status {
    let open = |arena: &Arena| Ok(Open::Frame(arena.owned_frame()?));
    // SAFETY: as the caller promises.
    returning(|| unsafe { handle::derive(arena, frame, open) })
}

/// Opens a stage of a frame, or a stage within a stage, which the caller closes with
/// `fa_scope_close`. Stages may be open at the same time.
///
/// Errors: those of `fa_frame_open`; `*stage` is null then.
///
/// # Safety
/// `scope` is null or a handle. `stage` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_stage_open(
    scope: *const fa_scope,
    stage: *mut *mut fa_scope,
) -> fa_status {
    // SAFETY: as the caller promises.
    returning(|| unsafe { handle::derive(scope, stage, Open::stage) })
}

/// Closes a frame or stage and sets `*scope` to null. Its memory returns to the arena, and nobody
/// may use it any more. Does nothing for null.
///
/// Errors: `FA_INVALID_HANDLE` if the scope was closed before through another copy of the pointer.
/// This is noticed unless another scope was opened meanwhile.
///
/// # Safety
/// `scope` is null, or points to null or a handle that no thread uses any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_scope_close(scope: *mut *mut fa_scope) -> fa_status {
    // SAFETY: as the caller promises.
    returning(|| unsafe { handle::close(scope).map(drop) })
}

/// Allocates `bytes` bytes, aligned to 64, until the scope is closed. They are zeroed, or with
/// `FA_STALE` in `flags` not.
///
/// Errors: `FA_LIMIT_EXCEEDED`, `FA_SYSTEM_REFUSED`, `FA_SIZE_OVERFLOW`, `FA_INVALID_ARGUMENT`,
/// `FA_INVALID_HANDLE`; `*memory` is null then.
///
/// # Safety
/// `scope` is null or a handle. `memory` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_scope_alloc(
    scope: *const fa_scope,
    bytes: usize,
    flags: u32,
    memory: *mut *mut c_void,
) -> fa_status {
    returning(|| {
        // SAFETY: as the caller promises.
        let scope = unsafe {
            out::write(memory, ptr::null_mut())?;
            handle::get(scope)?.scope()
        };
        // An address of its own, also for a request of no bytes.
        let len = bytes.max(1);
        let granted = match is_stale(flags)? {
            true => scope.stale_slice::<u8>(len)?,
            false => scope.slice::<u8>(len)?,
        };
        // SAFETY: as the caller promises.
        unsafe { out::write(memory, granted.as_mut_ptr().cast()) }
    })
}

/// Allocates a plane of `width` x `height` samples of `sample_bytes` bytes (1, 2, 4 or 8), until
/// the scope is closed. It is zeroed, or with `FA_STALE` in `flags` not.
///
/// Errors: those of `fa_scope_alloc`; `*plane` has no samples then.
///
/// # Safety
/// `scope` is null or a handle. `plane` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_scope_plane(
    scope: *const fa_scope,
    width: usize,
    height: usize,
    sample_bytes: u32,
    flags: u32,
    plane: *mut fa_plane,
) -> fa_status {
    returning(|| {
        // SAFETY: as the caller promises.
        let scope = unsafe {
            out::write(plane, fa_plane::NONE)?;
            handle::get(scope)?.scope()
        };
        let is_stale = is_stale(flags)?;
        let made = with_sample!(sample_bytes, T => {
            let mut granted = match is_stale {
                true => scope.stale_plane::<T>(width, height)?,
                false => scope.plane::<T>(width, height)?,
            };
            let is_empty = width == 0 || height == 0;
            Ok(fa_plane {
                data: if is_empty { ptr::null_mut() } else { granted.as_mut_ptr().cast() },
                width,
                height,
                stride_bytes: granted.stride() * size_of::<T>(),
                ..fa_plane::NONE
            })
        })?;
        // SAFETY: as the caller promises.
        unsafe { out::write(plane, made) }
    })
}

/// Allocates a picture, until the scope is closed. It is zeroed, or with `FA_STALE` in `flags` not.
/// What is in `*picture` is overwritten.
///
/// Errors: those of `fa_scope_alloc`; `*picture` has no planes then.
///
/// # Safety
/// `scope` is null or a handle. `layout` is null or valid. `picture` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_scope_picture(
    scope: *const fa_scope,
    layout: *const fa_picture_layout,
    flags: u32,
    picture: *mut fa_picture,
) -> fa_status {
    returning(|| {
        // SAFETY: as the caller promises.
        let (scope, layout) = unsafe {
            out::write(picture, fa_picture::NONE)?;
            (handle::get(scope)?.scope(), out::read(layout)?)
        };
        let planes = layout.checked()?;
        let is_stale = is_stale(flags)?;
        let made = with_sample!(layout.sample_bytes, T => {
            let mut granted = match is_stale {
                true => scope.stale_picture::<T>(&planes)?,
                false => scope.picture::<T>(&planes)?,
            };
            Ok(fa_picture::of(granted.view_mut()))
        })?;
        // SAFETY: as the caller promises.
        unsafe { out::write(picture, made) }
    })
}

/// Writes the statistics of a frame, or of the frame of a stage, to `stats`. Any thread may call
/// it.
///
/// Errors: `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`.
///
/// # Safety
/// `scope` is null or a handle. `stats` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_scope_stats(
    scope: *const fa_scope,
    stats: *mut fa_frame_stats,
) -> fa_status {
    returning(|| {
        // SAFETY: as the caller promises.
        let report = unsafe { handle::get(scope)? }.frame().report();
        let written = fa_frame_stats {
            live_bytes: report.live_bytes,
            peak_live_bytes: report.peak_bytes,
            peak_in_use_bytes: report.peak_taken_bytes,
            requested_bytes: report.requested_bytes,
            requests: report.requests,
        };
        // SAFETY: as the caller promises.
        unsafe { out::write(stats, written) }
    })
}
