/* SPDX-License-Identifier: MIT
 * One connection to bay0. */
#include "spine-cli/client.h"

#include "core/buf.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { FDS_MAX = 3, RETRY_MS = 50 };

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits until the deadline (0: none) for events on the socket. */
static int wait_for(struct client *c, short events, int64_t deadline, struct err *e)
{
    struct pollfd p = {.fd = c->fd, .events = events};

    for (;;) {
        int64_t left = deadline ? deadline - now_ms() : 0;
        struct timespec t = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
        int n;

        if (c->stop && *c->stop)
            return err_set(e, ERR_CANCELLED, "ended by signal %d", (int)*c->stop);
        if (deadline && left <= 0) {
            err_set(e, ERR_TIMEOUT, "bay0 does not answer");
            return err_hint(e, "it may be busy: try again, or see its log on the console");
        }
        n = ppoll(&p, 1, deadline ? &t : NULL, c->mask);
        if (n > 0)
            return 0;
        if (n < 0 && errno == EINTR && c->woken)
            c->woken(c->woken_user);
        else if (n < 0 && errno != EINTR)
            return err_set(e, ERR_SYSTEM, "cannot wait for bay0: %s", strerror(errno));
    }
}

static int connect_in_time(struct client *c, const struct sockaddr_un *a, int timeout_ms, struct err *e)
{
    int64_t deadline = now_ms() + timeout_ms;

    while (connect(c->fd, (const struct sockaddr *)a, sizeof *a)) {
        /* A full queue of waiting clients says EAGAIN, and there is nothing to wait on. */
        if ((errno == EAGAIN || errno == EINTR) && now_ms() < deadline) {
            poll(NULL, 0, RETRY_MS);
            continue;
        }
        err_set(e, ERR_NO_BAY0, "cannot reach bay0 at %s: %s", a->sun_path, strerror(errno));
        if (errno == EACCES)
            err_hint(e, "root and members of the group spine may use its socket");
        return -1;
    }
    return 0;
}

int client_open(struct client *c, const char *path, int timeout_ms, struct err *e)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    *c = (struct client){.fd = -1};
    if (*path == '\0' || strlen(path) >= sizeof a.sun_path)
        return err_set(e, ERR_NO_BAY0, "`%s` cannot be the path of a socket: 1 to %zu bytes", path,
                       sizeof a.sun_path - 1);
    memcpy(a.sun_path, path, strlen(path) + 1);
    c->text = malloc(PROTO_REPLY_MAX);
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (!c->text || c->fd < 0)
        err_set(e, ERR_SYSTEM, "cannot make a socket: %s", strerror(errno));
    else if (connect_in_time(c, &a, timeout_ms, e) == 0)
        return 0;
    client_close(c);
    return -1;
}

static ssize_t send_some(int fd, const char *text, size_t len, const int *fds, size_t n)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(FDS_MAX * sizeof(int))];
    } control = {.space = {0}};
    struct iovec part = {.iov_base = (void *)(uintptr_t)text, .iov_len = len};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

    if (n > 0) {
        struct cmsghdr *h = &control.align;

        m.msg_control = control.space;
        m.msg_controllen = CMSG_SPACE(n * sizeof *fds);
        h->cmsg_level = SOL_SOCKET;
        h->cmsg_type = SCM_RIGHTS;
        h->cmsg_len = CMSG_LEN(n * sizeof *fds);
        memcpy(CMSG_DATA(h), fds, n * sizeof *fds);
    }
    return sendmsg(fd, &m, MSG_NOSIGNAL);
}

int client_send(struct client *c, const char *line, const int *fds, size_t n, int timeout_ms, struct err *e)
{
    int64_t deadline = now_ms() + timeout_ms;
    size_t len = strlen(line);

    if (n > FDS_MAX)
        return err_set(e, ERR_INTERNAL, "more than %d file descriptors to send", FDS_MAX);
    while (len > 0) {
        ssize_t sent = send_some(c->fd, line, len, fds, n);

        if (sent > 0) {
            line += sent;
            len -= (size_t)sent;
            n = 0; /* they went with the first byte */
        } else if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) {
            return 0;
        } else if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            return err_set(e, ERR_SYSTEM, "cannot send to bay0: %s", strerror(errno));
        } else if (wait_for(c, POLLOUT, deadline, e)) {
            return -1;
        }
    }
    return 0;
}

int client_line(struct client *c, int timeout_ms, const char **line, size_t *len, struct err *e)
{
    int64_t deadline = timeout_ms < 0 ? 0 : now_ms() + timeout_ms;

    for (size_t looked = 0;;) {
        char *end = memchr(c->text + c->start + looked, '\n', c->len - looked);
        ssize_t n;

        if (end) {
            *line = c->text + c->start;
            *len = (size_t)(end - *line);
            *end = '\0';
            c->start += *len + 1;
            c->len -= *len + 1;
            return 0;
        }
        looked = c->len;
        memmove(c->text, c->text + c->start, c->len);
        c->start = 0;
        if (c->len == PROTO_REPLY_MAX)
            return err_set(e, ERR_TOO_LONG, "the answer of bay0 is longer than %d bytes", PROTO_REPLY_MAX);
        if (wait_for(c, POLLIN, deadline, e))
            return -1;
        n = recv(c->fd, c->text + c->len, PROTO_REPLY_MAX - c->len, 0);
        if (n > 0)
            c->len += (size_t)n;
        else if (n == 0 || errno == ECONNRESET)
            return err_set(e, ERR_NO_BAY0, "bay0 closed the connection before it had answered");
        else if (errno != EAGAIN && errno != EINTR)
            return err_set(e, ERR_SYSTEM, "cannot read from bay0: %s", strerror(errno));
    }
}

void client_close(struct client *c)
{
    if (c->fd >= 0)
        close(c->fd);
    free(c->text);
    c->fd = -1;
    c->text = NULL;
}
