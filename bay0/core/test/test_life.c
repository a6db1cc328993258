/* SPDX-License-Identifier: MIT
 * Every cell of a persona's life, every plan, and every way a plan can break off, against a simulated world.
 */
#include "core/buf.h"
#include "core/life.h"
#include "core/profile.h"
#include "tests/t.h"

/* Users see these two as stopped. */
static const char *state(enum life_state s)
{
    return s == LIFE_READY ? "ready" : s == LIFE_PREPARING ? "preparing" : life_state_name(s);
}

static void test_every_cell(void)
{
    static const char *const actions[] = {
        [LIFE_REFUSE] = "refuse",       [LIFE_IGNORE] = "ignore",   [LIFE_START] = "start",
        [LIFE_STOP] = "stop",           [LIFE_RM] = "rm",           [LIFE_FOCUS] = "focus",
        [LIFE_EXEC] = "exec",           [LIFE_SET] = "set",         [LIFE_SETTLE] = "settle",
        [LIFE_REPORT_DEATH] = "report", [LIFE_PREPARE] = "prepare", [LIFE_CLEAR] = "clear",
        [LIFE_WAIT] = "wait",
    };
    /* ask: start, stop, rm, focus, exec, set; then done, undone, died; ahead, aside */
    static const char *const want[LIFE_STATE_COUNT][LIFE_EVENT_COUNT] = {
        [LIFE_STOPPED] = {"start starting", "refuse not-running", "rm removing", "refuse not-running",
                          "refuse not-running", "set stopped", "ignore stopped", "ignore stopped",
                          "ignore stopped", "prepare preparing", "ignore stopped"},
        [LIFE_ADDING] = {"refuse busy", "refuse busy", "refuse busy", "refuse busy", "refuse busy",
                         "refuse busy", "settle stopped", "settle stopped", "ignore adding", "ignore adding",
                         "ignore adding"},
        [LIFE_STARTING] = {"refuse busy", "refuse busy", "refuse busy", "refuse busy", "refuse busy",
                           "refuse busy", "settle running", "settle stopped", "ignore starting",
                           "ignore starting", "ignore starting"},
        [LIFE_RUNNING] = {"refuse already-running", "stop stopping", "refuse already-running",
                          "focus running", "exec running", "set running", "ignore running", "ignore running",
                          "report failed", "ignore running", "ignore running"},
        [LIFE_STOPPING] = {"refuse busy", "refuse busy", "refuse busy", "refuse busy", "refuse busy",
                           "refuse busy", "settle stopped", "settle failed", "ignore stopping",
                           "ignore stopping", "ignore stopping"},
        [LIFE_REMOVING] = {"refuse busy", "refuse busy", "refuse busy", "refuse busy", "refuse busy",
                           "refuse busy", "settle stopped", "settle failed", "ignore removing",
                           "ignore removing", "ignore removing"},
        [LIFE_FAILED] = {"start starting", "stop stopping", "rm removing", "refuse not-running",
                         "refuse not-running", "set failed", "ignore failed", "ignore failed",
                         "ignore failed", "ignore failed", "ignore failed"},
        [LIFE_PREPARING] = {"wait preparing", "refuse not-running", "wait preparing", "refuse not-running",
                            "refuse not-running", "wait preparing", "settle ready", "settle stopped",
                            "ignore preparing", "ignore preparing", "ignore preparing"},
        [LIFE_READY] = {"start starting", "refuse not-running", "clear preparing", "refuse not-running",
                        "refuse not-running", "clear preparing", "ignore ready", "ignore ready",
                        "clear preparing", "ignore ready", "clear preparing"},
    };

    for (int s = 0; s < LIFE_STATE_COUNT; s++)
        for (int ev = 0; ev < LIFE_EVENT_COUNT; ev++) {
            const struct life_cell *c = &life_table[s][ev];
            bool refused = c->action == LIFE_REFUSE;
            char got[64];

            snprintf(got, sizeof got, "%s %s", actions[c->action],
                     refused ? err_name(c->error) : state(c->next));
            T_STR(got, want[s][ev]);
            T(refused ? c->next == (enum life_state)s && c->error != ERR_NONE : c->error == ERR_NONE);
        }
}

/* What the steps change. */
enum container { NO_CONTAINER, CREATED, INITIALISED, RUNNING };
struct world {
    bool row, home, home_used, sockets, cgroup, frozen, windows;
    bool changed, limits_changed; /* the declaration, and what the cgroup has of it */
    bool checked, walled;         /* of this container's life */
    enum container container;
};

static bool same(const struct world *a, const struct world *b)
{
    return a->row == b->row && a->home == b->home && a->home_used == b->home_used &&
           a->sockets == b->sockets && a->cgroup == b->cgroup && a->frozen == b->frozen &&
           a->windows == b->windows && a->container == b->container && a->changed == b->changed &&
           a->limits_changed == b->limits_changed;
}

static bool populated(const struct world *w)
{
    return w->container >= INITIALISED;
}

/* Does one step; false when it was not the time for it. */
static bool step(struct world *w, enum step_kind k, const struct persona_spec *s)
{
    bool draws = profile_get(s->profile)->wayland, ok = true;

    switch (k) {
    case STEP_NONE:
    case STEP_IMAGE:
    case STEP_SYNC:
        break;
    case STEP_HOME:
        w->home = true;
        break;
    case STEP_UNHOME:
        ok = w->home && !w->home_used && !populated(w);
        w->home = false;
        break;
    case STEP_WIPE:
        ok = !populated(w) && w->container == NO_CONTAINER;
        w->home = w->home_used = false;
        break;
    case STEP_SOCKETS:
        w->sockets = true;
        break;
    case STEP_UNSOCKETS:
        ok = !populated(w);
        w->sockets = false;
        break;
    case STEP_CGROUP:
        w->cgroup = true;
        w->frozen = false;
        break;
    case STEP_UNCGROUP:
        ok = !populated(w);
        w->cgroup = w->frozen = false;
        break;
    case STEP_CREATE:
        ok = w->container == NO_CONTAINER && w->sockets && w->cgroup && w->home;
        w->container = CREATED;
        break;
    case STEP_INIT:
        ok = w->container == CREATED && w->sockets && w->cgroup && w->home && !w->frozen;
        w->container = INITIALISED;
        w->checked = w->walled = false;
        break;
    case STEP_CHECK:
        ok = w->container == INITIALISED;
        w->checked = true;
        break;
    case STEP_FIREWALL:
        ok = w->container == INITIALISED && s->network == NETWORK_SLIRP;
        w->walled = true;
        break;
    case STEP_WINDOWS:
        ok = w->sockets && draws;
        w->windows = true;
        break;
    case STEP_UNWINDOWS:
        ok = draws;
        w->windows = false;
        break;
    case STEP_START:
        ok = w->container == INITIALISED && w->checked && (w->walled || s->network != NETWORK_SLIRP) &&
             (w->windows || !draws) && !w->frozen;
        w->container = RUNNING;
        break;
    case STEP_THAW:
        w->frozen = false;
        break;
    case STEP_STOP:
        ok = !w->frozen; /* podman would hang */
        w->container = w->container > CREATED ? CREATED : w->container;
        break;
    case STEP_KILL:
        w->frozen = false;
        w->container = w->container > CREATED ? CREATED : w->container;
        break;
    case STEP_RM:
        ok = !w->frozen && !populated(w);
        w->container = NO_CONTAINER;
        break;
    case STEP_REGISTER:
        ok = !w->row;
        w->row = true;
        break;
    case STEP_UNREGISTER:
        w->row = false;
        break;
    case STEP_LIMITS:
    case STEP_UNLIMITS:
        ok = w->cgroup;
        w->limits_changed = k == STEP_LIMITS;
        break;
    case STEP_REDECLARE:
        ok = w->row;
        w->changed = true;
        break;
    case STEP_COUNT:
        ok = false;
        break;
    }
    return ok;
}

static struct plan_facts facts_of(const struct world *w, bool wipe)
{
    return (struct plan_facts){.frozen = w->frozen,
                               .populated = populated(w),
                               .container_there = w->container != NO_CONTAINER,
                               .home_there = w->home,
                               .wipe = wipe,
                               .grouped = w->cgroup,
                               .ready = w->container == INITIALISED};
}

/* Runs the plan to its end; true when each step was in time. */
static bool forward(struct world *w, enum operation op, const struct persona_spec *s, bool wipe)
{
    struct plan_facts f = facts_of(w, wipe);
    struct plan p;
    bool ok = true;

    life_plan(op, s, &f, &p);
    for (size_t i = 0; i < p.n; i++)
        ok = step(w, p.step[i].kind, s) && ok;
    return ok;
}

/* Breaks the plan off after each step, the last of which may have been done or not, and undoes it: then the
 * world is like `end`. */
static bool undone_to(const struct world *start, const struct world *end, enum operation op,
                      const struct persona_spec *s)
{
    struct plan_facts f = facts_of(start, false);
    bool ok = true, throwaway = !profile_get(s->profile)->root_kept;
    struct plan p;

    life_plan(op, s, &f, &p);
    for (size_t n = 0; n <= p.n; n++) {
        struct world w = *start, want = *end;

        if (p.step[n ? n - 1 : 0].kind == STEP_NONE)
            continue; /* nothing that could fail */
        if (n > 0 && (p.step[n - 1].kind == STEP_REGISTER || p.step[n - 1].kind == STEP_REDECLARE))
            continue; /* the last step: it is done, then all is, or it has changed nothing */
        for (size_t i = 0; i < n; i++)
            step(&w, p.step[i].kind, s);
        if (n > 0 && p.step[n - 1].undo != STEP_NONE)
            step(&w, p.step[n - 1].undo, s); /* twice must do */
        for (size_t i = n; i-- > 0;)
            step(&w, p.step[i].undo, s);
        if (throwaway && w.container == NO_CONTAINER)
            want.container = NO_CONTAINER; /* a root that is thrown away each time need not come back */
        ok = same(&w, &want) && ok;
    }
    return ok;
}

static bool undone(const struct world *start, enum operation op, const struct persona_spec *s)
{
    return undone_to(start, start, op, s);
}

/* What a start does ahead is not done again at the start, and leaves nothing when it is cleared. */
static void test_ahead(const struct world *stopped, const struct persona_spec *s, const char *text)
{
    const struct profile *profile = profile_get(s->profile);
    struct world ready = *stopped, up, cleared;

    T_NAMED(undone(stopped, OP_PREPARE, s), text);
    T_NAMED(forward(&ready, OP_PREPARE, s, false) && ready.container == INITIALISED && !ready.windows, text);
    up = cleared = ready;
    T_NAMED(forward(&up, OP_START, s, false) && up.container == RUNNING && up.windows == profile->wayland,
            text);
    T_NAMED(forward(&cleared, OP_CLEAR, s, false) && same(&cleared, stopped), text);
    T_NAMED(undone_to(&ready, stopped, OP_START, s), text); /* nor does a start that fails */
}

static void test_life(struct persona_spec *s, const char *name)
{
    const struct profile *profile = profile_get(s->profile);
    struct world w = {0}, stopped, changed;
    char text[80];

    snprintf(text, sizeof text, "%s, %s", profile->name, name);
    T_NAMED(undone(&w, OP_ADD, s), text);
    T_NAMED(forward(&w, OP_ADD, s, false) && w.row && w.home && w.container == NO_CONTAINER, text);
    stopped = w;
    T_NAMED(undone(&w, OP_START, s), text);
    T_NAMED(forward(&w, OP_START, s, false) && w.container == RUNNING && w.windows == profile->wayland, text);
    changed = w;
    T_NAMED(undone(&w, OP_SET, s), text);
    T_NAMED(forward(&changed, OP_SET, s, false) && changed.changed && changed.limits_changed, text);
    changed = stopped;
    T_NAMED(undone(&stopped, OP_SET, s), text);
    T_NAMED(forward(&changed, OP_SET, s, false) && changed.changed && !changed.limits_changed, text);
    w.home_used = stopped.home_used = true;
    w.frozen = true;
    T_NAMED(forward(&w, OP_STOP, s, false), text);
    stopped.container = profile->root_kept ? CREATED : NO_CONTAINER;
    T_NAMED(same(&w, &stopped), text);
    test_ahead(&w, s, text);
    T_NAMED(undone(&w, OP_START, s), text); /* again, with what the first life left behind */
    T_NAMED(forward(&w, OP_START, s, false) && w.container == RUNNING, text);
    w.frozen = true; /* it broke: rm must cope with what is left */
    T_NAMED(forward(&w, OP_RM, s, false), text);
    T_NAMED(same(&w, &(struct world){.home = true, .home_used = true}), text);
    T_NAMED(undone(&w, OP_ADD, s) && w.home_used, text); /* a home from before outlives a failed add */
    T_NAMED(forward(&w, OP_ADD, s, false) && forward(&w, OP_RM, s, true), text);
    T_NAMED(same(&w, &(struct world){0}), text);
}

static void test_lives(void)
{
    for (int profile = 0; profile < PROFILE_COUNT; profile++)
        for (int network = 0; network < NETWORK_COUNT; network++) {
            struct persona_spec s = {.profile = (enum profile_id)profile,
                                     .network = (enum network_mode)network};

            test_life(&s, network == NETWORK_SLIRP ? "slirp" : "no network");
        }
}

/* A stop never stops half-way for less than a process that will not die. */
static void test_may_fail(void)
{
    struct persona_spec s = {.profile = PROFILE_DESKTOP};
    struct plan_facts f = {.frozen = true};
    struct plan p;

    life_plan(OP_STOP, &s, &f, &p);
    for (size_t i = 0; i < p.n; i++)
        T_NAMED(p.step[i].may_fail == (p.step[i].kind != STEP_KILL), step_name(p.step[i].kind));
    life_plan(OP_START, &s, &f, &p);
    for (size_t i = 0; i < p.n; i++)
        T_NAMED(!p.step[i].may_fail, step_name(p.step[i].kind));
}

static const char *plan_text(enum operation op, const struct persona_spec *s, const struct plan_facts *f)
{
    static char text[512];
    struct plan p;
    struct buf b;

    buf_init(&b, text, sizeof text);
    life_plan(op, s, f, &p);
    for (size_t i = 0; i < p.n; i++) {
        buf_addf(&b, "%s%s", i ? ", " : "", step_name(p.step[i].kind));
        if (p.step[i].undo != STEP_NONE)
            buf_addf(&b, " (%s)", step_name(p.step[i].undo));
    }
    return text;
}

static void test_golden(void)
{
    struct persona_spec s = {.profile = PROFILE_DESKTOP, .network = NETWORK_SLIRP};
    struct plan_facts none = {0}, all = {true, true, true, true, true, true, false}, ready = all;

    ready.ready = true;

    T_STR(plan_text(OP_ADD, &s, &none), "image, home (remove empty home), sync, register");
    T_STR(plan_text(OP_START, &s, &none),
          "sockets (remove sockets), cgroup (remove cgroup), home (remove empty home), podman create (podman "
          "rm), "
          "podman init (kill), check, firewall, windows (forget windows), podman start (kill), sync");
    T_STR(plan_text(OP_START, &s, &all),
          "sockets (remove sockets), cgroup (remove cgroup), home, podman init (kill), check, firewall, "
          "windows (forget windows), podman start (kill), sync");
    T_STR(plan_text(OP_PREPARE, &s, &all),
          "sockets (remove sockets), cgroup (remove cgroup), home, podman init (kill), check, firewall");
    T_STR(plan_text(OP_START, &s, &ready), "nothing (remove sockets), nothing (remove cgroup), nothing "
                                           "(kill), windows (forget windows), podman start (kill), sync");
    T_STR(plan_text(OP_CLEAR, &s, &ready), "kill, podman stop, remove sockets, remove cgroup");
    T_STR(plan_text(OP_STOP, &s, &all),
          "thaw, podman stop, kill, forget windows, remove sockets, remove cgroup, sync");
    T_STR(plan_text(OP_RM, &s, &all),
          "kill, podman rm, forget windows, remove sockets, remove cgroup, wipe home, sync, unregister");
    T_STR(plan_text(OP_RM, &s, &none),
          "podman rm, forget windows, remove sockets, remove cgroup, sync, unregister");
    T_STR(plan_text(OP_SET, &s, &all), "limits (limits as before), declare anew");
    T_STR(plan_text(OP_SET, &s, &none), "declare anew");
    s.profile = PROFILE_AGENT;
    s.network = NETWORK_NONE;
    T_STR(plan_text(OP_START, &s, &all),
          "sockets (remove sockets), cgroup (remove cgroup), home, podman rm, podman create (podman rm), "
          "podman init (kill), check, podman start (kill), sync");
    for (int k = 0; k < STEP_COUNT; k++)
        T(step_name((enum step_kind)k) != NULL);
}

int main(void)
{
    test_every_cell();
    test_lives();
    test_may_fail();
    test_golden();
    return t_done();
}
