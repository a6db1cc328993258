/* SPDX-License-Identifier: MIT
 * The compositor as bay0 sees it: commands and questions by a connection to its socket, events by `swaymsg -t
 * subscribe -m`, one security context for each persona. */
#ifndef BAY0_UI_H
#define BAY0_UI_H

#include "bay0.h"

typedef void ui_done_fn(void *user, bool ok);

int ui_create(struct bay0 *b); /* b->ui; -1 when memory is short */
bool ui_up(const struct bay0 *b);
/* sway runs and its socket is there. Once it answers its events are heard, every persona gets its security
 * context and rules again, and the one in front is shown. */
void ui_sway_started(struct bay0 *b);
void ui_sway_gone(struct bay0 *b);

/* bay0 goes on in a new program (see reexec.h): sway, its windows and its events go on. ui_keep: false with
 * *e while bay0 has something to set right with it. ui_resume: after services_resume. */
bool ui_keep(struct bay0 *b, struct handover *h, struct err *e);
void ui_resume(struct bay0 *b, const struct handover *h, bool sway_runs);

/* Clears the clipboard, then colours and workspace of p in one command (follow: colours alone, sway is there
 * already). done(p, ok) is called later, or at once without a compositor to be had. */
/* The colours of who is in front, after a change of its declaration. */
void ui_colour(struct persona *p);
void ui_show(struct persona *p, bool follow, ui_done_fn *done);
/* Looks at the tree and answers the focus engine with FE_VISIBLE for id. */
void ui_ask_visible(struct bay0 *b, const char *id);
/* Security context on p's Wayland socket and the rules for its windows. done is called later; ok also when
 * sway is away, since it gets them when it comes. */
void ui_windows(struct persona *p, ui_done_fn *done, void *user);

#endif
