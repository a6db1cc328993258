/* SPDX-License-Identifier: MIT
 * Lines on their way to bay0, some with descriptors. */
#ifndef SWITCHER_OUTBOX_H
#define SWITCHER_OUTBOX_H

#include <stddef.h>

enum { OUTBOX_MAX = 32, OUTBOX_FDS = 4 };

struct outbox {
    struct message *of[OUTBOX_MAX]; /* the first is being written */
    unsigned count;
};

/* Copies text and puts a newline after it; the descriptors are duplicated. -1 when there is no room. */
int outbox_add(struct outbox *o, const char *text, size_t len, const int *fds, unsigned nfds);
/* Writes what the socket takes: 0 when that was all, 1 when there is more, -1 when the connection is lost. */
int outbox_send(struct outbox *o, int fd);
void outbox_clear(struct outbox *o);

#endif
