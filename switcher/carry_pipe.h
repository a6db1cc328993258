/* SPDX-License-Identifier: MIT
 * Bytes through a pipe whose other end belongs to a persona: bounded in size and time, never waited for. */
#ifndef SWITCHER_CARRY_PIPE_H
#define SWITCHER_CARRY_PIPE_H

#include <stddef.h>

struct client;
struct intake;
struct outlet;

/* Bytes of somebody, wiped before they are given back to the system. */
struct goods {
    char *data; /* NULL: none */
    size_t len, room;
};
void goods_wipe(struct goods *g);

enum intake_end { INTAKE_DONE, INTAKE_LATE, INTAKE_LONG, INTAKE_FAILED };
/* goods may be taken by the callee; what it leaves is wiped. */
typedef void (*intake_fn)(void *data, enum intake_end end, struct goods *goods);
/* Reads to the end; fd is owned from here, also on failure. fn is called exactly once, never from within this
 * call, unless intake_cancel comes first. NULL when it cannot begin. */
struct intake *intake_start(struct client *c, int fd, size_t max, unsigned ms, intake_fn fn, void *data);
void intake_cancel(struct intake *i); /* NULL is fine */

/* Sends len bytes, which must stay until the end or outlet_cancel. fd is owned from here. A fd that is
 * neither pipe nor socket is refused: it could make us wait. *slot points to the outlet as long as it lives,
 * then holds NULL. */
void outlet_start(struct client *c, int fd, const char *data, size_t len, unsigned ms, struct outlet **slot);
void outlet_cancel(struct outlet *o); /* NULL is fine */

#endif
