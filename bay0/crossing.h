/* SPDX-License-Identifier: MIT
 * Files that cross the umbilical: the requests, and the copies under way. See umbilical.h. */
#ifndef BAY0_CROSSING_H
#define BAY0_CROSSING_H

#include "bay0.h"

/* transfer.*: each answers, now or when the copy is done. */
void crossing_send(struct bay0 *b, struct call *c);
void crossing_pull(struct bay0 *b, struct call *c);
void crossing_list(struct bay0 *b, struct call *c);
void crossing_accept(struct bay0 *b, struct call *c);
void crossing_drop(struct bay0 *b, struct call *c);
/* The client c is gone: what it sends is not kept, what it pulls stays where it was. */
void crossing_client_gone(struct bay0 *b, client_ref c);
/* Persona id is removed: copies from it and to it end, and their files go. */
void crossing_forget(struct bay0 *b, const char *id);
/* Going down: nobody is answered any more. */
void crossing_close(struct bay0 *b);

#endif
