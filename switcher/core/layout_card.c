/* SPDX-License-Identifier: MIT
 * The cards of the overlay: a persona, a program. */
#include "switcher/core/layout_put.h"

#include <stdio.h>
#include <string.h>

/* Selected is said by the outline and the ground, not by colour alone. */
static void ground(const struct desk *d, struct rect r, bool selected)
{
    const uint32_t *colours = d->c->colours;
    int edge = desk_u(d, 3);

    if (!selected) {
        put_box(d, r, desk_u(d, 12), opaque(colours[COLOUR_CARD]));
        return;
    }
    put_box(d, r, desk_u(d, 12), opaque(colours[COLOUR_ACCENT]));
    put_box(d, (struct rect){r.x + edge, r.y + edge, r.w - 2 * edge, r.h - 2 * edge}, desk_u(d, 12) - edge,
            opaque(colours[COLOUR_SELECTED]));
}

static const char *state_word(const struct model_persona *p)
{
    switch (p->life) {
    case LIFE_ADDING:
        return "being added";
    case LIFE_STOPPED:
        return "stopped";
    case LIFE_STARTING:
        return "starting";
    case LIFE_RUNNING:
        return p->throttled ? "throttled" : p->frozen ? "frozen" : "running";
    case LIFE_STOPPING:
        return "stopping";
    case LIFE_REMOVING:
        return "being removed";
    case LIFE_FAILED:
        return "failed";
    }
    return "";
}

static void memory_text(uint64_t bytes, char *out, size_t size)
{
    uint64_t mb = bytes >> 20;

    if (mb < 1000)
        snprintf(out, size, "%u MB", (unsigned)mb);
    else if (mb < 10240)
        snprintf(out, size, "%u.%u GB", (unsigned)(mb / 1024), (unsigned)(mb % 1024 * 10 / 1024));
    else
        snprintf(out, size, "%u GB", (unsigned)(mb / 1024 > 99999 ? 99999 : mb / 1024));
}

static void use_text(const struct model_persona *p, char *out, size_t size)
{
    char memory[24];

    out[0] = '\0';
    if (p->life != LIFE_RUNNING)
        return;
    memory_text(p->memory, memory, sizeof(memory));
    if (p->cpu >= 0)
        snprintf(out, size, "%d %%  %s", p->cpu, memory);
    else
        snprintf(out, size, "%s", memory);
}

/* Over the picture: the digit of its hotkey, and the mark of one that asks for attention. */
static void chips(const struct desk *d, const struct model_persona *p, struct rect r)
{
    int side = desk_u(d, 26), gap = desk_u(d, 8);

    if (p->number > 0) {
        struct rect chip = {r.x + gap, r.y + r.h - gap - side, side, side};

        put_box(d, chip, desk_u(d, 6), 0xd0000000u);
        put_text(d, chip, FONT_TEXT, ALIGN_CENTRE, 0xffffffffu, "%u", p->number);
    }
    if (p->attention) {
        struct rect chip = {r.x + r.w - gap - side, r.y + gap, side, side};

        put_box(d, chip, side / 2, opaque(d->c->colours[COLOUR_WARN]));
        put_icon(d, LAYOUT_ICON, ICON_ATTENTION, chip, ink_on(d->c->colours[COLOUR_WARN]));
    }
}

/* Badge with the profile's icon, the sign, the name, and what it holds. */
static void name_line(const struct desk *d, const struct model_persona *p, struct rect r)
{
    const uint32_t *colours = d->c->colours;
    int badge = desk_u(d, 26), sign = desk_u(d, 20), mark = desk_u(d, 22), gap = desk_u(d, 8),
        right = r.x + r.w;
    struct rect b = {r.x, r.y + (r.h - badge) / 2, badge, badge};

    put_box(d, b, desk_u(d, 6), opaque(p->colour));
    put_icon(d, LAYOUT_ICON, (unsigned)p->profile, b, ink_on(p->colour));
    r.x += badge + gap;
    put_icon(d, LAYOUT_SIGN, model_sign(p->id), (struct rect){r.x, r.y + (r.h - sign) / 2, sign, sign},
             lit(p->colour));
    r.x += sign + gap;
    if (p->network) {
        right -= mark;
        put_icon(d, LAYOUT_ICON, ICON_NETWORK, (struct rect){right, r.y + (r.h - mark) / 2, mark, mark},
                 opaque(colours[COLOUR_DIM]));
    }
    if (p->microphone) {
        right -= mark;
        put_icon(d, LAYOUT_ICON, ICON_MICROPHONE, (struct rect){right, r.y + (r.h - mark) / 2, mark, mark},
                 opaque(colours[COLOUR_WARN]));
    }
    put_text(d, (struct rect){r.x, r.y, right - gap - r.x, r.h}, FONT_STRONG, ALIGN_LEFT,
             opaque(colours[COLOUR_TEXT]), "%s", p->id);
}

void card_persona(const struct desk *d, const struct model *m, unsigned index, struct rect r)
{
    const struct model_persona *p = model_at(m, index);
    const uint32_t *colours = d->c->colours;
    struct layout_item *i;
    int pad = (r.w - desk_u(d, CARD_PICTURE_W)) / 2, y;
    struct rect picture = {r.x + pad, r.y + pad, desk_u(d, CARD_PICTURE_W), desk_u(d, CARD_PICTURE_H)}, line;
    char use[64];

    if (!p)
        return;
    ground(d, r, index == m->selected);
    i = put(d, LAYOUT_PICTURE, picture, lit(p->colour));
    i->radius = desk_u(d, 8);
    i->what = model_sign(p->id);
    i->dim = p->life != LIFE_RUNNING;
    snprintf(i->text, sizeof(i->text), "%s", p->id);
    chips(d, p, picture);
    y = picture.y + picture.h + desk_u(d, 6);
    name_line(d, p, (struct rect){picture.x, y, picture.w, desk_u(d, 34)});
    y += desk_u(d, 34);
    line = (struct rect){picture.x, y, picture.w, desk_u(d, 28)};
    use_text(p, use, sizeof(use));
    put_text(d, line, FONT_TEXT, ALIGN_LEFT,
             opaque(colours[p->life == LIFE_FAILED ? COLOUR_ERROR : COLOUR_DIM]), "%s%s",
             strcmp(p->id, m->front) == 0 ? "in front" : state_word(p),
             p->life == LIFE_STOPPED ? ", Enter starts" : "");
    put_text(d, line, FONT_TEXT, ALIGN_RIGHT, opaque(colours[COLOUR_DIM]), "%s", use);
}

void card_app(const struct desk *d, const struct model *m, unsigned index, struct rect r)
{
    unsigned app = m->view[index];
    int icon = desk_u(d, APP_ICON), gap = desk_u(d, 12);
    const char *name = m->apps[app];
    struct layout_item *i;

    ground(d, r, index == m->selected);
    i = put(d, LAYOUT_APP, (struct rect){r.x + gap, r.y + (r.h - icon) / 2, icon, icon},
            opaque(d->c->colours[COLOUR_TEXT]));
    i->index = app;
    i->radius = desk_u(d, 8);
    i->font = FONT_STRONG;
    /* The first letter as it is; a character of several bytes is cut whole. */
    for (unsigned n = 0; n < 4 && name[n] && (n == 0 || ((unsigned char)name[n] & 0xc0) == 0x80); n++)
        i->text[n] = name[n];
    r.x += gap + icon + gap;
    put_text(d, (struct rect){r.x, r.y, r.w - 3 * gap - icon, r.h}, FONT_TEXT, ALIGN_LEFT,
             opaque(d->c->colours[COLOUR_TEXT]), "%s", name);
}
