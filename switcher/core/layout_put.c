/* SPDX-License-Identifier: MIT
 * Things of a layout, sizes and colours. */
#include "switcher/core/layout_put.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int layout_units(const struct config *c, unsigned scale, int n)
{
    long long v = (long long)n * c->font_size * c->scale * scale;

    return (int)((v + 900) / 1800);
}

int layout_font_pixels(const struct config *c, unsigned scale, enum layout_font f)
{
    return layout_units(c, scale, f == FONT_STRONG ? 20 : 18);
}

void layout_picture_size(const struct config *c, unsigned scale, int *w, int *h)
{
    *w = layout_units(c, scale, CARD_PICTURE_W);
    *h = layout_units(c, scale, CARD_PICTURE_H);
}

int layout_icon_size(const struct config *c, unsigned scale)
{
    return layout_units(c, scale, APP_ICON);
}

int desk_u(const struct desk *d, int units)
{
    return layout_units(d->c, d->scale, units);
}

/* A full layout gives this one away: written, never drawn. */
struct layout_item *put(const struct desk *d, enum layout_kind kind, struct rect r, uint32_t colour)
{
    struct layout *l = d->l;
    struct layout_item *i = &l->items[l->count < LAYOUT_ITEMS - 1 ? l->count++ : LAYOUT_ITEMS - 1];

    memset(i, 0, sizeof(*i));
    i->kind = kind;
    i->x = r.x;
    i->y = r.y;
    i->w = r.w > 0 ? r.w : 0;
    i->h = r.h > 0 ? r.h : 0;
    i->colour = colour;
    return i;
}

void put_box(const struct desk *d, struct rect r, int radius, uint32_t colour)
{
    put(d, LAYOUT_BOX, r, colour)->radius = radius;
}

void put_text(const struct desk *d, struct rect r, enum layout_font font, enum layout_align align,
              uint32_t colour, const char *fmt, ...)
{
    struct layout_item *i = put(d, LAYOUT_TEXT_AT, r, colour);
    va_list ap;

    i->font = font;
    i->align = align;
    va_start(ap, fmt);
    vsnprintf(i->text, sizeof(i->text), fmt, ap);
    va_end(ap);
}

void put_icon(const struct desk *d, enum layout_kind kind, unsigned what, struct rect r, uint32_t colour)
{
    put(d, kind, r, colour)->what = what;
}

uint32_t opaque(uint32_t rgb)
{
    return 0xff000000u | rgb;
}

/* Weighted as the eye does, 0 to 255; the exact curve of sRGB is not worth a floating point here. */
static unsigned light(uint32_t rgb)
{
    return (299 * (rgb >> 16 & 0xff) + 587 * (rgb >> 8 & 0xff) + 114 * (rgb & 0xff)) / 1000;
}

uint32_t ink_on(uint32_t rgb)
{
    return opaque(light(rgb) > 140 ? 0x10141a : 0xffffff);
}

uint32_t lit(uint32_t rgb)
{
    for (int i = 0; i < 16 && light(rgb) < 110; i++) {
        uint32_t r = rgb >> 16 & 0xff, g = rgb >> 8 & 0xff, b = rgb & 0xff;

        r += (255 - r) / 8 + 1;
        g += (255 - g) / 8 + 1;
        b += (255 - b) / 8 + 1;
        rgb = (r > 255 ? 255 : r) << 16 | (g > 255 ? 255 : g) << 8 | (b > 255 ? 255 : b);
    }
    return opaque(rgb);
}

int layout_hit_at(const struct layout *l, int x, int y)
{
    for (unsigned i = 0; i < l->hit_count; i++) {
        const struct layout_hit *h = &l->hits[i];

        if (x >= h->x && x < h->x + h->w && y >= h->y && y < h->y + h->h)
            return (int)h->index;
    }
    return -1;
}
