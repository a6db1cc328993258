/* SPDX-License-Identifier: MIT
 * Order, filter, selection and scrolling. */
#include "switcher/core/view.h"

#include <string.h>

static bool awake(const struct model_persona *p)
{
    return p->life == LIFE_RUNNING || p->life == LIFE_STARTING;
}

/* Whether a comes before b. */
static bool before(const struct model *m, const struct model_persona *a, const struct model_persona *b)
{
    /* Whoever is in front comes first, whatever the counters say: a tap must lead away from it. */
    if (strcmp(a->id, m->front) == 0 || strcmp(b->id, m->front) == 0)
        return strcmp(a->id, m->front) == 0;
    if (awake(a) != awake(b))
        return awake(a);
    if (a->used != b->used)
        return a->used > b->used;
    return a < b;
}

void view_order(struct model *m)
{
    const struct model_persona *sorted[MODEL_PERSONAS] = {0};

    for (unsigned i = 0; i < m->count; i++) {
        unsigned at = i;

        for (; at > 0 && before(m, &m->personas[i], sorted[at - 1]); at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = &m->personas[i];
    }
    for (unsigned i = 0; i < m->count; i++)
        memcpy(m->order[i], sorted[i]->id, MODEL_ID);
    m->order_count = m->count;
}

/* Those that are gone leave the order, new ones come last. */
static void order_follow(struct model *m)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < m->order_count; i++)
        if (model_find(m, m->order[i]))
            memmove(m->order[kept++], m->order[i], MODEL_ID);
    m->order_count = kept;
    for (unsigned i = 0; i < m->count && m->order_count < MODEL_PERSONAS; i++) {
        unsigned k = 0;

        while (k < m->order_count && strcmp(m->order[k], m->personas[i].id) != 0)
            k++;
        if (k == m->order_count)
            memcpy(m->order[m->order_count++], m->personas[i].id, MODEL_ID);
    }
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Where needle is in hay without regard to ASCII case: 2 at its start or after a word's end, 1 elsewhere, 0
 * nowhere. */
static int match(const char *hay, const char *needle)
{
    int best = 0;

    for (const char *from = hay; best < 2; from++) {
        size_t i = 0;

        while (needle[i] && lower(from[i]) == lower(needle[i]))
            i++;
        if (!needle[i])
            best = from == hay || from[-1] == ' ' || from[-1] == '-' ? 2 : 1;
        if (*from == '\0')
            break;
    }
    return best;
}

static void fill(struct model *m)
{
    bool apps = m->state == MODEL_LAUNCHER;
    unsigned n = apps ? m->apps_count : m->order_count;

    m->view_count = 0;
    for (int wanted = 2; wanted > 0; wanted--)
        for (unsigned i = 0; i < n; i++) {
            const struct model_persona *p = apps ? NULL : model_find(m, m->order[i]);

            if ((apps || p) && match(apps ? m->apps[i] : p->id, m->filter) == wanted)
                m->view[m->view_count++] = (uint16_t)(apps ? i : (unsigned)(p - m->personas));
        }
}

void view_refresh(struct model *m)
{
    char was[MODEL_ID] = "";
    unsigned app = 0, at;
    bool had = m->selected < m->view_count;

    /* The view's indices are of the old list: ids are looked up in the order, which is not changed yet. */
    if (had && m->state == MODEL_LAUNCHER)
        app = m->view[m->selected];
    else if (had)
        memcpy(was, m->selected_id, MODEL_ID);
    order_follow(m);
    fill(m);
    for (at = 0; had && at < m->view_count; at++)
        if (m->state == MODEL_LAUNCHER ? m->view[at] == app : strcmp(m->personas[m->view[at]].id, was) == 0)
            break;
    view_select(m, had && at < m->view_count ? (int)at : (int)m->selected);
}

void view_select(struct model *m, int index)
{
    unsigned row;
    const struct model_persona *p;

    if (index >= (int)m->view_count)
        index = (int)m->view_count - 1;
    m->selected = index < 0 ? 0 : (unsigned)index;
    row = m->selected / m->columns;
    if (row < m->top)
        m->top = row;
    if (row >= m->top + m->rows)
        m->top = row - m->rows + 1;
    p = model_at(m, m->selected);
    memcpy(m->selected_id, p ? p->id : "", p ? MODEL_ID : 1);
}

void view_step(struct model *m, int by)
{
    int n = (int)m->view_count;

    if (n > 0)
        view_select(m, (((int)m->selected + by) % n + n) % n);
}
