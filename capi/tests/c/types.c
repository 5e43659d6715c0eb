/* The callbacks have the types that the headers of the libraries require. Compiled, not run, as C
 * and as C++. */
#define ZSTD_STATIC_LINKING_ONLY
#include <brotli/decode.h>
#include <dav1d/dav1d.h>
#include <frame_arena.h>
#include <libde265/de265.h>
#include <vpx/vpx_decoder.h>
#include <zlib.h>
#include <zstd.h>

int pass_callbacks(vpx_codec_ctx_t *vpx, Dav1dSettings *settings, z_stream *zlib, void *hook) {
    const Dav1dPicAllocator dav1d = {hook, fa_dav1d_alloc, fa_dav1d_release};
    const struct fa_de265_functions de265 = {
        de265_set_image_plane,
        de265_get_image_plane_user_data,
        de265_get_bits_per_pixel,
    };
    const struct de265_image_allocation allocation = {fa_de265_get, fa_de265_release};
    const ZSTD_customMem zstd = {fa_heap_alloc, fa_heap_free, hook};
    settings->allocator = dav1d;
    zlib->zalloc = fa_heap_alloc_items;
    zlib->zfree = fa_heap_free;
    zlib->opaque = hook;
    (void)de265, (void)allocation, (void)zstd;
    BrotliDecoderDestroyInstance(BrotliDecoderCreateInstance(fa_heap_alloc, fa_heap_free, hook));
    return vpx_codec_set_frame_buffer_functions(vpx, fa_vpx_get, fa_vpx_release, hook);
}
