/* SPDX-License-Identifier: MIT
 * Order, filter, selection and scrolling. */
#include "switcher/core/view.h"

#include <stdlib.h>
#include <string.h>

static int awake(const struct model_persona *p)
{
    return p->life == LIFE_RUNNING || p->life == LIFE_STARTING;
}

static int by_use(const void *a, const void *b)
{
    const struct model_persona *const *x = a, *const *y = b;

    if (awake(*x) != awake(*y))
        return awake(*y) - awake(*x);
    if ((*x)->used != (*y)->used)
        return (*x)->used < (*y)->used ? 1 : -1;
    return (*x)->number < (*y)->number ? -1 : (*x)->number > (*y)->number;
}

void view_order(struct model *m)
{
    const struct model_persona *sorted[MODEL_PERSONAS];
    unsigned front = 0;

    for (unsigned i = 0; i < m->count; i++)
        sorted[i] = &m->personas[i];
    qsort(sorted, m->count, sizeof(sorted[0]), by_use);
    /* Whoever is in front comes first, whatever the counters say: a tap must lead away from it. */
    for (unsigned i = 0; i < m->count; i++)
        if (strcmp(sorted[i]->id, m->front) == 0)
            front = i;
    for (const struct model_persona *p = sorted[front]; m->count > 0 && front > 0; front--) {
        sorted[front] = sorted[front - 1];
        sorted[front - 1] = p;
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
