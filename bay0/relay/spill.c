/* SPDX-License-Identifier: MIT
 * A first-in first-out store of bytes in memory, between one socket and another. */
#include "relay/spill.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Big enough for malloc to map it by itself, so that memory goes back to the system as soon as it is drained.
 */
enum { CHUNK = 256 << 10 };

struct spill_chunk {
    struct spill_chunk *next;
    size_t from, to;
    char bytes[CHUNK];
};

static struct spill_chunk *grow(struct spill *s)
{
    struct spill_chunk *c = malloc(sizeof *c);

    if (!c)
        return NULL;
    c->next = NULL;
    c->from = c->to = 0;
    if (s->tail)
        s->tail->next = c;
    else
        s->head = c;
    s->tail = c;
    return c;
}

static void shrink(struct spill *s)
{
    struct spill_chunk *c = s->head;
    int saved = errno;

    s->head = c->next;
    if (!s->head)
        s->tail = NULL;
    free(c);
    errno = saved;
}

ssize_t spill_receive(struct spill *s, int fd, size_t most)
{
    struct spill_chunk *c = s->tail;
    size_t room;
    ssize_t n;

    if ((!c || c->to == CHUNK) && !(c = grow(s)))
        return -1;
    room = CHUNK - c->to;
    n = recv(fd, c->bytes + c->to, most < room ? most : room, MSG_DONTWAIT);
    if (n > 0)
        c->to += (size_t)n;
    else if (s->head == c && c->to == 0)
        shrink(s); /* keeps "no chunk" and "no byte" the same thing */
    return n;
}

ssize_t spill_send(struct spill *s, int fd)
{
    struct spill_chunk *c = s->head;
    ssize_t n = send(fd, c->bytes + c->from, c->to - c->from, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n > 0)
        c->from += (size_t)n;
    while (s->head && s->head->from == s->head->to && (s->head->to == CHUNK || s->head == s->tail))
        shrink(s);
    return n;
}

void spill_finish(struct spill *s)
{
    while (s->head)
        shrink(s);
}
