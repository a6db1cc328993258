/* SPDX-License-Identifier: MIT
 * Turns the model into a list of things to draw, in pixels, from back to front. Pure. */
#ifndef SWITCHER_CORE_LAYOUT_H
#define SWITCHER_CORE_LAYOUT_H

#include "switcher/core/config.h"
#include "switcher/core/model.h"

enum {
    LAYOUT_ITEMS = 640,
    LAYOUT_TEXT = 128,
    LAYOUT_HITS = 80,
    LAYOUT_SCALE_MAX = 4, /* of an output */
};

enum layout_kind {
    LAYOUT_BOX,     /* filled, with round corners */
    LAYOUT_TEXT_AT, /* one line, middle at y + h / 2, cut with an ellipsis at w */
    LAYOUT_PICTURE, /* of persona .text; where there is none, a big sign in .colour */
    LAYOUT_SIGN,    /* .what: 0 to MODEL_SIGNS - 1 */
    LAYOUT_ICON,    /* .what: enum layout_icon */
    LAYOUT_APP,     /* icon of program .index; where there is none, the letter in .text */
};

enum layout_icon {
    ICON_DESKTOP, /* the profiles, in the order of enum persona_profile */
    ICON_SEALED,
    ICON_AGENT,
    ICON_DEV,
    ICON_MICROPHONE,
    ICON_NETWORK,
    ICON_ATTENTION,
    ICON_UP,
    ICON_DOWN,
    ICON_COUNT
};

enum layout_font { FONT_TEXT, FONT_STRONG, FONT_COUNT };
enum layout_align { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT };

struct layout_item {
    enum layout_kind kind;
    int x, y, w, h, radius;
    uint32_t colour; /* 0xaarrggbb, not premultiplied */
    unsigned what, index;
    enum layout_font font;
    enum layout_align align;
    bool dim; /* a picture of something that does not run */
    char text[LAYOUT_TEXT];
};

struct layout_hit {
    int x, y, w, h;
    unsigned index; /* of the view */
};

struct layout {
    int width, height; /* of the surface, in pixels; multiples of the output's scale */
    unsigned count, hit_count;
    struct layout_item items[LAYOUT_ITEMS];
    struct layout_hit hits[LAYOUT_HITS];
};

/* Sizes in pixels of one output: a unit is a pixel at font size 18, scale 100 and an output of scale 1. */
int layout_units(const struct config *c, unsigned scale, int n);
/* How big a font is, in pixels. */
int layout_font_pixels(const struct config *c, unsigned scale, enum layout_font f);
void layout_picture_size(const struct config *c, unsigned scale, int *w, int *h);
int layout_icon_size(const struct config *c, unsigned scale);

/* The overlay on an output of width x height pixels. Sets the model's columns and rows, and keeps the
 * selection in view. */
void layout_panel(struct layout *l, struct model *m, const struct config *c, unsigned scale, int width,
                  int height);

/* The strip, width pixels wide. say is a sentence to show, "" for none. */
void layout_strip(struct layout *l, const struct model *m, const struct config *c, unsigned scale, int width,
                  const char *say);
int layout_strip_height(const struct config *c, unsigned scale);

/* The index of the view at this point, -1 for none. */
int layout_hit_at(const struct layout *l, int x, int y);

#endif
