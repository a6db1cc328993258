/* SPDX-License-Identifier: MIT
 * The launcher's list: asks the persona itself, by `spine apps` run inside it, what programs it has, and
 * starts the one that was chosen there. The Spine never looks into a persona's root; what comes out is taken
 * as hostile: bounded, checked, its pictures decoded in a process of their own. */
#ifndef SWITCHER_APPS_H
#define SWITCHER_APPS_H

struct apps;
struct client;

/* Before the client connects. NULL when memory is short. */
struct apps *apps_new(struct client *c);
void apps_free(struct apps *a); /* NULL is fine */

#endif
