/* SPDX-License-Identifier: MIT
 * Which stopped personas are kept initialised ahead of their next start. */
#include "core/ahead.h"

static bool counts(const struct ahead_fact *f)
{
    return (f->can || f->ready) && (f->autostart || f->used_at > 0);
}

static bool before(const struct ahead_fact *a, const struct ahead_fact *b)
{
    return a->autostart != b->autostart ? a->autostart : a->used_at > b->used_at;
}

/* Equals keep their order, so that one of them is not cleared for the other in turns. */
static bool chosen(const struct ahead_fact *f, size_t n, unsigned most, size_t i)
{
    unsigned better = 0;

    for (size_t k = 0; k < n; k++)
        if (k != i && counts(&f[k]) && (before(&f[k], &f[i]) || (k < i && !before(&f[i], &f[k]))))
            better++;
    return counts(&f[i]) && better < most;
}

enum ahead_move ahead_next(const struct ahead_fact *f, size_t n, unsigned most, size_t *at)
{
    enum ahead_move move = AHEAD_NONE;

    for (size_t i = 0; i < n; i++) {
        bool want = chosen(f, n, most, i);

        if (f[i].ready && !want) { /* what it holds is free before another one takes as much */
            *at = i;
            return AHEAD_CLEAR;
        }
        if (want && !f[i].ready && (move == AHEAD_NONE || before(&f[i], &f[*at]))) {
            *at = i;
            move = AHEAD_PREPARE;
        }
    }
    return move;
}
