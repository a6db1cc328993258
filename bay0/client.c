/* SPDX-License-Identifier: MIT
 * A connection: bounded reading and framing, fds beside the lines, bounded writing, and one way to end. */
#include "client.h"

#include "fsutil.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_PER_TURN = 16 * 1024,
    LINES_PER_TURN = 16,
    BACKLOG_MAX = 64 * 1024,
    SIZE_KEPT = 4096, /* an empty buffer larger than this is given back */
    MS_PER_SECOND = 1000
};

bool rate_take(struct rate *r)
{
    uint64_t now = loop_now();

    if (now - r->since >= MS_PER_SECOND)
        *r = (struct rate){.since = now};
    if (r->used >= SERVER_RATE_PER_SECOND)
        return false;
    r->used++;
    return true;
}

uint64_t rate_wait(const struct rate *r)
{
    uint64_t passed = loop_now() - r->since;

    return passed < MS_PER_SECOND ? MS_PER_SECOND - passed : 0;
}

static bool reserve(char **text, size_t *size, size_t need, size_t max)
{
    size_t want = *size ? *size : 1024;
    char *more;

    if (need <= *size)
        return true;
    while (want < need)
        want *= 2;
    if (want > max)
        want = max;
    more = need <= max ? realloc(*text, want) : NULL;
    if (!more)
        return false;
    *text = more;
    *size = want;
    return true;
}

static void give_back(char **text, size_t *size)
{
    if (*size <= SIZE_KEPT)
        return;
    free(*text);
    *text = NULL;
    *size = 0;
}

static void drop_fds(struct client *c)
{
    for (size_t i = 0; i < SERVER_FDS_MAX; i++)
        fs_close(&c->fds[i]);
    c->has_fds = false;
}

/* shutdown(2) makes the loop report a hang-up, and that is where a client ends: never below a caller. */
void client_doom(struct client *c)
{
    c->doomed = true;
    (void)shutdown(c->fd, SHUT_RDWR);
}

void client_close(struct client *c)
{
    if (!c->closed) {
        c->closed = true;
        loop_remove(c->source);
        loop_timer_cancel(c->resume);
        c->resume = NULL;
        drop_fds(c);
        fs_close(&c->fd);
        c->on_close(c);
    }
    if (c->busy)
        return;
    free(c->in);
    free(c->out);
    free(c);
}

static size_t line_length(struct client *c)
{
    const char *end =
        c->in_len > c->in_seen ? memchr(c->in + c->in_seen, '\n', c->in_len - c->in_seen) : NULL;

    if (end)
        return (size_t)(end - c->in) + 1;
    c->in_seen = c->in_len;
    return 0;
}

/* Who does not read the answers gets no more questions in: backlog costs bay0's memory. */
static bool may_ask(const struct client *c)
{
    return c->pending < SERVER_PENDING_MAX && c->out_len - c->out_at <= BACKLOG_MAX;
}

/* Asks the loop for what this client can use now, and ends it when nothing more can come of it. */
static void settle(struct client *c)
{
    bool waiting = line_length(c) > 0;
    bool sent = c->out_at == c->out_len;
    uint32_t events = 0;

    if (c->doomed)
        return;
    if (sent && (c->closing || (c->eof && !waiting && c->pending == 0 && !c->subscribed))) {
        client_doom(c);
        return;
    }
    if (!c->eof && !c->closing && !waiting && !c->held && may_ask(c))
        events |= EPOLLIN;
    if (!sent)
        events |= EPOLLOUT;
    if (events != c->events && loop_modify(c->source, events) < 0)
        client_doom(c);
    c->events = events;
}

void client_hold(struct client *c, bool on)
{
    c->held = on;
    if (!c->busy && !c->closed)
        settle(c);
}

bool client_idle(const struct client *c)
{
    return c->in_len == 0 && c->out_at == c->out_len && !c->has_fds && !c->busy && !c->closing && !c->doomed;
}

static void flush(struct client *c)
{
    while (c->out_at < c->out_len && !c->doomed) {
        ssize_t put = send(c->fd, c->out + c->out_at, c->out_len - c->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (put < 0) {
            client_doom(c);
            return;
        }
        c->out_at += (size_t)put;
    }
    c->out_at = c->out_len = 0;
    give_back(&c->out, &c->out_size);
    if (c->drained)
        c->drained(c->drained_user);
}

void client_send(struct client *c, const char *data, size_t len)
{
    if (c->doomed || c->closed)
        return;
    if (c->out_at > 0 && c->out_len + len > c->out_size) {
        memmove(c->out, c->out + c->out_at, c->out_len - c->out_at);
        c->out_len -= c->out_at;
        c->out_at = 0;
    }
    if (!reserve(&c->out, &c->out_size, c->out_len + len, SERVER_OUT_MAX)) {
        client_doom(c);
        return;
    }
    memcpy(c->out + c->out_len, data, len);
    c->out_len += len;
    if (c->out_at == 0 && c->out_len == len)
        flush(c);
    if (!c->busy)
        settle(c);
}

static void refuse(struct client *c, enum err_code code, const char *why)
{
    struct err e = {0};
    int none[SERVER_FDS_MAX] = {-1, -1, -1};

    err_set(&e, code, "%s", why);
    c->on_line(c, NULL, 0, &e, none);
}

static void hand_over_line(struct client *c, size_t len)
{
    int fds[SERVER_FDS_MAX] = {-1, -1, -1};

    if (c->has_fds && c->fds_at < len) {
        memcpy(fds, c->fds, sizeof fds);
        memset(c->fds, -1, sizeof c->fds);
        c->has_fds = false;
    }
    c->on_line(c, c->in, len - 1, NULL, fds);
    for (size_t i = 0; i < SERVER_FDS_MAX; i++)
        fs_close(&fds[i]);
    memmove(c->in, c->in + len, c->in_len - len);
    c->in_len -= len;
    c->in_seen = 0;
    if (c->has_fds)
        c->fds_at -= len;
}

static void work(struct client *c);

static void resumed(void *user)
{
    struct client *c = user;

    c->resume = NULL;
    work(c);
}

static void resume_in(struct client *c, uint64_t ms)
{
    if (!c->resume)
        c->resume = loop_timer(c->loop, ms, resumed, c);
    if (!c->resume)
        client_doom(c);
}

/* Takes whole lines, a few at a time; what is left waits for the next turn, the next second or an answer. The
 * last thing its callers do: c may be gone. */
static void work(struct client *c)
{
    size_t len = 0;
    bool slow = false;

    c->busy = true;
    for (int n = 0; !c->closed && !c->doomed && !c->closing; n++) {
        len = line_length(c);
        if (len == 0 || n == LINES_PER_TURN || !may_ask(c))
            break;
        slow = c->limited && !rate_take(&c->rate);
        if (slow)
            break;
        hand_over_line(c, len);
    }
    if (!c->closed && !c->doomed && !c->closing && len == 0) {
        if (c->in_len >= PROTO_LINE_MAX) {
            refuse(c, ERR_TOO_LONG, "the request is too long");
            c->closing = true;
        } else if (c->eof && c->in_len > 0) {
            refuse(c, ERR_BAD_REQUEST, "the request ends without a newline");
            c->in_len = c->in_seen = 0;
        }
    }
    c->busy = false;
    if (c->closed) {
        client_close(c);
        return;
    }
    if (c->in_len == 0)
        give_back(&c->in, &c->in_size);
    if (len > 0 && may_ask(c) && !c->doomed && !c->closing)
        resume_in(c, slow ? rate_wait(&c->rate) : 0);
    settle(c);
}

void client_answered(struct client *c)
{
    if (c->doomed || c->closed || c->busy)
        return;
    if (line_length(c) > 0 && may_ask(c))
        resume_in(c, 0);
    settle(c);
}

/* The kernel closes what does not fit into the control buffer; what fits beyond our number is closed here. */
static void take_fds(struct client *c, struct msghdr *m)
{
    size_t n = 0;

    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
        size_t count = h->cmsg_len > CMSG_LEN(0) ? (h->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0;

        if (h->cmsg_level != SOL_SOCKET || h->cmsg_type != SCM_RIGHTS)
            continue;
        if (c->has_fds && n == 0)
            drop_fds(c); /* a second set for the same line: the last counts */
        for (size_t i = 0; i < count; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(h) + i * sizeof fd, sizeof fd);
            if (n < SERVER_FDS_MAX)
                c->fds[n++] = fd;
            else
                fs_close(&fd);
        }
        c->has_fds = n > 0;
    }
    if (n > 0)
        c->fds_at = c->in_len - 1;
}

static void receive(struct client *c)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(SERVER_FDS_MAX * sizeof(int))];
    } control;
    struct iovec part;
    struct msghdr m = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    size_t room = PROTO_LINE_MAX - c->in_len;
    ssize_t got;

    if (c->in_len + 1024 > c->in_size && room > 0 &&
        !reserve(&c->in, &c->in_size, c->in_len + (room < 1024 ? room : 1024), PROTO_LINE_MAX)) {
        client_doom(c);
        return;
    }
    room = c->in_size - c->in_len;
    part =
        (struct iovec){.iov_base = c->in + c->in_len, .iov_len = room < READ_PER_TURN ? room : READ_PER_TURN};
    do
        got = recvmsg(c->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
        client_doom(c);
    if (got == 0)
        c->eof = true;
    if (got > 0) {
        c->in_len += (size_t)got;
        take_fds(c, &m);
    }
}

static void on_event(void *user, uint32_t events)
{
    struct client *c = user;
    bool hung_up = events & (EPOLLHUP | EPOLLERR);

    /* Nobody is there any more, and nothing is left that was asked before. */
    if (c->doomed || (hung_up && !(c->events & EPOLLIN))) {
        client_close(c);
        return;
    }
    if (events & EPOLLOUT)
        flush(c);
    if (c->events & EPOLLIN && events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !c->doomed)
        receive(c);
    work(c);
}

struct client *client_create(struct loop *l, int fd, client_line_fn *on_line,
                             void (*on_close)(struct client *))
{
    struct client *c = calloc(1, sizeof *c);

    if (c) {
        *c =
            (struct client){.loop = l, .fd = fd, .on_line = on_line, .on_close = on_close, .events = EPOLLIN};
        memset(c->fds, -1, sizeof c->fds);
        c->source = loop_add(l, fd, EPOLLIN, on_event, c);
    }
    if (!c || !c->source) {
        free(c);
        fs_close(&fd);
        return NULL;
    }
    return c;
}
