/* SPDX-License-Identifier: MIT
 * Whether a window is where it belongs. Pure: what sway said of it in, what to do about it out;
 * bay0/ui_contain carries it out. */
#ifndef BAY0_CORE_CONTAIN_H
#define BAY0_CORE_CONTAIN_H

#include "core/swaytext.h"

/* A persona whose windows had to be put back more than CONTAIN_MAX times within CONTAIN_MS is at war. */
enum { CONTAIN_PERSONAS = 64, CONTAIN_MAX = 8, CONTAIN_MS = 10000, CONTAIN_ECHO_MS = 30 };

struct contain_persona {
    char id[NAME_ID_MAX + 1]; /* "": free */
    uint64_t since;           /* ms: the first of the window of time */
    uint32_t times;
    int64_t con_id; /* its window that was put back last, and when */
    uint64_t last;
};
struct contain {
    struct contain_persona p[CONTAIN_PERSONAS];
};

enum contain_verdict {
    CONTAIN_FINE,
    CONTAIN_ECHO, /* to be put back like the next, but it was a moment ago: the events of one wish come in a
                     bunch */
    CONTAIN_BACK, /* to its own workspace, fullscreen ended first */
    CONTAIN_KILL  /* the same, and its program ends: it does not leave off */
};
/* ev: a window event. shown: the persona whose workspace sway named last, "" for none. It must come from the
 * same stream as ev: what bay0 has asked for meanwhile is not yet where sway was when it made ev. */
enum contain_verdict contain_look(struct contain *c, const struct sway_event *ev, const char *shown,
                                  uint64_t now);

#endif
