/* Decodes an AV1 stream (IVF) by dav1d, whose pictures are in an arena, and prints their number and
 * a hash of their samples:  decode_av1 FILE [LIMIT_MIB | own]   ("own": dav1d's own memory)
 *     cc decode_av1.c $(pkg-config --cflags --libs frame-arena dav1d) */
#include <dav1d/dav1d.h>
#include <errno.h>
#include <frame_arena.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned long long hash = 0xcbf29ce484222325;
static int pictures;

static void add(const Dav1dPicture *picture) {
    for (int plane = 0; plane < (picture->p.layout ? 3 : 1); plane++) {
        const int x = plane && picture->p.layout != DAV1D_PIXEL_LAYOUT_I444;
        const int y = plane && picture->p.layout == DAV1D_PIXEL_LAYOUT_I420;
        const int bytes = ((picture->p.w + x) >> x) * (picture->p.bpc > 8 ? 2 : 1);
        for (int row = 0; row < (picture->p.h + y) >> y; row++) {
            const unsigned char *at = picture->data[plane];
            at += row * picture->stride[plane > 0];
            for (int i = 0; i < bytes; i++) /* FNV-1a */
                hash = (hash ^ at[i]) * 0x100000001b3;
        }
    }
    pictures++;
}

/* Takes all pictures that are ready. Returns 0, or dav1d's error. */
static int take(Dav1dContext *decoder) {
    Dav1dPicture picture = {0};
    int error;
    while (!(error = dav1d_get_picture(decoder, &picture))) {
        add(&picture);
        dav1d_picture_unref(&picture);
    }
    return error == DAV1D_ERR(EAGAIN) ? 0 : error;
}

static int decode(FILE *file, Dav1dContext *decoder) {
    unsigned char header[32];
    int error = fread(header, 32, 1, file) == 1 ? 0 : DAV1D_ERR(EINVAL);
    while (!error && fread(header, 12, 1, file) == 1) {
        const size_t bytes = header[0] | header[1] << 8 | header[2] << 16 | (size_t)header[3] << 24;
        Dav1dData data = {0};
        unsigned char *packet = dav1d_data_create(&data, bytes);
        if (!packet || fread(packet, bytes, 1, file) != 1)
            error = DAV1D_ERR(packet ? EINVAL : ENOMEM);
        while (!error && data.sz > 0) {
            error = dav1d_send_data(decoder, &data);
            if (!error || error == DAV1D_ERR(EAGAIN))
                error = take(decoder);
        }
        dav1d_data_unref(&data);
    }
    return error ? error : take(decoder);
}

int main(int count, char **arguments) {
    FILE *file = count > 1 ? fopen(arguments[1], "rb") : NULL;
    const int is_own = count > 2 && !strcmp(arguments[2], "own");
    struct fa_arena_options options;
    struct fa_arena *arena;
    struct fa_hook *hook;
    struct fa_refusal refusal;
    Dav1dSettings settings;
    Dav1dContext *decoder;

    fa_arena_options_init(&options);
    options.limit_bytes = (size_t)(count > 2 && !is_own ? atoi(arguments[2]) : 64) << 20;
    options.retention_value = 128; /* A stream needs its most pictures once per group of them. */
    if (!file || fa_arena_new(&options, &arena) || fa_dav1d_hook(arena, &hook))
        return fprintf(stderr, "decode_av1 FILE [LIMIT_MIB | own]\n"), 2;
    dav1d_default_settings(&settings);
    if (!is_own) {
        settings.allocator.cookie = hook;
        settings.allocator.alloc_picture_callback = fa_dav1d_alloc;
        settings.allocator.release_picture_callback = fa_dav1d_release;
    }
    if (dav1d_open(&decoder, &settings))
        return fprintf(stderr, "dav1d_open failed\n"), 1;
    const int error = decode(file, decoder);
    dav1d_close(&decoder);
    fa_hook_take_refusal(hook, &refusal);
    fa_hook_destroy(&hook);
    fa_arena_destroy(&arena);
    fclose(file);
    if (error)
        return fprintf(stderr, "dav1d: %d; arena: %s\n", error, fa_status_message(refusal.status)), 1;
    printf("%d pictures %016llx\n", pictures, hash);
    return 0;
}
