/* SPDX-License-Identifier: MIT
 * Supervision of one service: a table of states and events, and the arithmetic of back-off. */
#include "core/supervise.h"

#include <string.h>

enum cell {
    KEEP,      /* nothing to do, the timer runs on */
    FRESH,     /* operator's start: a clean slate, then spawn */
    CANCEL,    /* stop waiting */
    TERM,      /* ask it to end */
    KILL,      /* it did not end, or did not get ready, in time */
    UP,        /* it is ready */
    LOST,      /* it died by itself */
    RESPAWN,   /* the back-off is over */
    ENDED,     /* as the operator wanted */
    AGAIN,     /* start it when it has ended */
    NOT_AGAIN, /* or rather not */
};

/* News of a process that is gone and timers that rang while they were replaced change nothing. */
// clang-format off
static const unsigned char table[SUP_STATE_COUNT][SUP_EVENT_COUNT] = {
    /*                 START  STOP       READY EXIT   TIMER */
    [SUP_DOWN]     = { FRESH, KEEP,      KEEP, KEEP,  KEEP },
    [SUP_STARTING] = { KEEP,  TERM,      UP,   LOST,  KILL },
    [SUP_UP]       = { KEEP,  TERM,      KEEP, LOST,  KEEP },
    [SUP_STOPPING] = { AGAIN, NOT_AGAIN, KEEP, ENDED, KILL },
    [SUP_BACKOFF]  = { FRESH, CANCEL,    KEEP, KEEP,  RESPAWN },
    [SUP_GAVE_UP]  = { FRESH, CANCEL,    KEEP, KEEP,  KEEP },
};
// clang-format on

const char *sup_state_name(enum sup_state s)
{
    static const char *const names[SUP_STATE_COUNT] = {
        [SUP_DOWN] = "down",         [SUP_STARTING] = "starting", [SUP_UP] = "up",
        [SUP_STOPPING] = "stopping", [SUP_BACKOFF] = "backoff",   [SUP_GAVE_UP] = "gave-up",
    };

    return (unsigned)s < SUP_STATE_COUNT ? names[s] : "unknown";
}

void sup_init(struct supervisor *s)
{
    memset(s, 0, sizeof *s);
    s->backoff_ms = SUP_BACKOFF_FIRST_MS;
}

static enum sup_action go(struct supervisor *s, enum sup_state to, enum sup_action action, uint64_t timer_at)
{
    s->state = to;
    s->timer_at = timer_at;
    return action;
}

static enum sup_action spawn(struct supervisor *s, uint64_t now)
{
    s->restarts += s->ever;
    s->ever = true;
    s->again = false;
    s->started_at = now;
    return go(s, SUP_STARTING, SUP_DO_SPAWN, now + SUP_START_MS);
}

static enum sup_action fresh(struct supervisor *s, uint64_t now)
{
    s->backoff_ms = SUP_BACKOFF_FIRST_MS;
    s->deaths_n = 0;
    return spawn(s, now);
}

static enum sup_action lost(struct supervisor *s, uint64_t now)
{
    uint32_t wait;

    if (now - s->started_at >= SUP_STABLE_MS)
        s->backoff_ms = SUP_BACKOFF_FIRST_MS;
    s->deaths[s->deaths_n++ % SUP_DEATHS_MAX] = now;
    /* The slot that comes next holds the oldest of the last SUP_DEATHS_MAX deaths. */
    if (s->deaths_n >= SUP_DEATHS_MAX &&
        now - s->deaths[s->deaths_n % SUP_DEATHS_MAX] <= SUP_DEATHS_WINDOW_MS)
        return go(s, SUP_GAVE_UP, SUP_DO_REPORT_GIVE_UP, 0);
    wait = s->backoff_ms;
    s->backoff_ms = wait > SUP_BACKOFF_MAX_MS / 2 ? SUP_BACKOFF_MAX_MS : 2 * wait;
    return go(s, SUP_BACKOFF, SUP_DO_WAIT, now + wait);
}

static enum sup_action act(struct supervisor *s, enum cell cell, uint64_t now)
{
    switch (cell) {
    case KEEP:
        break;
    case FRESH:
        return fresh(s, now);
    case CANCEL:
        return go(s, SUP_DOWN, SUP_DO_NOTHING, 0);
    case TERM:
        return go(s, SUP_STOPPING, SUP_DO_TERM, now + SUP_STOP_MS);
    case KILL:
        return go(s, s->state, SUP_DO_KILL, now + SUP_STOP_MS);
    case UP:
        return go(s, SUP_UP, SUP_DO_NOTHING, 0);
    case LOST:
        return lost(s, now);
    case RESPAWN:
        return spawn(s, now);
    case ENDED:
        return s->again ? fresh(s, now) : go(s, SUP_DOWN, SUP_DO_NOTHING, 0);
    case AGAIN:
    case NOT_AGAIN:
        s->again = cell == AGAIN;
        break;
    }
    return SUP_DO_NOTHING;
}

struct sup_decision sup_event(struct supervisor *s, enum sup_event ev, uint64_t now)
{
    struct sup_decision d;

    d.action = act(s, (enum cell)table[s->state][ev], now);
    d.timer_ms = 0;
    if (s->timer_at)
        d.timer_ms = s->timer_at > now ? (uint32_t)(s->timer_at - now) : 1;
    return d;
}
