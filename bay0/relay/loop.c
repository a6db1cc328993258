/* SPDX-License-Identifier: MIT
 * The relay's event loop: accepts, connects, copies, and ends with the command. */
#include "relay/loop.h"

#include "relay/conn.h"
#include "relay/probe.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENTS = 64,
    LAST_WORDS_MS = 1000,   /* for answers that the command wrote before it ended */
    ACCEPT_RETRY_MS = 1000, /* after accept failed for want of memory or descriptors */
    POOL_SHARES = 16,       /* so many clients may fill their memory at once; past that only their pipes */
};

/* epoll keys: connection number * 2 + side, or one of these. */
enum { KEY_LISTEN = -1, KEY_SIGNAL = -2, KEY_PROBE = -3 };

struct loop {
    int epoll, listen_fd, signal_fd;
    struct cmd *cmd;
    struct sockaddr_in server;
    int64_t stall;
    struct conn_pool pool;
    struct probe probe;
    bool accepting;   /* the listener is armed */
    bool pending;     /* somebody waits in the backlog */
    int64_t retry_at; /* accepting again after a failure; -1 */
    int64_t end_at;   /* the command has ended: leave at this time; -1 */
    bool leave;
    unsigned max, count;
    struct conn conns[];
};

static int64_t clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int watch(struct loop *l, int op, int fd, uint32_t events, int64_t key)
{
    struct epoll_event e = {.events = events, .data.u64 = (uint64_t)key};

    return epoll_ctl(l->epoll, op, fd, &e);
}

static void arm_listener(struct loop *l, bool on)
{
    if (l->accepting != on && watch(l, EPOLL_CTL_MOD, l->listen_fd, on ? EPOLLIN : 0, KEY_LISTEN) == 0)
        l->accepting = on;
}

struct loop *loop_create(const struct opts *o, int listen_fd, int signal_fd, struct cmd *cmd)
{
    struct loop *l = calloc(1, sizeof *l + o->max * sizeof l->conns[0]);

    if (!l)
        return NULL;
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->listen_fd = listen_fd;
    l->signal_fd = signal_fd;
    l->cmd = cmd;
    l->server =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(o->port), .sin_addr.s_addr = o->ip};
    l->stall = (int64_t)o->stall * 1000;
    l->pool = (struct conn_pool){.each = o->buffer, .most = o->buffer * POOL_SHARES};
    l->retry_at = l->end_at = -1;
    l->max = o->max;
    probe_init(&l->probe, o);
    l->accepting = l->probe.ready;
    if (l->epoll < 0 || watch(l, EPOLL_CTL_ADD, listen_fd, l->accepting ? EPOLLIN : 0, KEY_LISTEN) < 0 ||
        watch(l, EPOLL_CTL_ADD, signal_fd, EPOLLIN, KEY_SIGNAL) < 0) {
        int saved = errno;

        loop_destroy(l);
        errno = saved;
        return NULL;
    }
    return l;
}

static void drop(struct loop *l, struct conn *c, bool reset)
{
    conn_finish(c, &l->pool, reset);
    l->count--;
}

void loop_destroy(struct loop *l)
{
    if (!l)
        return;
    for (unsigned i = 0; i < l->max; i++)
        if (l->conns[i].used)
            drop(l, &l->conns[i], false);
    probe_close(&l->probe, 0);
    if (l->epoll >= 0)
        close(l->epoll);
    free(l);
}

static int watch_side(struct loop *l, struct conn *c, enum flow_side side)
{
    /* Edge-triggered and armed once: flow remembers what is readable and writable, so nothing is asked twice
     * and a socket that stays in error wakes nobody. */
    return watch(l, EPOLL_CTL_ADD, c->fd[side], EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                 (c - l->conns) * FLOW_SIDES + (int)side);
}

static void connect_now(struct loop *l, struct conn *c, int64_t now)
{
    conn_connect(c, &l->server, now);
    if (c->flow.state == FLOW_CONNECTING && watch_side(l, c, FLOW_SERVER) < 0)
        drop(l, c, true);
}

static void accept_one(struct loop *l, int fd, int64_t now)
{
    struct conn *c = l->conns;

    while (c->used)
        c++;
    if (conn_init(c, fd, now) < 0) {
        fprintf(stderr, "spine-relay: no pipe for a client: %s; it was turned away\n", strerror(errno));
        return;
    }
    l->count++;
    if (watch_side(l, c, FLOW_CLIENT) < 0)
        drop(l, c, false);
    else
        connect_now(l, c, now);
}

static void accept_some(struct loop *l, int64_t now)
{
    l->pending = false;
    while (l->count < l->max) {
        int fd = accept4(l->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0) {
            accept_one(l, fd, now);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        if (errno != EAGAIN) {
            fprintf(stderr, "spine-relay: accept: %s; trying again in a second\n", strerror(errno));
            l->retry_at = now + ACCEPT_RETRY_MS;
        }
        break;
    }
    arm_listener(l, l->count < l->max && l->retry_at < 0);
}

static void read_signals(struct loop *l, int64_t now)
{
    struct signalfd_siginfo info;

    while (read(l->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo == SIGCHLD)
            cmd_reap(l->cmd);
        else if (l->cmd->ended)
            l->leave = true;
        else
            cmd_signal(l->cmd, (int)info.ssi_signo);
    }
    if (l->cmd->ended && l->end_at < 0) {
        l->end_at = now + LAST_WORDS_MS;
        l->retry_at = -1;
        arm_listener(l, false); /* the backlog is for the next relay */
    }
}

static void note(struct loop *l, int64_t key, uint32_t events, int64_t now)
{
    struct conn *c = &l->conns[key / FLOW_SIDES];
    enum flow_side side = (enum flow_side)(key % FLOW_SIDES);

    if (!c->used || c->fd[side] < 0)
        return;
    c->ready = true;
    if (side == FLOW_SERVER && c->flow.state == FLOW_CONNECTING) {
        conn_connected(c, now);
        return;
    }
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        c->flow.readable[side] = true;
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        c->flow.writable[side] = true;
    if (side == FLOW_CLIENT && (events & (EPOLLHUP | EPOLLERR)))
        flow_client_gone(&c->flow, now);
}

/* After the command's end only what it said before still counts. */
static bool finished(const struct loop *l, const struct conn *c, int64_t now)
{
    const struct flow_dir *down = &c->flow.dir[FLOW_DOWN];

    if (l->end_at < 0)
        return false;
    return now >= l->end_at || c->flow.state != FLOW_OPEN || down->shut;
}

static void tend(struct loop *l, struct conn *c, int64_t now)
{
    enum flow_verdict verdict;

    if (c->flow.state == FLOW_WAITING && now >= c->flow.retry_at && c->flow.gone_at < 0 && l->end_at < 0) {
        connect_now(l, c, now);
        if (!c->used)
            return;
    }
    if (c->ready)
        conn_pump(c, &l->pool, now);
    verdict = finished(l, c, now) ? FLOW_DONE : flow_judge(&c->flow, l->stall, now);
    if (verdict == FLOW_KEEP)
        return;
    if (verdict == FLOW_STALLED)
        fprintf(stderr, "spine-relay: a client has left %zu bytes unread for %lld s; its request is cut\n",
                flow_owed(&c->flow), (long long)(l->stall / 1000));
    drop(l, c, verdict == FLOW_STALLED);
}

/* With every place taken, those that neither hold nor await an answer make room for the backlog. */
static void evict(struct loop *l, int64_t now)
{
    for (unsigned i = 0; i < l->max && l->count == l->max; i++) {
        int64_t from = flow_idle_from(&l->conns[i].flow, l->stall);

        if (from >= 0 && now >= from)
            drop(l, &l->conns[i], true);
    }
}

static void sooner(int64_t *when, int64_t other)
{
    if (other >= 0 && (*when < 0 || other < *when))
        *when = other;
}

/* How long epoll may sleep: for ever unless something falls due. */
static int patience(const struct loop *l, int64_t now)
{
    int64_t when = l->end_at;

    sooner(&when, l->retry_at);
    if (!l->probe.ready && l->end_at < 0)
        sooner(&when, l->probe.at);
    for (unsigned i = 0; i < l->max; i++) {
        const struct conn *c = &l->conns[i];

        if (!c->used)
            continue;
        if (c->ready)
            return 0;
        sooner(&when, flow_deadline(&c->flow, l->stall));
        if (l->count == l->max)
            sooner(&when, flow_idle_from(&c->flow, l->stall));
    }
    if (when < 0)
        return -1;
    return when > now ? (int)(when - now) : 0;
}

static void tend_probe(struct loop *l, int64_t now)
{
    if (probe_tick(&l->probe, now) &&
        watch(l, EPOLL_CTL_ADD, l->probe.fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, KEY_PROBE) < 0)
        probe_close(&l->probe, now);
}

static void tend_all(struct loop *l, int64_t now)
{
    for (unsigned i = 0; i < l->max; i++)
        if (l->conns[i].used)
            tend(l, &l->conns[i], now);
    if (l->end_at >= 0) {
        l->leave = l->leave || l->count == 0 || now >= l->end_at;
        return;
    }
    evict(l, now);
    if (l->retry_at >= 0 && now >= l->retry_at) {
        l->retry_at = -1;
        l->pending = true;
    }
    tend_probe(l, now);
    if (l->probe.ready && (l->pending || (!l->accepting && l->retry_at < 0 && l->count < l->max)))
        accept_some(l, now);
}

int loop_run(struct loop *l)
{
    struct epoll_event events[EVENTS];

    while (!l->leave) {
        int n = epoll_wait(l->epoll, events, EVENTS, patience(l, clock_ms()));
        int64_t now = clock_ms();

        if (n < 0 && errno != EINTR)
            return -1;
        for (int i = 0; i < n; i++) {
            int64_t key = (int64_t)events[i].data.u64;

            if (key == KEY_LISTEN)
                l->pending = true;
            else if (key == KEY_SIGNAL)
                read_signals(l, now);
            else if (key == KEY_PROBE)
                probe_event(&l->probe, now);
            else
                note(l, key, events[i].events, now);
        }
        tend_all(l, now);
    }
    return 0;
}
