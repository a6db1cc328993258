/* SPDX-License-Identifier: MIT
 * The outlines of signs and icons. */
#include "switcher/core/shape.h"

#include <string.h>

#include "switcher/core/layout.h"

struct outline {
    unsigned n;
    struct shape_point p[SHAPE_POINTS];
};

/* Told apart by their outline alone, also when small: round, four corners, three, ... */
static const struct outline signs[MODEL_SIGNS] = {
    /* circle */
    {24, {{1000, 500}, {983, 629}, {933, 750}, {854, 854}, {750, 933}, {629, 983}, {500, 1000}, {371, 983},
          {250, 933},  {146, 854}, {67, 750},  {17, 629},  {0, 500},   {17, 371},  {67, 250},   {146, 146},
          {250, 67},   {371, 17},  {500, 0},   {629, 17},  {750, 67},  {854, 146}, {933, 250},  {983, 371}}},
    /* square */
    {4, {{60, 60}, {940, 60}, {940, 940}, {60, 940}}},
    /* triangle */
    {3, {{500, 20}, {1000, 940}, {0, 940}}},
    /* diamond */
    {4, {{500, 0}, {1000, 500}, {500, 1000}, {0, 500}}},
    /* star */
    {10,
     {{500, 0},
      {633, 370},
      {1000, 382},
      {714, 612},
      {809, 970},
      {500, 765},
      {191, 970},
      {286, 612},
      {0, 382},
      {367, 370}}},
    /* cross */
    {12,
     {{330, 0},
      {670, 0},
      {670, 330},
      {1000, 330},
      {1000, 670},
      {670, 670},
      {670, 1000},
      {330, 1000},
      {330, 670},
      {0, 670},
      {0, 330},
      {330, 330}}},
    /* hexagon, lying */
    {6, {{250, 70}, {750, 70}, {1000, 500}, {750, 930}, {250, 930}, {0, 500}}},
    /* arrow to the right */
    {7, {{0, 300}, {450, 300}, {450, 20}, {1000, 500}, {450, 980}, {450, 700}, {0, 700}}},
};

unsigned shape_sign(unsigned sign, struct shape_point out[SHAPE_POINTS])
{
    const struct outline *o = &signs[sign % MODEL_SIGNS];

    memcpy(out, o->p, o->n * sizeof(out[0]));
    return o->n;
}

#define BOX(x, y, w, h, r)                                                                                   \
    {                                                                                                        \
        ICON_BOX, x, y, w, h, r                                                                              \
    }
#define LINE(x1, y1, x2, y2, t)                                                                              \
    {                                                                                                        \
        ICON_LINE, x1, y1, x2, y2, t                                                                         \
    }
#define DISC(x, y, r)                                                                                        \
    {                                                                                                        \
        ICON_DISC, x, y, r, 0, 0                                                                             \
    }
#define RING(x, y, r, t)                                                                                     \
    {                                                                                                        \
        ICON_RING, x, y, r, 0, t                                                                             \
    }
#define END                                                                                                  \
    {                                                                                                        \
        ICON_END, 0, 0, 0, 0, 0                                                                              \
    }

static const struct icon_part icons[ICON_COUNT][10] = {
    [ICON_DESKTOP] = {BOX(4, 5, 16, 2, 1), BOX(4, 14, 16, 2, 1), BOX(4, 5, 2, 11, 1), BOX(18, 5, 2, 11, 1),
                      BOX(11, 16, 2, 4, 0), BOX(7, 19, 10, 2, 1), END},
    [ICON_SEALED] = {BOX(5, 11, 14, 10, 2), LINE(8, 12, 8, 8, 2), LINE(8, 8, 10, 5, 2), LINE(10, 5, 14, 5, 2),
                     LINE(14, 5, 16, 8, 2), LINE(16, 8, 16, 12, 2), END},
    [ICON_AGENT] = {BOX(4, 8, 16, 2, 1), BOX(4, 18, 16, 2, 1), BOX(4, 8, 2, 12, 1), BOX(18, 8, 2, 12, 1),
                    DISC(9, 14, 2), DISC(15, 14, 2), BOX(11, 4, 2, 5, 1), DISC(12, 4, 2), END},
    [ICON_DEV] = {LINE(4, 6, 10, 12, 2), LINE(10, 12, 4, 18, 2), BOX(12, 17, 9, 2, 1), END},
    [ICON_MICROPHONE] = {BOX(9, 2, 6, 12, 3), LINE(5, 10, 6, 14, 2), LINE(6, 14, 9, 17, 2),
                         LINE(9, 17, 15, 17, 2), LINE(15, 17, 18, 14, 2), LINE(18, 14, 19, 10, 2),
                         BOX(11, 17, 2, 4, 0), BOX(7, 20, 10, 2, 1), END},
    [ICON_NETWORK] = {RING(12, 12, 9, 2), BOX(3, 11, 18, 2, 0), LINE(12, 3, 8, 12, 1), LINE(8, 12, 12, 21, 1),
                      LINE(12, 3, 16, 12, 1), LINE(16, 12, 12, 21, 1), END},
    [ICON_ATTENTION] = {BOX(10, 4, 4, 10, 2), DISC(12, 18, 2), END},
    [ICON_UP] = {RING(12, 12, 10, 2), LINE(8, 12, 11, 16, 2), LINE(11, 16, 17, 8, 2), END},
    [ICON_DOWN] = {RING(12, 12, 10, 2), BOX(7, 11, 10, 2, 1), END},
};

const struct icon_part *shape_icon(unsigned icon)
{
    return icons[icon < ICON_COUNT ? icon : (unsigned)ICON_DOWN];
}

uint32_t shape_utf8(const char **s)
{
    const unsigned char *c = (const unsigned char *)*s;
    unsigned more = c[0] < 0x80                   ? 0
                    : c[0] >= 0xf0 && c[0] < 0xf8 ? 3
                    : c[0] >= 0xe0 && c[0] < 0xf0 ? 2
                    : c[0] >= 0xc2 && c[0] < 0xe0 ? 1
                                                  : 4;
    uint32_t cp = more == 0 ? c[0] : c[0] & (0x3fu >> more);

    if (c[0] == '\0')
        return 0;
    *s += 1;
    if (more == 0)
        return cp;
    for (unsigned i = 1; i <= more; i++) {
        if (more == 4 || (c[i] & 0xc0) != 0x80)
            return 0xfffd;
        cp = cp << 6 | (c[i] & 0x3fu);
    }
    *s += more;
    return cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000) ? 0xfffd : cp;
}

size_t shape_fit(const int *advances, size_t n, int width, int ellipsis)
{
    size_t fits = 0, i;
    int at = 0;

    for (i = 0; i < n && at + advances[i] <= width; i++) {
        at += advances[i];
        if (at + ellipsis <= width)
            fits = i + 1;
    }
    return i == n ? n : fits;
}
