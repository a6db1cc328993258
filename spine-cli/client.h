/* SPDX-License-Identifier: MIT
 * One connection to bay0: connect, send a line, read lines. The only reader loop of the CLI. unix(7). */
#ifndef SPINE_CLI_CLIENT_H
#define SPINE_CLI_CLIENT_H

#include "core/err.h"
#include "core/proto.h"

#include <signal.h>

struct client {
    int fd;                            /* owned, CLOEXEC, non-blocking; -1 when closed */
    char *text;                        /* owned: PROTO_REPLY_MAX bytes */
    size_t start, len;                 /* what was read and not yet given out */
    const volatile sig_atomic_t *stop; /* borrowed, may be NULL: not 0 ends every wait with ERR_CANCELLED */
    void (*woken)(void *user); /* may be NULL: called when a signal ended a wait that goes on; may send */
    void *woken_user;
    const sigset_t *mask; /* borrowed, may be NULL: the signals that wait while nothing is waited for */
};

/* 0, or -1 with *e: ERR_NO_BAY0 when nobody listens there. */
int client_open(struct client *c, const char *path, int timeout_ms, struct err *e);
/* Sends the line with copies of n file descriptors. A connection that bay0 has closed is no error here: its
 * last answer may be waiting. */
int client_send(struct client *c, const char *line, const int *fds, size_t n, int timeout_ms, struct err *e);
/* The next line, NUL-terminated, without its newline, valid until the next call. timeout_ms < 0: without end.
 * 0, or -1 with *e: ERR_NO_BAY0 when bay0 has closed, ERR_TIMEOUT, ERR_TOO_LONG. */
int client_line(struct client *c, int timeout_ms, const char **line, size_t *len, struct err *e);
void client_close(struct client *c); /* NULL-safe members; may be called twice */

#endif
