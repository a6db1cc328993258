/* SPDX-License-Identifier: MIT
 * The table of pressure, and the clock that feeds it. */
#include "core/pressure.h"

#include <stdlib.h>
#include <string.h>

#define GO(action, next)                                                                                     \
    {                                                                                                        \
        (action), (next)                                                                                     \
    }
#define STAY(state) GO(PRESSURE_NOTHING, state)

const struct pressure_cell pressure_table[PRESSURE_STATES][PRESSURE_EVENTS] = {
    [PRESSURE_CALM] = {[PRESSURE_NEWS] = GO(PRESSURE_NOTHING, PRESSURE_RISING),
                       [PRESSURE_OWN] = GO(PRESSURE_NOTHING, PRESSURE_RISING),
                       [PRESSURE_QUIET] = STAY(PRESSURE_CALM),
                       [PRESSURE_LASTED] = STAY(PRESSURE_CALM),
                       [PRESSURE_IN_VAIN] = STAY(PRESSURE_CALM)},
    [PRESSURE_RISING] = {[PRESSURE_NEWS] = STAY(PRESSURE_RISING),
                         [PRESSURE_OWN] = STAY(PRESSURE_RISING),
                         [PRESSURE_QUIET] = GO(PRESSURE_NOTHING, PRESSURE_CALM),
                         [PRESSURE_LASTED] = GO(PRESSURE_SLOW, PRESSURE_SLOWED),
                         [PRESSURE_IN_VAIN] = GO(PRESSURE_SLOW, PRESSURE_SLOWED)},
    [PRESSURE_SLOWED] = {[PRESSURE_NEWS] = STAY(PRESSURE_SLOWED),
                         [PRESSURE_OWN] = STAY(PRESSURE_SLOWED),
                         [PRESSURE_QUIET] = GO(PRESSURE_RELEASE, PRESSURE_PAROLE),
                         [PRESSURE_LASTED] = GO(PRESSURE_END, PRESSURE_CALM),
                         [PRESSURE_IN_VAIN] = GO(PRESSURE_RELEASE, PRESSURE_CLEARED)},
    [PRESSURE_PAROLE] = {[PRESSURE_NEWS] = GO(PRESSURE_NOTHING, PRESSURE_AGAIN),
                         [PRESSURE_OWN] = GO(PRESSURE_NOTHING, PRESSURE_AGAIN),
                         [PRESSURE_QUIET] = STAY(PRESSURE_PAROLE),
                         [PRESSURE_LASTED] = GO(PRESSURE_NOTHING, PRESSURE_CALM),
                         [PRESSURE_IN_VAIN] = GO(PRESSURE_NOTHING, PRESSURE_CALM)},
    [PRESSURE_AGAIN] = {[PRESSURE_NEWS] = STAY(PRESSURE_AGAIN),
                        [PRESSURE_OWN] = STAY(PRESSURE_AGAIN),
                        [PRESSURE_QUIET] = GO(PRESSURE_NOTHING, PRESSURE_PAROLE),
                        [PRESSURE_LASTED] = GO(PRESSURE_END, PRESSURE_CALM),
                        [PRESSURE_IN_VAIN] = GO(PRESSURE_END, PRESSURE_CALM)},
    [PRESSURE_CLEARED] = {[PRESSURE_NEWS] = STAY(PRESSURE_CLEARED),
                          [PRESSURE_OWN] = GO(PRESSURE_NOTHING, PRESSURE_RISING),
                          [PRESSURE_QUIET] = STAY(PRESSURE_CLEARED),
                          [PRESSURE_LASTED] = GO(PRESSURE_NOTHING, PRESSURE_CALM),
                          [PRESSURE_IN_VAIN] = GO(PRESSURE_NOTHING, PRESSURE_CALM)},
};

/* How long a state may last, and whether silence ends it before; 0: for ever. */
static const struct {
    uint32_t lasts_ms;
    bool quiet;
} clocks[PRESSURE_STATES] = {
    [PRESSURE_RISING] = {PRESSURE_HOLD_MS, true},     [PRESSURE_SLOWED] = {PRESSURE_HOLD_MS, true},
    [PRESSURE_PAROLE] = {PRESSURE_PAROLE_MS, false},  [PRESSURE_AGAIN] = {PRESSURE_HOLD_MS, true},
    [PRESSURE_CLEARED] = {PRESSURE_PAROLE_MS, false},
};

const struct pressure_row pressure_rows[PRESSURE_ROWS] = {
    {"memory", "full 600000 2000000", false},
    {"io", "full 1600000 2000000", true},
    {"cpu", "some 1600000 2000000", true},
};
const char *const pressure_victims[PRESSURE_VICTIMS] = {"bay0", "ui"};

static enum pressure_action step(struct pressure *p, enum pressure_event ev, uint64_t now)
{
    const struct pressure_cell *cell = &pressure_table[p->state][ev];

    if (cell->next != p->state) {
        p->state = cell->next;
        p->since = now;
    }
    return cell->action;
}

enum pressure_action pressure_news(struct pressure *p, bool own, uint64_t now)
{
    p->news = now;
    if (own)
        p->own = now;
    return step(p, own ? PRESSURE_OWN : PRESSURE_NEWS, now);
}

/* When silence, and when the state itself, is over; UINT64_MAX: never. */
static uint64_t quiet_at(const struct pressure *p)
{
    uint64_t from = p->news > p->since ? p->news : p->since;

    return clocks[p->state].quiet ? from + PRESSURE_QUIET_MS : UINT64_MAX;
}

static uint64_t lasted_at(const struct pressure *p)
{
    return clocks[p->state].lasts_ms ? p->since + clocks[p->state].lasts_ms : UINT64_MAX;
}

enum pressure_action pressure_tick(struct pressure *p, uint64_t now)
{
    if (now >= quiet_at(p))
        return step(p, PRESSURE_QUIET, now);
    if (now < lasted_at(p))
        return PRESSURE_NOTHING;
    return step(p, p->own > p->since ? PRESSURE_LASTED : PRESSURE_IN_VAIN, now);
}

uint64_t pressure_wait(const struct pressure *p, uint64_t now)
{
    uint64_t at = quiet_at(p) < lasted_at(p) ? quiet_at(p) : lasted_at(p);

    if (at == UINT64_MAX)
        return 0;
    return at > now ? at - now : 1;
}

bool pressure_slows(const struct pressure *p)
{
    return p->state == PRESSURE_SLOWED;
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=123" in its first line */
uint64_t pressure_total(const char *text)
{
    static const char key[] = " total=";
    const char *at = strstr(text, key), *end = strchr(text, '\n');

    if (strncmp(text, "some ", 5) != 0 || !at || (end && at > end))
        return 0;
    return strtoull(at + sizeof key - 1, NULL, 10);
}

/* The kernel's averages forget too slowly: who was slowed down would pay for what is over. */
bool pressure_waits(uint64_t before, uint64_t after, uint64_t ms)
{
    return ms > 0 && ms <= PRESSURE_QUIET_MS && after > before && after - before >= ms * 100;
}
