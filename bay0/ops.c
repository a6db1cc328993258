/* SPDX-License-Identifier: MIT
 * What each command of the protocol does: look up, ask the life table, start a job or answer. */
#include "ops.h"

#include "core/version.h"
#include "crossing.h"
#include "doctor.h"
#include "exec.h"
#include "focus_run.h"
#include "ledger.h"
#include "log.h"
#include "logs.h"
#include "power.h"
#include "pressure.h"
#include "reexec.h"
#include "service.h"
#include "set.h"
#include "tenant.h"
#include "ui.h"
#include "umbilical.h"

#include <stdio.h>
#include <string.h>

typedef void handler(struct bay0 *b, struct call *c);

static void refuse(const struct call *c, const struct err *e)
{
    server_answer_err(c->client, c->request->id, e);
}

static void answer_new(const struct call *c, json_t *result)
{
    struct err e;

    if (result) {
        server_answer_ok(c->client, c->request->id, result);
        json_decref(result);
        return;
    }
    err_set(&e, ERR_NO_MEMORY, "cannot answer: no memory");
    refuse(c, &e);
}

/* The persona of the request, or NULL after the refusal. */
static struct persona *wanted(struct bay0 *b, const struct call *c)
{
    struct persona *p = persona_find(b, c->request->target);
    struct err e;

    if (!p) {
        err_set(&e, ERR_NO_PERSONA, "there is no persona %s", c->request->target);
        refuse(c, &e);
    }
    return p;
}

static void on_hello(struct bay0 *b, struct call *c)
{
    (void)b;
    answer_new(c, json_pack("{s:i, s:s}", "protocol", PROTO_VERSION, "version", SPINE_VERSION));
}

static void on_list(struct bay0 *b, struct call *c)
{
    json_t *all = persona_rows(b);

    if (c->persona) { /* inside a persona: itself marked, so that `spine ps` can say where it runs */
        json_object_set_new(all, "self", json_string(c->persona));
    }
    answer_new(c, all);
}

static void on_add(struct bay0 *b, struct call *c)
{
    struct persona *p = persona_find(b, c->request->spec.id);
    struct plan_facts facts = {0};
    struct err e;

    if (p && p->life == LIFE_ADDING) { /* it may yet fail and be gone */
        err_set(&e, ERR_BUSY, "persona %s is being added", p->spec.id);
        refuse(c, &e);
        return;
    }
    if (p) {
        err_set(&e, ERR_EXISTS, "there is a persona %s already", c->request->spec.id);
        refuse(c, &e);
        return;
    }
    p = set_possible(b, &c->request->spec, &e) < 0 ? NULL : persona_new(b, &c->request->spec, 0, &e);
    if (!p) {
        refuse(c, &e);
        return;
    }
    p->life = LIFE_ADDING;
    facts.home_there = persona_home_there(p);
    job_start(p, OP_ADD, &facts, c->client, c->request->id);
}

static void start(struct persona *p, client_ref client, int64_t id)
{
    const struct plan_facts facts = {.container_there = p->container, .home_there = persona_home_there(p)};

    p->last_error[0] = '\0';
    job_start(p, OP_START, &facts, client, id);
}

/* Asks the life table; true when the operation may go on. */
static bool allowed(struct persona *p, enum life_event ev, const struct call *c)
{
    enum life_action action;
    struct err e;

    if (p->job && p->life == LIFE_FAILED) { /* the clearing up after a death is not done yet */
        err_set(&e, ERR_BUSY, "persona %s has just ended and is being cleared up", p->spec.id);
        refuse(c, &e);
        return false;
    }
    action = persona_event(p, ev, &e);
    if (action == LIFE_REFUSE)
        refuse(c, &e);
    else if (action == LIFE_IGNORE)
        answer_new(c, persona_row(p));
    return action != LIFE_REFUSE && action != LIFE_IGNORE;
}

static void on_start(struct bay0 *b, struct call *c)
{
    struct persona *p = wanted(b, c);

    if (p && allowed(p, LIFE_ASK_START, c))
        start(p, c->client, c->request->id);
}

static void on_stop(struct bay0 *b, struct call *c)
{
    struct persona *p = wanted(b, c);
    struct plan_facts facts = {0};

    if (!p || !allowed(p, LIFE_ASK_STOP, c))
        return;
    facts.frozen = p->kernel.frozen || p->kernel.freeze_asked;
    focus_run(b, FE_HOLD, p->spec.id); /* nothing freezes it again while it ends */
    job_start(p, OP_STOP, &facts, c->client, c->request->id);
}

static void on_rm(struct bay0 *b, struct call *c)
{
    struct persona *p = wanted(b, c);
    const struct plan_facts facts = {.wipe = c->request->wipe, .populated = p && p->kernel.populated};

    if (p && allowed(p, LIFE_ASK_RM, c))
        job_start(p, OP_RM, &facts, c->client, c->request->id);
}

static void on_set(struct bay0 *b, struct call *c)
{
    struct persona *p = wanted(b, c);

    if (p && allowed(p, LIFE_ASK_SET, c))
        set_run(p, c);
}

static void on_focus(struct bay0 *b, struct call *c)
{
    struct persona *p = wanted(b, c);
    struct err e;

    if (!p || !allowed(p, LIFE_ASK_FOCUS, c))
        return;
    if (b->opt.ui && !ui_up(b)) {
        err_set(&e, ERR_SWAY, "cannot bring persona %s to the front: the compositor is not running",
                p->spec.id);
        refuse(c, &e);
        return;
    }
    focus_run_request(b, c->client, c->request->id, p->spec.id);
}

static void on_exec(struct bay0 *b, struct call *c)
{
    struct persona *p = wanted(b, c);

    if (p && allowed(p, LIFE_ASK_EXEC, c))
        exec_start(p, c);
}

static void on_resize(struct bay0 *b, struct call *c)
{
    exec_resized(b, c->client);
    answer_new(c, json_object());
}

static void on_subscribe(struct bay0 *b, struct call *c)
{
    json_t *all = persona_rows(b); /* where things stand: nothing is missed between list and subscribe */
    json_t *services = c->request->keys ? service_rows(b, "") : NULL;

    server_subscribe(c->client);
    if (c->request->keys)
        server_take_keys(c->client);
    if (services)
        json_object_update(all, services);
    json_decref(services);
    answer_new(c, all);
}

static void on_carried(struct bay0 *b, struct call *c)
{
    ledger_carry(b, &c->request->carry);
    answer_new(c, json_object());
}

static void on_service_status(struct bay0 *b, struct call *c)
{
    json_t *result = service_rows(b, c->request->target);
    struct err e;

    if (!result && c->request->target[0]) {
        err_set(&e, ERR_NO_SERVICE, "there is no service %s", c->request->target);
        refuse(c, &e);
        return;
    }
    answer_new(c, result);
}

static void on_service_start(struct bay0 *b, struct call *c)
{
    if (!service_ask(b, c->request->target, true, c->client, c->request->id))
        tenant_ask(b, c->request->target, true, c->client, c->request->id);
}

static void on_service_stop(struct bay0 *b, struct call *c)
{
    if (!service_ask(b, c->request->target, false, c->client, c->request->id))
        tenant_ask(b, c->request->target, false, c->client, c->request->id);
}

static void on_doctor(struct bay0 *b, struct call *c)
{
    doctor_run(b, c->client, c->request->id, c->request->quick);
}

static void on_power(struct bay0 *b, struct call *c)
{
    answer_new(c, json_object());
    power_down(b, c->request->verb->id == VERB_REBOOT ? POWER_REBOOT : POWER_OFF);
}

/* The new program answers. */
static void on_reexec(struct bay0 *b, struct call *c)
{
    reexec_start(b, c->client, c->request->id);
}

static handler *const handlers[VERB_COUNT] = {
    [VERB_HELLO] = on_hello,
    [VERB_PERSONA_ADD] = on_add,
    [VERB_PERSONA_START] = on_start,
    [VERB_PERSONA_STOP] = on_stop,
    [VERB_PERSONA_RM] = on_rm,
    [VERB_PERSONA_SET] = on_set,
    [VERB_PERSONA_LIST] = on_list,
    [VERB_PS] = on_list,
    [VERB_FOCUS] = on_focus,
    [VERB_SERVICE_STATUS] = on_service_status,
    [VERB_SERVICE_START] = on_service_start,
    [VERB_SERVICE_STOP] = on_service_stop,
    [VERB_RUN] = on_exec,
    [VERB_SHELL] = on_exec,
    [VERB_RESIZE] = on_resize,
    [VERB_SUBSCRIBE] = on_subscribe,
    [VERB_CARRIED] = on_carried,
    [VERB_DOCTOR] = on_doctor,
    [VERB_LOGS] = logs_answer,
    [VERB_SEND] = crossing_send,
    [VERB_PULL] = crossing_pull,
    [VERB_TRANSFER_LIST] = crossing_list,
    [VERB_TRANSFER_ACCEPT] = crossing_accept,
    [VERB_TRANSFER_DROP] = crossing_drop,
    [VERB_POWEROFF] = on_power,
    [VERB_REBOOT] = on_power,
    [VERB_REEXEC] = on_reexec,
};

/* A connection has one hook, whatever it asked for. */
static void on_gone(void *user, client_ref c)
{
    job_client_gone(user, c);
    exec_client_gone(user, c);
    logs_client_gone(user, c);
    crossing_client_gone(user, c);
}

void ops_client(struct bay0 *b, client_ref c)
{
    server_on_gone(c, on_gone, b);
}

/* Which containers there are must be known before one is made or removed. */
static bool must_wait(const struct bay0 *b, enum verb_id verb)
{
    return !b->reconciled && (verb == VERB_PERSONA_ADD || verb == VERB_PERSONA_START ||
                              verb == VERB_PERSONA_RM || verb == VERB_PERSONA_SET);
}

void ops_handle(void *user, struct call *c)
{
    struct bay0 *b = user;
    handler *h = handlers[c->request->verb->id];
    struct err e;

    server_on_gone(c->client, on_gone, b);
    if (b->power) {
        err_set(&e, ERR_BUSY, "the Spine is being switched off");
        refuse(c, &e);
    } else if (must_wait(b, c->request->verb->id)) {
        err_set(&e, ERR_PODMAN, "podman has not said yet what it has from before");
        err_hint(&e, "bay0 asks it again every few seconds; `spine doctor` tells more");
        refuse(c, &e);
    } else if (h) {
        h(b, c);
    } else {
        err_set(&e, ERR_UNKNOWN_COMMAND, "%s: nothing does that", c->request->verb->command);
        refuse(c, &e);
    }
}

void ops_refused(void *user, const char *persona, uid_t uid, const char *command, enum err_code code)
{
    ledger_refused(user, persona, uid, command, code);
}

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
    case OP_START:
    case OP_STOP:
    case OP_SERVICE_START:
    case OP_SERVICE_STOP:
    case OP_COUNT:
        settle_start_stop(j, ok);
        break;
    }
    if (ok) {
        row = p->used ? persona_row(p) : json_pack("{s:s}", "id", p->spec.id);
        server_answer_ok(j->client, j->request, row);
        json_decref(row);
    } else {
        server_answer_err(j->client, j->request, &j->err);
    }
    power_look(j->b);
}

void ops_persona_empty(struct persona *p)
{
    const struct plan_facts facts = {.frozen = false};
    const char *why = pressure_ended(p);
    struct bay0 *b = p->bay0;

    if (persona_event(p, LIFE_DIED, NULL) != LIFE_REPORT_DEATH)
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

void ops_autostart(struct persona *p)
{
    if (!p->bay0->power && !p->job && persona_event(p, LIFE_ASK_START, NULL) == LIFE_START)
        start(p, 0, 0);
}
