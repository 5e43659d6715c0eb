/* Decodes by libraries that take functions to allocate and free. */
#define ZSTD_STATIC_LINKING_ONLY
#include "libraries.h"
#include <brotli/decode.h>
#include <brotli/encode.h>
#include <png.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

long encode_zstd(struct fa_hook *heap, const void *in, size_t bytes, void *out, size_t room) {
    const size_t done = ZSTD_compress(out, room, in, bytes, 3);
    (void)heap;
    return ZSTD_isError(done) ? OTHER_ERROR : (long)done;
}

long decode_zstd(struct fa_hook *heap, const void *in, size_t bytes, void *out, size_t room) {
    const ZSTD_customMem of_heap = {fa_heap_alloc, fa_heap_free, heap};
    ZSTD_DCtx *decoder = ZSTD_createDCtx_advanced(heap ? of_heap : ZSTD_defaultCMem);
    ZSTD_inBuffer from = {in, bytes, 0};
    ZSTD_outBuffer to = {out, 0, 0};
    size_t left = 1;
    if (!decoder)
        return NO_MEMORY;
    /* Room for less than all at once, so that the library allocates its window. */
    while (left && !ZSTD_isError(left) && to.size < room) {
        to.size = to.pos + 10000 < room ? to.pos + 10000 : room;
        left = ZSTD_decompressStream(decoder, &to, &from);
    }
    ZSTD_freeDCtx(decoder);
    if (ZSTD_isError(left))
        return ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation ? NO_MEMORY : OTHER_ERROR;
    return left ? OTHER_ERROR : (long)to.pos;
}

long encode_brotli(struct fa_hook *heap, const void *in, size_t bytes, void *out, size_t room) {
    (void)heap;
    return BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, bytes, in, &room, out) ? (long)room
                                                                                  : OTHER_ERROR;
}

long decode_brotli(struct fa_hook *heap, const void *in, size_t bytes, void *out, size_t room) {
    BrotliDecoderState *decoder = BrotliDecoderCreateInstance(
        heap ? fa_heap_alloc : NULL, heap ? fa_heap_free : NULL, heap);
    const uint8_t *from = in;
    uint8_t *to = out;
    size_t left = room;
    BrotliDecoderResult result;
    BrotliDecoderErrorCode error;
    if (!decoder)
        return NO_MEMORY;
    result = BrotliDecoderDecompressStream(decoder, &bytes, &from, &left, &to, NULL);
    error = BrotliDecoderGetErrorCode(decoder);
    BrotliDecoderDestroyInstance(decoder);
    if (result == BROTLI_DECODER_RESULT_SUCCESS)
        return (long)(room - left);
    return error <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
                   error >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES
               ? NO_MEMORY
               : OTHER_ERROR;
}

struct reader {
    const char *at;
    size_t bytes;
};

static void read_png(png_structp png, png_bytep to, size_t bytes) {
    struct reader *from = png_get_io_ptr(png);
    if (bytes > from->bytes)
        png_error(png, "the file ends");
    memcpy(to, from->at, bytes);
    from->at += bytes;
    from->bytes -= bytes;
}

/* libpng passes its own struct, which knows the user's pointer. */
static png_voidp alloc_png(png_structp png, png_alloc_size_t bytes) {
    return fa_heap_alloc(png_get_mem_ptr(png), bytes);
}

static void free_png(png_structp png, png_voidp memory) {
    fa_heap_free(png_get_mem_ptr(png), memory);
}

static void quiet(png_structp png, png_const_charp message) {
    (void)png, (void)message;
}

static void fail(png_structp png, png_const_charp message) {
    *(int *)png_get_error_ptr(png) = strstr(message, "memory") ? NO_MEMORY : OTHER_ERROR;
    png_longjmp(png, 1);
}

long decode_png(struct fa_hook *heap, const void *in, size_t bytes, void *out, size_t room) {
    struct reader from = {in, bytes};
    int error = NO_MEMORY;
    png_structp png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &error, fail, quiet, heap,
                                               heap ? alloc_png : NULL, heap ? free_png : NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (info && !setjmp(png_jmpbuf(png))) {
        png_uint_32 y, height;
        size_t stride;
        png_set_read_fn(png, &from, read_png);
        png_read_info(png, info);
        height = png_get_image_height(png, info);
        stride = png_get_rowbytes(png, info);
        if (height > room / stride)
            png_error(png, "no room");
        for (y = 0; y < height; y++)
            png_read_row(png, (png_bytep)out + y * stride, NULL);
        png_read_end(png, NULL);
        png_destroy_read_struct(&png, &info, NULL);
        return (long)(height * stride);
    }
    png_destroy_read_struct(&png, &info, NULL);
    return error;
}
