/* SPDX-License-Identifier: MIT
 * What is told and what follows when an operation on a persona has ended, or a persona by itself. */
#include "ops.h"

#include "ahead.h"
#include "focus_run.h"
#include "ledger.h"
#include "log.h"
#include "logs.h"
#include "power.h"
#include "pressure.h"
#include "set.h"
#include "umbilical.h"

#include <stdio.h>
#include <string.h>

/* Subscribers hear that it is gone when it is no more found. */
static void forget(struct persona *p)
{
    char id[NAME_ID_MAX + 1];

    memcpy(id, p->spec.id, sizeof id);
    persona_drop(p);
    persona_changed(p->bay0, id);
}

static void settle_add(struct job *j, bool ok)
{
    struct persona *p = j->p;

    persona_event(p, ok ? LIFE_DONE : LIFE_UNDONE, NULL);
    p->fresh = ok;
    if (!ok) {
        forget(p);
        return;
    }
    ledger_grants(j->b, "add", &p->spec);
    focus_run_added(j->b, p);
}

static void settle_rm(struct job *j, bool ok)
{
    char container[CONTAINER_NAME_MAX];

    persona_event(j->p, ok ? LIFE_DONE : LIFE_UNDONE, NULL);
    if (!ok && !j->p->kernel.populated) {
        j->p->life = LIFE_STOPPED; /* nothing of it runs: it is as before */
        persona_changed(j->b, j->p->spec.id);
    }
    if (!ok)
        return;
    ledger_persona(j->b, "rm", j->p->spec.id);
    umbilical_forget(j->b, j->p->spec.id);
    focus_run(j->b, FE_REMOVED, j->p->spec.id);
    persona_container(j->p->spec.id, container);
    logs_forget(j->b, container);
    forget(j->p);
}

static void settle_start_stop(struct job *j, bool ok)
{
    struct persona *p = j->p;
    bool died = p->life == LIFE_FAILED; /* by itself; that was told then */

    persona_event(p, ok ? LIFE_DONE : LIFE_UNDONE, NULL);
    if (ok && !died)
        ledger_persona(j->b, j->op == OP_START ? "start" : "stop", p->spec.id);
    if (j->op == OP_START && ok)
        focus_run(j->b, FE_STARTED, p->spec.id);
    if (j->op == OP_START && !ok)
        persona_runs(p, 0);
    p->ahead_failed = p->ahead_failed && !ok;
    if (j->op == OP_STOP) { /* also after one that failed: nobody brings it to the front any more */
        persona_runs(p, 0);
        focus_run(j->b, FE_RELEASE, p->spec.id);
        focus_run(j->b, FE_STOPPED, p->spec.id);
    }
    /* It may have ended before its start was finished: the kernel's word then came to the steps. */
    if (j->op == OP_START && ok) {
        cgroup_state(j->b->cgroups, p->cgroup, &p->kernel);
        if (!p->kernel.populated)
            ops_persona_empty(p);
    }
}

void ops_job_done(struct job *j, bool ok)
{
    struct persona *p = j->p;
    json_t *row;

    switch (j->op) {
    case OP_ADD:
        settle_add(j, ok);
        break;
    case OP_RM:
        settle_rm(j, ok);
        break;
    case OP_SET:
        set_settle(j, ok);
        break;
    case OP_PREPARE:
    case OP_CLEAR:
        ahead_settle(j, ok);
        break;
    case OP_START:
    case OP_STOP:
    case OP_SERVICE_START:
    case OP_SERVICE_STOP:
    case OP_COUNT:
        settle_start_stop(j, ok);
        break;
    }
    if (ok) {
        row = p->used ? persona_row(p, true) : json_pack("{s:s}", "id", p->spec.id);
        if (j->note)
            json_object_set_new(row, "note", json_string(j->note));
        server_answer_ok(j->client, j->request, row);
        json_decref(row);
    } else {
        server_answer_err(j->client, j->request, &j->err);
    }
    power_look(j->b);
    ahead_look(j->b);
    if (p->used && !p->job)
        ahead_waiting(p);
}

void ops_persona_empty(struct persona *p)
{
    const struct plan_facts facts = {.frozen = false};
    const char *why = pressure_ended(p);
    struct bay0 *b = p->bay0;
    enum life_action action = persona_event(p, LIFE_DIED, NULL);

    if (action == LIFE_CLEAR) {
        log_warn("persona %s: its container was initialised ahead and has ended", p->spec.id);
        ahead_clear(p);
    }
    if (action != LIFE_REPORT_DEATH)
        return;
    snprintf(p->last_error, sizeof p->last_error, "%s", why ? why : "it ended by itself");
    log_warn("persona %s: %s", p->spec.id, p->last_error);
    persona_runs(p, 0);
    ledger_persona(b, "ended", p->spec.id);
    focus_run(b, FE_STOPPED, p->spec.id);
    persona_changed(b, p->spec.id);
    focus_run(b, FE_HOLD, p->spec.id);   /* released when the job is done */
    job_start(p, OP_STOP, &facts, 0, 0); /* what is left of it goes away */
}
