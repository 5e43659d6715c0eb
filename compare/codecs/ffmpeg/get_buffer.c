/* The half of the hook for FFmpeg that depends on the layout of its structs, so that it is compiled
 * with the headers of the FFmpeg that it runs with. */
#include "get_buffer.h"
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>

static int get_buffer(AVCodecContext *decoder, AVFrame *frame, int flags) {
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
    int width = frame->width, height = frame->height, aligns[AV_NUM_DATA_POINTERS];
    int error, i, unaligned;
    ptrdiff_t strides[4];
    size_t bytes[4];
    struct fa_ffmpeg_picture picture;

    if (decoder->codec_type != AVMEDIA_TYPE_VIDEO || !format ||
        format->flags & AV_PIX_FMT_FLAG_HWACCEL ||
        !(decoder->codec->capabilities & AV_CODEC_CAP_DR1))
        return avcodec_default_get_buffer2(decoder, frame, flags);
    avcodec_align_dimensions2(decoder, &width, &height, aligns);
    do { /* Widens the rows until the stride of each plane is aligned. */
        if ((error = av_image_fill_linesizes(frame->linesize, frame->format, width)) < 0)
            return error;
        for (i = unaligned = 0; i < 4; i++)
            unaligned |= frame->linesize[i] % aligns[i];
        width += width & -width;
    } while (unaligned);
    for (i = 0; i < 4; i++)
        strides[i] = frame->linesize[i];
    if ((error = av_image_fill_plane_sizes(bytes, frame->format, height, strides)) < 0)
        return error;
    if (fa_ffmpeg_alloc(decoder->opaque, bytes, &picture) != FA_OK)
        return AVERROR(ENOMEM);
    frame->buf[0] = av_buffer_create(picture.buffer, picture.bytes, fa_ffmpeg_free, NULL, 0);
    if (!frame->buf[0]) {
        fa_ffmpeg_free(NULL, picture.buffer);
        return AVERROR(ENOMEM);
    }
    for (i = 0; i < 4; i++)
        frame->data[i] = picture.planes[i];
    frame->extended_data = frame->data;
    return 0;
}

void use_hook(AVCodecContext *decoder, struct fa_hook *hook) {
    decoder->opaque = hook;
    decoder->get_buffer2 = get_buffer;
#if LIBAVCODEC_VERSION_MAJOR < 60
    decoder->thread_safe_callbacks = 1;
#endif
}
