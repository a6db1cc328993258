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

enum { FOCUS_PERSONAS_MAX = 64, FOCUS_ACTIONS_MAX = 3 * FOCUS_PERSONAS_MAX };

/* What a persona's processes do, as far as bay0 knows. */
enum fz_state {
    FZ_AWAKE,
    FZ_GRACE /* hidden, timer runs */,
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
    bool visible;     /* has a window on a workspace that some output shows (sway's word) */
    bool fallback;    /* throttled because the freeze timed out */
    uint32_t holds;   /* operations that need it awake: start, stop, exec that began in the background */
    uint64_t used_at; /* when it was last in front; orders "next" and "last" */
};
struct focus {
    struct focus_persona p[FOCUS_PERSONAS_MAX];
    char front[NAME_ID_MAX + 1];  /* "" when nobody is */
    char target[NAME_ID_MAX + 1]; /* a switch under way, "" when none */
    uint64_t ticket; /* the request that the switch under way answers; 0: nobody asked (sway did it) */
    uint32_t grace_ms, freeze_ms, thaw_ms;
};

enum focus_event_kind {
    FE_ADDED,
    FE_REMOVED, /* registry */
    FE_STARTED,
    FE_STOPPED,   /* life: after start, after end or death */
    FE_REQUEST,   /* ticket: persona.focus, or a hotkey (ticket 0) */
    FE_WORKSPACE, /* sway says workspace `id` is now focused ("" = none of ours) */
    FE_SHOWN,
    FE_SHOW_FAILED, /* end of FA_SHOW */
    FE_VISIBLE,     /* flag: has a visible window or not */
    FE_FROZEN,
    FE_THAWED, /* cgroup.events: frozen 1, frozen 0 */
    FE_TIMER,  /* the persona's timer rang */
    FE_HOLD,
    FE_RELEASE, /* an operation needs it awake / is through */
    FE_EVENT_COUNT
};
struct focus_event {
    enum focus_event_kind kind;
    const char *id;                  /* the persona */
    uint64_t ticket;                 /* FE_REQUEST */
    bool flag;                       /* FE_VISIBLE */
    uint64_t now;                    /* ms, monotonic */
    const char *colour;              /* FE_ADDED */
    enum background_mode background; /* FE_ADDED */
};
enum focus_action_kind {
    FA_THAW,
    FA_FREEZE,
    FA_THROTTLE,
    FA_UNTHROTTLE,
    FA_SHOW,   /* clear the clipboard, then one swaymsg: colours and workspace of id; answer with
                  FE_SHOWN/FE_SHOW_FAILED */
    FA_ANSWER, /* ticket: ok, or error in code */
    FA_PARK_SOUND,
    FA_UNPARK_SOUND,
    FA_TIMER,       /* arm the persona's one timer: ms; 0 = cancel */
    FA_ASK_VISIBLE, /* look at sway's tree, answer with FE_VISIBLE for id */
    FA_RECORD,      /* remember front = id in the registry (may be lost) */
    FA_CHANGED      /* id's row in `ps` changed: tell subscribers */
};
struct focus_action {
    enum focus_action_kind kind;
    char id[NAME_ID_MAX + 1];
    uint64_t ticket;
    enum err_code code; /* FA_ANSWER: ERR_NONE = ok */
    uint32_t ms;
};
struct focus_actions {
    struct focus_action a[FOCUS_ACTIONS_MAX];
    size_t n;
};

void focus_init(struct focus *f, uint32_t grace_ms);
/* Rules: nothing visible is ever frozen; the front one is never frozen; a newer request supersedes the
 * waiting one (older tickets are answered ERR_SUPERSEDED); coming back within the grace cancels it; a freeze
 * not confirmed within freeze_ms becomes a throttle (fallback = true), a thaw not confirmed within thaw_ms
 * goes on anyway; holds keep a persona awake, and a completed FE_REQUEST for another persona ends all holds
 * of exec in the background; the first persona that starts while nobody is in front gets the front; when the
 * front one stops, the one used last before it that runs comes to the front; a persona started in the
 * background stays awake for start_ms (10 s) before its grace begins; FE_WORKSPACE without a request leads to
 * the same end as a request. */
void focus_event(struct focus *f, const struct focus_event *ev, struct focus_actions *out);
struct focus_persona *focus_find(struct focus *f, const char *id);
/* The n-th running persona in id order (1..), or the next/previous/last one after the front; NULL when there
 * is none. For hotkeys. */
enum focus_pick { PICK_NUMBER, PICK_NEXT, PICK_PREVIOUS, PICK_LAST };
const struct focus_persona *focus_pick(const struct focus *f, enum focus_pick how, unsigned n);

#endif
