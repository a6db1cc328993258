/* SPDX-License-Identifier: MIT
 * The way down: thaw, stop personas and tenants, stop services, kill the rest, unmount, then power off or
 * reboot from a child. */
#include "power.h"

#include "ahead.h"
#include "focus_run.h"
#include "job.h"
#include "ledger.h"
#include "log.h"
#include "logs.h"
#include "pid1.h"
#include "service.h"
#include "tenant.h"
#include "umbilical.h"
#include "watchdog.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { PERSONAS_MS = 30000, TENANTS_MS = 15000, SERVICES_MS = 15000, KILL_MS = 500, REBOOT_MS = 10000 };

enum stage { STAGE_PERSONAS, STAGE_TENANTS, STAGE_SERVICES, STAGE_KILL, STAGE_GO };

struct power {
    struct bay0 *b;
    enum power_how how;
    enum stage stage;
    struct loop_timer *timer;
};

static void enter(struct power *w, enum stage stage);

/* Every stage has a bound: what does not end by itself is ended by the stages below. */
static void on_late(void *user)
{
    struct power *w = user;

    w->timer = NULL;
    if (w->stage < STAGE_KILL)
        log_warn("shutting down: stage %d took too long and is cut short", w->stage);
    enter(w, w->stage == STAGE_GO ? STAGE_GO : w->stage + 1);
}

static void on_tenants(void *user)
{
    struct power *w = user;

    if (w->stage == STAGE_TENANTS)
        enter(w, STAGE_SERVICES);
}

static void on_services(void *user)
{
    struct power *w = user;

    if (w->stage == STAGE_SERVICES)
        enter(w, STAGE_KILL);
}

static void stop_personas(struct bay0 *b)
{
    for (size_t i = 0; i < PERSONAS_MAX; i++) {
        struct persona *p = &b->persona[i];
        const struct plan_facts facts = {.frozen = p->kernel.frozen || p->kernel.freeze_asked};

        if (p->used && p->job)
            job_cancel(p->job); /* nobody waits for a pull now */
        if (p->used && !p->job && persona_event(p, LIFE_ASIDE, NULL) == LIFE_CLEAR)
            ahead_clear(p);
        if (!p->used || p->job || p->life != LIFE_RUNNING ||
            persona_event(p, LIFE_ASK_STOP, NULL) != LIFE_STOP)
            continue;
        focus_run(b, FE_HOLD, p->spec.id);
        job_start(p, OP_STOP, &facts, 0, 0);
    }
}

static void go(struct power *w)
{
    struct bay0 *b = w->b;

    store_close(b->store);
    b->store = NULL;
    umbilical_close(b);
    ledger_close(b);
    if (!b->opt.init) {
        loop_stop(b->loop);
        return;
    }
    log_info("going down: unmounting");
    logs_close(b);
    log_file_set(NULL, 0); /* or /persist stays in use */
    pid1_unmount();
    log_info("%s", w->how == POWER_OFF ? "switching off" : "restarting");
    pid1_reboot(b->loop, w->how == POWER_OFF);
}

static void enter(struct power *w, enum stage stage)
{
    static const uint32_t limits[] = {PERSONAS_MS, TENANTS_MS, SERVICES_MS, KILL_MS, REBOOT_MS};
    static const char *const names[] = {"personas", "tenants", "services", "what is left", NULL};

    loop_timer_cancel(w->timer);
    if (names[stage])
        log_info("going down: %s", names[stage]);
    w->stage = stage;
    w->timer = loop_timer(w->b->loop, limits[stage], on_late, w);
    switch (stage) {
    case STAGE_PERSONAS:
        stop_personas(w->b);
        power_look(w->b);
        break;
    case STAGE_TENANTS:
        tenants_stop(w->b, on_tenants, w);
        break;
    case STAGE_SERVICES:
        services_stop(w->b, on_services, w);
        break;
    case STAGE_KILL: /* the timer leads on: the dead need a moment to let go of their files */
        if (w->b->opt.init)
            pid1_kill_all();
        else
            enter(w, STAGE_GO);
        break;
    case STAGE_GO:
        go(w);
        break;
    }
}

void power_look(struct bay0 *b)
{
    if (!b->power || b->power->stage != STAGE_PERSONAS)
        return;
    stop_personas(b); /* those that were still on their way up */
    for (size_t i = 0; i < PERSONAS_MAX; i++)
        if (b->persona[i].used && b->persona[i].job)
            return;
    enter(b->power, STAGE_TENANTS);
}

void power_down(struct bay0 *b, enum power_how how)
{
    if (b->power)
        return;
    log_info("going down: %s", how == POWER_OFF ? "power off" : "reboot");
    b->power = calloc(1, sizeof *b->power);
    if (!b->power) {
        log_error("no memory for an orderly end: %s", strerror(errno));
        if (b->opt.init)
            pid1_reboot(b->loop, how == POWER_OFF);
        else
            loop_stop(b->loop);
        return;
    }
    watchdog_go_down(b);
    b->power->b = b;
    b->power->how = how;
    enter(b->power, STAGE_PERSONAS);
}
