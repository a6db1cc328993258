/* SPDX-License-Identifier: MIT
 * The relay's event loop: accepts, connects, copies, and ends with the command. */
#include "relay/loop.h"

#include "relay/conn.h"
#include "relay/gate.h"
#include "relay/passed.h"
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
    LAST_WORDS_MS = 1000, /* for answers that the command wrote before it ended */
    POOL_SHARES = 16,     /* so many clients may fill their memory at once; past that only their pipes */
    ORDERS = 64,          /* packets of the control socket before the others get their turn */
};

/* epoll keys: connection number * 2 + side, one of these, or from GATE_KEY downwards a listener's. */
enum { KEY_SIGNAL = -1, KEY_PROBE = -2, KEY_CONTROL = -3 };

struct loop {
    int epoll, signal_fd, control_fd;
    struct cmd *cmd;
    struct sockaddr_in server;
    int64_t stall;
    struct conn_pool pool;
    struct probe probe;
    struct gate gate;
    int64_t end_at; /* the command has ended: leave at this time; -1 */
    bool leave;
    unsigned max;
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

struct loop *loop_create(const struct opts *o, int listen_fd, int signal_fd, struct cmd *cmd)
{
    struct loop *l = calloc(1, sizeof *l + o->max * sizeof l->conns[0]);

    if (!l)
        return NULL;
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    l->signal_fd = signal_fd;
    l->control_fd = o->control_fd;
    l->cmd = cmd;
    l->server =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(o->port), .sin_addr.s_addr = o->ip};
    l->stall = (int64_t)o->stall * 1000;
    l->pool = (struct conn_pool){.each = o->buffer, .most = o->buffer * POOL_SHARES};
    l->end_at = -1;
    l->max = o->max;
    probe_init(&l->probe, o);
    gate_init(&l->gate, l->epoll, listen_fd, o->max, o->each);
    if (l->epoll < 0 || watch(l, EPOLL_CTL_ADD, signal_fd, EPOLLIN, KEY_SIGNAL) < 0 ||
        (l->control_fd >= 0 && watch(l, EPOLL_CTL_ADD, l->control_fd, EPOLLIN, KEY_CONTROL) < 0)) {
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
    sources_freed(&l->gate.sources, c->source);
}

void loop_destroy(struct loop *l)
{
    if (!l)
        return;
    for (unsigned i = 0; i < l->max; i++)
        if (l->conns[i].used)
            drop(l, &l->conns[i], false);
    gate_finish(&l->gate);
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

static void accept_one(struct loop *l, int fd, unsigned source, int64_t now)
{
    struct conn *c = l->conns;

    while (c->used)
        c++;
    if (conn_init(c, fd, now) < 0) {
        fprintf(stderr, "spine-relay: no pipe for a client: %s; it was turned away\n", strerror(errno));
        return;
    }
    c->source = source;
    sources_took(&l->gate.sources, source);
    if (watch_side(l, c, FLOW_CLIENT) < 0)
        drop(l, c, false);
    else
        connect_now(l, c, now);
}

static void accept_some(struct loop *l, int64_t now)
{
    unsigned source;
    int fd;

    while ((fd = gate_accept(&l->gate, &source, now)) >= 0)
        accept_one(l, fd, source, now);
    gate_watch(&l->gate, now);
}

static void obey(struct loop *l, const struct control *order, int listener, int64_t now)
{
    int known = sources_find(&l->gate.sources, order->name);

    if (known >= 0) {
        for (unsigned i = 0; i < l->max; i++)
            if (l->conns[i].used && l->conns[i].source == (unsigned)known)
                drop(l, &l->conns[i], true);
        gate_close(&l->gate, (unsigned)known);
    }
    if (order->verb == CONTROL_ADD && gate_open(&l->gate, order->name, listener) < 0 &&
        gate_may_say(&l->gate, now))
        fprintf(stderr, "spine-relay: control: no room for source '%s': there are %d\n", order->name,
                SOURCES_MOST);
}

static void read_control(struct loop *l, int64_t now)
{
    struct control order;
    const char *wrong;
    int listener;

    for (int n = 0; n < ORDERS; n++) {
        switch (passed_receive(l->control_fd, &order, &listener, &wrong)) {
        case PASSED_NOTHING:
            return;
        case PASSED_ORDER:
            obey(l, &order, listener, now);
            break;
        case PASSED_WRONG:
            if (gate_may_say(&l->gate, now))
                fprintf(stderr, "spine-relay: control: a packet changed nothing: %s\n", wrong);
            break;
        case PASSED_END: /* bay0 went away; what it gave stays */
            watch(l, EPOLL_CTL_DEL, l->control_fd, 0, KEY_CONTROL);
            return;
        }
    }
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
        gate_rest(&l->gate); /* the backlog is for the next relay */
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
    if (flow_late(&c->flow, now))
        c->ready = true;
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

/* When this connection may make room for another; -1 when nobody needs its place. */
static int64_t idle_from(const struct loop *l, const struct conn *c)
{
    if (l->end_at >= 0 || !sources_crowded(&l->gate.sources, c->source))
        return -1;
    return flow_idle_from(&c->flow, l->stall);
}

/* With every place taken, or every one of a source, those of them that neither hold nor await an answer make
 * room for the backlog. */
static void evict(struct loop *l, int64_t now)
{
    for (unsigned i = 0; i < l->max; i++) {
        int64_t from = l->conns[i].used ? idle_from(l, &l->conns[i]) : -1;

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

    if (l->end_at < 0) {
        sooner(&when, sources_deadline(&l->gate.sources));
        if (!l->probe.ready)
            sooner(&when, l->probe.at);
    }
    for (unsigned i = 0; i < l->max; i++) {
        const struct conn *c = &l->conns[i];

        if (!c->used)
            continue;
        if (c->ready)
            return 0;
        sooner(&when, flow_deadline(&c->flow, l->stall));
        sooner(&when, idle_from(l, c));
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
        l->leave = l->leave || l->gate.sources.count == 0 || now >= l->end_at;
        return;
    }
    evict(l, now);
    sources_resume(&l->gate.sources, now);
    tend_probe(l, now);
    if (l->probe.ready)
        accept_some(l, now);
}

static void dispatch(struct loop *l, const struct epoll_event *e, int64_t now)
{
    int64_t key = (int64_t)e->data.u64;

    if (key >= 0)
        note(l, key, e->events, now);
    else if (key == KEY_SIGNAL)
        read_signals(l, now);
    else if (key == KEY_PROBE)
        probe_event(&l->probe, now);
    else if (key == KEY_CONTROL)
        read_control(l, now);
    else
        gate_event(&l->gate, (unsigned)(GATE_KEY - key));
}

int loop_run(struct loop *l)
{
    struct epoll_event events[EVENTS];

    tend_all(l, clock_ms());
    while (!l->leave) {
        int n = epoll_wait(l->epoll, events, EVENTS, patience(l, clock_ms()));
        int64_t now = clock_ms();

        if (n < 0 && errno != EINTR)
            return -1;
        for (int i = 0; i < n; i++)
            dispatch(l, &events[i], now);
        tend_all(l, now);
    }
    return 0;
}
