/* SPDX-License-Identifier: MIT
 * Listens to what the kernel tells of a persona's memory and pressure, and does what core/pressure decides.
 */
#include "pressure.h"

#include "core/handover.h"
#include "core/pressure.h"
#include "ledger.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JUST_NOW_MS = 3000, OOM_MS = 1000 };

struct listener {
    struct strain *s;
    const struct pressure_row *row;
    struct cgroup_notice *notice;
    uint64_t waited[PRESSURE_VICTIMS]; /* as of the last look */
    uint64_t looked;
};
struct strain {
    struct persona *p;
    struct cgroup_notice *oom;
    struct listener on[PRESSURE_ROWS];
    struct pressure now;
    struct loop_timer *timer;
    struct loop_timer *later; /* more of the same is told once a second */
    const char *resource;     /* that was pressed on last */
    uint64_t oom_at;          /* ms; 0: never */
    bool ended;               /* by us */
    char why[ERR_MESSAGE_MAX / 2];
};

static void rearm(struct strain *s);

static const char *resource_of(const struct strain *s)
{
    return pressure_rows[s->now.row].resource;
}

static void look_for_oom(struct strain *s)
{
    struct persona *p = s->p;
    uint64_t all = cgroup_oom_kills(p->bay0->cgroups, p->cgroup), n = all - p->oom_kills;
    struct limits l;

    if (all <= p->oom_kills)
        return;
    p->oom_kills = all;
    s->oom_at = loop_now();
    limits_persona(&p->spec, &p->bay0->machine, &l);
    snprintf(p->last_error, sizeof p->last_error,
             "out of memory: %llu of its programs were ended by the kernel; it may use %llu MiB",
             (unsigned long long)n, (unsigned long long)(l.memory >> 20));
    log_warn("persona %s: %s", p->spec.id, p->last_error);
    ledger_strain(p->bay0, "out-of-memory", p->spec.id, "memory", n);
    server_publish_new(
        json_pack("{s:s, s:s, s:I}", "event", "out-of-memory", "id", p->spec.id, "programs", (json_int_t)n));
    persona_changed(p->bay0, p->spec.id);
}

static void on_later(void *user)
{
    struct strain *s = user;

    s->later = NULL;
    look_for_oom(s);
}

static void on_oom(void *user)
{
    struct strain *s = user;

    if (!s->oom_at || loop_now() - s->oom_at >= OOM_MS)
        look_for_oom(s);
    else if (!s->later)
        s->later = loop_timer(s->p->bay0->loop, OOM_MS, on_later, s);
}

static void tell(const struct strain *s, const char *kind, const char *what)
{
    const struct persona *p = s->p;

    log_warn("persona %s: pressure on the machine (%s): %s", p->spec.id, resource_of(s), what);
    ledger_strain(p->bay0, kind, p->spec.id, resource_of(s), 0);
    server_publish_new(json_pack("{s:s, s:s, s:s, s:s}", "event", "pressure", "id", p->spec.id, "resource",
                                 resource_of(s), "what", kind));
}

static void speed(struct persona *p)
{
    struct err e;

    if (persona_speed(p, &e) < 0)
        log_error("persona %s: %s", p->spec.id, e.message);
    persona_changed(p->bay0, p->spec.id);
}

static void end_it(struct strain *s)
{
    const struct persona *p = s->p;
    struct err e;

    s->ended = true;
    if (cgroup_kill(p->bay0->cgroups, p->cgroup, &e) < 0)
        log_error("persona %s: %s", p->spec.id, e.message);
}

static void act(struct strain *s, enum pressure_action action)
{
    switch (action) {
    case PRESSURE_SLOW:
        tell(s, "throttled", "it lasts; it is slowed down");
        speed(s->p);
        break;
    case PRESSURE_RELEASE:
        tell(s, "released", "it has its speed again");
        speed(s->p);
        break;
    case PRESSURE_END:
        tell(s, "killed", "it does not end; the persona is ended");
        end_it(s);
        break;
    case PRESSURE_NOTHING:
        break;
    }
    rearm(s);
}

static void on_timer(void *user)
{
    struct strain *s = user;

    s->timer = NULL;
    act(s, pressure_tick(&s->now, loop_now()));
}

static void rearm(struct strain *s)
{
    uint64_t ms = pressure_wait(&s->now, loop_now());

    loop_timer_cancel(s->timer);
    s->timer = ms ? loop_timer(s->p->bay0->loop, ms, on_timer, s) : NULL;
}

/* Since the last trigger. After a long silence the first one only begins to measure. */
static bool others_wait(struct listener *on)
{
    const struct bay0 *b = on->s->p->bay0;
    uint64_t now = loop_now();
    bool wait = false;
    char text[256];

    for (size_t i = 0; i < PRESSURE_VICTIMS; i++) {
        uint64_t total = on->waited[i];

        if (cgroup_pressure(b->cgroups, pressure_victims[i], on->row->resource, text, sizeof text) == 0)
            total = pressure_total(text);
        wait = wait || (on->looked && pressure_waits(on->waited[i], total, now - on->looked));
        on->waited[i] = total;
    }
    on->looked = now;
    return wait;
}

static void on_pressure(void *user)
{
    struct listener *on = user;
    struct strain *s = on->s;
    const struct persona *p = s->p;

    /* A start or a stop is heavy work; and what is ended already needs no more. */
    if (p->life != LIFE_RUNNING || p->job || s->ended)
        return;
    if (on->row->harmless_alone && !others_wait(on))
        return;
    s->now.row = (uint32_t)(on->row - pressure_rows);
    act(s, pressure_news(&s->now, !on->row->harmless_alone, loop_now()));
}

static void listen_for(struct strain *s, size_t i)
{
    struct bay0 *b = s->p->bay0;
    const struct pressure_row *row = &pressure_rows[i];

    s->on[i] = (struct listener){.s = s, .row = row};
    s->on[i].notice = cgroup_notice_pressure(b->loop, b->cgroups, s->p->cgroup, row->resource, row->trigger,
                                             on_pressure, &s->on[i]);
    if (s->on[i].notice || b->no_pressure)
        return;
    log_warn("pressure is not watched: %s: %s; ceilings hold all the same", row->resource, strerror(errno));
    b->no_pressure = true;
}

void pressure_open(struct persona *p)
{
    struct bay0 *b = p->bay0;
    struct strain *s = p->strain ? NULL : calloc(1, sizeof *s);

    if (!s)
        return;
    p->strain = s;
    s->p = p;
    p->oom_kills = cgroup_oom_kills(b->cgroups, p->cgroup); /* of a life before, when it is taken over */
    s->oom = cgroup_notice_oom(b->loop, b->cgroups, p->cgroup, on_oom, s);
    if (!s->oom &&
        errno != ENOENT) /* without the controller there is no such file, which was said at start */
        log_warn("persona %s: nobody hears when its memory is used up: %s", p->spec.id, strerror(errno));
    for (size_t i = 0; i < PRESSURE_ROWS; i++)
        listen_for(s, i);
}

void pressure_close(struct persona *p)
{
    struct strain *s = p->strain;

    if (!s)
        return;
    p->strain = NULL;
    loop_timer_cancel(s->timer);
    loop_timer_cancel(s->later);
    cgroup_unnotice(s->oom);
    for (size_t i = 0; i < PRESSURE_ROWS; i++)
        cgroup_unnotice(s->on[i].notice);
    free(s);
}

bool pressure_holds(const struct persona *p)
{
    return p->strain && pressure_slows(&p->strain->now);
}

const char *pressure_ended(struct persona *p)
{
    struct strain *s = p->strain;

    if (!s)
        return NULL;
    look_for_oom(s);
    if (s->ended)
        snprintf(s->why, sizeof s->why, "it kept the machine under pressure (%s) and was ended",
                 resource_of(s));
    else if (s->oom_at && loop_now() - s->oom_at < JUST_NOW_MS)
        snprintf(s->why, sizeof s->why,
                 "it ended when its memory was used up; `spine persona set` gives more");
    else
        return NULL;
    return s->why;
}

void pressure_keep(const struct persona *p, struct handover_persona *k)
{
    k->oom_kills = p->oom_kills;
    if (p->strain)
        k->pressure = p->strain->now;
}

void pressure_resume(struct persona *p, const struct handover_persona *k)
{
    p->oom_kills = k->oom_kills;
    if (!p->strain)
        return;
    p->strain->now = k->pressure;
    p->strain->now.news = loop_now(); /* nobody listened meanwhile: that was no silence */
    look_for_oom(p->strain);
    rearm(p->strain);
}
