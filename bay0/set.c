/* SPDX-License-Identifier: MIT
 * Changes a declaration: what can be had is looked at first, then it is a job like the others. */
#include "set.h"

#include "core/limits.h"
#include "focus_run.h"
#include "grant.h"
#include "ledger.h"
#include "ui.h"

#include <string.h>

int set_possible(const struct bay0 *b, const struct persona_spec *s, struct err *e)
{
    char cores[CORES_TEXT];

    return limits_cores(s->cores, &b->machine, cores, e);
}

/* The kernel would look for what it can take back while bay0 waits, and then end programs. */
static int fits(const struct persona *p, const struct persona_spec *next, struct err *e)
{
    struct limits l;
    uint64_t held = p->watch ? cgroup_held(p->bay0->cgroups, p->cgroup) : 0;

    limits_persona(next, &p->bay0->machine, &l);
    if (!l.memory || held <= l.memory)
        return 0;
    err_set(e, ERR_BUSY, "persona %s holds %llu MiB, more than the %llu MiB that it should have", p->spec.id,
            (unsigned long long)(held >> 20), (unsigned long long)(l.memory >> 20));
    return err_hint(e, "end programs in it, or stop it: `spine persona stop %s`", p->spec.id);
}

void set_run(struct persona *p, struct call *c)
{
    struct persona_spec next = p->spec;
    const struct plan_facts facts = {.grouped = p->watch != NULL};
    struct err e;

    if (spec_change_apply(&c->request->change, &next, &e) < 0 || set_possible(p->bay0, &next, &e) < 0 ||
        fits(p, &next, &e) < 0)
        server_answer_err(c->client, c->request->id, &e);
    else
        job_set(p, &next, &facts, c->client, c->request->id);
}

void set_settle(struct job *j, bool ok)
{
    struct persona *p = j->p;
    const struct persona_spec before = p->spec;
    bool colour = strcmp(before.colour, j->next.colour) != 0;

    if (!ok)
        return;
    p->spec = j->next;
    if (before.lan != p->spec.lan && p->life == LIFE_RUNNING)
        j->note = p->spec.lan
                      ? "it reaches the private addresses around this machine when it is started again"
                      : "until it is started again it still reaches the private addresses around "
                        "this machine";
    if (grants_change(p, &before))
        j->note = "what was taken from it since it started is there again when it is started again";
    ledger_grants(j->b, "set", &p->spec);
    focus_run_added(j->b, p); /* its colour, and how it rests */
    if (colour && strcmp(j->b->focus.front, p->spec.id) == 0)
        ui_colour(p);
    persona_changed(j->b, p->spec.id);
}
