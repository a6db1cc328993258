/* SPDX-License-Identifier: MIT
 * A first-in first-out store of bytes in memory, between one socket and another. */
#ifndef RELAY_SPILL_H
#define RELAY_SPILL_H

#include <stddef.h>
#include <sys/types.h>

struct spill_chunk;

/* Owns its chunks; all zero is empty. */
struct spill {
    struct spill_chunk *head, *tail;
};

/* Receives up to `most` bytes from a non-blocking socket. Like recv(2): bytes, 0 at the end, -1 with errno
 * (ENOMEM too). */
ssize_t spill_receive(struct spill *s, int fd, size_t most);

/* Sends from the front to a non-blocking socket. Like send(2); must not be called when empty. */
ssize_t spill_send(struct spill *s, int fd);

void spill_finish(struct spill *s);

#endif
