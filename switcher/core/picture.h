/* SPDX-License-Identifier: MIT
 * Pure: puts pictures into a smaller one. Pixels are premultiplied ARGB, 0xAARRGGBB, as PIXMAN_a8r8g8b8. */
#ifndef SWITCHER_CORE_PICTURE_H
#define SWITCHER_CORE_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pixels {
    uint32_t *at;
    int32_t width, height;
    size_t stride; /* in pixels */
};

/* Lays from over the rectangle of to, in its size; what lies outside of to is left out. Each new pixel is the
 * mean of at most 16 old ones, spread evenly. opaque: the alpha of from means nothing. */
void picture_lay(const struct pixels *to, int32_t x, int32_t y, int32_t width, int32_t height,
                 const struct pixels *from, bool opaque);
void picture_fill(const struct pixels *to, int32_t x, int32_t y, int32_t width, int32_t height,
                  uint32_t colour);

#endif
