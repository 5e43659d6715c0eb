/* A decode of a file by FFmpeg, for the Rust code that measures it. */
#include "get_buffer.h"
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
#include <libavutil/pixdesc.h>

struct decode {
    AVFormatContext *file;
    AVCodecContext *decoder;
    AVPacket *packet;
    AVFrame *frame;
};

void decode_close(struct decode *decode) {
    if (!decode)
        return;
    av_frame_free(&decode->frame);
    av_packet_free(&decode->packet);
    avcodec_free_context(&decode->decoder);
    avformat_close_input(&decode->file);
    av_free(decode);
}

/* The native decoder, but for AV1, which FFmpeg decodes through libraries: that of libaom. */
static const AVCodec *codec_of(enum AVCodecID id) {
    if (id == AV_CODEC_ID_AV1)
        return avcodec_find_decoder_by_name("libaom-av1");
    return avcodec_find_decoder(id);
}

static int open_file(struct decode *decode, const char *name, int threads, struct fa_hook *hook) {
    const AVCodec *codec;
    int error = avformat_open_input(&decode->file, name, NULL, NULL);
    if (error < 0)
        return error;
    if (!decode->file->nb_streams)
        return AVERROR_INVALIDDATA;
    codec = codec_of(decode->file->streams[0]->codecpar->codec_id);
    decode->packet = av_packet_alloc();
    decode->frame = av_frame_alloc();
    decode->decoder = codec ? avcodec_alloc_context3(codec) : NULL;
    if (!decode->packet || !decode->frame || !decode->decoder)
        return codec ? AVERROR(ENOMEM) : AVERROR_DECODER_NOT_FOUND;
    error = avcodec_parameters_to_context(decode->decoder, decode->file->streams[0]->codecpar);
    if (error < 0)
        return error;
    decode->decoder->thread_count = threads;
    decode->decoder->err_recognition = AV_EF_EXPLODE;
    if (hook)
        use_hook(decode->decoder, hook);
    return avcodec_open2(decode->decoder, codec, NULL);
}

/* Opens a file, with FFmpeg's own memory if the hook is null. Returns null for an error. */
struct decode *decode_open(const char *name, int threads, struct fa_hook *hook, int *error) {
    struct decode *decode = av_mallocz(sizeof(*decode));
    av_log_set_level(AV_LOG_QUIET);
    *error = decode ? open_file(decode, name, threads, hook) : AVERROR(ENOMEM);
    if (*error < 0) {
        decode_close(decode);
        return NULL;
    }
    return decode;
}

/* Goes on with the next file, of the same codec, in the same decoder. Returns 0 or an error. */
int decode_reopen(struct decode *decode, const char *name) {
    avformat_close_input(&decode->file);
    avcodec_flush_buffers(decode->decoder);
    return avformat_open_input(&decode->file, name, NULL, NULL);
}

/* Decodes the next picture. Returns 1, 0 at the end, or FFmpeg's error. */
int decode_next(struct decode *decode) {
    int error;
    while ((error = avcodec_receive_frame(decode->decoder, decode->frame)) == AVERROR(EAGAIN)) {
        error = av_read_frame(decode->file, decode->packet);
        if (error < 0 && error != AVERROR_EOF)
            return error;
        error = avcodec_send_packet(decode->decoder, error < 0 ? NULL : decode->packet);
        av_packet_unref(decode->packet);
        if (error < 0)
            return error;
    }
    return error == AVERROR_EOF ? 0 : error < 0 ? error : 1;
}

/* Passes each row of each plane of the picture to a function. */
void decode_rows(struct decode *decode, void (*row)(void *, const uint8_t *, size_t), void *user) {
    const AVFrame *frame = decode->frame;
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get(frame->format);
    int plane, y;
    for (plane = 0; plane < av_pix_fmt_count_planes(frame->format); plane++) {
        int rows = plane == 1 || plane == 2 ? AV_CEIL_RSHIFT(frame->height, format->log2_chroma_h)
                                            : frame->height;
        int bytes = av_image_get_linesize(frame->format, frame->width, plane);
        for (y = 0; y < rows; y++)
            row(user, frame->data[plane] + (ptrdiff_t)y * frame->linesize[plane], bytes);
    }
}
