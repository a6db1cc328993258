/* SPDX-License-Identifier: MIT
 * The doctor asks those who listen: connects, sends the shortest question, waits a bounded time for the
 * answer. */
#include "doctor_visit.h"

#include "core/profile.h"
#include "core/services.h"
#include "fsutil.h"
#include "persona.h"
#include "service.h"
#include "tenant.h"
#include "ui.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ASK_MS = 8000, READ_AT_ONCE = 4096 };

struct ask {
    struct visit *visit;
    enum health_ask what;
    char name[HEALTH_NAME_MAX];
    int fd;
    struct loop_source *source;
    struct loop_timer *timer;
    unsigned char *data;
    size_t len, size;
};

static void ask_end(struct ask *a, const char *error)
{
    struct visit *v = a->visit;

    health_answer(&v->to, a->what, a->name, error, a->data, a->len);
    loop_remove(a->source);
    loop_timer_cancel(a->timer);
    fs_close(&a->fd);
    free(a->data);
    free(a);
    visit_part_done(v);
}

static void on_late(void *user)
{
    struct ask *a = user;
    char error[64];

    a->timer = NULL;
    snprintf(error, sizeof error, "no answer within %d s", ASK_MS / 1000);
    ask_end(a, error);
}

/* Room for one more piece; false when the answer is longer than any should be. */
static bool room(struct ask *a)
{
    unsigned char *more;

    if (a->size - a->len >= READ_AT_ONCE)
        return true;
    more = a->size < HEALTH_ANSWER_MAX ? realloc(a->data, a->size + READ_AT_ONCE) : NULL;
    if (!more)
        return false;
    a->data = more;
    a->size += READ_AT_ONCE;
    return true;
}

static void on_readable(void *user, uint32_t events)
{
    struct ask *a = user;
    ssize_t n;

    (void)events;
    if (!room(a)) {
        ask_end(a, "its answer does not end");
        return;
    }
    n = recv(a->fd, a->data + a->len, READ_AT_ONCE, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0)
        a->len += (size_t)n;
    if (health_answered(a->what, a->data, a->len))
        ask_end(a, NULL);
    else if (n <= 0)
        ask_end(a, n < 0 ? strerror(errno) : "it closed the connection without an answer");
}

static int open_and_send(struct ask *a, const char *path)
{
    unsigned char question[HEALTH_QUESTION_MAX];
    size_t len = health_question(a->what, question);

    a->fd = fs_connect(path);
    if (a->fd < 0 || send(a->fd, question, len, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)len)
        return -1;
    a->source = loop_add(a->visit->b->loop, a->fd, EPOLLIN, on_readable, a);
    a->timer = a->source ? loop_timer(a->visit->b->loop, ASK_MS, on_late, a) : NULL;
    return a->timer ? 0 : -1;
}

static void ask(struct visit *v, enum health_ask what, const char *name, const char *path)
{
    struct ask *a = calloc(1, sizeof *a);
    char error[128];

    if (!a || !room(a)) {
        free(a);
        health_tell(&v->to, HEALTH_WRONG, name, "stop what is not needed", "no memory to ask it");
        return;
    }
    a->visit = v;
    a->what = what;
    a->fd = -1;
    snprintf(a->name, sizeof a->name, "%s", name);
    v->waiting++;
    if (open_and_send(a, path) < 0) {
        snprintf(error, sizeof error, "cannot reach it: %s",
                 errno == EAGAIN ? "its queue of connections is full" : strerror(errno));
        ask_end(a, error);
    }
}

static void ask_persona(struct visit *v, const struct persona *p)
{
    char name[HEALTH_NAME_MAX], path[PATH_MAX];

    snprintf(name, sizeof name, "%s: its control socket answers", p->spec.id);
    snprintf(path, sizeof path, "%s/persona/%s/bay0.sock", v->b->paths.run, p->spec.id);
    ask(v, ASK_BAY0, name, path);
    if (!ui_up(v->b) || !profile_get(p->spec.profile)->wayland)
        return;
    snprintf(name, sizeof name, "%s: its Wayland socket answers", p->spec.id);
    snprintf(path, sizeof path, "%s/persona/%s/wayland-0", v->b->paths.run, p->spec.id);
    ask(v, ASK_WAYLAND, name, path);
}

static void ask_tenants(struct visit *v)
{
    json_t *rows = json_array();
    json_t *row;
    size_t i;

    tenant_rows(v->b, "", rows);
    json_array_foreach(rows, i, row)
    {
        char name[HEALTH_NAME_MAX];

        if (!json_is_true(json_object_get(row, "up")))
            continue;
        snprintf(name, sizeof name, "%s answers", json_string_value(json_object_get(row, "name")));
        ask(v, ASK_HTTP, name, json_string_value(json_object_get(row, "socket")));
    }
    json_decref(rows);
}

void doctor_ask_all(struct visit *v)
{
    struct bay0 *b = v->b;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/bay0.sock", b->paths.run);
    ask(v, ASK_BAY0, "control socket answers", path);
    if (b->opt.ui && b->services) {
        snprintf(path, sizeof path, "%s/ui/sway.sock", b->paths.run);
        ask(v, ASK_SWAY, "compositor answers", path);
        ask(v, ASK_OUTPUTS, "outputs", path);
        snprintf(path, sizeof path, "%s/ui/wayland-1", b->paths.run);
        ask(v, ASK_WAYLAND, "compositor draws", path);
        snprintf(path, sizeof path, "%s/audio/pipewire-0", b->paths.run);
        ask(v, ASK_PIPEWIRE, "PipeWire answers", path);
        if (service_wanted(b, SERVICE_SEATD))
            ask(v, ASK_SEAT, "seat answers", "/run/seatd.sock");
    }
    for (size_t i = 0; i < PERSONAS_MAX; i++)
        if (b->persona[i].used && b->persona[i].life == LIFE_RUNNING)
            ask_persona(v, &b->persona[i]);
    if (b->opt.tenants && b->tenants)
        ask_tenants(v);
}
