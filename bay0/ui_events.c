/* SPDX-License-Identifier: MIT
 * What sway says: whether it answers, its events, and what they lead to. */
#include "focus_run.h"
#include "hotkey.h"
#include "log.h"
#include "persona.h"
#include "ui_contain.h"
#include "ui_task.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SWAYMSG_MS = 5000, RETRY_MS = 500, RESTORE_MS = 2000, AIR_MS = 2000 };

static void probe(struct bay0 *b);

/* In front it has the attention already. */
static void note_attention(struct bay0 *b, const struct sway_event *ev)
{
    struct persona *p = persona_find(b, ev->instance);

    if (!p || !ev->urgent || p->attention || p->life != LIFE_RUNNING ||
        strcmp(ev->instance, b->focus.front) == 0)
        return;
    p->attention = true;
    persona_changed(b, p->spec.id);
}

/* A second screen may show a workspace that was hidden, and hide one that was seen. */
static void look_behind(struct bay0 *b)
{
    for (size_t i = 0; i < PERSONAS_MAX; i++)
        if (b->persona[i].used && b->persona[i].life == LIFE_RUNNING &&
            strcmp(b->persona[i].spec.id, b->focus.front) != 0)
            ui_ask_visible(b, b->persona[i].spec.id);
}

/* A client that sleeps while an output comes and goes would ask, once awake, for one that is long gone, and
 * sway ends it for that (wlroots forgets an output 5 s after its end). So who is behind is awake until
 * outputs have been quiet for a while. */
static void on_air(void *user)
{
    struct bay0 *b = user;

    b->ui->air = NULL;
    for (size_t i = 0; i < PERSONAS_MAX; i++) {
        struct persona *p = &b->persona[i];

        if (!p->used || !p->aired)
            continue;
        p->aired = false;
        focus_run(b, FE_RELEASE, p->spec.id);
    }
}

static void air(struct bay0 *b)
{
    loop_timer_cancel(b->ui->air);
    b->ui->air = loop_timer(b->loop, AIR_MS, on_air, b);
    for (size_t i = 0; i < PERSONAS_MAX && b->ui->air; i++) {
        struct persona *p = &b->persona[i];

        if (!p->used || p->life != LIFE_RUNNING || p->aired || strcmp(p->spec.id, b->focus.front) == 0)
            continue;
        p->aired = true;
        focus_run(b, FE_HOLD, p->spec.id);
    }
}

static void on_event(void *user, const char *line, size_t len)
{
    struct bay0 *b = user;
    const struct persona *p;
    struct sway_event ev;
    struct err e;

    if (sway_event_parse(line, len, &ev, &e) < 0) {
        log_warn("%s", e.message);
        return;
    }
    switch (ev.kind) {
    case SWAY_WORKSPACE_FOCUS:
        b->ui->told = true;
        p = persona_find(b, ev.workspace);
        snprintf(b->ui->shown, sizeof b->ui->shown, "%s", p ? p->spec.id : "");
        focus_run(b, FE_WORKSPACE, b->ui->shown);
        break;
    case SWAY_WINDOW_NEW:
    case SWAY_WINDOW_MOVE:
    case SWAY_WINDOW_FOCUS:
    case SWAY_WINDOW_FULLSCREEN:
        ui_contain(b, &ev);
        break;
    case SWAY_WINDOW_URGENT:
        note_attention(b, &ev);
        break;
    case SWAY_BINDING:
        hotkey(b, ev.binding);
        break;
    case SWAY_OUTPUT:
        look_behind(b);
        air(b);
        break;
    case SWAY_NOTHING:
    case SWAY_WINDOW_CLOSE:
    case SWAY_SHUTDOWN:
        break;
    }
}

static void on_retry(void *user)
{
    struct bay0 *b = user;

    b->ui->retry = NULL;
    probe(b);
}

static void retry(struct bay0 *b)
{
    loop_timer_cancel(b->ui->retry);
    b->ui->retry = b->ui->running ? loop_timer(b->loop, RETRY_MS, on_retry, b) : NULL;
}

static void down(struct bay0 *b)
{
    if (!b->ui->up)
        return;
    b->ui->up = b->ui->told = false;
    (void)clip_end(b);
    sway_ipc_drop(&b->ui->ipc);
    focus_run_flag(b, FE_SWAY, "", false);
}

/* Events that were missed cannot be had again: everything is set up anew, as after a restart. */
static void on_subscriber_end(void *user, const struct child_result *r)
{
    struct bay0 *b = user;

    b->ui->subscriber = NULL;
    if (b->ui->up)
        log_warn("sway's events stopped (status %d): %.200s", r->status, r->err);
    down(b);
    retry(b);
}

static void listener(struct bay0 *b, struct child_options *o)
{
    o->on_out_line = on_event;
    o->done = on_subscriber_end;
    o->user = b;
}

static bool subscribe(struct bay0 *b)
{
    char *argv[] = {"swaymsg", "-r",        "-m",
                    "-t",      "subscribe", "[\"workspace\",\"window\",\"binding\",\"output\",\"shutdown\"]",
                    NULL};
    struct child_options o;

    ui_options(b, &o, argv, 0);
    listener(b, &o);
    b->ui->subscriber = child_spawn(b->loop, &o);
    if (!b->ui->subscriber)
        log_error("cannot follow sway's events: %s", strerror(errno));
    return b->ui->subscriber != NULL;
}

static void on_restored(void *user, bool ok);

/* The slot may have changed hands since: whoever is in it now gets what it needs, at worst twice. */
static void on_restore_again(void *user)
{
    struct persona *p = user;

    p->bay0->ui->restores--;
    if (p->used && p->wayland >= 0 && ui_up(p->bay0))
        ui_windows(p, on_restored, p);
}

/* A compositor that has just come up may be too busy to answer in time. */
static void on_restored(void *user, bool ok)
{
    struct persona *p = user;

    if (ok || !p->used || p->wayland < 0 || !ui_up(p->bay0))
        return;
    log_warn("persona %s: its windows could not be set up again; trying once more", p->spec.id);
    if (loop_timer(p->bay0->loop, RESTORE_MS, on_restore_again, p))
        p->bay0->ui->restores++;
    else
        log_error("persona %s has no windows until sway is restarted: %s", p->spec.id, strerror(errno));
}

static void restore_but(struct bay0 *b, const char *first)
{
    for (size_t i = 0; ui_up(b) && i < PERSONAS_MAX; i++) {
        struct persona *p = &b->persona[i];

        if (p->used && p->wayland >= 0 && strcmp(p->spec.id, first) != 0)
            ui_windows(p, on_restored, p);
    }
}

static void on_front_restored(void *user, bool ok)
{
    struct persona *p = user;

    on_restored(p, ok);
    restore_but(p->bay0, p->spec.id);
}

/* Somebody waits for the front: the commands of all the others would keep the CPUs from it. */
static void restore_all(struct bay0 *b)
{
    struct persona *front = persona_find(b, b->focus.front);

    if (front && front->wayland >= 0)
        ui_windows(front, on_front_restored, front);
    else
        restore_but(b, "");
}

static void on_answer(void *user, const struct child_result *r)
{
    struct bay0 *b = user;

    b->ui->probe = NULL;
    if (!b->ui->running)
        return;
    if (r->status != 0 || !subscribe(b)) {
        retry(b);
        return;
    }
    b->ui->up = true;
    clip_start(b);
    restore_all(b);
    focus_run_flag(b, FE_SWAY, "", true);
}

/* The socket is there before anyone reads it: sway is up when it has answered. */
static void probe(struct bay0 *b)
{
    char *argv[] = {"swaymsg", "-r", "-t", "get_version", NULL};
    struct child_options o;

    if (!b->ui->running || b->ui->probe || b->ui->subscriber)
        return;
    ui_options(b, &o, argv, SWAYMSG_MS);
    o.done = on_answer;
    o.user = b;
    b->ui->probe = child_spawn(b->loop, &o);
    if (!b->ui->probe)
        retry(b);
}

void ui_sway_started(struct bay0 *b)
{
    b->ui->running = true;
    probe(b);
}

void ui_sway_gone(struct bay0 *b)
{
    b->ui->running = false;
    loop_timer_cancel(b->ui->retry);
    b->ui->retry = NULL;
    down(b);
    if (b->ui->subscriber)
        child_kill(b->ui->subscriber, SIGKILL);
}

/* What clears the clipboard has nothing to go on with: it ends, and the new program starts its own. */
bool ui_keep(struct bay0 *b, struct handover *h, struct err *e)
{
    const struct ui *u = b->ui;
    bool quiet;

    h->ui_up = u->up;
    h->ui_events = (struct handover_child){.out = -1, .err = -1};
    quiet = !u->restores && !u->air && !u->ipc.asks &&
            (!u->up || (u->subscriber && child_keep(u->subscriber, &h->ui_events)));
    if (quiet && !clip_end(b))
        return true;
    err_set(e, ERR_BUSY, "the compositor is being talked to");
    return false;
}

void ui_resume(struct bay0 *b, const struct handover *h, bool sway_runs)
{
    struct child_options o;

    child_options_init(&o);
    listener(b, &o);
    if (sway_runs && h->ui_up)
        b->ui->subscriber = child_adopt(b->loop, &h->ui_events, &o);
    b->ui->running = sway_runs;
    b->ui->up = b->ui->subscriber != NULL;
    clip_start(b);
    b->focus.sway = b->focus.heard = b->ui->up || !b->opt.ui;
    if (sway_runs && !b->ui->up)
        probe(b);
}
