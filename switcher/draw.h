/* SPDX-License-Identifier: MIT
 * Draws a layout with pixman and fcft. */
#ifndef SWITCHER_DRAW_H
#define SWITCHER_DRAW_H

#include <pixman.h>
#include <stdbool.h>

#include "switcher/core/layout.h"

struct fonts;

/* Fonts for every scale that is asked for later; NULL when there is no font at all. */
struct fonts *fonts_new(const struct config *c);
void fonts_free(struct fonts *f);
/* Loads and draws what is written most at this scale, so that the first showing has no file to read. */
void fonts_warm(struct fonts *f, unsigned scale);

/* Draws text with its middle at y + h / 2, cut with an ellipsis. */
void fonts_draw(struct fonts *f, pixman_image_t *to, const struct layout_item *i, unsigned scale);

/* What the drawing takes from others: pictures by id, owned here, and icons of programs. */
struct pictures {
    struct picture {
        char id[MODEL_ID];
        pixman_image_t *image;
    } of[MODEL_PERSONAS];
    unsigned count;
    pixman_image_t *mask; /* round corners of the size that was drawn last */
    pixman_image_t *(*icon)(void *data, unsigned index);
    void *data;
};
void pictures_set(struct pictures *p, const char *id, pixman_image_t *image);
/* Those of personas that are not in m go. */
void pictures_sweep(struct pictures *p, const struct model *m);
void pictures_finish(struct pictures *p);

/* Draws all of l over what is in to, which is of the same size. */
void draw_layout(pixman_image_t *to, const struct layout *l, struct fonts *f, struct pictures *p,
                 unsigned scale);

#endif
