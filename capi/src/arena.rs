//! Arenas.
#![allow(unsafe_code, reason = "exported functions")]

use std::ptr;
use std::time::Duration;

use frame_arena::{Arena, ArenaBuilder, Retention};

use crate::handle::{self, opaque};
use crate::out;
use crate::status::{fa_status, or_if_panicked, returning};

/// The value of `limit_bytes` for an arena without a limit.
pub const FA_NO_LIMIT: usize = usize::MAX;

/// Retained memory decays to the need of the last `retention_value` frames. The default, with 16.
pub const FA_RETAIN_FRAMES: u32 = 0;

/// All memory is retained until it is trimmed.
pub const FA_RETAIN_ALL: u32 = 1;

/// Up to `retention_value` bytes are retained.
pub const FA_RETAIN_BYTES: u32 = 2;

/// Memory that was not used for `retention_value` milliseconds is released.
pub const FA_RETAIN_MILLISECONDS: u32 = 3;

/// The memory that frames, buffers and hooks take. It retains memory from one frame for the next.
///
/// Any number of threads may use an arena at the same time.
pub struct fa_arena {
    _opaque: [u8; 0],
}

opaque!(fa_arena, Arena, b"fa_arena");

impl fa_arena {
    /// Returns a handle of an arena of Rust code, for C code of the same program, which destroys it
    /// with [`fa_arena_destroy`].
    ///
    /// # Errors
    /// [`fa_status::FA_SYSTEM_REFUSED`].
    pub fn from_arena(arena: &Arena) -> Result<*mut Self, fa_status> {
        handle::make(arena.clone())
    }
}

/// Options of an arena. `fa_arena_options_init` sets the defaults.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct fa_arena_options {
    /// The most bytes that the arena holds at any moment: in use or retained, with its own
    /// bookkeeping, over all threads. `FA_NO_LIMIT` by default.
    pub limit_bytes: usize,
    /// How memory is retained: one of the constants `FA_RETAIN_*`.
    pub retention: u32,
    /// 1 to request huge pages behind large buffers on Linux, the default; 0 not to.
    pub huge_pages: u32,
    /// The number of frames, bytes or milliseconds of `retention`.
    pub retention_value: u64,
}

/// Statistics of an arena at one moment.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct fa_stats {
    /// Bytes granted to requests.
    pub live_bytes: usize,
    /// Most bytes ever granted at the same time.
    pub peak_live_bytes: usize,
    /// Bytes that open scopes, buffers and pictures hold.
    pub in_use_bytes: usize,
    /// Bytes retained for later requests.
    pub retained_bytes: usize,
    /// Most bytes ever held at the same time, in use or retained. The limit bounds these.
    pub peak_held_bytes: usize,
    /// The limit; `FA_NO_LIMIT` if there is none.
    pub limit_bytes: usize,
    /// Blocks and runs of memory taken from the system so far.
    pub system_requests: u64,
    /// Blocks and runs served with retained memory so far.
    pub reused: u64,
    /// Frames that ended so far.
    pub frames: u64,
    /// Frames open at this moment.
    pub open_frames: usize,
}

impl fa_arena_options {
    fn defaults() -> Self {
        Self {
            limit_bytes: FA_NO_LIMIT,
            retention: FA_RETAIN_FRAMES,
            huge_pages: 1,
            retention_value: 16,
        }
    }

    fn builder(&self) -> Result<ArenaBuilder, fa_status> {
        let value = self.retention_value;
        let bounded = |value| usize::try_from(value).unwrap_or(usize::MAX);
        let retention = match self.retention {
            FA_RETAIN_FRAMES => Retention::Decay {
                frames: u32::try_from(value).map_err(|_| fa_status::FA_INVALID_ARGUMENT)?,
            },
            FA_RETAIN_ALL => Retention::KeepAll,
            FA_RETAIN_BYTES => Retention::UpTo {
                bytes: bounded(value),
            },
            FA_RETAIN_MILLISECONDS => Retention::Idle {
                after: Duration::from_millis(value),
            },
            _ => return Err(fa_status::FA_INVALID_ARGUMENT),
        };
        Ok(Arena::builder()
            .limit_bytes(self.limit_bytes)
            .retention(retention)
            .huge_pages(self.huge_pages != 0))
    }
}

/// Sets all options to their defaults. Does nothing for null.
///
/// # Safety
/// `options` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_arena_options_init(options: *mut fa_arena_options) {
    // SAFETY: as the caller promises.
    let _null = unsafe { out::write(options, fa_arena_options::defaults()) };
}

/// Makes an arena, which the caller destroys with `fa_arena_destroy`. It holds no memory yet.
/// `options` may be null, for the defaults.
///
/// Errors: `FA_INVALID_ARGUMENT`, `FA_SYSTEM_REFUSED`; `*arena` is null then.
///
/// # Safety
/// `options` is null or valid. `arena` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_arena_new(
    options: *const fa_arena_options,
    arena: *mut *mut fa_arena,
) -> fa_status {
    returning(|| {
        // SAFETY: as the caller promises.
        unsafe { out::write(arena, ptr::null_mut())? };
        let options = match options.is_null() {
            true => fa_arena_options::defaults(),
            // SAFETY: as the caller promises.
            false => unsafe { out::read(options)? },
        };
        let made = handle::make(options.builder()?.try_build()?)?;
        // SAFETY: as the caller promises.
        unsafe { out::write(arena, made) }
    })
}

/// Makes an arena that takes its memory from `arena` and has a limit of its own, for one of several
/// users of a server. Its memory counts against both limits, and `arena` retains it. The caller
/// destroys it, before or after `arena`.
///
/// Errors: `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`, `FA_SYSTEM_REFUSED`; `*share` is null then.
///
/// # Safety
/// `arena` is null or a handle. `share` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_arena_share(
    arena: *const fa_arena,
    limit_bytes: usize,
    share: *mut *mut fa_arena,
) -> fa_status {
    let make = |arena: &Arena| Ok(arena.share(limit_bytes)?);
    // SAFETY: as the caller promises.
    returning(|| unsafe { handle::derive(arena, share, make) })
}

/// Destroys an arena and sets `*arena` to null. Does nothing for null.
///
/// Scopes, buffers, pictures and hooks of the arena stay valid and keep its memory, which goes back
/// to the system with the last of them. To see whether there are any, look at `in_use_bytes` of
/// `fa_arena_stats` before.
///
/// Errors: `FA_INVALID_HANDLE` if the arena was destroyed before through another copy of the
/// pointer.
///
/// # Safety
/// `arena` is null, or points to null or a handle that no thread uses any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_arena_destroy(arena: *mut *mut fa_arena) -> fa_status {
    // SAFETY: as the caller promises.
    returning(|| unsafe { handle::close(arena).map(drop) })
}

/// Releases all retained memory to the system. Does nothing for null, and for a share, whose memory
/// another arena retains. Any thread may call it.
///
/// # Safety
/// `arena` is null or a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_arena_trim(arena: *const fa_arena) {
    or_if_panicked((), || {
        // SAFETY: as the caller promises.
        if let Ok(arena) = unsafe { handle::get(arena) } {
            arena.trim();
        }
    });
}

/// Applies the retention once, for a program that falls idle: an arena itself applies it only when
/// memory is returned. With `FA_RETAIN_FRAMES`, this counts as the end of a frame. Does nothing for
/// null and for a share. Any thread may call it.
///
/// # Safety
/// `arena` is null or a handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_arena_decay(arena: *const fa_arena) {
    or_if_panicked((), || {
        // SAFETY: as the caller promises.
        if let Ok(arena) = unsafe { handle::get(arena) } {
            arena.decay_now();
        }
    });
}

/// Writes the statistics of an arena to `stats`. Any thread may call it.
///
/// Errors: `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`.
///
/// # Safety
/// `arena` is null or a handle. `stats` is null or may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fa_arena_stats(arena: *const fa_arena, stats: *mut fa_stats) -> fa_status {
    returning(|| {
        // SAFETY: as the caller promises.
        let now = unsafe { handle::get(arena)? }.snapshot();
        let written = fa_stats {
            live_bytes: now.live_bytes,
            peak_live_bytes: now.peak_bytes,
            in_use_bytes: now.in_use_bytes,
            retained_bytes: now.retained_bytes,
            peak_held_bytes: now.peak_held_bytes,
            limit_bytes: now.limit_bytes,
            system_requests: now.blocks_made + now.runs_made,
            reused: now.blocks_reused + now.runs_reused,
            frames: now.frames,
            open_frames: now.open_frames,
        };
        // SAFETY: as the caller promises.
        unsafe { out::write(stats, written) }
    })
}
