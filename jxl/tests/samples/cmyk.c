/* Makes cmyk.icc, cmyk.jxl and cmyk.ref.ppm in the current folder:
 *   cc cmyk.c -o cmyk -ljxl -llcms2 -lm && ./cmyk && pnmtopng cmyk.ref.ppm > cmyk.ref.png
 * The picture is drawn by arithmetic. Its colors are CMYK and alpha of 8 bits, 0 is full ink. The
 * reference has 16 bits: sRGB by lcms2, relative colorimetric with black point compensation. */
#include <jxl/encode.h>
#include <lcms2.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 61, HEIGHT = 43, PIXELS = WIDTH * HEIGHT, POINTS = 5 };

#define CHECK(x) do { if (!(x)) { fprintf(stderr, "failed: %s\n", #x); exit(1); } } while (0)

/* Each ink takes some of the light of each primary. */
static void light_of_ink(const double ink[4], double rgb[3]) {
    static const double taken[4][3] = {
        {0.93, 0.35, 0.12}, {0.18, 0.94, 0.45}, {0.03, 0.08, 0.96}, {0.97, 0.97, 0.965}};
    for (int p = 0; p < 3; p++) {
        rgb[p] = 0.98;
        for (int i = 0; i < 4; i++) rgb[p] *= 1.0 - taken[i][p] * pow(ink[i], 1.3);
    }
}

static cmsHTRANSFORM linear_to_lab, lab_to_linear;

static cmsInt32Number to_lab(const cmsUInt16Number in[], cmsUInt16Number out[], void* unused) {
    double ink[4], rgb[3];
    for (int i = 0; i < 4; i++) ink[i] = in[i] / 65535.0;
    light_of_ink(ink, rgb);
    cmsCIELab lab;
    cmsDoTransform(linear_to_lab, rgb, &lab, 1);
    cmsFloat2LabEncoded(out, &lab);
    return 1;
}

/* Roughly the way back: no more than 70 % of each color ink under black. */
static cmsInt32Number from_lab(const cmsUInt16Number in[], cmsUInt16Number out[], void* unused) {
    cmsCIELab lab;
    double rgb[3];
    cmsLabEncoded2Float(&lab, in);
    cmsDoTransform(lab_to_linear, &lab, rgb, 1);
    double most = 0;
    for (int p = 0; p < 3; p++) {
        rgb[p] = sqrt(fmin(fmax(rgb[p], 0), 1));
        most = fmax(most, rgb[p]);
    }
    for (int p = 0; p < 3; p++) out[p] = 65535 * fmin(1 - rgb[p], 0.7 + 0.3 * most);
    out[3] = 65535 * (1 - most) * (1 - most);
    return 1;
}

static void set_table(cmsHPROFILE profile, cmsTagSignature tag, int in, int out, cmsSAMPLER16 f) {
    cmsPipeline* table = cmsPipelineAlloc(0, in, out);
    cmsStage* clut = cmsStageAllocCLut16bit(0, POINTS, in, out, 0);
    CHECK(cmsStageSampleCLut16bit(clut, f, 0, 0));
    CHECK(cmsPipelineInsertStage(table, cmsAT_END, clut));
    CHECK(cmsWriteTag(profile, tag, table));
    cmsPipelineFree(table);
}

static cmsHPROFILE make_profile(void) {
    cmsCIExyY d65 = {0.3127, 0.3290, 1};
    cmsCIExyYTRIPLE primaries = {{0.64, 0.33, 1}, {0.30, 0.60, 1}, {0.15, 0.06, 1}};
    cmsToneCurve* line = cmsBuildGamma(0, 1.0);
    cmsToneCurve* lines[3] = {line, line, line};
    cmsHPROFILE linear = cmsCreateRGBProfile(&d65, &primaries, lines);
    cmsHPROFILE lab = cmsCreateLab2Profile(0);
    int flags = cmsFLAGS_NOOPTIMIZE | cmsFLAGS_NOCACHE;
    linear_to_lab = cmsCreateTransform(linear, TYPE_RGB_DBL, lab, TYPE_Lab_DBL, 1, flags);
    lab_to_linear = cmsCreateTransform(lab, TYPE_Lab_DBL, linear, TYPE_RGB_DBL, 1, flags);
    cmsHPROFILE profile = cmsCreateProfilePlaceholder(0);
    cmsSetProfileVersion(profile, 2.2);
    cmsSetDeviceClass(profile, cmsSigOutputClass);
    cmsSetColorSpace(profile, cmsSigCmykData);
    cmsSetPCS(profile, cmsSigLabData);
    cmsSetHeaderRenderingIntent(profile, INTENT_RELATIVE_COLORIMETRIC);
    cmsWriteTag(profile, cmsSigMediaWhitePointTag, cmsD50_XYZ());
    set_table(profile, cmsSigAToB0Tag, 4, 3, to_lab);
    set_table(profile, cmsSigBToA0Tag, 3, 4, from_lab);
    CHECK(cmsLinkTag(profile, cmsSigAToB1Tag, cmsSigAToB0Tag));
    CHECK(cmsLinkTag(profile, cmsSigBToA1Tag, cmsSigBToA0Tag));
    return profile;
}

static void draw(unsigned char pixels[PIXELS][5]) {
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            unsigned char* pixel = pixels[y * WIDTH + x];
            pixel[0] = 255 * x / (WIDTH - 1);
            pixel[1] = 255 * y / (HEIGHT - 1);
            pixel[2] = 255 - 255 * (x + y) / (WIDTH + HEIGHT - 2);
            pixel[3] = x / 8 % 2 ? 255 - 5 * y : 255 - 3 * (x / 4 + y / 3);
            pixel[4] = 255 - 4 * ((x + y) % 32);
        }
}

static void write_reference(cmsHPROFILE profile, unsigned char pixels[PIXELS][5]) {
    static float ink[PIXELS][4], rgb[PIXELS][3];
    for (int i = 0; i < PIXELS; i++)
        for (int k = 0; k < 4; k++) ink[i][k] = 100 - pixels[i][k] / 2.55f;
    int flags = cmsFLAGS_NOOPTIMIZE | cmsFLAGS_NOCACHE | cmsFLAGS_BLACKPOINTCOMPENSATION;
    cmsHTRANSFORM transform = cmsCreateTransform(
        profile, TYPE_CMYK_FLT, cmsCreate_sRGBProfile(), TYPE_RGB_FLT, 1, flags);
    CHECK(transform);
    cmsDoTransform(transform, ink, rgb, PIXELS);
    FILE* file = fopen("cmyk.ref.ppm", "wb");
    fprintf(file, "P6\n%d %d\n65535\n", WIDTH, HEIGHT);
    for (int i = 0; i < PIXELS; i++)
        for (int k = 0; k < 3; k++) {
            unsigned value = 65535 * fminf(fmaxf(rgb[i][k], 0), 1) + 0.5f;
            fputc(value >> 8, file);
            fputc(value & 255, file);
        }
    fclose(file);
}

static void encode(const void* icc, size_t icc_bytes, unsigned char pixels[PIXELS][5]) {
    static unsigned char color[PIXELS][4], black[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
        for (int k = 0; k < 3; k++) color[i][k] = pixels[i][k];
        color[i][3] = pixels[i][4];
        black[i] = pixels[i][3];
    }
    JxlEncoder* encoder = JxlEncoderCreate(0);
    JxlBasicInfo info;
    JxlEncoderInitBasicInfo(&info);
    info.xsize = WIDTH;
    info.ysize = HEIGHT;
    info.bits_per_sample = info.alpha_bits = 8;
    info.num_color_channels = 3;
    info.num_extra_channels = 2;
    info.uses_original_profile = JXL_TRUE;
    CHECK(JxlEncoderSetCodestreamLevel(encoder, 10) == JXL_ENC_SUCCESS);
    CHECK(JxlEncoderSetBasicInfo(encoder, &info) == JXL_ENC_SUCCESS);
    JxlExtraChannelType types[2] = {JXL_CHANNEL_ALPHA, JXL_CHANNEL_BLACK};
    for (int i = 0; i < 2; i++) {
        JxlExtraChannelInfo extra;
        JxlEncoderInitExtraChannelInfo(types[i], &extra);
        extra.bits_per_sample = 8;
        CHECK(JxlEncoderSetExtraChannelInfo(encoder, i, &extra) == JXL_ENC_SUCCESS);
    }
    CHECK(JxlEncoderSetICCProfile(encoder, icc, icc_bytes) == JXL_ENC_SUCCESS);
    JxlEncoderFrameSettings* settings = JxlEncoderFrameSettingsCreate(encoder, 0);
    CHECK(JxlEncoderSetFrameLossless(settings, JXL_TRUE) == JXL_ENC_SUCCESS);
    JxlPixelFormat four = {4, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
    JxlPixelFormat one = {1, JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
    CHECK(JxlEncoderAddImageFrame(settings, &four, color, sizeof color) == JXL_ENC_SUCCESS);
    CHECK(JxlEncoderSetExtraChannelBuffer(settings, &one, black, sizeof black, 1) == JXL_ENC_SUCCESS);
    JxlEncoderCloseInput(encoder);
    static unsigned char bytes[1 << 20];
    unsigned char* end = bytes;
    size_t room = sizeof bytes;
    CHECK(JxlEncoderProcessOutput(encoder, &end, &room) == JXL_ENC_SUCCESS);
    FILE* file = fopen("cmyk.jxl", "wb");
    fwrite(bytes, 1, end - bytes, file);
    fclose(file);
}

int main(void) {
    static unsigned char pixels[PIXELS][5], icc[1 << 16];
    cmsUInt32Number icc_bytes = 0;
    cmsHPROFILE profile = make_profile();
    CHECK(cmsSaveProfileToFile(profile, "cmyk.icc"));
    CHECK(cmsSaveProfileToMem(profile, 0, &icc_bytes) && icc_bytes <= sizeof icc);
    CHECK(cmsSaveProfileToMem(profile, icc, &icc_bytes));
    draw(pixels);
    write_reference(cmsOpenProfileFromMem(icc, icc_bytes), pixels);
    encode(icc, icc_bytes, pixels);
    return 0;
}
