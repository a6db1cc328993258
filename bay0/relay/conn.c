/* SPDX-License-Identifier: MIT
 * One relayed connection: its descriptors, and the system calls that flow.h decides on. */
#include "relay/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    /* Answers are big, questions small (they keep the kernel's 64 KiB). 128 connections so stay below the 64
     * MiB of pipes that an unprivileged user may have; past that a pipe is tiny, and memory makes up for it.
     */
    DOWN_PIPE = 256 << 10,
    ONE_SPLICE = 1 << 20,
    TURN = 4 << 20, /* bytes one connection may move before the others get their turn */
};

int conn_init(struct conn *c, int client, int64_t now)
{
    struct conn_pool none = {0};

    *c = (struct conn){.fd = {client, -1}, .pipe = {{-1, -1}, {-1, -1}}, .used = true, .ready = true};
    flow_init(&c->flow, now);
    for (int way = 0; way < FLOW_WAYS; way++) {
        if (pipe2(c->pipe[way], O_CLOEXEC | O_NONBLOCK) < 0) {
            int saved = errno;

            conn_finish(c, &none, false);
            errno = saved;
            return -1;
        }
    }
    fcntl(c->pipe[FLOW_DOWN][1], F_SETPIPE_SZ, DOWN_PIPE);
    return 0;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void conn_connect(struct conn *c, const struct sockaddr_in *to, int64_t now)
{
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        flow_refused(&c->flow, now);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (const struct sockaddr *)to, sizeof *to) < 0 && errno != EINPROGRESS) {
        close(fd);
        flow_refused(&c->flow, now);
        return;
    }
    c->fd[FLOW_SERVER] = fd;
    flow_connecting(&c->flow);
}

void conn_connected(struct conn *c, int64_t now)
{
    int error = 0;
    socklen_t len = sizeof error;

    if (getsockopt(c->fd[FLOW_SERVER], SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error != 0) {
        close_fd(&c->fd[FLOW_SERVER]);
        flow_refused(&c->flow, now);
        return;
    }
    flow_connected(&c->flow);
    c->ready = true;
}

static bool pipe_has_room(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    int saved = errno;
    bool room = poll(&p, 1, 0) == 1 && (p.revents & POLLOUT);

    errno = saved;
    return room;
}

/* What a failed call means; an interrupted one is simply made again. */
static enum flow_result failed(enum flow_result would_block, enum flow_result broken)
{
    if (errno == EINTR)
        return FLOW_MOVED;
    return errno == EAGAIN ? would_block : broken;
}

static enum flow_result fill(struct conn *c, enum flow_way way, size_t room, size_t *n)
{
    int out = c->pipe[way][1];
    ssize_t got = splice(c->fd[way], NULL, out, NULL, room < ONE_SPLICE ? room : ONE_SPLICE,
                         SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

    *n = got > 0 ? (size_t)got : 0;
    if (got > 0)
        return FLOW_MOVED;
    if (got == 0)
        return FLOW_END;
    /* One errno for two cases: the socket is empty, or the pipe is full. */
    if (errno == EAGAIN && c->flow.dir[way].piped > 0 && !pipe_has_room(out))
        return FLOW_PIPE_FULL;
    return failed(FLOW_SRC_EMPTY, FLOW_SRC_BROKEN);
}

static enum flow_result drain(struct conn *c, enum flow_way way, size_t *n)
{
    ssize_t put = splice(c->pipe[way][0], NULL, c->fd[flow_sink(way)], NULL, c->flow.dir[way].piped,
                         SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

    *n = put > 0 ? (size_t)put : 0;
    if (put > 0)
        return FLOW_MOVED;
    return put < 0 ? failed(FLOW_SINK_FULL, FLOW_SINK_BROKEN) : FLOW_SINK_BROKEN;
}

static enum flow_result spill(struct conn *c, enum flow_way way, size_t room, size_t *n)
{
    ssize_t got = spill_receive(&c->spill, c->fd[way], room);

    *n = got > 0 ? (size_t)got : 0;
    if (got > 0)
        return FLOW_MOVED;
    if (got == 0)
        return FLOW_END;
    return failed(FLOW_SRC_EMPTY, FLOW_SRC_BROKEN);
}

static enum flow_result unspill(struct conn *c, enum flow_way way, size_t *n)
{
    ssize_t put = spill_send(&c->spill, c->fd[flow_sink(way)]);

    *n = put > 0 ? (size_t)put : 0;
    if (put > 0)
        return FLOW_MOVED;
    return failed(FLOW_SINK_FULL, FLOW_SINK_BROKEN);
}

static struct flow_room room_left(const struct conn *c, enum flow_way way, const struct conn_pool *pool)
{
    const struct flow_dir *d = &c->flow.dir[way];
    size_t held = d->piped + d->spilled;
    size_t own = held < pool->each ? pool->each - held : 0;
    size_t all = pool->used < pool->most ? pool->most - pool->used : 0;

    return (struct flow_room){.pipe = own, .memory = own < all ? own : all};
}

/* One step; returns the bytes moved, and sets *rest when there was nothing to do. */
static size_t step(struct conn *c, enum flow_way way, struct conn_pool *pool, int64_t now, bool *rest)
{
    struct flow_room room = room_left(c, way, pool);
    size_t before = c->flow.dir[way].spilled, n = 0;
    enum flow_op op = flow_next(&c->flow, way, room);
    enum flow_result result = FLOW_MOVED;

    switch (op) {
    case FLOW_REST:
        *rest = true;
        return 0;
    case FLOW_FILL:
        result = fill(c, way, room.pipe, &n);
        break;
    case FLOW_SPILL:
        result = spill(c, way, room.memory, &n);
        break;
    case FLOW_DRAIN:
        result = drain(c, way, &n);
        break;
    case FLOW_UNSPILL:
        result = unspill(c, way, &n);
        break;
    case FLOW_SHUT:
        shutdown(c->fd[flow_sink(way)], SHUT_WR);
        break;
    case FLOW_OPS:
        break;
    }
    flow_book(&c->flow, way, op, result, n, now);
    pool->used += c->flow.dir[way].spilled - before; /* wraps on purpose when it went down */
    return n;
}

void conn_pump(struct conn *c, struct conn_pool *pool, int64_t now)
{
    size_t moved = 0;

    c->ready = false;
    for (;;) {
        bool up = false, down = false;

        moved += step(c, FLOW_UP, pool, now, &up);
        moved += step(c, FLOW_DOWN, pool, now, &down);
        if (up && down)
            break;
        if (moved >= TURN) {
            c->ready = true;
            break;
        }
    }
    flow_settle(&c->flow, room_left(c, FLOW_DOWN, pool), now);
}

void conn_finish(struct conn *c, struct conn_pool *pool, bool reset)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};

    if (reset && c->fd[FLOW_SERVER] >= 0)
        setsockopt(c->fd[FLOW_SERVER], SOL_SOCKET, SO_LINGER, &now, sizeof now);
    for (int i = 0; i < FLOW_SIDES; i++)
        close_fd(&c->fd[i]);
    for (int way = 0; way < FLOW_WAYS; way++)
        for (int end = 0; end < 2; end++)
            close_fd(&c->pipe[way][end]);
    spill_finish(&c->spill);
    pool->used -= c->flow.dir[FLOW_DOWN].spilled;
    c->used = false;
}
