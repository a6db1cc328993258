/* SPDX-License-Identifier: MIT
 * What of the focus engine outlives bay0's program: who rests how. Timers do not; each grace begins anew. */
#include "core/focus.h"

bool focus_keep(const struct focus_persona *p, struct focus_persona *kept)
{
    if (p->fz == FZ_CHECKING || p->fz == FZ_FREEZING || p->fz == FZ_THAWING || p->waiting)
        return false;
    *kept = (struct focus_persona){
        .running = p->running,
        .fz = p->fz == FZ_GRACE ? FZ_AWAKE : p->fz,
        .fallback = p->fallback,
        .holds = p->holds,
        .execs = p->execs,
        .stale = p->stale,
        .used_at = p->used_at,
        .fresh_to = p->fresh_to,
        .parked = p->parked,
    };
    return true;
}

void focus_restore(struct focus *f, const char *id, const struct focus_persona *kept)
{
    struct focus_persona *p = focus_find(f, id);

    if (!p)
        return;
    p->running = kept->running;
    p->fz = kept->fz;
    p->fallback = kept->fallback;
    p->holds = kept->holds;
    p->execs = kept->execs;
    p->stale = kept->stale;
    p->used_at = kept->used_at;
    p->fresh_to = kept->fresh_to;
    p->parked = kept->parked;
}
