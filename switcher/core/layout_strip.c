/* SPDX-License-Identifier: MIT
 * The strip at the top of every output: who is in front, and what wants to be known. */
#include <stdio.h>
#include <string.h>

#include "switcher/core/layout_put.h"

int layout_strip_height(const struct config *c, unsigned scale)
{
    /* The font's size is in strip_height already. */
    return (int)((c->strip_height * c->scale + 99) / 100 * scale);
}

/* "! home, mail" of those behind that ask for attention; "" for none. */
static void attention_text(const struct model *m, char *out, size_t size)
{
    size_t at = 0;

    out[0] = '\0';
    for (unsigned i = 0; i < m->count; i++) {
        const struct model_persona *p = &m->personas[i];
        int n;

        if (!p->attention || strcmp(p->id, m->front) == 0)
            continue;
        n = snprintf(out + at, size - at, "%s%s", at ? ", " : "", p->id);
        if (n < 0 || (size_t)n >= size - at) {
            out[at] = '\0';
            return;
        }
        at += (size_t)n;
    }
}

void layout_strip(struct layout *l, const struct model *m, const struct config *c, unsigned scale, int width,
                  const char *say)
{
    struct desk d = {l, c, scale};
    const struct model_persona *p = model_front(m);
    uint32_t ground = p ? p->colour : c->colours[COLOUR_PANEL], ink = ink_on(ground);
    int pad = desk_u(&d, 10), sign = desk_u(&d, 18), mark;
    struct rect r = {pad, 0, width / 2 - pad, layout_strip_height(c, scale)};
    char attention[LAYOUT_TEXT];

    l->count = l->hit_count = 0;
    l->width = width;
    l->height = r.h;
    put_box(&d, (struct rect){0, 0, width, r.h}, 0, opaque(ground));
    if (p) {
        put_icon(&d, LAYOUT_SIGN, model_sign(p->id), (struct rect){r.x, (r.h - sign) / 2, sign, sign}, ink);
        r.x += sign + pad;
        r.w -= sign + pad;
    }
    put_text(&d, r, FONT_STRONG, ALIGN_LEFT, ink, "%s", p ? p->id : "Spine");
    r = (struct rect){width / 2, 0, width - width / 2 - pad, r.h};
    if (say[0] || m->away) {
        put_text(&d, r, FONT_TEXT, ALIGN_RIGHT, ink, "%s", say[0] ? say : "bay0 does not answer");
        return;
    }
    attention_text(m, attention, sizeof(attention));
    if (!attention[0])
        return;
    mark = r.h - desk_u(&d, 4);
    put_box(&d, (struct rect){r.x + r.w - mark, (r.h - mark) / 2, mark, mark}, mark / 2,
            opaque(c->colours[COLOUR_WARN]));
    put_icon(&d, LAYOUT_ICON, ICON_ATTENTION, (struct rect){r.x + r.w - mark, (r.h - mark) / 2, mark, mark},
             ink_on(c->colours[COLOUR_WARN]));
    r.w -= mark + pad;
    put_text(&d, r, FONT_TEXT, ALIGN_RIGHT, ink, "%s", attention);
}
