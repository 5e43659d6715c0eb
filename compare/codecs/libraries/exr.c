/* Decodes by OpenEXR's C library. */
#include "libraries.h"
#include <openexr.h>
#include <string.h>

/* Its functions to allocate are passed nothing, so the heap is a variable, for each thread. */
static _Thread_local struct fa_hook *exr_heap;

static void *alloc_exr(size_t bytes) {
    return fa_heap_alloc(exr_heap, bytes);
}

static void free_exr(void *memory) {
    fa_heap_free(exr_heap, memory);
}

struct memory_file {
    const char *start;
    size_t bytes;
};

static int64_t read_exr(exr_const_context_t context, void *user, void *to, uint64_t bytes,
                        uint64_t offset, exr_stream_error_func_ptr_t fail) {
    const struct memory_file *file = user;
    (void)context, (void)fail;
    if (offset > file->bytes)
        return -1;
    if (bytes > file->bytes - offset)
        bytes = file->bytes - offset;
    memcpy(to, file->start + offset, bytes);
    return (int64_t)bytes;
}

static int64_t size_exr(exr_const_context_t context, void *user) {
    (void)context;
    return (int64_t)((const struct memory_file *)user)->bytes;
}

static void quiet(exr_const_context_t context, exr_result_t code, const char *message) {
    (void)context, (void)code, (void)message;
}

/* Decodes the planes of all channels, one behind the other. Sets `*done` to their bytes. */
static exr_result_t decode_lines(exr_context_t context, char *out, size_t room, size_t *done) {
    exr_decode_pipeline_t decoder = EXR_DECODE_PIPELINE_INITIALIZER;
    exr_chunk_info_t chunk;
    exr_attr_box2i_t window;
    int32_t lines, y;
    int is_open = 0;
    exr_result_t error = exr_get_data_window(context, 0, &window);
    if (!error)
        error = exr_get_scanlines_per_chunk(context, 0, &lines);
    for (y = window.min.y; !error && y <= window.max.y; y += lines) {
        error = exr_read_scanline_chunk_info(context, 0, y, &chunk);
        if (!error)
            error = is_open ? exr_decoding_update(context, 0, &chunk, &decoder)
                            : exr_decoding_initialize(context, 0, &chunk, &decoder);
        if (!error) {
            const size_t height = window.max.y - window.min.y + 1;
            size_t at = 0;
            for (int i = 0; i < decoder.channel_count; i++) {
                exr_coding_channel_info_t *channel = &decoder.channels[i];
                const size_t row = (size_t)chunk.width * channel->bytes_per_element;
                channel->decode_to_ptr = (uint8_t *)out + at + (y - window.min.y) * row;
                channel->user_bytes_per_element = channel->bytes_per_element;
                channel->user_data_type = channel->data_type;
                channel->user_pixel_stride = channel->bytes_per_element;
                channel->user_line_stride = (int32_t)row;
                at += row * height;
            }
            *done = at;
            if (at > room)
                error = EXR_ERR_ARGUMENT_OUT_OF_RANGE;
            else if (!is_open)
                error = exr_decoding_choose_default_routines(context, 0, &decoder);
            is_open = 1;
        }
        if (!error)
            error = exr_decoding_run(context, 0, &decoder);
    }
    exr_decoding_destroy(context, &decoder);
    return error;
}

long decode_exr(struct fa_hook *heap, const void *in, size_t bytes, void *out, size_t room) {
    exr_context_initializer_t options = EXR_DEFAULT_CONTEXT_INITIALIZER;
    struct memory_file file = {in, bytes};
    exr_context_t context = NULL;
    exr_result_t error;
    size_t done = 0;
    exr_heap = heap;
    options.error_handler_fn = quiet;
    options.user_data = &file;
    options.read_fn = read_exr;
    options.size_fn = size_exr;
    if (heap) {
        options.alloc_fn = alloc_exr;
        options.free_fn = free_exr;
    }
    error = exr_start_read(&context, "in memory", &options);
    if (!error)
        error = decode_lines(context, out, room, &done);
    exr_finish(&context);
    return error == EXR_ERR_OUT_OF_MEMORY ? NO_MEMORY : error ? OTHER_ERROR : (long)done;
}
