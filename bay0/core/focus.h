/* SPDX-License-Identifier: MIT
 * Who is in front, who runs, who may be frozen (design 4.4). Pure: events in, actions out; bay0/focus_run
 * carries them out. */
#ifndef BAY0_CORE_FOCUS_H
#define BAY0_CORE_FOCUS_H

#include "core/err.h"
#include "core/spec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FOCUS_PERSONAS_MAX = 64, FOCUS_ACTIONS_MAX = 4 * FOCUS_PERSONAS_MAX };

/* What a persona's processes do, as far as bay0 knows. */
enum fz_state {
    FZ_AWAKE,
    FZ_GRACE,    /* hidden, its grace runs */
    FZ_CHECKING, /* grace is over, sway was asked whether a window of it can be seen */
    FZ_FREEZING,
    FZ_FROZEN,
    FZ_THAWING,
    FZ_THROTTLED,
    FZ_STATE_COUNT
};
const char *fz_state_name(enum fz_state s);

struct focus_persona {
    bool used, running;
    char id[NAME_ID_MAX + 1];
    char colour[NAME_COLOUR_LEN + 1];
    enum background_mode background;
    enum fz_state fz;
    bool visible;      /* a window of it is on a workspace that some output shows (sway's word) */
    bool fallback;     /* throttled because the freeze timed out; the freeze stays asked */
    uint32_t holds;    /* operations that need it awake: start, stop, setting up an exec */
    uint32_t execs;    /* exec sessions that keep it awake in the background */
    uint32_t stale;    /* exec sessions that a switch robbed of that; their release is still to come */
    uint64_t used_at;  /* order number of its last time in front, 0: never; for "last" */
    uint64_t fresh_to; /* ms: just started, stays awake until then */
    bool timer;        /* its timer is armed */
    bool waiting;      /* FA_READY is owed */
    bool parked;       /* its sound is parked */
    bool changed;      /* FA_CHANGED is owed */
};

enum focus_phase { FOCUS_IDLE, FOCUS_THAW, FOCUS_SHOW };
struct focus {
    struct focus_persona p[FOCUS_PERSONAS_MAX];
    char front[NAME_ID_MAX + 1];  /* "" when nobody is */
    char target[NAME_ID_MAX + 1]; /* the one switch under way, "" when none */
    enum focus_phase phase;
    bool follow;                /* the switch follows sway, which shows the target already */
    uint64_t ticket;            /* the request that the switch under way answers; 0: nobody asked */
    char next[NAME_ID_MAX + 1]; /* the newest request, waiting for the end of FA_SHOW */
    uint64_t next_ticket;
    char seen[NAME_ID_MAX + 1];   /* the workspace that sway named last */
    char await[NAME_ID_MAX + 1];  /* sway was told to go there and has not said yet that it did; "" */
    uint64_t await_to;            /* ms: until then what it says of others is from before */
    char passed[NAME_ID_MAX + 1]; /* what was passed over for that reason, if `skipped` */
    bool skipped;
    bool doubt; /* sway may show the workspace of one that is declared since: going there makes no word */
    bool moved; /* it named one since the last FA_SHOW went out */
    bool heard; /* seen is worth something: it came since the compositor did */
    bool reshow, pick; /* to do when idle: show the front again; choose a front if there is none */
    bool sway;         /* the compositor is up; focus_init says yes */
    uint64_t turn;     /* source of used_at */
    uint32_t grace_ms, start_ms, check_ms, freeze_ms, thaw_ms; /* may be set after focus_init, all > 0 */
};

enum focus_event_kind {
    FE_ADDED,
    FE_REMOVED, /* registry */
    FE_STARTED,
    FE_STOPPED,   /* life: after start, after end or death */
    FE_REQUEST,   /* ticket: persona.focus, or a hotkey (ticket 0) */
    FE_WORKSPACE, /* sway says workspace `id` is now focused ("" = none of ours) */
    FE_SHOWN,
    FE_SHOW_FAILED, /* end of FA_SHOW: one of both always comes, bounded by the child's time-out */
    FE_VISIBLE,     /* flag: has a visible window or not. Answer to FA_ASK_VISIBLE; also unasked, when sway's
                       window events tell of a change for one that is not in front */
    FE_FROZEN,
    FE_THAWED, /* cgroup.events says frozen 1, frozen 0: on a change, and read anew right after FA_FREEZE and
                  FA_THAW */
    FE_TIMER,  /* the persona's timer rang */
    FE_HOLD,
    FE_RELEASE, /* an operation needs it awake / is through. flag: an exec session rather than an operation of
                   bay0. Allowed at any time, running or not; FE_HOLD is answered by FA_READY */
    FE_SWAY, /* flag: the compositor answers / is gone. id: "". Nothing of the old one may follow its end, but
                the FE_SHOW_FAILED that is owed */
    FE_EVENT_COUNT
};
struct focus_event {
    enum focus_event_kind kind;
    const char *id;                  /* the persona */
    uint64_t ticket;                 /* FE_REQUEST; 0: no answer wanted */
    bool flag;                       /* FE_VISIBLE, FE_HOLD, FE_RELEASE, FE_SWAY */
    uint64_t now;                    /* ms, monotonic */
    const char *colour;              /* FE_ADDED */
    enum background_mode background; /* FE_ADDED */
};
enum focus_action_kind {
    FA_THAW,
    FA_FREEZE,
    FA_THROTTLE,
    FA_UNTHROTTLE,
    FA_SHOW,   /* clear the clipboard, then one command: colours and workspace of id (follow: colours alone,
                  sway   is there already); answer with FE_SHOWN/FE_SHOW_FAILED. Never two at a time */
    FA_ANSWER, /* ticket: ok, or error in code */
    FA_PARK_SOUND,
    FA_UNPARK_SOUND,
    FA_TIMER,       /* arm the persona's one timer: ms; 0 = cancel */
    FA_ASK_VISIBLE, /* look at sway's tree, answer with FE_VISIBLE for id */
    FA_READY,       /* id is awake (or has ended): what waits after FE_HOLD may go on */
    FA_RECORD,      /* remember front = id, or "", in the registry (may be lost) */
    FA_CHANGED      /* id's row in `ps` changed: tell subscribers */
};
struct focus_action {
    enum focus_action_kind kind;
    char id[NAME_ID_MAX + 1];
    uint64_t ticket;
    enum err_code code; /* FA_ANSWER: ERR_NONE = ok */
    uint32_t ms;
    bool follow; /* FA_SHOW */
};
struct focus_actions {
    struct focus_action a[FOCUS_ACTIONS_MAX];
    size_t n;
};

void focus_init(struct focus *f, uint32_t grace_ms);
/* Feeds one event; *out is overwritten with what to do, in this order. The rules are in docs/focus.md. In
 * short: nothing visible is ever frozen; the front one is never frozen; a newer request supersedes the
 * waiting one (older tickets are answered ERR_SUPERSEDED); coming back within the grace cancels it; a freeze
 * not confirmed within freeze_ms becomes a throttle (fallback = true), a thaw not confirmed within thaw_ms
 * goes on anyway; holds keep a persona awake, and a completed switch to another persona ends all holds
 * of exec sessions; the first persona that starts while nobody is in front gets the front; when the
 * front one stops, the one used last before it that runs comes to the front; a persona started in the
 * background stays awake for start_ms (10 s); FE_WORKSPACE without a request leads to
 * the same end as a request. Events for unknown ids do nothing, but FE_REQUEST is answered. FE_ADDED beyond
 * FOCUS_PERSONAS_MAX is ignored: the registry must refuse it first. */
void focus_event(struct focus *f, const struct focus_event *ev, struct focus_actions *out);
struct focus_persona *focus_find(struct focus *f, const char *id);
/* bay0 goes on in a new program. focus_keep: what of p is worth handing over; false while p is on its way
 * from one state to another. focus_restore: puts it back, once p->id was added; nothing is done to its
 * processes, and the events that follow bring the timers. */
bool focus_keep(const struct focus_persona *p, struct focus_persona *kept);
void focus_restore(struct focus *f, const char *id, const struct focus_persona *kept);
/* The n-th running persona in id order (1..), or the next/previous one in id order, or the one used last,
 * counted from where the switch under way leads; NULL when there is none. For hotkeys. */
enum focus_pick { PICK_NUMBER, PICK_NEXT, PICK_PREVIOUS, PICK_LAST };
const struct focus_persona *focus_pick(const struct focus *f, enum focus_pick how, unsigned n);

#endif
