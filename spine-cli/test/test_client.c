/* SPDX-License-Identifier: MIT
 * Tests of the connection: nothing waits without end, whatever the other side does. */
#include "tests/t.h"
#include "spine-cli/client.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static struct client c;
static struct err e;

/* A connection to ourselves; the other end is the result. */
static int pair(void)
{
    int fd[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd))
        abort();
    c = (struct client){.fd = fd[0], .text = malloc(PROTO_REPLY_MAX)};
    memset(&e, 0, sizeof e);
    return fd[1];
}

static void test_lines(void)
{
    int other = pair();
    const char *line;
    size_t len;

    T_INT(write(other, "one\n\ntwo\nthr", 12), 12);
    T_INT(client_line(&c, 1000, &line, &len, &e), 0);
    T_STR(line, "one");
    T_INT(client_line(&c, 1000, &line, &len, &e), 0);
    T(len == 0 && *line == '\0');
    T_INT(client_line(&c, 1000, &line, &len, &e), 0);
    T_STR(line, "two");
    T_INT(client_line(&c, 30, &line, &len, &e), -1);
    T_INT(e.code, ERR_TIMEOUT);
    T_INT(write(other, "ee\n", 3), 3);
    T_INT(client_line(&c, 1000, &line, &len, &e), 0);
    T_STR(line, "three");
    T_INT(write(other, "last", 4), 4);
    close(other);
    T_INT(client_line(&c, -1, &line, &len, &e), -1);
    T_INT(e.code, ERR_NO_BAY0);
    client_close(&c);
    client_close(&c);
}

/* One byte below the limit is a line; at the limit it is refused, and the rest is not read. */
static void test_limit(void)
{
    for (int extra = 0; extra < 2; extra++) {
        size_t total = PROTO_REPLY_MAX - 1 + (size_t)extra, sent = 0;
        char *big = malloc(total);
        const char *line;
        size_t len;
        int other = pair(), size = 4 << 20;

        setsockopt(other, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
        fcntl(other, F_SETFL, 0);
        memset(big, 'x', total);
        while (sent < total) {
            ssize_t n = write(other, big + sent, total - sent);

            if (n <= 0)
                abort();
            sent += (size_t)n;
        }
        if (!extra)
            T_INT(write(other, "\n", 1), 1);
        T_INT(client_line(&c, 1000, &line, &len, &e), -extra);
        if (extra)
            T_INT(e.code, ERR_TOO_LONG);
        else
            T_INT(len, total);
        free(big);
        close(other);
        client_close(&c);
    }
}

static void test_send(void)
{
    static char big[4 << 20];
    int other = pair();

    memset(big, 'x', sizeof big - 1);
    T_INT(client_send(&c, big, NULL, 0, 50, &e), -1); /* nobody reads */
    T_INT(e.code, ERR_TIMEOUT);
    close(other);
    T_INT(client_send(&c, "x\n", NULL, 0, 50, &e), 0); /* closed: an answer may be waiting */
    client_close(&c);
}

static void test_full_queue(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/tmp/spine-test-queue.sock"};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), waiting[8];
    struct timespec from, to;

    unlink(a.sun_path);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, 0))
        abort();
    for (int i = 0; i < 8; i++) {
        waiting[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (connect(waiting[i], (struct sockaddr *)&a, sizeof a) == 0)
            continue;
    }
    clock_gettime(CLOCK_MONOTONIC, &from);
    T_INT(client_open(&c, a.sun_path, 200, &e), -1);
    clock_gettime(CLOCK_MONOTONIC, &to);
    T_INT(e.code, ERR_NO_BAY0);
    T(to.tv_sec - from.tv_sec < 3);
    T(c.fd == -1 && c.text == NULL);
    for (int i = 0; i < 8; i++)
        close(waiting[i]);
    close(listener);
    unlink(a.sun_path);
}

int main(void)
{
    test_lines();
    test_limit();
    test_send();
    test_full_queue();
    return t_done();
}
