/* Faults that C cannot check, by number. In a library that is built with AddressSanitizer and
 * `--cfg frame_arena_asan`, each of them is reported. */
#include <frame_arena.h>
#include <stdlib.h>
#include <string.h>

int main(int count, char **arguments) {
    int fault = count > 1 ? atoi(arguments[1]) : 0;
    struct fa_arena *arena;
    struct fa_scope *frame;
    struct fa_plane plane;
    void *memory;
    if (fa_arena_new(NULL, &arena) != FA_OK || fa_frame_open(arena, &frame) != FA_OK)
        return 1;
    if (fa_scope_plane(frame, 640, 360, 1, 0, &plane) != FA_OK)
        return 1;
    switch (fault) {
    case 0: /* A plane after its frame. */
        fa_scope_close(&frame);
        memset(plane.data, 1, 10);
        break;
    case 1: /* Beyond the end. */
        fa_scope_alloc(frame, 100, 0, &memory);
        memset(memory, 1, 129);
        break;
    case 2: /* A buffer after it was freed. */
        fa_buffer_alloc(arena, 10000, 0, 0, 0, &memory);
        fa_buffer_free(memory);
        memset(memory, 1, 10);
        break;
    case 3: /* A buffer freed twice. */
        fa_buffer_alloc(arena, 10000, 0, 0, 0, &memory);
        fa_buffer_free(memory);
        fa_buffer_free(memory);
        break;
    }
    return 0;
}
