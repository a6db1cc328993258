/* SPDX-License-Identifier: MIT
 * A connection of bay0's own to sway's socket: requests go out as they are made, answers come in the same
 * order. sway-ipc(7). */
#include "sway_ipc.h"

#include "fsutil.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum { CHUNK = 16 * 1024, TEXT_FIRST = 1024 };

struct sway_ask {
    struct sway_ask *next;
    uint64_t due;
    uint32_t type;
    sway_answer_fn *done;
    void *user;
    size_t size;
    char message[];
};

static void tell(struct sway_ask *a, const struct sway_answer *answer)
{
    a->done(a->user, answer);
    free(a);
}

/* Everything is forgotten before anybody is told: who is told may ask anew. */
static void lose(struct sway_ipc *i, const char *why)
{
    const struct sway_answer answer = {.error = why, .text = "", .lost = true};
    struct sway_ask *a = i->first;

    loop_remove(i->source);
    loop_timer_cancel(i->timer);
    fs_close(&i->fd);
    free(i->text);
    i->source = NULL;
    i->timer = NULL;
    i->text = NULL;
    i->first = i->unsent = NULL;
    i->last = &i->first;
    i->asks = i->sent = 0;
    i->head_n = i->text_n = i->text_size = 0;
    i->passed_over = false;
    for (struct sway_ask *next; a; a = next) {
        next = a->next;
        tell(a, &answer);
    }
}

static void on_time(void *user);

/* The oldest one's time is up first. */
static bool arm(struct sway_ipc *i)
{
    uint64_t now = loop_now(), due = i->first->due;

    i->timer = loop_timer(i->loop, due > now ? due - now : 0, on_time, i);
    return i->timer != NULL;
}

static void on_time(void *user)
{
    struct sway_ipc *i = user;

    i->timer = NULL;
    if (i->first->due > loop_now() && arm(i))
        return;
    log_warn("sway does not answer; the connection to it is ended");
    lose(i, "no answer in time");
}

/* A connection that does not take a message as a whole is of no more use; the loop hears its end, after the
 * answers that are there already. */
static void pump(struct sway_ipc *i)
{
    for (; i->unsent && i->sent < SWAY_SENT_MAX; i->unsent = i->unsent->next) {
        const struct sway_ask *a = i->unsent;

        if (send(i->fd, a->message, a->size, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)a->size)
            (void)shutdown(i->fd, SHUT_RDWR);
        i->sent++;
    }
}

static void answered(struct sway_ipc *i)
{
    struct sway_ask *a = i->first;
    char *text = i->text;
    struct sway_answer answer = {.text = text ? text : "", .len = i->text_n};

    if (i->passed_over)
        answer = (struct sway_answer){.error = "the answer is too long", .text = ""};
    i->first = a->next;
    if (!i->first) {
        i->last = &i->first;
        loop_timer_cancel(i->timer);
        i->timer = NULL;
    }
    i->asks--;
    i->sent--;
    i->text = NULL;
    i->head_n = i->text_n = i->text_size = 0;
    i->passed_over = false;
    pump(i);
    tell(a, &answer);
    free(text);
}

/* False when this is no answer to what was asked. */
static bool begun(struct sway_ipc *i)
{
    uint32_t type;

    return sway_head_read(i->head, &i->left, &type) && i->sent > 0 && type == i->first->type;
}

/* Room for n more bytes and a NUL; what an answer only claims to have is not made room for. */
static bool grow(struct sway_ipc *i, size_t n)
{
    size_t need = i->text_n + n + 1, size = i->text_size ? i->text_size : TEXT_FIRST;
    char *more;

    if (need <= i->text_size)
        return true;
    while (size < need)
        size *= 2;
    more = realloc(i->text, size);
    if (!more)
        return false;
    i->text = more;
    i->text_size = size;
    return true;
}

static void keep(struct sway_ipc *i, const char *bytes, size_t n)
{
    if (i->passed_over || n > SWAY_ANSWER_MAX - i->text_n || !grow(i, n)) {
        i->passed_over = true;
        return;
    }
    memcpy(i->text + i->text_n, bytes, n);
    i->text_n += n;
    i->text[i->text_n] = '\0';
}

/* Takes what belongs to one answer. Returns how much, 0 when it is no answer. */
static size_t take(struct sway_ipc *i, const char *bytes, size_t n)
{
    size_t part = SWAY_HEAD - i->head_n < n ? SWAY_HEAD - i->head_n : n;

    if (part > 0) {
        memcpy(i->head + i->head_n, bytes, part);
        i->head_n += part;
        if (i->head_n == SWAY_HEAD && !begun(i))
            return 0;
    } else {
        part = i->left < n ? i->left : n;
        keep(i, bytes, part);
        i->left -= (uint32_t)part;
    }
    if (i->head_n == SWAY_HEAD && i->left == 0)
        answered(i);
    return part;
}

static void on_readable(void *user, uint32_t events)
{
    struct sway_ipc *i = user;
    const struct loop_source *mine = i->source;
    char bytes[CHUNK];
    ssize_t n = recv(i->fd, bytes, sizeof bytes, MSG_DONTWAIT);

    (void)events;
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        lose(i, "the connection to sway was lost");
        return;
    }
    /* Who is told may end this connection. */
    for (ssize_t at = 0, part; at < n && i->source == mine; at += part) {
        part = (ssize_t)take(i, bytes + at, (size_t)(n - at));
        if (part > 0)
            continue;
        log_warn("what sway says is no answer; the connection to it is ended");
        lose(i, "sway's answer was none");
        return;
    }
}

static bool open_anew(struct sway_ipc *i)
{
    i->fd = fs_connect(i->path);
    if (i->fd >= 0)
        i->source = loop_add(i->loop, i->fd, EPOLLIN, on_readable, i);
    if (!i->source)
        fs_close(&i->fd);
    return i->source != NULL;
}

void sway_ipc_init(struct sway_ipc *i, struct loop *l, const char *path, uint32_t timeout_ms)
{
    *i = (struct sway_ipc){.loop = l, .timeout_ms = timeout_ms, .fd = -1, .last = &i->first};
    (void)snprintf(i->path, sizeof i->path, "%s", path);
}

bool sway_ipc_ask(struct sway_ipc *i, uint32_t type, const char *text, sway_answer_fn *done, void *user)
{
    size_t len = strlen(text);
    struct sway_ask *a = NULL;

    if (len > SWAY_ASK_MAX || i->asks == SWAY_ASKS_MAX)
        errno = len > SWAY_ASK_MAX ? E2BIG : ENOBUFS;
    else if (i->source || open_anew(i))
        a = malloc(sizeof *a + SWAY_HEAD + len);
    if (!a)
        return false;
    *a = (struct sway_ask){
        .due = loop_now() + i->timeout_ms, .type = type, .done = done, .user = user, .size = SWAY_HEAD + len};
    sway_head_write(a->message, (uint32_t)len, type);
    memcpy(a->message + SWAY_HEAD, text, len);
    *i->last = a;
    if (!i->timer && !arm(i)) {
        *i->last = NULL;
        free(a);
        return false;
    }
    i->last = &a->next;
    i->asks++;
    if (!i->unsent)
        i->unsent = a;
    pump(i);
    return true;
}

void sway_ipc_drop(struct sway_ipc *i)
{
    lose(i, "the connection to sway was ended");
}
