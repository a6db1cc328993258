/* SPDX-License-Identifier: MIT
 * A PNG file in memory becomes a small square picture. Only for the helper spine-icon: libpng reads
 * what a persona wrote, and must not do so in a process that holds anything of value. */
#ifndef SWITCHER_ICON_DECODE_H
#define SWITCHER_ICON_DECODE_H

#include "switcher/core/applist.h" /* ICON_FILE_MAX */

#include <stddef.h>
#include <stdint.h>

enum { ICON_SIDE_MIN = 16, ICON_SIDE_MAX = 128, ICON_SOURCE_MAX = 1024 /* pixels */ };

/* Fills out[side * side] with premultiplied ARGB (0xAARRGGBB, as PIXMAN_a8r8g8b8), the picture in the middle
 * with its shape kept, nothing around it. 0, or -1 for what is no PNG, is broken, or larger than
 * ICON_SOURCE_MAX. */
int icon_decode(const unsigned char *png, size_t len, unsigned side, uint32_t *out);

#endif
