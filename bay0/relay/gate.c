/* SPDX-License-Identifier: MIT
 * The listeners of all sources. */
#include "relay/gate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    RETRY_MS = 1000, /* after a failure for want of memory or descriptors */
    SAY_MS = 1000,
    SAY_MOST = 10,
};

void gate_init(struct gate *g, int epoll, int listen_fd, unsigned max, unsigned each)
{
    *g = (struct gate){.epoll = epoll};
    sources_init(&g->sources, max, each);
    g->fd[0] = listen_fd;
}

bool gate_may_say(struct gate *g, int64_t now)
{
    if (now - g->said_since >= SAY_MS) {
        g->said_since = now;
        g->said = 0;
    }
    if (g->said >= SAY_MOST)
        return false;
    g->said++;
    return true;
}

/* Leaves a source alone for a while; errno says why. */
static void failed(struct gate *g, unsigned i, const char *what, int64_t now)
{
    if (gate_may_say(g, now))
        fprintf(stderr, "spine-relay: %s for source '%s': %s; trying again in a second\n", what,
                g->sources.at[i].name, strerror(errno));
    sources_pause(&g->sources, i, now + RETRY_MS);
}

/* Added and removed, not only changed: bay0 has the listener too, so closing ours would not end the watch,
 * and a listener that was shut down wakes whoever watches it for nothing. */
static int watch(struct gate *g, unsigned i, bool on)
{
    struct source *s = &g->sources.at[i];
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = (uint64_t)(int64_t)(GATE_KEY - (int)i)};

    if (s->watched == on)
        return 0;
    if (epoll_ctl(g->epoll, on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, g->fd[i], &e) < 0)
        return -1;
    s->watched = on;
    return 0;
}

int gate_open(struct gate *g, const char *name, int listen_fd)
{
    int i = sources_add(&g->sources, name);

    if (i < 0) {
        close(listen_fd);
        return -1;
    }
    g->fd[i] = listen_fd;
    return 0;
}

void gate_close(struct gate *g, unsigned i)
{
    watch(g, i, false);
    close(g->fd[i]);
    sources_remove(&g->sources, i);
}

void gate_event(struct gate *g, unsigned i)
{
    sources_came(&g->sources, i);
}

int gate_accept(struct gate *g, unsigned *source, int64_t now)
{
    int i;

    while ((i = sources_next(&g->sources)) >= 0) {
        int fd = accept4(g->fd[i], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        *source = (unsigned)i;
        if (fd >= 0)
            return fd;
        if (errno == EAGAIN)
            sources_dry(&g->sources, *source);
        else if (errno != EINTR && errno != ECONNABORTED)
            failed(g, *source, "accept", now);
    }
    return -1;
}

void gate_watch(struct gate *g, int64_t now)
{
    for (unsigned i = 0; i < SOURCES_MOST; i++)
        if (watch(g, i, sources_watch(&g->sources, i)) < 0)
            failed(g, i, "watching the listener", now);
}

void gate_rest(struct gate *g)
{
    for (unsigned i = 0; i < SOURCES_MOST; i++)
        watch(g, i, false);
}

void gate_finish(struct gate *g)
{
    for (unsigned i = 1; i < SOURCES_MOST; i++)
        if (g->sources.at[i].used)
            gate_close(g, i);
}
