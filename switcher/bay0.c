/* SPDX-License-Identifier: MIT
 * The connection to bay0: asks, answers, events; made again when it ends. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "switcher/core/feed.h"
#include "switcher/outbox.h"
#include "switcher/state.h"

enum { LINE_MAX_OUT = 65536, RETRY_MIN_MS = 200, RETRY_MAX_MS = 5000 };

struct ask {
    json_int_t id; /* 0: free */
    client_reply_fn fn;
    void *data;
};

struct bay0 {
    struct client *client;
    struct sockaddr_un address;
    int fd; /* -1: not connected */
    struct client_watch *watch;
    char *in;
    size_t have, room;
    struct outbox out;
    struct ask asks[STATE_ASKS];
    json_int_t last;
    struct client_timer retry;
    unsigned retry_ms;
    bool known; /* the first list has come */
};

static void connect_now(void *data);

static void tell(struct client *c, const char *event, const json_t *line)
{
    for (unsigned i = 0; i < c->listener_count; i++)
        c->listeners[i].fn(c->listeners[i].data, event, line);
}

/* Everything that was asked is answered, with nothing; then it is tried again, each time later. */
static void lose(struct bay0 *b)
{
    bool had = b->known;

    client_watch_remove(b->watch);
    b->watch = NULL;
    if (b->fd >= 0)
        close(b->fd);
    b->fd = -1;
    b->have = 0;
    b->known = false;
    outbox_clear(&b->out);
    b->client->model.away = true;
    for (int i = 0; i < STATE_ASKS; i++) {
        struct ask a = b->asks[i];

        b->asks[i].id = 0;
        if (a.id && a.fn)
            a.fn(a.data, false, NULL);
    }
    if (had) {
        client_log("bay0 ended the connection; trying again");
        overlay_event(b->client, ME_AWAY, 0, NULL);
        tell(b->client, NULL, NULL);
    }
    b->retry_ms = b->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : b->retry_ms * 2;
    client_timer_start(b->client, &b->retry, b->retry_ms);
}

/* -1 when the connection is lost. */
static int flush(struct bay0 *b)
{
    int more = outbox_send(&b->out, b->fd);

    return more < 0 ? -1 : client_watch_change(b->watch, EPOLLIN | (more > 0 ? (uint32_t)EPOLLOUT : 0));
}

static void answer(struct bay0 *b, const struct feed_line *l)
{
    for (int i = 0; i < STATE_ASKS; i++) {
        struct ask a = b->asks[i];

        if (a.id == 0 || a.id != l->id)
            continue;
        b->asks[i].id = 0;
        if (a.fn)
            a.fn(a.data, l->kind == FEED_OK, l->body);
        return;
    }
}

static void on_line(struct bay0 *b, const char *line, size_t len)
{
    struct feed_line l = feed_read(line, len);
    enum model_event_kind kind;

    if (l.kind == FEED_EVENT) {
        kind = feed_event(&b->client->model, &l, client_now());
        if (kind != ME_KINDS)
            overlay_event(b->client, kind, 0, NULL);
        tell(b->client, l.event, l.body);
    } else if (l.kind == FEED_OK || l.kind == FEED_REFUSED) {
        answer(b, &l);
    } else if (l.kind == FEED_JUNK) {
        client_log("bay0 sent a line of %zu bytes that is not understood", len);
    }
    json_decref(l.root);
}

/* Takes whole lines out of the buffer. A callback may lose the connection, which empties it. */
static void lines(struct bay0 *b)
{
    size_t at = 0;
    int fd = b->fd;
    const char *end;

    while (b->fd == fd && fd >= 0 && at < b->have && (end = memchr(b->in + at, '\n', b->have - at))) {
        size_t len = (size_t)(end - b->in) - at;

        on_line(b, b->in + at, len);
        at += len + 1;
    }
    if (b->fd != fd || fd < 0)
        return;
    memmove(b->in, b->in + at, b->have - at);
    b->have -= at;
    /* One long list does not keep its memory. */
    if (b->have == 0 && b->room > 16384) {
        free(b->in);
        b->in = NULL;
        b->room = 0;
    }
}

/* Room for more; false when the line is longer than bay0's may be. */
static bool grow(struct bay0 *b)
{
    size_t room = b->room ? b->room * 2 : 8192;
    char *bigger;

    if (b->have < b->room)
        return true;
    if (room > FEED_LINE * 2)
        return false;
    bigger = realloc(b->in, room);
    if (!bigger)
        return false;
    b->in = bigger;
    b->room = room;
    return true;
}

static void on_ready(void *data, int fd, uint32_t events)
{
    struct bay0 *b = data;
    ssize_t n;

    if (events & EPOLLOUT && flush(b) < 0) {
        lose(b);
        return;
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        return;
    if (!grow(b)) {
        client_log("bay0 sent a line that is too long");
        lose(b);
        return;
    }
    n = recv(fd, b->in + b->have, b->room - b->have, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        lose(b);
        return;
    }
    b->have += (size_t)n;
    lines(b);
}

static struct ask *ask_slot(struct bay0 *b)
{
    for (int i = 0; i < STATE_ASKS; i++)
        if (b->asks[i].id == 0)
            return &b->asks[i];
    return NULL;
}

int client_ask_fds(struct client *c, const char *cmd, json_t *args, const int *fds, unsigned nfds,
                   client_reply_fn fn, void *data)
{
    struct bay0 *b = c->bay0;
    struct ask *slot = b && b->fd >= 0 ? ask_slot(b) : NULL;
    json_t *line = json_pack("{s:I, s:s, s:o}", "id", b ? b->last + 1 : 0, "cmd", cmd, "args",
                             args ? args : json_object());
    char *text = line && slot ? json_dumps(line, JSON_COMPACT) : NULL;
    size_t len = text ? strlen(text) : 0;
    int rc = -1;

    if (text && len < LINE_MAX_OUT && outbox_add(&b->out, text, len, fds, nfds) == 0) {
        *slot = (struct ask){++b->last, fn, data};
        /* It is written by the loop: what fails then ends the connection, and the answer with it. */
        client_watch_change(b->watch, EPOLLIN | EPOLLOUT);
        rc = 0;
    }
    free(text);
    json_decref(line);
    return rc;
}

int client_ask(struct client *c, const char *cmd, json_t *args, client_reply_fn fn, void *data)
{
    return client_ask_fds(c, cmd, args, NULL, 0, fn, data);
}

int client_on_event(struct client *c, client_event_fn fn, void *data)
{
    if (c->listener_count == STATE_HOOKS)
        return -1;
    c->listeners[c->listener_count++] = (struct listener){fn, data};
    return 0;
}

static void on_subscribed(void *data, bool ok, const json_t *result)
{
    struct bay0 *b = data;
    const char *message = json_string_value(json_object_get(result, "message"));

    if (!result)
        return;
    if (!ok || !feed_list(&b->client->model, result, client_now())) {
        client_log("bay0 refused subscribe: %s", message ? message : "not a list");
        lose(b);
        return;
    }
    b->known = true;
    b->retry_ms = RETRY_MIN_MS;
    b->client->model.away = false;
    overlay_event(b->client, ME_BACK, 0, NULL);
}

static void connect_now(void *data)
{
    struct bay0 *b = data;

    b->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (b->fd >= 0 && connect(b->fd, (struct sockaddr *)&b->address, sizeof(b->address)) == 0)
        b->watch = client_watch_add(b->client, b->fd, EPOLLIN, on_ready, b);
    if (!b->watch || client_ask(b->client, "subscribe", json_pack("{s:b}", "keys", 1), on_subscribed, b) < 0)
        lose(b);
}

int bay0_start(struct client *c, const char *path)
{
    struct bay0 *b;

    if (strlen(path) >= sizeof(b->address.sun_path)) {
        client_log("the socket's path is too long: %s", path);
        return -1;
    }
    b = calloc(1, sizeof(*b));
    if (!b)
        return -1;
    b->client = c;
    b->fd = -1;
    b->address.sun_family = AF_UNIX;
    memcpy(b->address.sun_path, path, strlen(path));
    b->retry_ms = RETRY_MIN_MS;
    b->retry.fn = connect_now;
    b->retry.data = b;
    c->bay0 = b;
    connect_now(b);
    return 0;
}

void bay0_finish(struct client *c)
{
    struct bay0 *b = c->bay0;

    if (!b)
        return;
    b->known = false;
    lose(b);
    client_timer_stop(c, &b->retry);
    free(b->in);
    free(b);
    c->bay0 = NULL;
}
