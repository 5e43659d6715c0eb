#ifndef GET_BUFFER_H
#define GET_BUFFER_H

#include <frame_arena.h>
#include <libavcodec/avcodec.h>

/* Makes a decoder take its pictures from a hook of fa_ffmpeg_hook. Called before avcodec_open2. The
 * hook lives until the decoder is freed. */
void use_hook(AVCodecContext *decoder, struct fa_hook *hook);

#endif
