/* SPDX-License-Identifier: MIT
 * Boxes, signs, icons and pictures of a layout, with pixman. */
#include "switcher/draw.h"

#include <string.h>

#include "switcher/core/shape.h"

/* pixman wants 16 bits a channel, multiplied by alpha. */
static pixman_color_t pixman_colour(uint32_t argb)
{
    uint32_t a = argb >> 24, r = argb >> 16 & 0xff, g = argb >> 8 & 0xff, b = argb & 0xff;

    return (pixman_color_t){.red = (uint16_t)(r * a * 257 / 255),
                            .green = (uint16_t)(g * a * 257 / 255),
                            .blue = (uint16_t)(b * a * 257 / 255),
                            .alpha = (uint16_t)(a * 257)};
}

struct pen {
    pixman_image_t *to, *ink;
    uint32_t colour;
};

static struct pen pen_of(pixman_image_t *to, uint32_t colour)
{
    pixman_color_t c = pixman_colour(colour);

    return (struct pen){to, pixman_image_create_solid_fill(&c), colour};
}

static void pen_put(struct pen *p)
{
    pixman_image_unref(p->ink);
}

/* Fills the outline, whose every point can be seen from its middle (mx, my); all in 1/256 pixel. */
static void fan(const struct pen *p, const struct shape_point *at, unsigned n, int mx, int my)
{
    pixman_triangle_t t[SHAPE_POINTS];

    for (unsigned i = 0; i < n && i < SHAPE_POINTS; i++) {
        const struct shape_point *a = &at[i], *b = &at[(i + 1) % n];

        t[i] = (pixman_triangle_t){{mx * 256, my * 256}, {a->x * 256, a->y * 256}, {b->x * 256, b->y * 256}};
    }
    pixman_composite_triangles(PIXMAN_OP_OVER, p->ink, p->to, PIXMAN_a8, 0, 0, 0, 0, (int)n, t);
}

/* The circle's outline is a sign already. */
static void disc(const struct pen *p, int mx, int my, int radius)
{
    struct shape_point at[SHAPE_POINTS];
    unsigned n = shape_sign(0, at);

    for (unsigned i = 0; i < n; i++) {
        at[i].x = mx + (at[i].x - SHAPE_UNIT / 2) * radius / (SHAPE_UNIT / 2);
        at[i].y = my + (at[i].y - SHAPE_UNIT / 2) * radius / (SHAPE_UNIT / 2);
    }
    fan(p, at, n, mx, my);
}

static void ring(const struct pen *p, int mx, int my, int radius, int thickness)
{
    struct shape_point at[SHAPE_POINTS];
    unsigned n = shape_sign(0, at);
    pixman_triangle_t t[2 * SHAPE_POINTS];

    for (unsigned i = 0; i < n; i++) {
        int dx = at[i].x - SHAPE_UNIT / 2, dy = at[i].y - SHAPE_UNIT / 2;
        int ex = at[(i + 1) % n].x - SHAPE_UNIT / 2, ey = at[(i + 1) % n].y - SHAPE_UNIT / 2;
        int outer = radius + thickness / 2, inner = radius - thickness / 2, half = SHAPE_UNIT / 2;
        pixman_point_fixed_t a = {(mx + dx * outer / half) * 256, (my + dy * outer / half) * 256};
        pixman_point_fixed_t b = {(mx + ex * outer / half) * 256, (my + ey * outer / half) * 256};
        pixman_point_fixed_t c = {(mx + dx * inner / half) * 256, (my + dy * inner / half) * 256};
        pixman_point_fixed_t d = {(mx + ex * inner / half) * 256, (my + ey * inner / half) * 256};

        t[2 * i] = (pixman_triangle_t){a, b, c};
        t[2 * i + 1] = (pixman_triangle_t){b, d, c};
    }
    pixman_composite_triangles(PIXMAN_OP_OVER, p->ink, p->to, PIXMAN_a8, 0, 0, 0, 0, 2 * (int)n, t);
}

static int root(int v)
{
    int r = 0;

    while ((r + 1) * (r + 1) <= v)
        r++;
    return r;
}

/* A line with square ends. Lengths in 1/256 pixel fit an int when they are squared in whole pixels. */
static void line(const struct pen *p, int x1, int y1, int x2, int y2, int thickness)
{
    int dx = x2 - x1, dy = y2 - y1, len = root((dx / 16) * (dx / 16) + (dy / 16) * (dy / 16)) * 16, nx, ny;
    struct shape_point at[4];

    if (len == 0)
        return;
    nx = -dy * thickness / 2 / len;
    ny = dx * thickness / 2 / len;
    at[0] = (struct shape_point){x1 + nx, y1 + ny};
    at[1] = (struct shape_point){x2 + nx, y2 + ny};
    at[2] = (struct shape_point){x2 - nx, y2 - ny};
    at[3] = (struct shape_point){x1 - nx, y1 - ny};
    fan(p, at, 4, (x1 + x2) / 2, (y1 + y2) / 2);
}

static void rectangle(const struct pen *p, int x, int y, int w, int h)
{
    if (w > 0 && h > 0)
        pixman_image_composite32(PIXMAN_OP_OVER, p->ink, NULL, p->to, 0, 0, 0, 0, x, y, w, h);
}

/* A quarter of a circle: its corner is at (mx, my), it opens to (sx, sy). */
static void quarter(const struct pen *p, int mx, int my, int radius, int sx, int sy)
{
    static const int sine[] = {0, 50, 98, 142, 181, 213, 237, 251, 256}; /* of 0 to 90 degrees, by 256 */
    pixman_triangle_t t[8];

    for (int i = 0; i < 8; i++) {
        int ax = mx * 256 + sx * radius * sine[8 - i], ay = my * 256 + sy * radius * sine[i];
        int bx = mx * 256 + sx * radius * sine[7 - i], by = my * 256 + sy * radius * sine[i + 1];

        t[i] = (pixman_triangle_t){{mx * 256, my * 256}, {ax, ay}, {bx, by}};
        /* pixman's fixed point has 16 bits behind the point. */
        t[i].p1.x *= 256, t[i].p1.y *= 256;
        t[i].p2.x *= 256, t[i].p2.y *= 256;
        t[i].p3.x *= 256, t[i].p3.y *= 256;
    }
    pixman_composite_triangles(PIXMAN_OP_OVER, p->ink, p->to, PIXMAN_a8, 0, 0, 0, 0, 8, t);
}

static void round_box(const struct pen *p, int x, int y, int w, int h, int r)
{
    r = r * 2 > w ? w / 2 : r;
    r = r * 2 > h ? h / 2 : r;
    rectangle(p, x + r, y, w - 2 * r, h);
    rectangle(p, x, y + r, r, h - 2 * r);
    rectangle(p, x + w - r, y + r, r, h - 2 * r);
    if (r == 0)
        return;
    quarter(p, x + r, y + r, r, -1, -1);
    quarter(p, x + w - r, y + r, r, 1, -1);
    quarter(p, x + r, y + h - r, r, -1, 1);
    quarter(p, x + w - r, y + h - r, r, 1, 1);
}

static void sign(const struct pen *p, unsigned what, int x, int y, int size)
{
    struct shape_point at[SHAPE_POINTS];
    unsigned n = shape_sign(what, at);

    for (unsigned i = 0; i < n; i++) {
        at[i].x =
            x * 256 + at[i].x * size / SHAPE_UNIT * 256 + at[i].x * size % SHAPE_UNIT * 256 / SHAPE_UNIT;
        at[i].y =
            y * 256 + at[i].y * size / SHAPE_UNIT * 256 + at[i].y * size % SHAPE_UNIT * 256 / SHAPE_UNIT;
    }
    fan(p, at, n, x * 256 + size * 128, y * 256 + size * 128);
}

static void icon(const struct pen *p, const struct layout_item *i)
{
    const struct icon_part *part = shape_icon(i->what);
    /* The drawing keeps a little distance to the edge of what it stands on. */
    int size = i->w * 256 * 20 / 24, x = i->x * 256 + (i->w * 256 - size) / 2,
        y = i->y * 256 + (i->h * 256 - size) / 2;

    for (; part->kind != ICON_END; part++) {
        int a = x + part->a * size / ICON_UNIT, b = y + part->b * size / ICON_UNIT,
            c = part->c * size / ICON_UNIT, d = part->d * size / ICON_UNIT, t = part->t * size / ICON_UNIT;

        if (part->kind == ICON_LINE)
            line(p, a, b, x + c, y + d, t);
        else if (part->kind == ICON_DISC)
            disc(p, a, b, c);
        else if (part->kind == ICON_RING)
            ring(p, a, b, c, t);
        else
            fan(p, (struct shape_point[]){{a, b}, {a + c, b}, {a + c, b + d}, {a, b + d}}, 4, a + c / 2,
                b + d / 2);
    }
}

/* The mask with round corners for w x h; made anew when the size changes, which is when the scale does. */
static pixman_image_t *corners(struct pictures *p, int w, int h, int radius)
{
    struct pen white;

    if (p->mask && pixman_image_get_width(p->mask) == w && pixman_image_get_height(p->mask) == h)
        return p->mask;
    if (p->mask)
        pixman_image_unref(p->mask);
    p->mask = pixman_image_create_bits(PIXMAN_a8, w, h, NULL, 0);
    if (!p->mask)
        return NULL;
    white = pen_of(p->mask, 0xffffffffu);
    round_box(&white, 0, 0, w, h, radius);
    pen_put(&white);
    return p->mask;
}

static void picture(pixman_image_t *to, const struct layout_item *i, struct pictures *p)
{
    pixman_image_t *image = NULL, *mask = corners(p, i->w, i->h, i->radius);
    struct pen ground = pen_of(to, 0xff0a0d12u);
    int w, h, big = i->h * 45 / 100;

    for (unsigned k = 0; k < p->count; k++)
        if (strcmp(p->of[k].id, i->text) == 0)
            image = p->of[k].image;
    round_box(&ground, i->x, i->y, i->w, i->h, i->radius);
    pen_put(&ground);
    if (!image) {
        struct pen pale = pen_of(to, (i->colour & 0xffffff) | (i->dim ? 0x50000000u : 0xb0000000u));

        sign(&pale, i->what, i->x + (i->w - big) / 2, i->y + (i->h - big) / 2, big);
        pen_put(&pale);
        return;
    }
    w = pixman_image_get_width(image);
    h = pixman_image_get_height(image);
    w = w < i->w ? w : i->w;
    h = h < i->h ? h : i->h;
    pixman_image_composite32(PIXMAN_OP_OVER, image, mask, to, 0, 0, (i->w - w) / 2, (i->h - h) / 2,
                             i->x + (i->w - w) / 2, i->y + (i->h - h) / 2, w, h);
    if (i->dim) {
        struct pen shade = pen_of(to, 0xa0000000u);

        round_box(&shade, i->x, i->y, i->w, i->h, i->radius);
        pen_put(&shade);
    }
}

static void app(pixman_image_t *to, const struct layout_item *i, struct fonts *f, struct pictures *p,
                unsigned scale)
{
    pixman_image_t *image = p->icon ? p->icon(p->data, i->index) : NULL;
    struct layout_item letter = *i;
    struct pen ground;
    int w, h;

    if (image) {
        w = pixman_image_get_width(image);
        h = pixman_image_get_height(image);
        w = w < i->w ? w : i->w;
        h = h < i->h ? h : i->h;
        pixman_image_composite32(PIXMAN_OP_OVER, image, NULL, to, 0, 0, 0, 0, i->x + (i->w - w) / 2,
                                 i->y + (i->h - h) / 2, w, h);
        return;
    }
    ground = pen_of(to, 0x30ffffffu);
    round_box(&ground, i->x, i->y, i->w, i->h, i->radius);
    pen_put(&ground);
    letter.align = ALIGN_CENTRE;
    fonts_draw(f, to, &letter, scale);
}

void draw_layout(pixman_image_t *to, const struct layout *l, struct fonts *f, struct pictures *p,
                 unsigned scale)
{
    static const pixman_color_t nothing;
    const pixman_box32_t all = {0, 0, l->width, l->height};

    pixman_image_fill_boxes(PIXMAN_OP_SRC, to, &nothing, 1, &all);
    for (unsigned n = 0; n < l->count; n++) {
        const struct layout_item *i = &l->items[n];
        struct pen pen = pen_of(to, i->colour);

        switch (i->kind) {
        case LAYOUT_BOX:
            round_box(&pen, i->x, i->y, i->w, i->h, i->radius);
            break;
        case LAYOUT_TEXT_AT:
            fonts_draw(f, to, i, scale);
            break;
        case LAYOUT_PICTURE:
            picture(to, i, p);
            break;
        case LAYOUT_SIGN:
            sign(&pen, i->what, i->x, i->y, i->w);
            break;
        case LAYOUT_ICON:
            icon(&pen, i);
            break;
        case LAYOUT_APP:
            app(to, i, f, p, scale);
            break;
        }
        pen_put(&pen);
    }
}

void pictures_set(struct pictures *p, const char *id, pixman_image_t *image)
{
    unsigned k = 0;

    while (k < p->count && strcmp(p->of[k].id, id) != 0)
        k++;
    if (k == p->count && (!image || k == MODEL_PERSONAS || strlen(id) >= MODEL_ID)) {
        if (image)
            pixman_image_unref(image);
        return;
    }
    if (k == p->count) {
        p->count++;
        memcpy(p->of[k].id, id, strlen(id) + 1);
    } else {
        pixman_image_unref(p->of[k].image);
    }
    p->of[k].image = image;
    if (!image)
        p->of[k] = p->of[--p->count];
}

void pictures_sweep(struct pictures *p, const struct model *m)
{
    for (unsigned k = p->count; k > 0; k--) {
        unsigned i = 0;

        while (i < m->count && strcmp(m->personas[i].id, p->of[k - 1].id) != 0)
            i++;
        if (i == m->count)
            pictures_set(p, p->of[k - 1].id, NULL);
    }
}

void pictures_finish(struct pictures *p)
{
    while (p->count > 0)
        pixman_image_unref(p->of[--p->count].image);
    if (p->mask)
        pixman_image_unref(p->mask);
    p->mask = NULL;
}
