/* SPDX-License-Identifier: MIT
 * A small picture of a persona's screen as it was when it was left, for the overlay.
 *
 * A switch never waits for it: the work begins when the new persona is shown, and the compositor gives the
 * pixels of hidden windows, of frozen programs too. Windows are known by what the compositor alone says of
 * them (security context and toplevel handle), so a picture never holds another persona's window. */
#ifndef SWITCHER_CAPTURE_H
#define SWITCHER_CAPTURE_H

struct capture;
struct client;

/* Before the client connects. NULL when memory is short or the client has no room. */
struct capture *capture_new(struct client *c);
/* Takes a picture of this persona now, as if it had just been left. */
void capture_take(struct capture *k, const char *id);
void capture_free(struct capture *k); /* NULL is fine */

#endif
