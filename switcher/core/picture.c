/* SPDX-License-Identifier: MIT
 * Scales and composes pictures. */
#include "switcher/core/picture.h"

enum { TAPS = 4 };

/* The k-th of n evenly spread places in the i-th of `parts` parts of a row of size pixels. */
static int32_t tap(int32_t i, int32_t parts, int32_t k, int32_t size)
{
    int64_t at = ((int64_t)(2 * k + 1) + (int64_t)2 * TAPS * i) * size / ((int64_t)2 * TAPS * parts);

    return at < size ? (int32_t)at : size - 1;
}

static uint32_t mean(const struct pixels *from, const int32_t *xs, const int32_t *ys)
{
    uint32_t sum[4] = {0, 0, 0, 0};

    for (int k = 0; k < TAPS; k++)
        for (int i = 0; i < TAPS; i++) {
            uint32_t p = from->at[(size_t)ys[k] * from->stride + (size_t)xs[i]];

            for (int c = 0; c < 4; c++)
                sum[c] += p >> (8 * c) & 0xff;
        }
    for (int c = 0; c < 4; c++)
        sum[c] = (sum[c] + TAPS * TAPS / 2) / (TAPS * TAPS);
    return sum[3] << 24 | sum[2] << 16 | sum[1] << 8 | sum[0];
}

static uint32_t over(uint32_t front, uint32_t back)
{
    uint32_t rest = 255 - (front >> 24), all = 0;

    for (int c = 0; c < 4; c++) {
        uint32_t sum = (front >> (8 * c) & 0xff) + ((back >> (8 * c) & 0xff) * rest + 127) / 255;

        all |= (sum < 255 ? sum : 255) << (8 * c); /* a wrong client may have colour without opacity */
    }
    return all;
}

void picture_lay(const struct pixels *to, int32_t x, int32_t y, int32_t width, int32_t height,
                 const struct pixels *from, bool opaque)
{
    int32_t left = x < 0 ? -x : 0, top = y < 0 ? -y : 0;
    int32_t right = width < to->width - x ? width : to->width - x;
    int32_t bottom = height < to->height - y ? height : to->height - y;
    int32_t xs[TAPS], ys[TAPS];

    for (int32_t row = top; row < bottom; row++) {
        for (int k = 0; k < TAPS; k++)
            ys[k] = tap(row, height, k, from->height);
        for (int32_t column = left; column < right; column++) {
            uint32_t *p = &to->at[(size_t)(y + row) * to->stride + (size_t)(x + column)], new;

            for (int k = 0; k < TAPS; k++)
                xs[k] = tap(column, width, k, from->width);
            new = mean(from, xs, ys);
            *p = opaque ? new | 0xff000000u : over(new, *p);
        }
    }
}

void picture_fill(const struct pixels *to, int32_t x, int32_t y, int32_t width, int32_t height,
                  uint32_t colour)
{
    for (int32_t row = y < 0 ? 0 : y; row < y + height && row < to->height; row++)
        for (int32_t column = x < 0 ? 0 : x; column < x + width && column < to->width; column++)
            to->at[(size_t)row * to->stride + (size_t)column] = colour;
}
