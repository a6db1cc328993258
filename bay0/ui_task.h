/* SPDX-License-Identifier: MIT
 * What ui.c (commands to sway), ui_clip.c (the clipboard) and ui_events.c (what sway says) share; nobody else
 * includes it. */
#ifndef BAY0_UI_TASK_H
#define BAY0_UI_TASK_H

#include "core/contain.h"
#include "core/swaytext.h"
#include "sway_ipc.h"
#include "ui.h"

enum { UI_ENV_WORDS = 6 };

/* spine-wlclear; zero with words -1: it is not there. */
struct clip {
    struct child *child;
    int words;               /* write end of its standard input */
    struct task *waiting;    /* for its answer */
    struct loop_timer *late; /* while somebody waits */
};

struct ui {
    bool running; /* the process is there */
    bool up;      /* it answers and its events are heard */
    struct child *probe, *subscriber;
    struct loop_timer *retry, *air;
    struct sway_ipc ipc;
    struct clip clip;
    struct contain contain;
    bool told;                   /* sway has named a workspace since it came: */
    char shown[NAME_ID_MAX + 1]; /* whose it was, in the order of its words; "": nobody's */
    unsigned restores;           /* personas whose windows are set up once more in a moment */
    char env_text[UI_ENV_WORDS][PATH_MAX];
    char *env[UI_ENV_WORDS + 1];
};

/* One command under way; freed when it is done. */
struct task {
    struct bay0 *b;
    char id[NAME_ID_MAX + 1];
    uint64_t turn; /* whose it was to be in front when it began: focus.turn */
    ui_done_fn *done;
    void *user;
    bool insist; /* said again, once, when the connection was lost meanwhile */
    char text[SWAY_TEXT_MAX];
};

/* Options of a program that runs as the compositor's user with its environment. */
void ui_options(struct bay0 *b, struct child_options *o, char *const *argv, uint32_t ms);
/* NULL when memory is short. done may be NULL. */
struct task *task_new(struct bay0 *b, const char *id, ui_done_fn *done, void *user);
/* Frees t, then calls done. */
void task_end(struct task *t, bool ok);
/* Sends t->text to sway and hears what came of it; ends t in any case. */
void task_send(struct task *t);

/* Takes the clipboard away from everybody, then sends t as task_send does: when nobody can have what was in
 * it any more, or when it could not be done, which is logged. */
void clip_clear_then_send(struct task *t);
void clip_start(struct bay0 *b); /* a program that stands by for it; it can be done without */
bool clip_end(struct bay0 *b);   /* false when there was none; who waits for it is sent at once */

#endif
