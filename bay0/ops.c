/* SPDX-License-Identifier: MIT
 * What each command of the protocol does: look up, ask the life table, start a job or answer. */
#include "ops.h"

#include "ahead.h"
#include "core/version.h"
#include "crossing.h"
#include "doctor.h"
#include "exec.h"
#include "explain.h"
#include "focus_run.h"
#include "ledger.h"
#include "logs.h"
#include "power.h"
#include "reexec.h"
#include "service.h"
#include "set.h"
#include "tenant.h"
#include "ui.h"

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
    json_t *all = persona_rows(b, !c->request->brief);

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
    struct plan_facts facts = {.container_there = p->container, .home_there = persona_home_there(p)};

    if (p->pid > 0) { /* initialised ahead; what was killed since is not */
        cgroup_state(p->bay0->cgroups, p->cgroup, &p->kernel);
        facts.ready = p->kernel.populated;
    }
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
    switch (action) {
    case LIFE_REFUSE:
        refuse(c, &e);
        return false;
    case LIFE_IGNORE:
        answer_new(c, persona_row(p, true));
        return false;
    case LIFE_WAIT:
    case LIFE_CLEAR:
        if (ahead_wait(p, c, &e) < 0)
            refuse(c, &e);
        if (action == LIFE_CLEAR)
            ahead_clear(p);
        return false;
    case LIFE_START:
    case LIFE_STOP:
    case LIFE_RM:
    case LIFE_FOCUS:
    case LIFE_EXEC:
    case LIFE_SET:
    case LIFE_PREPARE:
    case LIFE_SETTLE:
    case LIFE_REPORT_DEATH:
        break;
    }
    return true;
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

static void on_explain(struct bay0 *b, struct call *c)
{
    struct persona *p = wanted(b, c);

    if (p)
        explain_answer(p, c);
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
    json_t *all =
        persona_rows(b, true); /* where things stand: nothing is missed between list and subscribe */
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
    [VERB_PERSONA_EXPLAIN] = on_explain,
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

void ops_autostart(struct persona *p)
{
    if (!p->bay0->power && !p->job && persona_event(p, LIFE_ASK_START, NULL) == LIFE_START)
        start(p, 0, 0);
}
