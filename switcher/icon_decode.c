/* SPDX-License-Identifier: MIT
 * Decodes a PNG with libpng's simple interface and brings it to size. */
#include "switcher/icon_decode.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

struct source {
    const unsigned char *bgra;
    unsigned width, height;
};

/* The mean of the source's pixels in [x0, x1) x [y0, y1), each weighed by its opacity. */
static uint32_t mean(const struct source *s, unsigned x0, unsigned y0, unsigned x1, unsigned y1)
{
    uint64_t sum[3] = {0, 0, 0}, alpha = 0, n = (uint64_t)(x1 - x0) * (y1 - y0);
    uint32_t pixel;

    for (unsigned y = y0; y < y1; y++)
        for (unsigned x = x0; x < x1; x++) {
            const unsigned char *p = s->bgra + ((size_t)y * s->width + x) * 4;

            alpha += p[3];
            for (int c = 0; c < 3; c++)
                sum[c] += (uint64_t)p[c] * p[3];
        }
    pixel = (uint32_t)((alpha + n / 2) / n) << 24;
    for (int c = 0; c < 3; c++)
        pixel |= (uint32_t)((sum[c] + n * 127) / (n * 255)) << (8 * c);
    return pixel;
}

static void shrink(const struct source *s, unsigned side, uint32_t *out)
{
    unsigned longer = s->width > s->height ? s->width : s->height;
    unsigned w = s->width * side / longer, h = s->height * side / longer;
    unsigned left, top;

    w = w ? w : 1;
    h = h ? h : 1;
    left = (side - w) / 2;
    top = (side - h) / 2;
    memset(out, 0, sizeof *out * side * side);
    for (unsigned y = 0; y < h; y++)
        for (unsigned x = 0; x < w; x++) {
            unsigned x0 = x * s->width / w, x1 = (x + 1) * s->width / w;
            unsigned y0 = y * s->height / h, y1 = (y + 1) * s->height / h;

            out[(top + y) * side + left + x] = mean(s, x0, y0, x1 > x0 ? x1 : x0 + 1, y1 > y0 ? y1 : y0 + 1);
        }
}

int icon_decode(const unsigned char *png, size_t len, unsigned side, uint32_t *out)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    struct source s;
    unsigned char *pixels = NULL;
    int rc = -1;

    if (side < ICON_SIDE_MIN || side > ICON_SIDE_MAX || len == 0 || len > ICON_FILE_MAX)
        return -1;
    if (png_image_begin_read_from_memory(&image, png, len) && image.width > 0 && image.height > 0 &&
        image.width <= ICON_SOURCE_MAX && image.height <= ICON_SOURCE_MAX) {
        image.format = PNG_FORMAT_BGRA;
        pixels = malloc(PNG_IMAGE_SIZE(image));
    }
    if (pixels && png_image_finish_read(&image, NULL, pixels, 0, NULL)) {
        s = (struct source){.bgra = pixels, .width = image.width, .height = image.height};
        shrink(&s, side, out);
        rc = 0;
    }
    png_image_free(&image);
    free(pixels);
    return rc;
}
