/* SPDX-License-Identifier: MIT
 * Supervision of one service as states x events, with back-off and a give-up state. Pure: time is an
 * argument. */
#ifndef BAY0_CORE_SUPERVISE_H
#define BAY0_CORE_SUPERVISE_H

#include <stdbool.h>
#include <stdint.h>

enum sup_state { SUP_DOWN, SUP_STARTING, SUP_UP, SUP_STOPPING, SUP_BACKOFF, SUP_GAVE_UP, SUP_STATE_COUNT };
enum sup_event { SUP_EV_START, SUP_EV_STOP, SUP_EV_READY, SUP_EV_EXIT, SUP_EV_TIMER, SUP_EVENT_COUNT };
enum sup_action {
    SUP_DO_NOTHING,
    SUP_DO_SPAWN,
    SUP_DO_TERM,
    SUP_DO_KILL,
    SUP_DO_WAIT, /* it died and will be started again when the timer rings: say so */
    SUP_DO_REPORT_GIVE_UP
};

enum {
    SUP_BACKOFF_FIRST_MS = 250,
    SUP_BACKOFF_MAX_MS = 30000,
    SUP_START_MS = 30000,
    SUP_STOP_MS = 5000,
    SUP_DEATHS_MAX = 8,
    SUP_DEATHS_WINDOW_MS = 120000,
    SUP_STABLE_MS = 60000
};

struct supervisor {
    enum sup_state state;
    bool ever;                       /* was started once */
    bool again;                      /* STOPPING: the operator wants it started after the end */
    uint32_t restarts;               /* starts after the first, for `service status` */
    uint32_t backoff_ms;             /* the next wait */
    uint64_t started_at;             /* ms, monotonic */
    uint64_t timer_at;               /* ms, 0: none */
    uint64_t deaths[SUP_DEATHS_MAX]; /* ring of the times of the last deaths */
    uint32_t deaths_n;
};
struct sup_decision {
    enum sup_action action;
    uint32_t timer_ms; /* the one timer from now on: 0 cancels it, else arm it, replacing the old one */
};

void sup_init(struct supervisor *s);
/* Feeds one event at time now (ms, monotonic, > 0). The table inside has every cell. An operator's START also
 * leaves GAVE_UP. A SUP_DO_SPAWN that fails is told as SUP_EV_EXIT; a service without a sign of readiness is
 * told as SUP_EV_READY right after it was spawned. SUP_DO_KILL is repeated every SUP_STOP_MS until the end is
 * told. */
struct sup_decision sup_event(struct supervisor *s, enum sup_event ev, uint64_t now);
const char *sup_state_name(enum sup_state s); /* down starting up stopping backoff gave-up */

#endif
