/* SPDX-License-Identifier: MIT
 * Signs and icons as outlines, and text as code points. Pure. */
#ifndef SWITCHER_CORE_SHAPE_H
#define SWITCHER_CORE_SHAPE_H

#include <stddef.h>
#include <stdint.h>

enum { SHAPE_POINTS = 32, SHAPE_UNIT = 1000, ICON_UNIT = 24 };

struct shape_point {
    int x, y; /* 0 to SHAPE_UNIT */
};

/* The outline of a sign: every point of it can be seen from the middle. Returns how many points. */
unsigned shape_sign(unsigned sign, struct shape_point out[SHAPE_POINTS]);

enum icon_part_kind {
    ICON_END,
    ICON_BOX,  /* a, b: corner; c, d: width and height; t: radius */
    ICON_LINE, /* a, b to c, d; t: thickness */
    ICON_DISC, /* a, b: middle; c: radius */
    ICON_RING, /* a, b: middle; c: radius of the middle line; t: thickness */
};

struct icon_part {
    uint8_t kind, a, b, c, d, t; /* in a square of ICON_UNIT */
};

/* The parts of an icon of enum layout_icon, up to ICON_END. */
const struct icon_part *shape_icon(unsigned icon);

/* The next code point of s, which moves on; U+FFFD for what is no UTF-8; 0 at the end, where s stays. */
uint32_t shape_utf8(const char **s);

/* How many of n advances fit in width, when an ellipsis of that width must follow if not all do. */
size_t shape_fit(const int *advances, size_t n, int width, int ellipsis);

#endif
