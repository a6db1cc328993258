/* SPDX-License-Identifier: MIT
 * The client's loop: one epoll, timers as its time-out. With nothing armed it sleeps without end. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "switcher/state.h"

struct client_watch {
    struct client *client;
    int fd;
    bool dead;
    client_fd_fn fn;
    void *data;
    struct client_watch *next;
};

uint64_t client_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void client_trace(const struct client *c, const char *what)
{
    struct timespec t;

    if (!c->trace)
        return;
    clock_gettime(CLOCK_MONOTONIC, &t);
    dprintf(STDERR_FILENO, "trace %s %lld\n", what, (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000);
}

void client_log(const char *fmt, ...)
{
    char line[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    dprintf(STDERR_FILENO, "spine-switcher: %s\n", line);
}

int loop_init(struct client *c)
{
    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    return c->epoll < 0 ? -1 : 0;
}

struct client_watch *client_watch_add(struct client *c, int fd, uint32_t events, client_fd_fn fn, void *data)
{
    struct client_watch *w = calloc(1, sizeof(*w));
    struct epoll_event e = {.events = events, .data.ptr = w};

    if (!w)
        return NULL;
    if (epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &e) < 0) {
        free(w);
        return NULL;
    }
    w->client = c;
    w->fd = fd;
    w->fn = fn;
    w->data = data;
    w->next = c->watches;
    c->watches = w;
    return w;
}

int client_watch_change(struct client_watch *w, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = w};

    return epoll_ctl(w->client->epoll, EPOLL_CTL_MOD, w->fd, &e);
}

/* An event of it may lie in the batch that is being handled: it is freed after that. */
void client_watch_remove(struct client_watch *w)
{
    struct client_watch **at;

    if (!w || w->dead)
        return;
    epoll_ctl(w->client->epoll, EPOLL_CTL_DEL, w->fd, NULL);
    for (at = &w->client->watches; *at != w; at = &(*at)->next)
        ;
    *at = w->next;
    w->dead = true;
    w->next = w->client->dead;
    w->client->dead = w;
}

void client_timer_stop(struct client *c, struct client_timer *t)
{
    for (struct client_timer **at = &c->timers; *at; at = &(*at)->next)
        if (*at == t) {
            *at = t->next;
            break;
        }
    t->at = 0;
    t->next = NULL;
}

void client_timer_start(struct client *c, struct client_timer *t, unsigned ms)
{
    struct client_timer **at = &c->timers;

    client_timer_stop(c, t);
    t->at = client_now() + ms;
    while (*at && (*at)->at <= t->at)
        at = &(*at)->next;
    t->next = *at;
    *at = t;
}

static void bury(struct client *c)
{
    while (c->dead) {
        struct client_watch *w = c->dead;

        c->dead = w->next;
        free(w);
    }
}

static int nearest(struct client *c)
{
    uint64_t now = client_now();

    if (!c->timers)
        return -1;
    return c->timers->at <= now ? 0 : (int)(c->timers->at - now);
}

static void ring(struct client *c)
{
    uint64_t now = client_now();

    while (c->timers && c->timers->at <= now) {
        struct client_timer *t = c->timers;

        client_timer_stop(c, t);
        t->fn(t->data);
    }
}

/* Requests made since the last turn go out now; a compositor that does not read is waited for by EPOLLOUT. */
static int flush(struct client *c)
{
    bool full = wl_display_flush(c->display) < 0;

    if (full && errno != EAGAIN)
        return -1;
    if (full != c->display_full)
        client_watch_change(c->display_watch, EPOLLIN | (full ? (uint32_t)EPOLLOUT : 0));
    c->display_full = full;
    return 0;
}

void loop_run(struct client *c)
{
    struct epoll_event events[16];

    while (!c->stop) {
        int n;

        if (flush(c) < 0) {
            client_log("the compositor is gone");
            c->status = 1;
            return;
        }
        n = epoll_wait(c->epoll, events, sizeof(events) / sizeof(events[0]), nearest(c));
        if (n < 0 && errno != EINTR) {
            client_log("epoll_wait: %m");
            c->status = 1;
            return;
        }
        for (int i = 0; i < n; i++) {
            struct client_watch *w = events[i].data.ptr;

            if (!w->dead)
                w->fn(w->data, w->fd, events[i].events);
        }
        bury(c);
        ring(c);
    }
}

void loop_finish(struct client *c)
{
    while (c->watches)
        client_watch_remove(c->watches);
    bury(c);
    if (c->epoll >= 0)
        close(c->epoll);
}
