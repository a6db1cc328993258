/* SPDX-License-Identifier: MIT
 * Whether a window is where it belongs. A client that asks for fullscreen on an output lands on the workspace
 * that is shown, past every rule of sway, whenever it likes. */
#include "core/contain.h"

#include <string.h>

static bool is_window_event(enum sway_event_kind kind)
{
    return kind == SWAY_WINDOW_NEW || kind == SWAY_WINDOW_MOVE || kind == SWAY_WINDOW_FOCUS ||
           kind == SWAY_WINDOW_FULLSCREEN;
}

/* The one of that id; else a free place, else that of the one that has been quiet longest. */
static struct contain_persona *place(struct contain *c, const char *id)
{
    struct contain_persona *best = &c->p[0];

    for (size_t i = 0; i < CONTAIN_PERSONAS; i++)
        if (strcmp(c->p[i].id, id) == 0)
            return &c->p[i];
    for (size_t i = 1; i < CONTAIN_PERSONAS && best->id[0]; i++)
        if (!c->p[i].id[0] || c->p[i].since < best->since)
            best = &c->p[i];
    memset(best, 0, sizeof *best);
    memcpy(best->id, id, strlen(id) + 1);
    return best;
}

enum contain_verdict contain_look(struct contain *c, const struct sway_event *ev, const char *shown,
                                  uint64_t now)
{
    struct contain_persona *p;
    bool echo;

    /* Hidden and without the keyboard it is nobody's matter but its own. */
    if (!is_window_event(ev->kind) || !ev->instance[0] || strcmp(ev->instance, shown) == 0 ||
        !(ev->visible || ev->focused))
        return CONTAIN_FINE;
    p = place(c, ev->instance);
    echo = p->times && p->con_id == ev->con_id && now - p->last < CONTAIN_ECHO_MS;
    p->con_id = ev->con_id;
    if (echo)
        return CONTAIN_ECHO;
    p->last = now;
    if (!p->times || now - p->since > CONTAIN_MS) {
        p->since = now;
        p->times = 0;
    }
    return ++p->times > CONTAIN_MAX ? CONTAIN_KILL : CONTAIN_BACK;
}
