/* SPDX-License-Identifier: MIT
 * The text that goes to sway and the JSON that comes from it. Ids are checked before they get here, and
 * checked again. */
#ifndef BAY0_CORE_SWAYTEXT_H
#define BAY0_CORE_SWAYTEXT_H

#include "core/spec.h"

struct buf;
struct err;

/* The texts return 0, or -1 when a word is not allowed or the buffer is too small (nothing may be sent then).
 * SWAY_TEXT_MAX bytes are always enough. */
enum { SWAY_TEXT_MAX = 768, SWAY_WORKSPACE_MAX = NAME_ID_MAX + 2 };

/* The workspace of a persona: its id, or "=id" for the few ids that mean something to sway or to the Spine
 * (next, prev, current, number, spine). */
int sway_workspace_text(const char *id, struct buf *out);
/* One command string: window colours of the persona, then its workspace. */
int sway_show_text(const char *id, const char *colour, struct buf *out);
/* The colours alone, when sway shows the workspace already. */
int sway_colours_text(const char *colour, struct buf *out);
/* assign and for_window rules for a persona: its windows go to its workspace, known by sandbox_instance_id
 * alone. Sending them again does no harm: sway drops a rule that it has. */
int sway_rules_text(const char *id, struct buf *out);
/* Asks a window's client to close it. */
int sway_kill_text(int64_t con_id, struct buf *out);
/* Puts a window back where it belongs. fullscreen: end that first. */
int sway_return_text(int64_t con_id, const char *id, bool fullscreen, struct buf *out);

/* What sway answers to a command string: 0 when it has carried out every command of it, else -1 with *e. */
int sway_result_parse(const char *text, size_t len, struct err *e);

enum sway_event_kind {
    SWAY_NOTHING,
    SWAY_WORKSPACE_FOCUS,
    SWAY_WINDOW_NEW,
    SWAY_WINDOW_CLOSE,
    SWAY_WINDOW_MOVE,
    SWAY_WINDOW_FOCUS,
    SWAY_WINDOW_FULLSCREEN,
    SWAY_WINDOW_URGENT,
    SWAY_BINDING,
    SWAY_OUTPUT, /* outputs changed: what can be seen may have changed */
    SWAY_SHUTDOWN
};
struct sway_event {
    enum sway_event_kind kind;
    int64_t con_id;
    char workspace[64]; /* SWAY_WORKSPACE_FOCUS: persona id, or a name that is none of ours; "" for the
                           home. Window events do not say where the window is: ask the tree */
    char instance[NAME_ID_MAX + 1]; /* sandbox_instance_id when the engine is ours, else "" */
    bool fullscreen, urgent;
    bool visible, focused; /* as it was when sway made the event */
    int32_t pid;           /* who connected, as sway's kernel says; 0 when it is not known */
    char binding[64];      /* the command of a binding: "nop spine next" */
};
/* One line of `swaymsg -t subscribe -m -r`. Lines that do not concern us give SWAY_NOTHING; broken JSON gives
 * -1. */
int sway_event_parse(const char *line, size_t len, struct sway_event *out, struct err *e);

/* The answer to get_tree: calls back for each window of ours; workspace as in struct sway_event, "" for one
 * in the scratchpad. visible: on a workspace that an output shows, be it covered there. Returns 0 or -1 with
 * *e; then what was called back is not the whole truth. */
typedef void sway_tree_fn(void *user, const char *instance, const char *workspace, int64_t con_id,
                          bool visible, bool fullscreen);
int sway_tree_parse(const char *text, size_t len, sway_tree_fn *fn, void *user, struct err *e);

#endif
