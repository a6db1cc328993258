/* SPDX-License-Identifier: MIT
 * Carries out what core/focus decides: thaw, show, freeze, throttle, timers, answers. */
#include "focus_run.h"

#include "exec.h"
#include "ledger.h"
#include "log.h"
#include "persona.h"
#include "sound.h"
#include "ui.h"

#include <stdio.h>
#include <string.h>

static void feed(struct bay0 *b, const struct focus_event *ev);

static void on_timer(void *user)
{
    struct persona *p = user;

    p->timer = NULL; /* it rang: the loop has freed it */
    focus_run(p->bay0, FE_TIMER, p->spec.id);
}

static void act_cgroup(struct persona *p, enum focus_action_kind kind)
{
    struct bay0 *b = p->bay0;
    struct err e;

    if (!p->watch)
        return;
    if (kind == FA_THROTTLE || kind == FA_UNTHROTTLE) {
        p->slow_rest = kind == FA_THROTTLE;
        if (persona_speed(p, &e) < 0)
            log_error("persona %s: %s", p->spec.id, e.message);
        return;
    }
    if (cgroup_freeze(b->cgroups, p->cgroup, kind == FA_FREEZE, &e) < 0) {
        log_error("persona %s: %s", p->spec.id, e.message);
        return;
    }
    /* The write often takes effect at once; the engine then need not wait for the watch. */
    cgroup_state(b->cgroups, p->cgroup, &p->kernel);
    if (p->kernel.frozen == (kind == FA_FREEZE))
        focus_run(b, p->kernel.frozen ? FE_FROZEN : FE_THAWED, p->spec.id);
}

/* There is one at a time, so it ends the switch under way. The persona itself may be gone, and its slot
 * another's. */
static void on_shown(void *user, bool ok)
{
    struct bay0 *b = ((struct persona *)user)->bay0;

    focus_run(b, ok ? FE_SHOWN : FE_SHOW_FAILED, b->focus.target);
}

static void act_answer(struct bay0 *b, const struct focus_action *a)
{
    struct err e;

    for (size_t i = 0; i < FOCUS_WAITS_MAX; i++) {
        struct focus_wait *w = &b->waits[i];

        if (w->ticket != a->ticket || !w->ticket)
            continue;
        w->ticket = 0;
        if (a->code == ERR_NONE) {
            json_t *result = json_pack("{s:s}", "focus", a->id);

            server_answer_ok(w->client, w->request, result);
            json_decref(result);
        } else {
            err_set(&e, a->code, "cannot bring persona %s to the front: %s", a->id, err_name(a->code));
            server_answer_err(w->client, w->request, &e);
        }
    }
}

/* Subscribers hear that a switch is decided before sway does: the picture of the old one is still there. */
static void tell_leaving(struct bay0 *b, const char *to)
{
    if (strcmp(b->focus.front, to) == 0) /* shown again after a restart of sway */
        return;
    server_publish_new(json_pack("{s:s, s:s, s:s}", "event", "leaving", "id", b->focus.front, "to", to));
    b->leaving = true;
}

static void tell_front(struct bay0 *b)
{
    server_publish_new(json_pack("{s:s, s:s}", "event", "front", "id", b->focus.front));
    b->leaving = false;
    snprintf(b->front_told, sizeof b->front_told, "%s", b->focus.front);
}

static void act(struct bay0 *b, const struct focus_action *a)
{
    struct persona *p = persona_find(b, a->id);
    struct err e;

    switch (a->kind) {
    case FA_THAW:
    case FA_FREEZE:
    case FA_THROTTLE:
    case FA_UNTHROTTLE:
        if (p)
            act_cgroup(p, a->kind);
        break;
    case FA_SHOW:
        tell_leaving(b, a->id);
        if (p)
            ui_show(p, a->follow, on_shown);
        break;
    case FA_ANSWER:
        act_answer(b, a);
        break;
    case FA_TIMER:
        if (!p)
            break;
        loop_timer_cancel(p->timer);
        p->timer = a->ms ? loop_timer(b->loop, a->ms, on_timer, p) : NULL;
        break;
    case FA_ASK_VISIBLE:
        ui_ask_visible(b, a->id);
        break;
    case FA_RECORD:
        /* On the way down one after the other loses the front; the next start asks for the first of them. */
        if (b->store && !b->power && store_set(b->store, STORE_FRONT, a->id, &e) < 0)
            log_warn("focus is not remembered: %s", e.message);
        if (p)
            p->attention = false;
        ledger_focus(b, b->front_told, b->focus.front);
        tell_front(b);
        break;
    case FA_READY:
        if (p)
            exec_awake(p);
        break;
    case FA_PARK_SOUND:
    case FA_UNPARK_SOUND: /* said, and not waited for: sound holds up no switch */
        if (p)
            sound_park(p, a->kind == FA_PARK_SOUND);
        break;
    case FA_CHANGED:
        persona_changed(b, a->id);
        break;
    }
}

/* Who was in front when bay0 ended comes to the front again as soon as that is possible. */
static void bring_back(struct bay0 *b)
{
    const struct persona *p = b->front_before[0] ? persona_find(b, b->front_before) : NULL;

    if (p && p->wanted && p->life == LIFE_RUNNING && b->focus.sway)
        focus_run_request(b, 0, 0, p->spec.id);
}

/* Actions may bring events at once; they wait their turn here, so that the engine sees one event after the
 * other. */
static void feed(struct bay0 *b, const struct focus_event *ev)
{
    struct focus_queue *q = &b->focus_queue;
    struct focus_actions *out = &q->out;

    if (q->n == FOCUS_QUEUE_MAX) {
        log_error("focus: too many events at once; one about persona %s is lost", ev->id);
        return;
    }
    q->ev[q->n] = *ev;
    snprintf(q->id[q->n], sizeof q->id[0], "%s", ev->id);
    q->n++;
    if (q->busy)
        return;
    q->busy = true;
    for (size_t i = 0; i < q->n; i++) {
        q->ev[i].id = q->id[i];
        focus_event(&b->focus, &q->ev[i], out);
        for (size_t k = 0; k < out->n; k++)
            act(b, &out->a[k]);
    }
    q->n = 0;
    q->busy = false;
    if (b->leaving && b->focus.phase == FOCUS_IDLE)
        tell_front(b); /* the switch came to nothing */
    bring_back(b);
}

void focus_run(struct bay0 *b, enum focus_event_kind kind, const char *id)
{
    struct focus_event ev = {.kind = kind, .id = id, .now = loop_now()};

    feed(b, &ev);
}

void focus_run_flag(struct bay0 *b, enum focus_event_kind kind, const char *id, bool flag)
{
    struct focus_event ev = {.kind = kind, .id = id, .flag = flag, .now = loop_now()};

    feed(b, &ev);
}

void focus_run_added(struct bay0 *b, const struct persona *p)
{
    struct focus_event ev = {.kind = FE_ADDED,
                             .id = p->spec.id,
                             .now = loop_now(),
                             .colour = p->spec.colour,
                             .background = p->spec.background};

    feed(b, &ev);
}

void focus_run_request(struct bay0 *b, client_ref client, int64_t request_id, const char *id)
{
    struct focus_event ev = {.kind = FE_REQUEST, .id = id, .now = loop_now()};
    struct err e;

    b->front_before[0] = '\0';

    for (size_t i = 0; client && i < FOCUS_WAITS_MAX; i++) {
        struct focus_wait *w = &b->waits[i];

        if (w->ticket)
            continue;
        ev.ticket = w->ticket = ++b->last_ticket;
        w->client = client;
        w->request = request_id;
        break;
    }
    if (client && !ev.ticket) {
        err_set(&e, ERR_LIMIT,
                "cannot bring persona %s to the front: too many requests for focus are waiting", id);
        server_answer_err(client, request_id, &e);
        return;
    }
    feed(b, &ev);
}
