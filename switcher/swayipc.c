/* SPDX-License-Identifier: MIT
 * One question to sway. */
#include "switcher/swayipc.h"

#include "core/swayhead.h"
#include "switcher/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct swayipc {
    struct client *client;
    swayipc_fn fn;
    void *data;
    int fd;
    struct client_watch *watch;
    struct client_timer timer;
    unsigned char head[SWAY_HEAD];
    char *text; /* NULL until the head is read */
    size_t got, len;
};

static void finish(struct swayipc *s)
{
    client_watch_remove(s->watch);
    client_timer_stop(s->client, &s->timer);
    close(s->fd);
    free(s->text);
    free(s);
}

static void answer(struct swayipc *s, bool good)
{
    s->fn(s->data, good ? s->text : NULL, good ? s->len : 0);
    finish(s);
}

static void on_time(void *data)
{
    struct swayipc *s = data;

    client_log("sway did not say in %d ms where the windows are", SWAYIPC_MS);
    answer(s, false);
}

static bool read_head(struct swayipc *s)
{
    uint32_t len, type;

    if (!sway_head_read(s->head, &len, &type) || type != SWAY_GET_TREE || len == 0 || len > SWAYIPC_TREE_MAX)
        return false;
    s->len = len;
    s->got = 0;
    s->text = malloc(len);
    return s->text != NULL;
}

static void on_readable(void *data, int fd, uint32_t events)
{
    struct swayipc *s = data;
    bool head = !s->text;
    ssize_t n = recv(fd, head ? (char *)s->head + s->got : s->text + s->got,
                     (head ? sizeof s->head : s->len) - s->got, 0);

    (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        client_log("sway closed its socket before it had said where the windows are");
        answer(s, false);
        return;
    }
    s->got += (size_t)n;
    if (head && s->got == sizeof s->head && !read_head(s)) {
        client_log("sway's answer is no tree, or longer than %d bytes", SWAYIPC_TREE_MAX);
        answer(s, false);
    } else if (!head && s->got == s->len) {
        answer(s, true);
    }
}

static int open_socket(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    const char *path = getenv("SWAYSOCK");
    char question[SWAY_HEAD];
    int fd;

    if (!path || strlen(path) >= sizeof a.sun_path)
        return -1;
    memcpy(a.sun_path, path, strlen(path));
    sway_head_write(question, 0, SWAY_GET_TREE);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    /* A fresh socket has room for so few bytes. */
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0 &&
        send(fd, question, sizeof question, MSG_NOSIGNAL) == (ssize_t)sizeof question)
        return fd;
    close(fd);
    return -1;
}

struct swayipc *swayipc_tree(struct client *c, swayipc_fn fn, void *data)
{
    struct swayipc *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->client = c;
    s->fn = fn;
    s->data = data;
    s->timer.fn = on_time;
    s->timer.data = s;
    s->fd = open_socket();
    s->watch = s->fd < 0 ? NULL : client_watch_add(c, s->fd, EPOLLIN, on_readable, s);
    if (!s->watch) {
        client_log("cannot ask sway where the windows are");
        if (s->fd >= 0)
            close(s->fd);
        free(s);
        return NULL;
    }
    client_timer_start(c, &s->timer, SWAYIPC_MS);
    return s;
}

void swayipc_cancel(struct swayipc *s)
{
    if (s)
        finish(s);
}
