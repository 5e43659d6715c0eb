// frame-arena: per-frame memory for image and video decoders.
//
// This file is generated from the sources of frame-arena-capi, whose README.md is the guide.
//
// What holds for all functions:
//
// * Threads: a function may be called on any thread, and on several threads at the same time. Only
//   the calls that end something (`close`, `destroy`, `unref`, `free`) must come after all other
//   uses of it. No function needs the thread that made a handle.
// * Ownership: what a call makes, the caller ends, with the function that the call's comment names.
//   Handles are ended through their address and become null, and ending null does nothing. So the
//   end may be reached twice by the same variable. A copy of a handle that was ended is recognized
//   (`FA_INVALID_HANDLE`), unless a new handle of the same type has taken its place.
// * Order: handles may be ended in any order. An arena's memory stays as long as a scope, buffer,
//   picture or hook of it.
// * Errors: a function never aborts the process when memory is refused, and no Rust panic leaves
//   it. When a call fails, it holds no memory, and its results are null or empty.

#ifndef FRAME_ARENA_H
#define FRAME_ARENA_H

#include <stddef.h>
#include <stdint.h>

// The value of `limit_bytes` for an arena without a limit.
#define FA_NO_LIMIT SIZE_MAX

struct Dav1dPicture;
struct aom_codec_frame_buffer;
struct de265_image;
struct de265_image_spec;
struct vpx_codec_frame_buffer;

// A flag of requests: memory is not zeroed first. It has bytes of earlier requests from the same
// arena, which may be those of other users' pictures, and must be overwritten wholly.
#define FA_STALE 1



// Retained memory decays to the need of the last `retention_value` frames. The default, with 16.
#define FA_RETAIN_FRAMES 0

// All memory is retained until it is trimmed.
#define FA_RETAIN_ALL 1

// Up to `retention_value` bytes are retained.
#define FA_RETAIN_BYTES 2

// Memory that was not used for `retention_value` milliseconds is released.
#define FA_RETAIN_MILLISECONDS 3

// Most planes of a picture.
#define FA_MOST_PLANES 8

// One plane.
#define FA_YUV400 0

// A plane and two of half its width and height.
#define FA_YUV420 1

// A plane and two of half its width.
#define FA_YUV422 2

// Three planes of one size.
#define FA_YUV444 3

// The result of a function. `FA_OK` is 0; errors are negative.
enum fa_status {
    // Success.
    FA_OK = 0,
    // The arena's limit does not admit the request, even with all retained memory released.
    FA_LIMIT_EXCEEDED = -1,
    // The system has no memory.
    FA_SYSTEM_REFUSED = -2,
    // The size exceeds the address space.
    FA_SIZE_OVERFLOW = -3,
    // An alignment is not a power of two up to 2 MiB.
    FA_UNSUPPORTED_ALIGNMENT = -4,
    // A pointer is null that must not be, or a value has no meaning.
    FA_INVALID_ARGUMENT = -5,
    // A handle was closed before, or belongs to a function of another kind.
    FA_INVALID_HANDLE = -6,
    // A fault of this library. It was reported on standard error.
    FA_INTERNAL = -7,
};

// The memory that frames, buffers and hooks take. It retains memory from one frame for the next.
//
// Any number of threads may use an arena at the same time.
struct fa_arena;

// Memory of an arena for decoders of one library. Its address is what the library passes to its
// callbacks. One hook serves any number of decoders, on any threads.
//
// A hook must live until the last decoder that was opened with it is closed. Pictures and buffers
// of dav1d, libvpx, libaom and FFmpeg may be released later; those of libde265 and allocations of
// a heap may not.
//
// If a callback is passed a hook of another kind, or one that was destroyed, it fails as if there
// were no memory.
struct fa_hook;

// A frame or a stage: memory that is returned wholesale when the scope is closed. A frame is one
// decode; a stage is a part of it, whose memory serves the next stage.
//
// Any number of threads may make requests of a scope at the same time. One of them closes it, when
// no other uses it any more.
//
// The compiler cannot check how long memory is used: whatever a scope granted must not be used
// after the scope was closed. Scopes may be closed in any order. If a frame is closed while a
// stage of it is open, it ends with that stage, and its memory stays until then.
struct fa_scope;

// Options of an arena. `fa_arena_options_init` sets the defaults.
struct fa_arena_options {
    // The most bytes that the arena holds at any moment: in use or retained, with its own
    // bookkeeping, over all threads. `FA_NO_LIMIT` by default.
    size_t limit_bytes;
    // How memory is retained: one of the constants `FA_RETAIN_*`.
    uint32_t retention;
    // 1 to request huge pages behind large buffers on Linux, the default; 0 not to.
    uint32_t huge_pages;
    // The number of frames, bytes or milliseconds of `retention`.
    uint64_t retention_value;
};

// Statistics of an arena at one moment.
struct fa_stats {
    // Bytes granted to requests.
    size_t live_bytes;
    // Most bytes ever granted at the same time.
    size_t peak_live_bytes;
    // Bytes that open scopes, buffers and pictures hold.
    size_t in_use_bytes;
    // Bytes retained for later requests.
    size_t retained_bytes;
    // Most bytes ever held at the same time, in use or retained. The limit bounds these.
    size_t peak_held_bytes;
    // The limit; `FA_NO_LIMIT` if there is none.
    size_t limit_bytes;
    // Blocks and runs of memory taken from the system so far.
    uint64_t system_requests;
    // Blocks and runs served with retained memory so far.
    uint64_t reused;
    // Frames that ended so far.
    uint64_t frames;
    // Frames open at this moment.
    size_t open_frames;
};

// A plane: `height` rows of `width` samples.
//
// Row `y` starts at `(char *)data + y * stride_bytes`, at a multiple of 64 bytes. The bytes up to
// the next row may be read and written.
struct fa_plane {
    // The first sample of the first row, behind the border. Null if the plane has no samples.
    void *data;
    // Samples per row.
    size_t width;
    // Rows.
    size_t height;
    // Bytes from row to row.
    size_t stride_bytes;
    // Columns that may be read and written to the left and right of each row.
    size_t border_columns;
    // Rows that may be read and written above and below the plane.
    size_t border_rows;
};

// The base-2 logarithms of the factors by which a plane is smaller than the first one, each at
// most 31. Sizes are rounded up.
struct fa_subsampling {
    // The logarithm of the factor between the widths.
    uint32_t x;
    // The logarithm of the factor between the heights.
    uint32_t y;
};

// The planes of a picture. `fa_picture_layout_init` sets all fields. Sizes are those of the first
// plane, in samples; for subsampled planes, they are divided accordingly.
struct fa_picture_layout {
    // Samples per row.
    size_t width;
    // Rows.
    size_t height;
    // Bytes of a sample: 1, 2, 4 or 8.
    uint32_t sample_bytes;
    // The number of planes, 1 to `FA_MOST_PLANES`.
    uint32_t plane_count;
    // How each plane is subsampled; the first one is not, whatever it says here.
    struct fa_subsampling subsampling[FA_MOST_PLANES];
    // Columns and rows around each plane; 0 by default.
    size_t border;
    // The allocated columns are a multiple of this; 1 by default.
    size_t multiple_width;
    // The allocated rows are a multiple of this; 1 by default.
    size_t multiple_height;
    // Bytes behind each plane that may be read and written; 0 by default.
    size_t padding_bytes;
};

// A picture. Its fields are read, not written.
//
// A picture of `fa_picture_alloc` counts its owners; each `fa_picture` is one of them and ends
// with `fa_picture_unref`. It may be moved to another place in memory. A copy of its bytes is not
// another owner: `fa_picture_ref` makes one.
struct fa_picture {
    // The planes.
    struct fa_plane planes[FA_MOST_PLANES];
    // The number of planes.
    uint32_t plane_count;
    // Bytes of a sample.
    uint32_t sample_bytes;
    // Whether the picture counts its owners. Those of a scope do not.
    uint32_t is_counted;
    // What belongs to the library.
    void *owner[3];
};

// Statistics of a frame.
struct fa_frame_stats {
    // Bytes granted at this moment by the frame and its open stages.
    size_t live_bytes;
    // Most bytes granted at the same time.
    size_t peak_live_bytes;
    // Most bytes that the frame and its stages held at the same time.
    size_t peak_in_use_bytes;
    // Sum of all requests. Those of open stages are missing.
    uint64_t requested_bytes;
    // Number of requests. Those of open stages are missing.
    uint64_t requests;
};

// Why a hook's memory was refused.
struct fa_refusal {
    // The reason; `FA_OK` if nothing was refused.
    enum fa_status status;
    // Bytes requested. 0 for `FA_SIZE_OVERFLOW`.
    size_t requested_bytes;
    // For `FA_LIMIT_EXCEEDED`: bytes that could not be released. Otherwise 0.
    size_t in_use_bytes;
    // For `FA_LIMIT_EXCEEDED`: the limit. Otherwise 0.
    size_t limit_bytes;
};

// Functions of libde265 that the callbacks call. This library does not link it.
struct fa_de265_functions {
    // `de265_set_image_plane`.
    void (*set_image_plane)(struct de265_image *image,
                            int channel,
                            void *memory,
                            int stride,
                            void *userdata);
    // `de265_get_image_plane_user_data`.
    void *(*get_image_plane_user_data)(const struct de265_image *image, int channel);
    // `de265_get_bits_per_pixel`.
    int (*get_bits_per_pixel)(const struct de265_image *image, int channel);
};

// The memory of a picture of FFmpeg.
struct fa_ffmpeg_picture {
    // The first byte of each plane, for `AVFrame.data`; null for a plane without bytes.
    uint8_t *planes[4];
    // The buffer with all planes, for `av_buffer_create`.
    uint8_t *buffer;
    // Bytes of the buffer.
    size_t bytes;
};

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Returns a message in English for a status, a string that is never freed. Any thread may call it.
const char *fa_status_message(int status);

// Returns the version of the library, such as "0.1.0", a string that is never freed.
const char *fa_version(void);

// Sets all options to their defaults. Does nothing for null.
//
// # Safety
// `options` is null or may be written.
void fa_arena_options_init(struct fa_arena_options *options);

// Makes an arena, which the caller destroys with `fa_arena_destroy`. It holds no memory yet.
// `options` may be null, for the defaults.
//
// Errors: `FA_INVALID_ARGUMENT`, `FA_SYSTEM_REFUSED`; `*arena` is null then.
//
// # Safety
// `options` is null or valid. `arena` is null or may be written.
enum fa_status fa_arena_new(const struct fa_arena_options *options, struct fa_arena **arena);

// Makes an arena that takes its memory from `arena` and has a limit of its own, for one of several
// users of a server. Its memory counts against both limits, and `arena` retains it. The caller
// destroys it, before or after `arena`.
//
// Errors: `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`, `FA_SYSTEM_REFUSED`; `*share` is null then.
//
// # Safety
// `arena` is null or a handle. `share` is null or may be written.
enum fa_status fa_arena_share(const struct fa_arena *arena,
                              size_t limit_bytes,
                              struct fa_arena **share);

// Destroys an arena and sets `*arena` to null. Does nothing for null.
//
// Scopes, buffers, pictures and hooks of the arena stay valid and keep its memory, which goes back
// to the system with the last of them. To see whether there are any, look at `in_use_bytes` of
// `fa_arena_stats` before.
//
// Errors: `FA_INVALID_HANDLE` if the arena was destroyed before through another copy of the
// pointer.
//
// # Safety
// `arena` is null, or points to null or a handle that no thread uses any more.
enum fa_status fa_arena_destroy(struct fa_arena **arena);

// Releases all retained memory to the system. Does nothing for null, and for a share, whose memory
// another arena retains. Any thread may call it.
//
// # Safety
// `arena` is null or a handle.
void fa_arena_trim(const struct fa_arena *arena);

// Applies the retention once, for a program that falls idle: an arena itself applies it only when
// memory is returned. With `FA_RETAIN_FRAMES`, this counts as the end of a frame. Does nothing for
// null and for a share. Any thread may call it.
//
// # Safety
// `arena` is null or a handle.
void fa_arena_decay(const struct fa_arena *arena);

// Writes the statistics of an arena to `stats`. Any thread may call it.
//
// Errors: `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`.
//
// # Safety
// `arena` is null or a handle. `stats` is null or may be written.
enum fa_status fa_arena_stats(const struct fa_arena *arena, struct fa_stats *stats);

// Opens a frame, which the caller closes with `fa_scope_close`. Several frames of an arena may be
// open.
//
// Errors: `FA_LIMIT_EXCEEDED`, `FA_SYSTEM_REFUSED`, `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`;
// `*frame` is null then.
//
// # Safety
// `arena` is null or a handle. `frame` is null or may be written.
enum fa_status fa_frame_open(const struct fa_arena *arena,
                             struct fa_scope **frame);

// Opens a stage of a frame, or a stage within a stage, which the caller closes with
// `fa_scope_close`. Stages may be open at the same time.
//
// Errors: those of `fa_frame_open`; `*stage` is null then.
//
// # Safety
// `scope` is null or a handle. `stage` is null or may be written.
enum fa_status fa_stage_open(const struct fa_scope *scope, struct fa_scope **stage);

// Closes a frame or stage and sets `*scope` to null. Its memory returns to the arena, and nobody
// may use it any more. Does nothing for null.
//
// Errors: `FA_INVALID_HANDLE` if the scope was closed before through another copy of the pointer.
// This is noticed unless another scope was opened meanwhile.
//
// # Safety
// `scope` is null, or points to null or a handle that no thread uses any more.
enum fa_status fa_scope_close(struct fa_scope **scope);

// Allocates `bytes` bytes, aligned to 64, until the scope is closed. They are zeroed, or with
// `FA_STALE` in `flags` not.
//
// Errors: `FA_LIMIT_EXCEEDED`, `FA_SYSTEM_REFUSED`, `FA_SIZE_OVERFLOW`, `FA_INVALID_ARGUMENT`,
// `FA_INVALID_HANDLE`; `*memory` is null then.
//
// # Safety
// `scope` is null or a handle. `memory` is null or may be written.
enum fa_status fa_scope_alloc(const struct fa_scope *scope,
                              size_t bytes,
                              uint32_t flags,
                              void **memory);

// Allocates a plane of `width` x `height` samples of `sample_bytes` bytes (1, 2, 4 or 8), until
// the scope is closed. It is zeroed, or with `FA_STALE` in `flags` not.
//
// Errors: those of `fa_scope_alloc`; `*plane` has no samples then.
//
// # Safety
// `scope` is null or a handle. `plane` is null or may be written.
enum fa_status fa_scope_plane(const struct fa_scope *scope,
                              size_t width,
                              size_t height,
                              uint32_t sample_bytes,
                              uint32_t flags,
                              struct fa_plane *plane);

// Allocates a picture, until the scope is closed. It is zeroed, or with `FA_STALE` in `flags` not.
// What is in `*picture` is overwritten.
//
// Errors: those of `fa_scope_alloc`; `*picture` has no planes then.
//
// # Safety
// `scope` is null or a handle. `layout` is null or valid. `picture` is null or may be written.
enum fa_status fa_scope_picture(const struct fa_scope *scope,
                                const struct fa_picture_layout *layout,
                                uint32_t flags,
                                struct fa_picture *picture);

// Writes the statistics of a frame, or of the frame of a stage, to `stats`. Any thread may call
// it.
//
// Errors: `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`.
//
// # Safety
// `scope` is null or a handle. `stats` is null or may be written.
enum fa_status fa_scope_stats(const struct fa_scope *scope, struct fa_frame_stats *stats);

// Describes a picture of `width` x `height` samples of `sample_bytes` bytes (1, 2, 4 or 8) in a
// `format`, one of the constants `FA_YUV*`, without borders and padding. More planes, such as
// alpha, are added by setting `plane_count` and `subsampling`.
//
// Errors: `FA_INVALID_ARGUMENT` for null or an unknown format. Sizes are checked by the request.
//
// # Safety
// `layout` is null or may be written.
enum fa_status fa_picture_layout_init(struct fa_picture_layout *layout,
                                      size_t width,
                                      size_t height,
                                      uint32_t sample_bytes,
                                      uint32_t format);

// Allocates a picture that belongs to no frame and counts its owners, such as a reference picture.
// It is zeroed, or with `FA_STALE` in `flags` not. What is in `*picture` is overwritten. The
// caller ends its ownership with `fa_picture_unref`, on any thread, also after the arena was
// destroyed.
//
// Errors: `FA_LIMIT_EXCEEDED`, `FA_SYSTEM_REFUSED`, `FA_SIZE_OVERFLOW`, `FA_INVALID_ARGUMENT`,
// `FA_INVALID_HANDLE`; `*picture` has no planes then.
//
// # Safety
// `arena` is null or a handle. `layout` is null or valid. `picture` is null or may be written.
enum fa_status fa_picture_alloc(const struct fa_arena *arena,
                                const struct fa_picture_layout *layout,
                                uint32_t flags,
                                struct fa_picture *picture);

// Makes `*to` another owner of the picture `*from`. What is in `*to` is overwritten. Any thread
// may call it, at the same time as others that have an owner of their own.
//
// Errors: `FA_INVALID_ARGUMENT` for null, and for a picture that counts no owners; `*to` has no
// planes then.
//
// # Safety
// `to` is null or may be written. `from` is null or valid, and is not `to`.
enum fa_status fa_picture_ref(struct fa_picture *to, const struct fa_picture *from);

// Ends an owner, and clears `*picture`. The memory returns to the arena with the last owner. Does
// nothing for null and for a picture without planes. A picture of a scope is only cleared: its
// memory belongs to the scope.
//
// # Safety
// `picture` is null or valid, and no thread uses the planes through this owner any more.
void fa_picture_unref(struct fa_picture *picture);

// Allocates `bytes` bytes that belong to no frame, aligned to `align_bytes`: a power of two up to
// 2 MiB, or 0 for 64. `padding_bytes` more may be read and written behind them. They are zeroed,
// or with `FA_STALE` in `flags` not.
//
// The caller frees the buffer with `fa_buffer_free`, on any thread, also after the arena was
// destroyed. A buffer takes whole pages, so it is meant for large ones; `fa_heap_alloc` is for
// small ones.
//
// Errors: `FA_LIMIT_EXCEEDED`, `FA_SYSTEM_REFUSED`, `FA_SIZE_OVERFLOW`,
// `FA_UNSUPPORTED_ALIGNMENT`, `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`; `*buffer` is null then.
//
// # Safety
// `arena` is null or a handle. `buffer` is null or may be written.
enum fa_status fa_buffer_alloc(const struct fa_arena *arena,
                               size_t bytes,
                               size_t align_bytes,
                               size_t padding_bytes,
                               uint32_t flags,
                               void **buffer);

// Frees a buffer of `fa_buffer_alloc`. Does nothing for null. Any thread may call it.
//
// # Safety
// `buffer` is null, or a buffer that was not freed before and that nobody uses any more.
void fa_buffer_free(void *buffer);

// Destroys a hook and sets `*hook` to null. Does nothing for null.
//
// Errors: `FA_INVALID_HANDLE` if the hook was destroyed before through another copy of the
// pointer.
//
// # Safety
// `hook` is null, or points to null or a handle that no decoder and no thread uses any more.
enum fa_status fa_hook_destroy(struct fa_hook **hook);

// Writes to `refusal` why memory was last refused through a hook, and forgets it. Decoders report
// each reason as the same error for memory. Any thread may call it.
//
// Errors: `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`.
//
// # Safety
// `hook` is null or a handle. `refusal` is null or may be written.
enum fa_status fa_hook_take_refusal(const struct fa_hook *hook,
                                    struct fa_refusal *refusal);

// Makes a hook for dav1d, which the caller destroys with `fa_hook_destroy`:
//
// ```c
// settings.allocator.cookie = hook;
// settings.allocator.alloc_picture_callback = fa_dav1d_alloc;
// settings.allocator.release_picture_callback = fa_dav1d_release;
// ```
//
// Pictures are not zeroed, as those of dav1d's own pool.
//
// Errors: `FA_SYSTEM_REFUSED`, `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`; `*hook` is null then.
//
// # Safety
// `arena` is null or a handle. `hook` is null or may be written.
enum fa_status fa_dav1d_hook(const struct fa_arena *arena,
                             struct fa_hook **hook);

// The value of `Dav1dPicAllocator.alloc_picture_callback`; `hook` is the value of `cookie`.
// Returns 0, `DAV1D_ERR(ENOMEM)` or `DAV1D_ERR(EINVAL)`, which the decode returns.
//
// # Safety
// As dav1d calls it.
int fa_dav1d_alloc(struct Dav1dPicture *picture, void *hook);

// The value of `Dav1dPicAllocator.release_picture_callback`. It does not use the hook.
//
// # Safety
// As dav1d calls it.
void fa_dav1d_release(struct Dav1dPicture *picture, void *hook);

// Makes a hook for libde265, which the caller destroys with `fa_hook_destroy`, after the last
// decoder is freed:
//
// ```c
// const struct fa_de265_functions functions = {
//     de265_set_image_plane, de265_get_image_plane_user_data, de265_get_bits_per_pixel,
// };
// struct de265_image_allocation allocation = { fa_de265_get, fa_de265_release };
// fa_de265_hook(arena, 0, &functions, &hook);
// de265_set_image_allocation_functions(decoder, &allocation, hook);
// ```
//
// Pictures are zeroed, or with `FA_STALE` in `flags` not. The samples of valid streams are the
// same.
//
// Errors: `FA_SYSTEM_REFUSED`, `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`; `*hook` is null then.
//
// # Safety
// `arena` is null or a handle. `functions` is null or valid, with functions of the library that
// calls the hook. `hook` is null or may be written.
enum fa_status fa_de265_hook(const struct fa_arena *arena,
                             uint32_t flags,
                             const struct fa_de265_functions *functions,
                             struct fa_hook **hook);

// The value of `de265_image_allocation.get_buffer`; `hook` is the user data. Returns 1, or 0 if
// there is no memory.
//
// # Safety
// As libde265 calls it.
int fa_de265_get(void *decoder,
                 struct de265_image_spec *spec,
                 struct de265_image *image,
                 void *hook);

// The value of `de265_image_allocation.release_buffer`.
//
// # Safety
// As libde265 calls it.
void fa_de265_release(void *decoder, struct de265_image *image, void *hook);

// Makes a hook for FFmpeg's decoders, which the caller destroys with `fa_hook_destroy`. It serves
// a `get_buffer2` callback of the caller's, because the structs that the callback uses differ from
// version to version of FFmpeg: `fa_ffmpeg_alloc` allocates, and `av_buffer_create(picture.buffer,
// picture.bytes, fa_ffmpeg_free, NULL, 0)` makes the reference.
//
// Pictures are zeroed, or with `FA_STALE` in `flags` not. The samples of valid streams are the
// same.
//
// Errors: `FA_SYSTEM_REFUSED`, `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`; `*hook` is null then.
//
// # Safety
// `arena` is null or a handle. `hook` is null or may be written.
enum fa_status fa_ffmpeg_hook(const struct fa_arena *arena,
                              uint32_t flags,
                              struct fa_hook **hook);

// Allocates planes of the given sizes in bytes, each at a multiple of 64 bytes and with 64 bytes
// behind it that may be read and written. Any thread may call it.
//
// Errors: `FA_LIMIT_EXCEEDED`, `FA_SYSTEM_REFUSED`, `FA_SIZE_OVERFLOW`, `FA_INVALID_ARGUMENT`,
// `FA_INVALID_HANDLE`; `*picture` has no memory then. `get_buffer2` returns `AVERROR(ENOMEM)` for
// all of them.
//
// # Safety
// `hook` is null or a handle. `plane_bytes` is null or has four values. `picture` is null or may
// be written.
enum fa_status fa_ffmpeg_alloc(const struct fa_hook *hook,
                               const size_t *plane_bytes,
                               struct fa_ffmpeg_picture *picture);

// Frees the buffer of a picture: the argument `free` of `av_buffer_create`. It does not use
// `opaque`, and may be called on any thread, also after the hook was destroyed. Does nothing for
// null.
//
// # Safety
// `data` is null, or a buffer of `fa_ffmpeg_alloc` that was not freed before and that nobody uses
// any more.
void fa_ffmpeg_free(void *opaque,
                    uint8_t *data);

// Makes a hook for libvpx (VP9) or libaom (AV1), which the caller destroys with `fa_hook_destroy`:
//
// ```c
// vpx_codec_set_frame_buffer_functions(&codec, fa_vpx_get, fa_vpx_release, hook);
// aom_codec_set_frame_buffer_functions(&codec, fa_aom_get, fa_aom_release, hook);
// ```
//
// Buffers are zeroed, or with `FA_STALE` in `flags` not. The samples of valid streams are the
// same.
//
// Errors: `FA_SYSTEM_REFUSED`, `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`; `*hook` is null then.
//
// # Safety
// `arena` is null or a handle. `hook` is null or may be written.
enum fa_status fa_frame_buffer_hook(const struct fa_arena *arena,
                                    uint32_t flags,
                                    struct fa_hook **hook);

// The argument `cb_get` of `vpx_codec_set_frame_buffer_functions`; `hook` is that of `cb_priv`.
// Returns 0, or -1 if there is no memory.
//
// # Safety
// As libvpx calls it.
int fa_vpx_get(void *hook, size_t bytes, struct vpx_codec_frame_buffer *buffer);

// The argument `cb_release` of `vpx_codec_set_frame_buffer_functions`. It does not use the hook.
// Returns 0.
//
// # Safety
// As libvpx calls it.
int fa_vpx_release(void *hook,
                   struct vpx_codec_frame_buffer *buffer);

// The argument `cb_get` of `aom_codec_set_frame_buffer_functions`, as `fa_vpx_get`.
//
// # Safety
// As libaom calls it.
int fa_aom_get(void *hook, size_t bytes, struct aom_codec_frame_buffer *buffer);

// The argument `cb_release` of `aom_codec_set_frame_buffer_functions`, as `fa_vpx_release`.
//
// # Safety
// As libaom calls it.
int fa_aom_release(void *hook, struct aom_codec_frame_buffer *buffer);

// Makes a heap in an arena, which the caller destroys with `fa_hook_destroy`, after everything in
// it was freed: what is not freed by then stays allocated for ever. For libraries that take
// functions and a pointer:
//
// ```c
// JxlMemoryManager manager = { hook, fa_heap_alloc, fa_heap_free };
// ZSTD_customMem memory = { fa_heap_alloc, fa_heap_free, hook };
// stream.zalloc = fa_heap_alloc_items, stream.zfree = fa_heap_free, stream.opaque = hook;
// BrotliDecoderCreateInstance(fa_heap_alloc, fa_heap_free, hook);
// ```
//
// In an arena without open frames, memory of pieces above 32 KiB soon goes back to the system.
// Whoever decodes one picture after the other opens a frame around each decode.
//
// Errors: `FA_SYSTEM_REFUSED`, `FA_INVALID_ARGUMENT`, `FA_INVALID_HANDLE`; `*hook` is null then.
//
// # Safety
// `arena` is null or a handle. `hook` is null or may be written.
enum fa_status fa_heap_hook(const struct fa_arena *arena,
                            struct fa_hook **hook);

// Allocates `bytes` bytes in a heap, aligned to 16 and not zeroed. Returns null if there is no
// memory. Any thread may call it.
//
// # Safety
// `hook` is null or a handle.
void *fa_heap_alloc(void *hook, size_t bytes);

// Allocates `items` times `bytes` bytes as `fa_heap_alloc`, for zlib.
//
// # Safety
// `hook` is null or a handle.
void *fa_heap_alloc_items(void *hook, unsigned int items, unsigned int bytes);

// Frees an allocation of a heap. Does nothing for null. Any thread may call it.
//
// # Safety
// `hook` is a handle. `memory` is null, or an allocation of this heap that was not freed before
// and that nobody uses any more.
void fa_heap_free(void *hook, void *memory);

// Returns memory of a heap that has no live allocations to its arena. Does nothing for null. Any
// thread may call it.
//
// # Safety
// `hook` is null or a handle.
void fa_heap_trim(const struct fa_hook *hook);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* FRAME_ARENA_H */

// The end of frame_arena.h.
