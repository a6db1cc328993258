/* SPDX-License-Identifier: MIT
 * Adds things to a layout; for the files of the layout. Past the last place nothing is added. Pure. */
#ifndef SWITCHER_CORE_LAYOUT_PUT_H
#define SWITCHER_CORE_LAYOUT_PUT_H

#include "switcher/core/layout.h"

struct rect {
    int x, y, w, h;
};

/* What every part of the layout needs to know. */
struct desk {
    struct layout *l;
    const struct config *c;
    unsigned scale;
};

int desk_u(const struct desk *d, int units);
struct layout_item *put(const struct desk *d, enum layout_kind kind, struct rect r, uint32_t colour);
void put_box(const struct desk *d, struct rect r, int radius, uint32_t colour);
__attribute__((format(printf, 6, 7))) void put_text(const struct desk *d, struct rect r,
                                                    enum layout_font font, enum layout_align align,
                                                    uint32_t colour, const char *fmt, ...);
void put_icon(const struct desk *d, enum layout_kind kind, unsigned what, struct rect r, uint32_t colour);

uint32_t opaque(uint32_t rgb);
/* Black or white, whichever can be read on rgb better. */
uint32_t ink_on(uint32_t rgb);
/* rgb made light enough to be told from a dark card. */
uint32_t lit(uint32_t rgb);

/* One persona's card, or one program's. */
void card_persona(const struct desk *d, const struct model *m, unsigned index, struct rect r);
void card_app(const struct desk *d, const struct model *m, unsigned index, struct rect r);
enum { CARD_W = 300, CARD_H = 246, CARD_PICTURE_W = 280, CARD_PICTURE_H = 158, APP_H = 60, APP_ICON = 36 };

#endif
