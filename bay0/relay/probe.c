/* SPDX-License-Identifier: MIT
 * The question whether the server is ready, one connection a try. */
#include "relay/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAUSE_MS = 100, TRY_MS = 5000 };

void probe_init(struct probe *p, const struct opts *o)
{
    memset(p, 0, sizeof *p);
    p->to = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(o->port), .sin_addr.s_addr = o->ip};
    memcpy(p->path, o->probe, sizeof p->path);
    p->ready = !p->path[0];
    p->fd = -1;
}

void probe_close(struct probe *p, int64_t now)
{
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
    p->at = now + PAUSE_MS;
}

bool probe_tick(struct probe *p, int64_t now)
{
    if (p->ready || now < p->at)
        return false;
    if (p->fd >= 0) { /* no answer in time */
        probe_close(p, now);
        return false;
    }
    p->sent = false;
    p->got = 0;
    p->at = now + TRY_MS;
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (p->fd < 0 ||
        (connect(p->fd, (const struct sockaddr *)&p->to, sizeof p->to) < 0 && errno != EINPROGRESS)) {
        probe_close(p, now);
        return false;
    }
    return true;
}

/* 1: sent, 0: not yet connected, -1: this try is over. */
static int ask(struct probe *p)
{
    char text[OPTS_PROBE + 64];
    int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                     p->path);
    ssize_t put = send(p->fd, text, (size_t)n, MSG_NOSIGNAL);

    if (put < 0 && errno == EAGAIN)
        return 0;
    return put == n ? 1 : -1;
}

void probe_event(struct probe *p, int64_t now)
{
    ssize_t n;

    if (p->fd < 0)
        return;
    if (!p->sent) {
        int rc = ask(p);

        if (rc < 0)
            probe_close(p, now);
        p->sent = rc > 0;
        if (rc <= 0)
            return;
    }
    n = recv(p->fd, p->head + p->got, sizeof p->head - p->got, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    p->got += n > 0 ? (size_t)n : 0;
    if (n > 0 && p->got < sizeof p->head)
        return;
    /* Whatever it says but "not now" is an answer: who is not made for the question is not held up by it. */
    p->ready =
        p->got == sizeof p->head && memcmp(p->head, "HTTP/1.", 7) == 0 && memcmp(p->head + 9, "503", 3) != 0;
    probe_close(p, now);
}
