/* Frames, stages, planes, pictures, buffers, a heap, the limit and statistics, without a decoder.
 * Prints what went wrong, and exits with 1 then. */
#include <frame_arena.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                      \
    do {                                                                      \
        if (!(condition)) {                                                   \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);   \
            exit(1);                                                          \
        }                                                                     \
    } while (0)
#define OK(call) CHECK((call) == FA_OK)

enum { LIMIT = 8 << 20 };

static struct fa_stats stats_of(const struct fa_arena *arena) {
    struct fa_stats stats;
    OK(fa_arena_stats(arena, &stats));
    return stats;
}

static struct fa_arena *limited_arena(void) {
    struct fa_arena_options options;
    struct fa_arena *arena;
    fa_arena_options_init(&options);
    CHECK(options.limit_bytes == FA_NO_LIMIT);
    options.limit_bytes = LIMIT;
    OK(fa_arena_new(&options, &arena));
    return arena;
}

static void fill(const struct fa_plane *plane, unsigned sample_bytes, int value) {
    size_t y;
    CHECK((size_t)plane->data % 64 == 0 && plane->stride_bytes >= plane->width * sample_bytes);
    for (y = 0; y < plane->height; y++)
        memset((char *)plane->data + y * plane->stride_bytes, value, plane->width * sample_bytes);
}

static int has(const struct fa_plane *plane, unsigned sample_bytes, int value) {
    size_t x, y;
    for (y = 0; y < plane->height; y++)
        for (x = 0; x < plane->width * sample_bytes; x++)
            if (((unsigned char *)plane->data)[y * plane->stride_bytes + x] != value)
                return 0;
    return 1;
}

/* Frames take the same memory again. Stages use each other's memory. */
static void frames_recycle(struct fa_arena *arena) {
    uint64_t taken = 0;
    int round;
    for (round = 0; round < 4; round++) {
        struct fa_scope *frame, *stage;
        struct fa_plane samples, coefficients;
        struct fa_frame_stats frame_stats;
        void *table;
        int part;
        OK(fa_frame_open(arena, &frame));
        OK(fa_scope_plane(frame, 640, 360, 1, 0, &samples));
        CHECK(samples.width == 640 && samples.height == 360 && has(&samples, 1, 0));
        fill(&samples, 1, round + 1);
        for (part = 0; part < 2; part++) {
            OK(fa_stage_open(frame, &stage));
            OK(fa_scope_plane(stage, 640, 360, 4, FA_STALE, &coefficients));
            OK(fa_scope_alloc(stage, 100, 0, &table));
            CHECK(part == 0 || !has(&coefficients, 4, 0));
            fill(&coefficients, 4, 0xcc);
            memset(table, 0xdd, 100);
            OK(fa_scope_close(&stage));
            CHECK(stage == NULL);
        }
        CHECK(has(&samples, 1, round + 1));
        OK(fa_scope_stats(frame, &frame_stats));
        CHECK(frame_stats.requested_bytes >= 640 * 360 * (1 + 4 + 4));
        CHECK(frame_stats.peak_live_bytes < 640 * 360 * (1 + 4 + 4));
        OK(fa_scope_close(&frame));
        CHECK(stats_of(arena).live_bytes == 0 && stats_of(arena).open_frames == 0);
        if (round == 1)
            taken = stats_of(arena).system_requests;
    }
    CHECK(stats_of(arena).system_requests == taken && stats_of(arena).frames == 4);
    fa_arena_trim(arena);
    CHECK(stats_of(arena).retained_bytes == 0);
}

/* What exceeds the limit is refused, by the arena and by a heap in it, and the arena goes on. */
static void limits_refuse(struct fa_arena *arena) {
    struct fa_scope *frame;
    struct fa_plane plane;
    struct fa_hook *heap;
    struct fa_refusal refusal;
    void *memory, *second;
    OK(fa_frame_open(arena, &frame));
    CHECK(fa_scope_plane(frame, 4096, 4096, 1, 0, &plane) == FA_LIMIT_EXCEEDED);
    CHECK(plane.data == NULL);
    CHECK(fa_scope_plane(frame, SIZE_MAX, 2, 8, 0, &plane) == FA_SIZE_OVERFLOW);
    CHECK(fa_buffer_alloc(arena, LIMIT, 0, 0, 0, &memory) == FA_LIMIT_EXCEEDED && !memory);
    OK(fa_scope_plane(frame, 1024, 1024, 1, 0, &plane));
    OK(fa_heap_hook(arena, &heap));
    memory = fa_heap_alloc(heap, 3 << 20);
    second = fa_heap_alloc_items(heap, 10, 100);
    CHECK(memory && second && fa_heap_alloc(heap, LIMIT) == NULL);
    CHECK(fa_heap_alloc_items(heap, ~0u, ~0u) == NULL);
    memset(memory, 1, 3 << 20);
    memset(second, 2, 1000);
    OK(fa_hook_take_refusal(heap, &refusal));
    CHECK(refusal.status != FA_OK);
    OK(fa_hook_take_refusal(heap, &refusal));
    CHECK(refusal.status == FA_OK);
    fa_heap_free(heap, memory);
    fa_heap_free(heap, second);
    fa_heap_free(heap, NULL);
    fa_heap_trim(heap);
    OK(fa_hook_destroy(&heap));
    OK(fa_scope_close(&frame));
    CHECK(stats_of(arena).in_use_bytes == 0 && stats_of(arena).peak_held_bytes <= LIMIT);
}

/* The system refuses what no machine has. */
static void the_system_refuses(void) {
    struct fa_arena *arena;
    void *memory;
    OK(fa_arena_new(NULL, &arena));
    CHECK(stats_of(arena).limit_bytes == FA_NO_LIMIT);
    CHECK(fa_buffer_alloc(arena, (size_t)1 << 60, 0, 0, 0, &memory) == FA_SYSTEM_REFUSED);
    OK(fa_buffer_alloc(arena, 1 << 20, 0, 0, 0, &memory));
    fa_buffer_free(memory);
    OK(fa_arena_destroy(&arena));
}

/* What the compiler would reject in Rust is an error here, as far as it can be noticed. */
static void misuse_is_an_error(struct fa_arena *arena) {
    struct fa_scope *frame, *stage, *copy;
    struct fa_hook *heap;
    struct fa_picture picture;
    struct fa_plane plane;
    void *memory;
    OK(fa_frame_open(arena, &frame));
    OK(fa_stage_open(frame, &stage));
    copy = frame;
    /* The frame before its stage: its memory stays until the stage is closed. */
    OK(fa_scope_plane(frame, 8, 8, 1, 0, &plane));
    OK(fa_scope_close(&frame));
    fill(&plane, 1, 7);
    CHECK(stats_of(arena).open_frames == 1);
    OK(fa_scope_close(&stage));
    CHECK(stats_of(arena).open_frames == 0);
    /* Twice, by the same variable and by a copy. */
    OK(fa_scope_close(&frame));
    CHECK(fa_scope_close(&copy) == FA_INVALID_HANDLE);
    copy = NULL;
    CHECK(fa_scope_alloc(copy, 1, 0, &memory) == FA_INVALID_ARGUMENT && memory == NULL);
    /* A handle of another kind. */
    OK(fa_heap_hook(arena, &heap));
    CHECK(fa_frame_open((struct fa_arena *)heap, &frame) == FA_INVALID_HANDLE && !frame);
    CHECK(fa_heap_alloc(arena, 1) == NULL);
    CHECK(fa_dav1d_alloc(NULL, heap) < 0 && fa_vpx_get(heap, 1, NULL) < 0);
    /* A hook that a decoder still has. */
    memory = heap;
    OK(fa_hook_destroy(&heap));
    CHECK(fa_heap_alloc(memory, 1) == NULL && fa_aom_get(memory, 1, NULL) < 0);
    /* Values without meaning. */
    OK(fa_frame_open(arena, &frame));
    CHECK(fa_scope_plane(frame, 8, 8, 3, 0, &plane) == FA_INVALID_ARGUMENT);
    CHECK(fa_scope_plane(frame, 8, 8, 1, 2, &plane) == FA_INVALID_ARGUMENT);
    CHECK(fa_scope_picture(frame, NULL, 0, &picture) == FA_INVALID_ARGUMENT);
    CHECK(fa_scope_plane(frame, 8, 8, 1, 0, NULL) == FA_INVALID_ARGUMENT);
    CHECK(fa_buffer_alloc(arena, 8, 3, 0, 0, &memory) == FA_UNSUPPORTED_ALIGNMENT);
    OK(fa_scope_close(&frame));
    OK(fa_scope_close(NULL));
}

static void *request_planes(void *frame) {
    struct fa_plane planes[16];
    int i;
    for (i = 0; i < 16; i++) {
        OK(fa_scope_plane(frame, 100, 50, 2, 0, &planes[i]));
        fill(&planes[i], 2, i);
    }
    for (i = 0; i < 16; i++)
        CHECK(has(&planes[i], 2, i));
    return NULL;
}

static void *unref(void *picture) {
    fa_picture_unref(picture);
    return NULL;
}

/* Threads use one frame, and end what other threads made. */
static void threads_share(struct fa_arena *arena) {
    pthread_t threads[4];
    struct fa_scope *frame;
    int i;
    OK(fa_frame_open(arena, &frame));
    for (i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, request_planes, frame) == 0);
    for (i = 0; i < 4; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    OK(fa_scope_close(&frame));
}

/* Pictures and buffers outlive their arena, and an open frame its handle. */
static void memory_outlives(struct fa_arena *arena) {
    struct fa_picture_layout layout;
    struct fa_picture reference, shown, of_frame, none;
    struct fa_scope *frame;
    struct fa_arena *share;
    pthread_t thread;
    void *buffer, *page;
    int i;
    OK(fa_picture_layout_init(&layout, 321, 181, 2, FA_YUV420));
    layout.border = 16;
    layout.subsampling[layout.plane_count++] = layout.subsampling[0]; /* alpha */
    OK(fa_arena_share(arena, 2 << 20, &share));
    OK(fa_picture_alloc(share, &layout, 0, &reference));
    CHECK(reference.plane_count == 4 && reference.planes[1].width == 161);
    CHECK(reference.planes[2].height == 91 && reference.planes[2].border_columns == 8);
    for (i = 0; i < 4; i++) {
        const struct fa_plane *plane = &reference.planes[i];
        CHECK(has(plane, 2, 0));
        fill(plane, 2, i);
        ((uint16_t *)plane->data)[-(int)plane->border_columns] = 5;
    }
    OK(fa_picture_ref(&shown, &reference));
    OK(fa_frame_open(arena, &frame));
    OK(fa_scope_picture(frame, &layout, 0, &of_frame));
    for (i = 0; i < 4; i++)
        fill(&of_frame.planes[i], 2, 9);
    OK(fa_scope_close(&frame));
    OK(fa_frame_open(arena, &frame));
    OK(fa_scope_picture(frame, &layout, FA_STALE, &of_frame));
    CHECK(!has(&of_frame.planes[0], 2, 0) || !has(&of_frame.planes[3], 2, 0));
    CHECK(fa_picture_ref(&none, &of_frame) == FA_INVALID_ARGUMENT && none.plane_count == 0);
    OK(fa_buffer_alloc(arena, 100000, 0, 32, FA_STALE, &buffer));
    OK(fa_buffer_alloc(arena, 100, 4096, 0, 0, &page));
    CHECK((size_t)page % 4096 == 0 && (size_t)buffer % 64 == 0);
    OK(fa_arena_destroy(&share));
    OK(fa_arena_destroy(&arena));
    CHECK(arena == NULL);
    memset(buffer, 1, 100032);
    memset(page, 1, 100);
    fill(&of_frame.planes[0], 2, 3);
    fa_picture_unref(&of_frame);
    CHECK(pthread_create(&thread, NULL, unref, &reference) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(has(&shown.planes[3], 2, 3) && reference.plane_count == 0);
    fa_picture_unref(&shown);
    fa_picture_unref(&shown);
    fa_buffer_free(buffer);
    fa_buffer_free(page);
    fa_buffer_free(NULL);
    OK(fa_scope_close(&frame));
}

int main(void) {
    struct fa_arena *arena = limited_arena();
    int status;
    for (status = FA_INTERNAL; status <= FA_OK; status++)
        CHECK(strcmp(fa_status_message(status), fa_status_message(1)) != 0);
    frames_recycle(arena);
    limits_refuse(arena);
    the_system_refuses();
    misuse_is_an_error(arena);
    threads_share(arena);
    CHECK(stats_of(arena).in_use_bytes == 0);
    memory_outlives(arena);
    printf("frame-arena %s\n", fa_version());
    return 0;
}
