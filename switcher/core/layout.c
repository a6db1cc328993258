/* SPDX-License-Identifier: MIT
 * The overlay's panel and the strip. */
#include "switcher/core/layout.h"

#include <stdio.h>
#include <string.h>

#include "switcher/core/layout_put.h"

enum { PAD = 22, GAP = 14, HEAD = 44, FOOT = 36, PANEL_MIN = 780, NOTICE_H = 250, COLUMNS_MAX = 4 };

struct cells {
    unsigned columns, rows, shown; /* rows: all of them; shown: at a time */
    int w, h;
};

/* As square as it looks well: one row up to four, then three or four in a row. */
static unsigned columns_for(unsigned n)
{
    return n <= 4 ? (n > 0 ? n : 1) : n <= 6 ? 3 : COLUMNS_MAX;
}

static struct cells cells_of(const struct desk *d, const struct model *m, int width, int height)
{
    bool apps = m->state == MODEL_LAUNCHER;
    int gap = desk_u(d, GAP), chrome = desk_u(d, 2 * PAD + HEAD + FOOT + 2 * GAP), fit;
    /* A filter that leaves fewer does not make the panel jump. */
    unsigned n = apps ? m->apps_count : m->order_count;
    struct cells c = {.w = desk_u(d, CARD_W), .h = desk_u(d, apps ? APP_H : CARD_H)};

    c.columns = apps ? 3 : columns_for(n);
    fit = (width * 94 / 100 - desk_u(d, 2 * PAD) + gap) / (c.w + gap);
    if (fit < (int)c.columns)
        c.columns = fit > 0 ? (unsigned)fit : 1;
    c.rows = (n + c.columns - 1) / c.columns;
    fit = (height * 92 / 100 - chrome + gap) / (c.h + gap);
    c.shown = c.rows < (unsigned)(fit > 1 ? fit : 1) ? c.rows : (unsigned)(fit > 1 ? fit : 1);
    if (apps && c.shown < 6)
        c.shown = fit < 6 ? (unsigned)(fit > 1 ? fit : 1) : 6;
    c.shown = c.shown ? c.shown : 1;
    return c;
}

static void head(const struct desk *d, const struct model *m, struct rect r)
{
    const uint32_t *colours = d->c->colours;
    int field = r.w * 45 / 100, pad = desk_u(d, 12);
    struct rect f = {r.x + r.w - field, r.y, field, r.h};
    bool apps = m->state == MODEL_LAUNCHER;
    /* The selected one's name in full: a card has no room for 31 characters. */
    const struct model_persona *p = apps ? model_front(m) : model_at(m, m->selected);

    if (p) {
        int sign = desk_u(d, 22);

        put_icon(d, LAYOUT_SIGN, model_sign(p->id), (struct rect){r.x, r.y + (r.h - sign) / 2, sign, sign},
                 lit(p->colour));
        put_text(d, (struct rect){r.x + sign + pad, r.y, r.w - field - sign - 2 * pad, r.h}, FONT_STRONG,
                 ALIGN_LEFT, opaque(colours[COLOUR_TEXT]), "%s%s", apps ? "Programs of " : "", p->id);
    } else {
        put_text(d, (struct rect){r.x, r.y, r.w - field - pad, r.h}, FONT_STRONG, ALIGN_LEFT,
                 opaque(colours[COLOUR_TEXT]), "Personas");
    }
    put_box(d, f, desk_u(d, 8), opaque(colours[COLOUR_CARD]));
    f.x += pad;
    f.w -= 2 * pad;
    if (m->filter[0])
        put_text(d, f, FONT_TEXT, ALIGN_LEFT, opaque(colours[COLOUR_TEXT]), "%s|", m->filter);
    else
        put_text(d, f, FONT_TEXT, ALIGN_LEFT, opaque(colours[COLOUR_DIM]), "Type to filter");
    if (m->filter[0] || m->view_count > m->rows * m->columns)
        put_text(d, f, FONT_TEXT, ALIGN_RIGHT, opaque(colours[COLOUR_DIM]), "%u of %u",
                 m->view_count ? m->selected + 1 : 0, m->view_count);
}

static void foot(const struct desk *d, const struct model *m, struct rect r)
{
    const uint32_t *colours = d->c->colours;
    static const char *const hints[MODEL_STATES] = {
        [MODEL_SWITCH] = "Let go to switch, type to filter, Esc cancels",
        [MODEL_FILTER_IN] = "Enter switches, Esc cancels",
        [MODEL_LAUNCHER] = "Enter starts, Esc cancels",
        [MODEL_EMPTY] = "Esc closes",
        [MODEL_ERROR] = "Esc closes",
    };
    int side = desk_u(d, 18);

    if (m->ai[0] && !m->away) {
        put_icon(d, LAYOUT_ICON, m->ai_up ? ICON_UP : ICON_DOWN,
                 (struct rect){r.x, r.y + (r.h - side) / 2, side, side},
                 opaque(colours[m->ai_up ? COLOUR_ACCENT : COLOUR_WARN]));
        put_text(d, (struct rect){r.x + side + desk_u(d, 8), r.y, r.w / 3, r.h}, FONT_TEXT, ALIGN_LEFT,
                 opaque(colours[COLOUR_DIM]), "ai-core: %s",
                 strcmp(m->ai, "gave-up") == 0 ? "gave up" : m->ai);
    }
    put_text(d, (struct rect){r.x + r.w / 3, r.y, r.w - r.w / 3, r.h}, FONT_TEXT, ALIGN_RIGHT,
             opaque(colours[COLOUR_DIM]), "%s", hints[m->state] ? hints[m->state] : "");
}

/* A title and up to three lines in the middle, where there is nothing to choose from. */
static void notice(const struct desk *d, struct rect r, uint32_t colour, const char *title,
                   const char *const *lines)
{
    int line = desk_u(d, 32), n = 0, y;

    while (lines[n])
        n++;
    y = r.y + (r.h - (n + 1) * line - desk_u(d, 10)) / 2;
    put_text(d, (struct rect){r.x, y, r.w, line}, FONT_STRONG, ALIGN_CENTRE, colour, "%s", title);
    y += line + desk_u(d, 10);
    for (int i = 0; i < n; i++, y += line)
        put_text(d, (struct rect){r.x, y, r.w, line}, FONT_TEXT, ALIGN_CENTRE,
                 opaque(d->c->colours[COLOUR_DIM]), "%s", lines[i]);
}

static void nothing_found(const struct desk *d, const struct model *m, struct rect r)
{
    const char *const filter[] = {"Nothing has this in its name.", "Backspace takes a letter away.", NULL};
    const char *const wait[] = {"They are read from its files.", NULL};
    const char *const none[] = {"It has no desktop entries; a terminal or spine run may help.", NULL};
    const char *const error[] = {m->apps_error, NULL};
    uint32_t ink = opaque(d->c->colours[COLOUR_TEXT]);

    if (m->filter[0])
        notice(d, r, ink, "No match", filter);
    else if (m->apps_error[0])
        notice(d, r, opaque(d->c->colours[COLOUR_ERROR]), "The programs cannot be listed", error);
    else if (!m->apps_known)
        notice(d, r, ink, "Looking for programs", wait);
    else
        notice(d, r, ink, "No programs", none);
}

static void grid(const struct desk *d, const struct model *m, const struct cells *c, struct rect r)
{
    int gap = desk_u(d, GAP), used = (int)c->columns * (c->w + gap) - gap, left = r.x + (r.w - used) / 2;
    unsigned from = m->top * c->columns, to = from + c->shown * c->columns;

    for (unsigned i = from; i < to && i < m->view_count; i++) {
        struct rect cell = {left + (int)((i - from) % c->columns) * (c->w + gap),
                            r.y + (int)((i - from) / c->columns) * (c->h + gap), c->w, c->h};

        if (m->state == MODEL_LAUNCHER)
            card_app(d, m, i, cell);
        else
            card_persona(d, m, i, cell);
        if (d->l->hit_count < LAYOUT_HITS)
            d->l->hits[d->l->hit_count++] = (struct layout_hit){cell.x, cell.y, cell.w, cell.h, i};
    }
}

/* Where in a long list one is: a bar at the right edge. */
static void scroll_bar(const struct desk *d, const struct model *m, const struct cells *c, struct rect r)
{
    unsigned rows = (m->view_count + c->columns - 1) / c->columns;
    int w = desk_u(d, 6), h, x = r.x + r.w + desk_u(d, (PAD - 6) / 2);

    if (rows <= c->shown)
        return;
    h = r.h * (int)c->shown / (int)rows;
    put_box(d, (struct rect){x, r.y, w, r.h}, w / 2, opaque(d->c->colours[COLOUR_CARD]));
    put_box(d, (struct rect){x, r.y + (r.h - h) * (int)m->top / (int)(rows - c->shown), w, h}, w / 2,
            opaque(d->c->colours[COLOUR_DIM]));
}

/* A surface must be whole units of the output's scale. */
static int whole(int v, unsigned scale)
{
    return (v + (int)scale - 1) / (int)scale * (int)scale;
}

static void edge(const struct desk *d)
{
    struct rect all = {0, 0, d->l->width, d->l->height};
    int line = desk_u(d, 1);

    put_box(d, all, desk_u(d, 16), opaque(d->c->colours[COLOUR_SELECTED]));
    put_box(d, (struct rect){line, line, all.w - 2 * line, all.h - 2 * line}, desk_u(d, 16) - line,
            opaque(d->c->colours[COLOUR_PANEL]));
}

static void panel_notice(const struct desk *d, const struct model *m, int width)
{
    const char *const empty[] = {"Add one where the Spine is looked after:", "spine persona add work IMAGE",
                                 "spine persona start work", NULL};
    const char *const error[] = {"It is asked again until it answers.", "Personas go on as they are.", NULL};
    int pad = desk_u(d, PAD), w = desk_u(d, PANEL_MIN), foot_h = desk_u(d, FOOT);
    struct rect r;

    d->l->width = whole(w < width ? w : width, d->scale);
    d->l->height = whole(desk_u(d, NOTICE_H), d->scale);
    edge(d);
    r = (struct rect){pad, pad, d->l->width - 2 * pad, d->l->height - 2 * pad};
    if (m->state == MODEL_EMPTY)
        notice(d, (struct rect){r.x, r.y, r.w, r.h - foot_h}, opaque(d->c->colours[COLOUR_TEXT]),
               "No persona yet", empty);
    else
        notice(d, (struct rect){r.x, r.y, r.w, r.h - foot_h}, opaque(d->c->colours[COLOUR_ERROR]),
               "bay0 does not answer", error);
    foot(d, m, (struct rect){r.x, r.y + r.h - foot_h, r.w, foot_h});
}

/* Keeps the selection where it can be seen, also after the size of the page has changed. */
static void page(struct model *m, const struct cells *c)
{
    unsigned rows = (m->view_count + c->columns - 1) / c->columns, row = m->selected / c->columns;
    bool same = m->columns == c->columns && m->rows == c->shown;

    m->columns = c->columns;
    m->rows = c->shown;
    if (!same && row < m->top)
        m->top = row;
    if (!same && row >= m->top + m->rows)
        m->top = row - m->rows + 1;
    if (m->top + m->rows > rows)
        m->top = rows > m->rows ? rows - m->rows : 0;
}

void layout_panel(struct layout *l, struct model *m, const struct config *c, unsigned scale, int width,
                  int height)
{
    struct desk d = {l, c, scale};
    struct cells cells;
    struct rect r;
    int pad, gap, w, h;

    l->count = l->hit_count = 0;
    if (m->state == MODEL_EMPTY || m->state == MODEL_ERROR || m->state == MODEL_HIDDEN) {
        panel_notice(&d, m, width);
        return;
    }
    cells = cells_of(&d, m, width, height);
    page(m, &cells);
    pad = desk_u(&d, PAD);
    gap = desk_u(&d, GAP);
    w = (int)cells.columns * (cells.w + gap) - gap + 2 * pad;
    h = (int)cells.shown * (cells.h + gap) - gap;
    if (w < desk_u(&d, PANEL_MIN))
        w = desk_u(&d, PANEL_MIN);
    l->width = whole(w < width ? w : width, scale);
    l->height = whole(h + 2 * pad + 2 * gap + desk_u(&d, HEAD) + desk_u(&d, FOOT), scale);
    edge(&d);
    r = (struct rect){pad, pad, l->width - 2 * pad, desk_u(&d, HEAD)};
    head(&d, m, r);
    r.y += r.h + gap;
    r.h = h;
    if (m->view_count > 0)
        grid(&d, m, &cells, r);
    else
        nothing_found(&d, m, r);
    scroll_bar(&d, m, &cells, r);
    r.y += r.h + gap;
    r.h = desk_u(&d, FOOT);
    foot(&d, m, r);
}
