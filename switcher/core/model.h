/* SPDX-License-Identifier: MIT
 * What the switcher knows and how it answers: states x events. Pure: events in, actions out. */
#ifndef SWITCHER_CORE_MODEL_H
#define SWITCHER_CORE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MODEL_PERSONAS = 64, /* bay0's registry refuses the 65th */
    MODEL_ID = 32,       /* size; ids match [a-z][a-z0-9-]{0,30} */
    MODEL_FILTER = 48,
    MODEL_APPS = 512,
    MODEL_SAY = 200,
    MODEL_SIGNS = 8,
};

enum model_state {
    MODEL_HIDDEN,
    MODEL_SWITCH,    /* opened by the hotkey: releasing the modifier commits */
    MODEL_FILTER_IN, /* stays open: it was opened without the modifier, or letting that go led nowhere */
    MODEL_LAUNCHER,  /* programs of the persona in front */
    MODEL_EMPTY,     /* there is no persona */
    MODEL_ERROR,     /* bay0 is away */
    MODEL_STATES
};

enum model_event_kind {
    ME_NEXT, /* hotkeys, told by bay0 */
    ME_PREVIOUS,
    ME_LAST,
    ME_LAUNCHER,
    ME_OPEN,   /* a click on the strip */
    ME_MOD_UP, /* the modifier is not down any more, or was up when the keyboard came */
    ME_TEXT,   /* .text */
    ME_BACKSPACE,
    ME_LEFT,
    ME_RIGHT,
    ME_UP,
    ME_DOWN,
    ME_HOME,
    ME_END,
    ME_ENTER,
    ME_ESC,
    ME_POINT,  /* .index of the view: the pointer moved onto it */
    ME_CLICK,  /* .index of the view: click or touch */
    ME_SCROLL, /* .index: rows, negative is up */
    ME_LISTS,  /* personas, services or programs changed */
    ME_FRONT,  /* somebody is in front now */
    ME_AWAY,   /* the connection to bay0 ended */
    ME_BACK,   /* and is there again */
    ME_CLOSED, /* the compositor took the surface away: output gone */
    ME_KINDS
};

struct model_event {
    enum model_event_kind kind;
    int index;
    const char *text;
};

/* What to do, as bits: several at a time, in this order. */
enum {
    MA_HIDE = 1,
    MA_SHOW = 2,
    MA_REDRAW = 4,
    MA_FOCUS = 8,      /* .id */
    MA_START = 16,     /* .id, then focus it */
    MA_LAUNCH = 32,    /* .index of the launcher's programs */
    MA_LIST_APPS = 64, /* of the persona in front */
};

struct model_actions {
    unsigned what;
    char id[MODEL_ID];
    unsigned index;
};

enum persona_life {
    LIFE_ADDING,
    LIFE_STOPPED,
    LIFE_STARTING,
    LIFE_RUNNING,
    LIFE_STOPPING,
    LIFE_REMOVING,
    LIFE_FAILED
};

enum persona_profile { PROFILE_DESKTOP, PROFILE_SEALED, PROFILE_AGENT, PROFILE_DEV };

struct model_persona {
    char id[MODEL_ID];
    enum persona_life life;
    enum persona_profile profile;
    bool frozen, throttled, attention, microphone, network;
    uint32_t colour;           /* 0xrrggbb */
    unsigned number;           /* place in bay0's list from 1, which is the digit of its hotkey; 0: none */
    uint64_t used;             /* order of last time in front, 0: never */
    uint64_t memory;           /* bytes */
    uint64_t cpu_usec, cpu_at; /* last sample and its time in ms; cpu_at 0: none */
    int cpu;                   /* percent of one core, -1: not known */
};

struct model {
    enum model_state state;
    bool away;
    struct model_persona personas[MODEL_PERSONAS]; /* in bay0's order */
    unsigned count;
    char front[MODEL_ID];
    char ai[16]; /* ai-core's state, "" when not known */
    bool ai_up;

    char order[MODEL_PERSONAS][MODEL_ID]; /* as when it was opened: rows do not jump while one looks */
    unsigned order_count;
    uint16_t view[MODEL_APPS]; /* what is shown: indices of personas or of programs */
    unsigned view_count, selected;
    char selected_id[MODEL_ID]; /* persona under the selection, "" for none */
    unsigned top;               /* first row shown */
    unsigned columns;           /* as drawn last, at least 1 */
    unsigned rows;              /* rows shown at a time, at least 1 */
    char filter[MODEL_FILTER];

    const char *const *apps; /* names of programs; borrowed */
    unsigned apps_count;
    bool apps_known;
    char apps_error[MODEL_SAY];
};

void model_init(struct model *m);
/* One event; the model is changed and what to do is in the result. */
struct model_actions model_event(struct model *m, const struct model_event *e);

/* The programs of the persona in front: names stay the caller's until the next call. */
void model_apps(struct model *m, const char *const *names, unsigned n, const char *error);

struct model_persona *model_find(struct model *m, const char *id);
const struct model_persona *model_front(const struct model *m);
/* The persona at this place of the view; NULL past its end and in the launcher. */
const struct model_persona *model_at(const struct model *m, unsigned index);
/* 0 to MODEL_SIGNS - 1; the same id has the same sign on every machine. */
unsigned model_sign(const char *id);
bool model_shown(const struct model *m);

#endif
