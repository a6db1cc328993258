/* SPDX-License-Identifier: MIT
 * Which persona a hotkey means: by number, next, previous, last. */
#include "core/focus.h"

#include <string.h>

static int order(const char *a, const char *b, bool backwards)
{
    return backwards ? strcmp(b, a) : strcmp(a, b);
}

/* Walks the running personas in id order: the nearest one after `from`, "" = from the end it starts at. NULL
 * at the other end. */
static const struct focus_persona *neighbour(const struct focus *f, const char *from, bool backwards)
{
    const struct focus_persona *best = NULL;

    for (size_t i = 0; i < FOCUS_PERSONAS_MAX; i++) {
        const struct focus_persona *p = &f->p[i];

        if (!p->used || !p->running || (from[0] && order(p->id, from, backwards) <= 0))
            continue;
        if (!best || order(p->id, best->id, backwards) < 0)
            best = p;
    }
    return best;
}

static const struct focus_persona *last_used(const struct focus *f, const char *but)
{
    const struct focus_persona *best = NULL, *p = NULL;

    while ((p = neighbour(f, p ? p->id : "", false)))
        if (strcmp(p->id, but) != 0 && (!best || p->used_at > best->used_at))
            best = p;
    return best;
}

const struct focus_persona *focus_pick(const struct focus *f, enum focus_pick how, unsigned n)
{
    const char *from = f->next[0] ? f->next : f->target[0] ? f->target : f->front;
    const struct focus_persona *p = NULL;

    switch (how) {
    case PICK_NUMBER:
        if (!n)
            return NULL;
        do
            p = neighbour(f, p ? p->id : "", false);
        while (p && --n);
        return p;
    case PICK_NEXT:
    case PICK_PREVIOUS:
        p = neighbour(f, from, how == PICK_PREVIOUS);
        if (!p)
            p = neighbour(f, "", how == PICK_PREVIOUS);
        return p && strcmp(p->id, from) != 0 ? p : NULL;
    case PICK_LAST:
        return last_used(f, from);
    }
    return NULL;
}
