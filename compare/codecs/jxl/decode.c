/* A decode of a still picture by libjxl, for the Rust code that measures it. */
#include <jxl/decode.h>
#include <jxl/thread_parallel_runner.h>
#include <stdlib.h>

struct decode {
    JxlDecoder *decoder;
    void *runner;
    /* Bytes of the file that the decoder is done with. */
    size_t done;
};

void decode_close(struct decode *decode) {
    JxlDecoderDestroy(decode->decoder);
    JxlThreadParallelRunnerDestroy(decode->runner);
    free(decode);
}

static JxlDecoderStatus start(struct decode *decode) {
    const int events = JXL_DEC_BASIC_INFO | JXL_DEC_FULL_IMAGE;
    JxlDecoderStatus status = JxlDecoderSubscribeEvents(decode->decoder, events);
    if (status == JXL_DEC_SUCCESS && decode->runner)
        status = JxlDecoderSetParallelRunner(decode->decoder, JxlThreadParallelRunner, decode->runner);
    decode->done = 0;
    return status;
}

/* Opens a decoder, with libjxl's own memory if the manager is null. Returns null if there is no
   memory. */
struct decode *decode_open(const JxlMemoryManager *memory, size_t threads) {
    struct decode *decode = calloc(1, sizeof(*decode));
    if (!decode)
        return NULL;
    decode->decoder = JxlDecoderCreate(memory);
    if (decode->decoder && threads > 1)
        decode->runner = JxlThreadParallelRunnerCreate(memory, threads);
    if (!decode->decoder || (threads > 1 && !decode->runner) || start(decode) != JXL_DEC_SUCCESS) {
        decode_close(decode);
        return NULL;
    }
    return decode;
}

/* Decodes the next file with the same decoder. */
int decode_restart(struct decode *decode) {
    JxlDecoderReset(decode->decoder);
    return start(decode);
}

/* Decodes what there is of a file, `available` of its `bytes` bytes, and passes 8-bit RGB pixels to
   `each`, in any order and on any thread. Returns 0 at the end of the picture, else the decoder's
   status: JXL_DEC_NEED_MORE_INPUT, or JXL_DEC_ERROR. */
int decode_step(struct decode *decode, const uint8_t *file, size_t available, size_t bytes,
                JxlImageOutCallback each, void *user) {
    const JxlPixelFormat format = {3, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
    JxlDecoder *decoder = decode->decoder;
    JxlDecoderStatus status =
        JxlDecoderSetInput(decoder, file + decode->done, available - decode->done);
    if (status == JXL_DEC_SUCCESS && available == bytes)
        JxlDecoderCloseInput(decoder);
    while (status != JXL_DEC_ERROR) {
        status = JxlDecoderProcessInput(decoder);
        if (status == JXL_DEC_NEED_IMAGE_OUT_BUFFER)
            status = JxlDecoderSetImageOutCallback(decoder, &format, each, user);
        else if (status == JXL_DEC_SUCCESS || status == JXL_DEC_NEED_MORE_INPUT)
            break;
    }
    decode->done = available - JxlDecoderReleaseInput(decoder);
    return status;
}
