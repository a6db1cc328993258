/* SPDX-License-Identifier: MIT
 * What must hold of a handover as a whole: nothing named twice, and what belongs together fits together. */
#include "core/handover_form.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

static int wrong(struct err *e, const char *what, const char *name)
{
    return err_set(e, ERR_BAD_VALUE, "what was handed over is not to be used: %s%s%s", what,
                   *name ? ": " : "", name);
}

const struct handover_service *handover_service(const struct handover *h, const char *name)
{
    for (size_t i = 0; i < h->services_n; i++)
        if (strcmp(h->service[i].name, name) == 0)
            return &h->service[i];
    return NULL;
}

static const struct handover_persona *persona(const struct handover *h, const char *id)
{
    for (size_t i = 0; i < h->personas_n; i++)
        if (strcmp(h->persona[i].id, id) == 0)
            return &h->persona[i];
    return NULL;
}

static bool client_there(const struct handover *h, uint64_t ref)
{
    for (size_t i = 0; i < h->clients_n; i++)
        if (h->client[i].ref == ref)
            return true;
    return false;
}

void handover_fds(const struct handover *h, handover_fd_fn *fn, void *user)
{
    const int first[] = {h->control, h->watchdog, h->ui_events.out, h->ui_events.err};

    for (size_t i = 0; i < sizeof first / sizeof first[0]; i++)
        fn(user, first[i]);
    for (size_t i = 0; i < h->services_n; i++) {
        fn(user, h->service[i].child.out);
        fn(user, h->service[i].child.err);
    }
    for (size_t i = 0; i < h->tenants_n; i++) {
        fn(user, h->tenant[i].listen);
        fn(user, h->tenant[i].channel);
    }
    for (size_t i = 0; i < h->personas_n; i++) {
        fn(user, h->persona[i].control);
        fn(user, h->persona[i].wayland);
        fn(user, h->persona[i].wayland_close);
        fn(user, h->persona[i].pipewire);
        fn(user, h->persona[i].ai);
        fn(user, h->persona[i].sound.words);
        fn(user, h->persona[i].sound.child.out);
        fn(user, h->persona[i].sound.child.err);
    }
    for (size_t i = 0; i < h->clients_n; i++)
        fn(user, h->client[i].fd);
    for (size_t i = 0; i < h->sessions_n; i++) {
        fn(user, h->session[i].child.out);
        fn(user, h->session[i].child.err);
    }
}

/* Numbers that must differ: descriptors, or processes. */
struct numbers {
    int n[2048]; /* more than all lists together can bring */
    size_t count;
};

static void note(void *user, int n)
{
    struct numbers *all = user;

    if (n > 0 && all->count < sizeof all->n / sizeof all->n[0])
        all->n[all->count++] = n;
}

static int order(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
}

static bool twice(struct numbers *all)
{
    qsort(all->n, all->count, sizeof all->n[0], order);
    for (size_t i = 1; i < all->count; i++)
        if (all->n[i] == all->n[i - 1])
            return true;
    return false;
}

static int check_numbers(const struct handover *h, struct err *e)
{
    struct numbers all = {.count = 0};

    handover_fds(h, note, &all);
    if (twice(&all))
        return wrong(e, "a descriptor is named twice", "");
    all.count = 0;
    note(&all, h->pid);
    note(&all, h->ui_events.pid);
    for (size_t i = 0; i < h->services_n; i++)
        note(&all, h->service[i].child.pid);
    for (size_t i = 0; i < h->sessions_n; i++)
        note(&all, h->session[i].child.pid);
    for (size_t i = 0; i < h->personas_n; i++)
        note(&all, h->persona[i].sound.child.pid);
    return twice(&all) ? wrong(e, "a process is named twice", "") : 0;
}

/* On its way nothing is handed over. */
static bool settled(const struct supervisor *s)
{
    return s->state != SUP_STARTING && s->state != SUP_STOPPING && s->backoff_ms <= SUP_BACKOFF_MAX_MS &&
           s->backoff_ms > 0 && (s->state == SUP_BACKOFF) == (s->timer_at != 0);
}

static int check_services(const struct handover *h, struct err *e)
{
    for (size_t i = 0; i < h->services_n; i++) {
        const struct handover_service *s = &h->service[i];

        if (!name_id_ok(s->name) || handover_service(h, s->name) != s)
            return wrong(e, "the name of a service", s->name);
        if (!settled(&s->sup) || (s->sup.state == SUP_UP) != (s->child.pid > 0) || s->child.out >= 0 ||
            s->child.err >= 0)
            return wrong(e, "the state of a service", s->name);
    }
    for (size_t i = 0; i < h->tenants_n; i++) {
        const struct handover_tenant *t = &h->tenant[i];

        for (size_t k = 0; k < i; k++)
            if (strcmp(h->tenant[k].name, t->name) == 0)
                return wrong(e, "a tenant is named twice", t->name);
        if (!name_id_ok(t->name) || !settled(&t->sup) || (t->sup.state == SUP_UP && !t->container))
            return wrong(e, "the state of a tenant", t->name);
    }
    return 0;
}

static bool sound_fits(const struct handover_persona *p)
{
    const struct handover_sound *s = &p->sound;
    bool runs = s->child.pid > 0;

    if (!s->there)
        return !runs && s->words < 0;
    return settled(&s->sup) && p->pipewire >= 0 && (s->sup.state == SUP_UP) == runs && !s->state.waiting &&
           (!runs || s->words >= 0);
}

static int check_persona(const struct handover *h, const struct handover_persona *p, struct err *e)
{
    const struct focus_persona *f = &p->focus;
    bool runs = p->life == LIFE_RUNNING, waits = p->life == LIFE_READY;

    if (!name_id_ok(p->id) || persona(h, p->id) != p)
        return wrong(e, "the id of a persona", p->id);
    if (!runs && !waits && p->life != LIFE_STOPPED && p->life != LIFE_FAILED)
        return wrong(e, "the state of a persona", p->id);
    if ((runs || waits) && (!p->container || !p->watched || p->control < 0 || p->wayland < 0))
        return wrong(e, "a persona runs, or is about to, without its group or its sockets", p->id);
    if (!sound_fits(p))
        return wrong(e, "the sound of a persona", p->id);
    if (runs != f->running || (f->fz != FZ_AWAKE && f->fz != FZ_FROZEN && f->fz != FZ_THROTTLED) ||
        (f->fallback && f->fz != FZ_THROTTLED) || (!runs && f->fz != FZ_AWAKE))
        return wrong(e, "how a persona rests", p->id);
    return 0;
}

static int check_clients(const struct handover *h, struct err *e)
{
    for (size_t i = 0; i < h->clients_n; i++) {
        const struct handover_client *c = &h->client[i];
        const struct handover_persona *p = persona(h, c->persona);

        if (c->fd < 0 || c->ref == 0 || c->ref > h->last_client || (c->persona[0] && (!p || p->control < 0)))
            return wrong(e, "a connection", c->persona);
        for (size_t k = 0; k < i; k++)
            if (h->client[k].ref == c->ref)
                return wrong(e, "a connection is named twice", "");
    }
    if (h->asker && !client_there(h, h->asker))
        return wrong(e, "who asked is not there", "");
    return 0;
}

static int check_sessions(const struct handover *h, struct err *e)
{
    for (size_t i = 0; i < h->sessions_n; i++) {
        const struct handover_session *s = &h->session[i];

        if (!persona(h, s->persona) || !client_there(h, s->client) || s->child.pid == 0 || s->mark == 0 ||
            s->mark > h->last_mark || s->child.out >= 0 || s->child.err >= 0)
            return wrong(e, "a program inside persona", s->persona);
    }
    return 0;
}

int handover_check(const struct handover *h, struct err *e)
{
    const struct handover_persona *front = persona(h, h->focus.front);

    if (h->control < 0 || h->pid == 0)
        return wrong(e, "the control socket or the process is missing", "");
    if (h->ui_up != (h->ui_events.pid > 0) || (h->ui_up && h->ui_events.out < 0))
        return wrong(e, "the compositor's events", "");
    if ((h->focus.front[0] && !(front && front->focus.running)) ||
        (h->focus.seen[0] && !persona(h, h->focus.seen)) || (front && front->focus.fz != FZ_AWAKE))
        return wrong(e, "who is in front", h->focus.front);
    for (size_t i = 0; i < h->personas_n; i++)
        if (check_persona(h, &h->persona[i], e) < 0)
            return -1;
    return check_services(h, e) < 0 || check_clients(h, e) < 0 || check_sessions(h, e) < 0 ||
                   check_numbers(h, e) < 0
               ? -1
               : 0;
}

/* proc_pid_stat(5): the name in brackets may hold anything, also brackets. */
int handover_stat(const char *text, int32_t *parent, uint64_t *start)
{
    enum { PARENT = 2, START = 20 }; /* words behind the name */
    const char *at = strrchr(text, ')');
    char *end;

    if (!at)
        return -1;
    at++;
    for (int word = 1; word <= START; word++) {
        if (*at != ' ')
            return -1;
        at++;
        if (word == PARENT) {
            long n = strtol(at, &end, 10);

            if (end == at || n < 0 || n > INT32_MAX)
                return -1;
            *parent = (int32_t)n;
        } else if (word == START) {
            *start = strtoull(at, &end, 10);
            return end == at || *at == '-' ? -1 : 0;
        }
        at += strcspn(at, " ");
    }
    return -1;
}
