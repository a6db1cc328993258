/* SPDX-License-Identifier: MIT
 * Keeps the containers of some stopped personas initialised, one after the other, while nothing else is done.
 */
#include "ahead.h"

#include "core/ahead.h"
#include "core/profile.h"
#include "log.h"
#include "ops.h"
#include "persona.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { QUIET_MS = 3000 };

struct asked {
    client_ref client;
    uid_t uid;
    struct request request;
};

/* A persona that was stopped by hand, its home there, its container too where it keeps one: nothing is made
 * then that a power cut would have to undo. */
static bool can(const struct persona *p)
{
    return p->life == LIFE_STOPPED && !p->ahead_failed && !p->unclosed && persona_home_there(p) &&
           (p->container || !profile_get(p->spec.profile)->root_kept);
}

static void prepare(struct persona *p)
{
    const struct plan_facts facts = {.container_there = p->container, .home_there = true};

    if (persona_event(p, LIFE_AHEAD, NULL) == LIFE_PREPARE)
        job_start(p, OP_PREPARE, &facts, 0, 0);
}

void ahead_clear(struct persona *p)
{
    job_start(p, OP_CLEAR, &(const struct plan_facts){.ready = true}, 0, 0);
}

static bool quiet(const struct bay0 *b)
{
    if (b->power || b->reexec || b->visits)
        return false;
    for (size_t i = 0; i < PERSONAS_MAX; i++)
        if (b->persona[i].used && b->persona[i].job)
            return false;
    return true;
}

static void on_quiet(void *user)
{
    struct bay0 *b = user;
    struct ahead_fact f[PERSONAS_MAX] = {{.can = false}};
    size_t at = 0;

    b->ahead = NULL;
    if (!b->reconciled)
        return; /* the starts that follow will end */
    if (!quiet(b)) {
        ahead_look(b);
        return;
    }
    for (size_t i = 0; i < PERSONAS_MAX; i++) {
        const struct persona *p = &b->persona[i];
        const struct focus_persona *focus = p->used ? focus_find(&b->focus, p->spec.id) : NULL;

        if (focus)
            f[i] = (struct ahead_fact){.can = can(p),
                                       .ready = p->life == LIFE_READY,
                                       .autostart = p->spec.autostart,
                                       .used_at = focus->used_at};
    }
    switch (ahead_next(f, PERSONAS_MAX, b->opt.ahead, &at)) {
    case AHEAD_PREPARE:
        prepare(&b->persona[at]);
        break;
    case AHEAD_CLEAR:
        if (persona_event(&b->persona[at], LIFE_ASIDE, NULL) == LIFE_CLEAR)
            ahead_clear(&b->persona[at]);
        break;
    case AHEAD_NONE:
        break;
    }
}

void ahead_look(struct bay0 *b)
{
    loop_timer_cancel(b->ahead);
    b->ahead = NULL;
    if (b->power || b->opt.ahead == 0)
        return;
    b->ahead = loop_timer(b->loop, QUIET_MS, on_quiet, b);
    if (!b->ahead)
        log_warn("nothing is initialised ahead: %s", strerror(errno));
}

void ahead_settle(struct job *j, bool ok)
{
    struct persona *p = j->p;

    if (j->op == OP_PREPARE && ok) {
        persona_event(p, LIFE_DONE, NULL);
        return;
    }
    persona_runs(p, 0);
    p->ahead_failed = p->ahead_failed || !ok; /* until it has run again: nobody waits for it */
    persona_event(p, LIFE_UNDONE, NULL);
}

int ahead_wait(struct persona *p, const struct call *c, struct err *e)
{
    if (p->asked)
        return err_set(e, ERR_BUSY, "persona %s: another request for it is being carried out", p->spec.id);
    p->asked = malloc(sizeof *p->asked);
    if (!p->asked)
        return err_set(e, ERR_NO_MEMORY, "persona %s: no memory", p->spec.id);
    *p->asked = (struct asked){.client = c->client, .uid = c->uid, .request = *c->request};
    return 0;
}

void ahead_waiting(struct persona *p)
{
    struct asked *a = p->asked;
    struct call c;

    if (!a)
        return;
    p->asked = NULL;
    c = (struct call){.client = a->client, .request = &a->request, .uid = a->uid, .fds = {-1, -1, -1}};
    ops_handle(p->bay0, &c);
    free(a);
}
