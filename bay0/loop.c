/* SPDX-License-Identifier: MIT
 * The event loop: one epoll, one timerfd, one signalfd; what is removed in a callback is freed when the turn
 * ends. */
#include "loop.h"

#include "fsutil.h"
#include "log.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_PER_TURN = 64, PAUSE_MS = 100 };

struct loop_source {
    struct loop *loop;
    struct loop_source *next, *prev; /* loop::sources, or only next: loop::dead */
    int fd;
    loop_fd_fn *fn;
    void *user;
    bool removed;
};

struct loop_timer {
    struct loop *loop;
    struct loop_timer *next; /* loop::timers, soonest first */
    uint64_t due_ns, number;
    loop_timer_fn *fn;
    void *user;
    bool ringing; /* taken off the list, freed when its callback has returned */
};

struct loop {
    int epoll, clock, signals;
    struct loop_source *sources, *dead;
    struct loop_timer *timers;
    struct loop_source *clock_source, *signal_source;
    uint64_t armed_ns, numbered;
    loop_signal_fn *signal_fn;
    void *signal_user;
    unsigned depth; /* turns inside turns */
    bool stop;
};

static uint64_t now_ns(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t loop_now(void)
{
    return now_ns() / 1000000;
}

/* Rings what was due and known when the pass began: a timer of 0 ms set by a callback waits a turn. */
static void clock_rang(void *user, uint32_t events)
{
    struct loop *l = user;
    uint64_t ticks, now = now_ns(), known = l->numbered;

    (void)events;
    (void)!read(l->clock, &ticks, sizeof ticks);
    l->armed_ns = 0;
    for (;;) {
        struct loop_timer **at = &l->timers, *t;

        while (*at && (*at)->due_ns <= now && (*at)->number > known)
            at = &(*at)->next;
        t = *at;
        if (!t || t->due_ns > now)
            return;
        *at = t->next;
        t->ringing = true;
        t->fn(t->user);
        free(t);
    }
}

/* The only place that sets the timerfd: once a turn, and only when the soonest timer changed. */
static void clock_arm(struct loop *l)
{
    uint64_t due = l->timers ? l->timers->due_ns : 0;
    struct itimerspec when = {
        .it_value = {.tv_sec = (time_t)(due / 1000000000u), .tv_nsec = (long)(due % 1000000000u)}};

    if (due == l->armed_ns)
        return;
    if (timerfd_settime(l->clock, TFD_TIMER_ABSTIME, &when, NULL) == 0)
        l->armed_ns = due;
    else
        log_error("cannot set the timer: %m");
}

struct loop *loop_create(void)
{
    struct loop *l = calloc(1, sizeof *l);

    if (!l)
        return NULL;
    l->signals = -1;
    l->clock = -1;
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll >= 0)
        l->clock = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (l->clock >= 0)
        l->clock_source = loop_add(l, l->clock, EPOLLIN, clock_rang, l);
    if (!l->clock_source) {
        int saved = errno;

        loop_destroy(l);
        errno = saved;
        return NULL;
    }
    return l;
}

static void bury(struct loop *l)
{
    while (l->dead) {
        struct loop_source *s = l->dead;

        l->dead = s->next;
        free(s);
    }
}

void loop_destroy(struct loop *l)
{
    if (!l)
        return;
    for (struct loop_source *s = l->sources, *next; s; s = next) {
        next = s->next;
        (void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, s->fd, NULL);
        free(s);
    }
    for (struct loop_timer *t = l->timers, *next; t; t = next) {
        next = t->next;
        free(t);
    }
    bury(l);
    fs_close(&l->clock);
    fs_close(&l->signals);
    fs_close(&l->epoll);
    free(l);
}

struct loop_source *loop_add(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *user)
{
    struct loop_source *s = calloc(1, sizeof *s);
    struct epoll_event ev = {.events = events, .data.ptr = s};

    if (!s)
        return NULL;
    *s = (struct loop_source){.loop = l, .fd = fd, .fn = fn, .user = user, .next = l->sources};
    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev) < 0) {
        int saved = errno;

        free(s);
        errno = saved;
        return NULL;
    }
    if (l->sources)
        l->sources->prev = s;
    l->sources = s;
    return s;
}

int loop_modify(struct loop_source *s, uint32_t events)
{
    struct epoll_event ev = {.events = events, .data.ptr = s};

    return epoll_ctl(s->loop->epoll, EPOLL_CTL_MOD, s->fd, &ev);
}

void loop_remove(struct loop_source *s)
{
    int saved = errno;
    struct loop *l;

    if (!s || s->removed)
        return;
    l = s->loop;
    (void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, s->fd, NULL);
    if (s->prev)
        s->prev->next = s->next;
    else
        l->sources = s->next;
    if (s->next)
        s->next->prev = s->prev;
    /* The turn under way may hold an event for it: freed when the turn is over. */
    s->removed = true;
    s->prev = NULL;
    s->next = l->dead;
    l->dead = s;
    if (l->depth == 0)
        bury(l);
    errno = saved;
}

struct loop_timer *loop_timer(struct loop *l, uint64_t ms, loop_timer_fn *fn, void *user)
{
    const uint64_t ms_max = (uint64_t)1 << 42; /* a century; keeps the sum below from wrapping */
    struct loop_timer *t = calloc(1, sizeof *t);
    struct loop_timer **at = &l->timers;

    if (!t)
        return NULL;
    *t = (struct loop_timer){.loop = l, .fn = fn, .user = user, .number = ++l->numbered};
    t->due_ns = now_ns() + (ms < ms_max ? ms : ms_max) * 1000000u;
    while (*at && (*at)->due_ns <= t->due_ns)
        at = &(*at)->next;
    t->next = *at;
    *at = t;
    return t;
}

void loop_timer_cancel(struct loop_timer *t)
{
    struct loop_timer **at;

    if (!t || t->ringing)
        return;
    at = &t->loop->timers;
    while (*at && *at != t)
        at = &(*at)->next;
    if (*at)
        *at = t->next;
    free(t);
}

static void signal_came(void *user, uint32_t events)
{
    struct loop *l = user;
    struct signalfd_siginfo info[16];
    ssize_t got = read(l->signals, info, sizeof info);

    (void)events;
    for (size_t i = 0; got > 0 && i < (size_t)got / sizeof info[0]; i++)
        if (l->signal_fn)
            l->signal_fn(l->signal_user, (int)info[i].ssi_signo);
}

int loop_signals(struct loop *l, loop_signal_fn *fn, void *user)
{
    static const int reported[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPWR};
    sigset_t set, blocked;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof reported / sizeof reported[0]; i++)
        sigaddset(&set, reported[i]);
    blocked = set;
    sigaddset(&blocked, SIGPIPE);
    if (sigprocmask(SIG_BLOCK, &blocked, NULL) < 0)
        return -1;
    l->signal_fn = fn;
    l->signal_user = user;
    if (l->signal_source)
        return 0;
    l->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (l->signals < 0)
        return -1;
    l->signal_source = loop_add(l, l->signals, EPOLLIN, signal_came, l);
    if (!l->signal_source)
        fs_close(&l->signals);
    return l->signal_source ? 0 : -1;
}

void loop_turn(struct loop *l, int ms)
{
    struct epoll_event ev[EVENTS_PER_TURN];
    int n;

    clock_arm(l);
    n = epoll_wait(l->epoll, ev, EVENTS_PER_TURN, ms);
    if (n < 0 && errno != EINTR) {
        struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};

        log_error("cannot wait for events: %m; trying again");
        (void)nanosleep(&pause, NULL);
    }
    l->depth++;
    for (int i = 0; i < n; i++) {
        struct loop_source *s = ev[i].data.ptr;

        if (!s->removed)
            s->fn(s->user, ev[i].events);
    }
    if (--l->depth == 0)
        bury(l);
}

void loop_run(struct loop *l)
{
    l->stop = false;
    while (!l->stop)
        loop_turn(l, -1);
}

void loop_stop(struct loop *l)
{
    l->stop = true;
}
