/* SPDX-License-Identifier: MIT
 * Runs a plan for one persona, step by step, with the undo of each step in reverse order when a later one
 * fails; answers once. */
#include "job.h"

#include "core/reconcile.h"
#include "crash.h"
#include "focus_run.h"
#include "log.h"
#include "ops.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const op_names[OP_COUNT] = {[OP_ADD] = "add",
                                               [OP_START] = "start",
                                               [OP_STOP] = "stop",
                                               [OP_RM] = "remove",
                                               [OP_SET] = "change",
                                               [OP_PREPARE] = "initialise ahead",
                                               [OP_CLEAR] = "clear what was done ahead"};

/* Nobody asked for it, and it changes nothing that lasts: no journal, no word in the persona's row. */
static bool unasked(enum operation op)
{
    return op == OP_PREPARE || op == OP_CLEAR;
}

static void finish(struct job *j)
{
    struct persona *p = j->p;
    bool ok = j->err.code == ERR_NONE;
    struct err e;

    loop_timer_cancel(j->timer);
    /* Going down, bay0 closes the registry at last without waiting for jobs; the entry is settled at the next
     * start. */
    if (j->journal && j->b->store && store_commit(j->b->store, j->journal, &e) < 0) {
        log_error("the journal could not be closed: %s", e.message);
        p->unclosed = true;
    }
    p->job = NULL;
    if (ok) {
        log_info("persona %s: %s done", p->spec.id, op_names[j->op]);
    } else {
        log_error("persona %s: %s failed: %s", p->spec.id, op_names[j->op], j->err.message);
        if (!unasked(j->op))
            snprintf(p->last_error, sizeof p->last_error, "%s", j->err.message);
    }
    ops_job_done(j, ok);
    free(j);
}

/* What was asked for is true now: the registry is told so, and the journal in the same breath. A start that
 * it does not take is undone, since the journal would undo it after a power cut. Nothing of a stop is. */
static bool told(struct job *j)
{
    struct persona *p = j->p;
    struct err e;

    if (unasked(j->op))
        return true;
    if (p->life != LIFE_FAILED &&
        j->op != OP_SET) /* clearing up after a death: why it died is still to be told */
        p->last_error[0] = '\0';
    if (j->keeps_wanted || !j->b->store || (j->op != OP_START && j->op != OP_STOP))
        return true;
    if (store_wanted(j->b->store, p->spec.id, j->op == OP_START, j->journal, &e) == 0) {
        j->journal = 0;
        return true;
    }
    log_error("persona %s: %s", p->spec.id, e.message);
    if (j->op == OP_START && j->journal) {
        j->err = e;
        return false;
    }
    snprintf(p->last_error, sizeof p->last_error, "this will not be known after a reboot: %.150s", e.message);
    return true;
}

/* The step at j->at is through. A failed one is undone too, since it may have come half-way. */
static void advance(struct job *j, bool ok)
{
    const struct step *s = &j->plan.step[j->at++];

    if (ok)
        return;
    if (s->may_fail) {
        log_warn("persona %s: %s: %s", j->p->spec.id, step_name(s->kind), j->err.message);
        j->err.code = ERR_NONE;
        return;
    }
    j->undoing = true;
}

static void run(struct job *j)
{
    for (;;) {
        enum step_kind kind;
        enum step_result r;

        if (!j->undoing && j->at == j->plan.n) {
            if (told(j)) {
                finish(j);
                return;
            }
            j->undoing = true;
        }
        if (!j->undoing && j->cancelled && j->err.code == ERR_NONE) {
            err_set(&j->err, ERR_CANCELLED, "persona %s: %s was cancelled", j->p->spec.id, op_names[j->op]);
            j->undoing = true;
        }
        if (j->undoing) {
            if (j->at == 0) {
                finish(j);
                return;
            }
            kind = j->plan.step[--j->at].undo;
        } else {
            kind = j->plan.step[j->at].kind;
            if (kind != STEP_NONE)
                server_progress(j->client, j->request, step_name(kind), (int)(100 * j->at / j->plan.n), NULL);
        }
        crash_point(step_name(kind));
        if (kind == STEP_NONE)
            r = STEP_OK;
        else
            r = step_table[kind](j);
        if (r == STEP_WAITS) {
            crash_point("a step under way");
            return;
        }
        if (j->undoing)
            continue; /* an undo that fails is in the log; the others still run */
        advance(j, r == STEP_OK);
    }
}

enum step_kind job_step(const struct job *j)
{
    const struct step *s;

    if (j->at >= j->plan.n)
        return STEP_NONE;
    s = &j->plan.step[j->at];
    return j->undoing ? s->undo : s->kind;
}

void job_step_done(struct job *j, bool ok)
{
    j->child = NULL;
    loop_timer_cancel(j->timer);
    j->timer = NULL;
    if (!j->undoing)
        advance(j, ok);
    run(j);
}

void job_cancel(struct job *j)
{
    if (j->op != OP_ADD)
        return;
    j->cancelled = true;
    if (j->child && !j->undoing)
        child_kill(j->child, SIGTERM);
}

void job_client_gone(struct bay0 *b, client_ref c)
{
    for (size_t i = 0; i < PERSONAS_MAX; i++) {
        struct job *j = b->persona[i].used ? b->persona[i].job : NULL;

        if (j && j->client == c)
            job_cancel(j);
    }
}

/* What the journal must know to finish or undo it after a power cut (core/reconcile.h). */
static const char *detail(const struct job *j, const struct plan_facts *facts)
{
    if (j->op == OP_ADD && !facts->home_there)
        return RECONCILE_HOME;
    if (j->op == OP_RM && facts->wipe)
        return RECONCILE_WIPE;
    for (size_t i = 0; i < j->plan.n; i++)
        if (j->op == OP_START && j->plan.step[i].kind == STEP_CREATE)
            return RECONCILE_CREATE;
    return "";
}

static void job_begin(struct persona *p, enum operation op, const struct persona_spec *next,
                      const struct plan_facts *facts, client_ref client, int64_t request)
{
    static struct job none; /* stands for the one that there is no memory for: it ends at once */
    struct job *j = calloc(1, sizeof *j);

    if (!j) {
        none = (struct job){.b = p->bay0, .p = p, .op = op, .client = client, .request = request};
        err_set(&none.err, ERR_NO_MEMORY, "cannot %s persona %s: no memory", op_names[op], p->spec.id);
        ops_job_done(&none, false);
        return;
    }
    j->b = p->bay0;
    j->p = p;
    j->op = op;
    j->next = *next;
    j->client = client;
    j->request = request;
    p->job = j;
    life_plan(op, &p->spec, facts, &j->plan);
    j->keeps_wanted = op == OP_STOP && j->b->power;
    if (unasked(op)) {
        run(j);
        return;
    }
    if (!j->b->store)
        err_set(&j->err, ERR_STORE, "cannot %s persona %s: there is no registry", op_names[op], p->spec.id);
    else if (!j->keeps_wanted &&
             store_stage(j->b->store, op, p->spec.id, detail(j, facts), &j->journal, &j->err) == 0)
        p->unclosed = false; /* the new entry stands in its place */
    if (j->err.code != ERR_NONE &&
        (op == OP_ADD || op == OP_RM || op == OP_SET || (op == OP_START && p->unclosed))) {
        finish(j);
        return;
    }
    j->err.code = ERR_NONE; /* a persona can be started and stopped without a registry */
    run(j);
}

void job_start(struct persona *p, enum operation op, const struct plan_facts *facts, client_ref client,
               int64_t request)
{
    job_begin(p, op, &p->spec, facts, client, request);
}

void job_set(struct persona *p, const struct persona_spec *next, const struct plan_facts *facts,
             client_ref client, int64_t request)
{
    job_begin(p, OP_SET, next, facts, client, request);
}
