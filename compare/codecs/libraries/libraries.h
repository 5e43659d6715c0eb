#ifndef LIBRARIES_H
#define LIBRARIES_H

#include <frame_arena.h>

/* Results of a decode, besides the number of bytes. */
enum { NO_MEMORY = -1, OTHER_ERROR = -2 };

/* Decode `bytes` bytes at `in` into the `room` bytes at `out`, with the memory of a heap, or with
 * the library's own if that is null. Return the number of decoded bytes, or an error. */
typedef long decode(struct fa_hook *heap, const void *in, size_t bytes, void *out, size_t room);

decode decode_zstd, decode_brotli, decode_png, decode_exr;

/* Compress as decode_* decompress. */
decode encode_zstd, encode_brotli;

#endif
