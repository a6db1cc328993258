/* SPDX-License-Identifier: MIT
 * Runs `spine apps --json` inside a persona and reads its lines. It has a connection to bay0 of its own:
 * closing that ends the program, whatever it does. */
#ifndef SWITCHER_APPS_ASK_H
#define SWITCHER_APPS_ASK_H

#include "switcher/core/applist.h"

struct apps_ask;
struct client;

enum { APPS_ASK_MS = 20000 };

struct apps_ask_hooks {
    /* One program; what it does not take of the line is given back after the call. */
    void (*program)(void *data, struct applist_line *line);
    /* Once, at the end, from within no other call: error is a sentence when there is no list, else NULL. What
     * came before counts. */
    void (*end)(void *data, const char *error);
};

/* NULL when it cannot begin: *why is a sentence then, static. */
struct apps_ask *apps_ask_start(struct client *c, const char *id, const struct apps_ask_hooks *hooks,
                                void *data, const char **why);
void apps_ask_cancel(struct apps_ask *a); /* no hook is called any more; NULL is fine */

#endif
