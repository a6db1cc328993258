/* SPDX-License-Identifier: MIT
 * The steps of a persona's operations that need podman or another program. What each is for is told in
 * core/life.h. */
#include "steps.h"

#include "log.h"
#include "mountinfo_read.h"
#include "pid1.h"
#include "podman_run.h"
#include "ui.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STOP_SECONDS = 5, HELPER_MS = 20000 };

static void container_of(const struct job *j, char out[CONTAINER_NAME_MAX])
{
    persona_container(j->p->spec.id, out);
}

static enum step_result spawn(struct job *j, struct child_options *o)
{
    j->child = child_spawn(j->b->loop, o);
    if (j->child)
        return STEP_WAITS;
    if (j->undoing)
        log_error("%s: %s", o->argv[0], strerror(errno));
    else
        err_set(&j->err, ERR_SYSTEM, "cannot run %s: %s", o->argv[0], strerror(errno));
    return STEP_FAILED;
}

enum step_result step_podman(struct job *j, uint32_t ms, child_done_fn *done)
{
    struct err e;

    if (argv_done(&j->argv) < 0) {
        err_set(j->undoing ? &e : &j->err, ERR_INTERNAL, "persona %s: the podman command line does not fit",
                j->p->spec.id);
        return STEP_FAILED;
    }
    j->child = podman_run(j->b, &j->argv, ms, done, j, &e);
    if (j->child)
        return STEP_WAITS;
    if (!j->undoing)
        j->err = e;
    log_error("persona %s: %s", j->p->spec.id, e.message);
    return STEP_FAILED;
}

bool step_good(struct job *j, const struct child_result *r, const char *what)
{
    struct err e;

    if (r->status == 0)
        return true;
    if (j->cancelled && !j->undoing)
        err_set(&e, ERR_CANCELLED, "%s: it was cancelled", what);
    else if (r->timed_out)
        err_set(&e, ERR_TIMEOUT, "%s: podman did not end in time", what);
    else
        podman_failure(r->status, r->err, r->err_len, what, &e);
    podman_look_at_disk(j->b, &e);
    if (j->undoing)
        log_error("persona %s: undoing: %s", j->p->spec.id, e.message);
    else
        j->err = e;
    return false;
}

static void on_podman(void *user, const struct child_result *r)
{
    struct job *j = user;
    enum step_kind kind = job_step(j);
    char what[80];
    bool ok;

    snprintf(what, sizeof what, "persona %s: %s", j->p->spec.id, step_name(kind));
    ok = step_good(j, r, what);
    if (kind == STEP_CREATE && ok) {
        j->p->container = true;
        j->p->fresh = false;
    }
    if (kind == STEP_CREATE && !ok && !j->p->fresh && podman_name_taken(r->err, r->err_len)) {
        /* From before: podman had not told of it. What its user installed stays, and the next start uses it.
         */
        log_warn("persona %s: it has a container already", j->p->spec.id);
        j->p->container = true;
        j->plan.step[j->at].undo = STEP_NONE;
    }
    if (kind == STEP_RM && ok)
        j->p->container = false;
    job_step_done(j, ok);
}

static size_t plan_find(const struct plan *plan, enum step_kind kind)
{
    for (size_t i = 0; i < plan->n; i++)
        if (plan->step[i].kind == kind)
            return i;
    return plan->n;
}

static void on_broken_gone(void *user, const struct child_result *r)
{
    struct job *j = user;

    j->child = NULL;
    if (!step_good(j, r, "cannot remove the broken container")) {
        job_step_done(j, false);
        return;
    }
    j->p->container = false;
    if (step_create(j) != STEP_WAITS)
        job_step_done(j, false);
}

/* Its container goes, and is made again. */
static void make_again(struct job *j)
{
    char name[CONTAINER_NAME_MAX];

    j->recreated = true;
    j->child = NULL;
    container_of(j, name);
    if (podman_rm(&j->argv, &j->b->paths, name, &j->err) < 0 ||
        step_podman(j, PODMAN_MS, on_broken_gone) != STEP_WAITS)
        job_step_done(j, false);
}

static void on_created(void *user, const struct child_result *r)
{
    struct job *j = user;

    if (r->status == 0 || r->timed_out || j->recreated || !podman_name_stray(r->err, r->err_len)) {
        on_podman(user, r);
        return;
    }
    log_warn("persona %s: what was left of a container that podman does not know goes first", j->p->spec.id);
    make_again(j);
}

enum step_result step_create(struct job *j)
{
    if (j->b->opt.init && j->p->spec.gpu)
        pid1_render_nodes(j->b);
    if (podman_create(&j->argv, &j->b->paths, &j->p->spec, range_base(j->p->range), &j->err) < 0)
        return STEP_FAILED;
    return step_podman(j, PODMAN_MS, on_created);
}

static void on_init(void *user, const struct child_result *r)
{
    struct job *j = user;
    const struct plan_facts fresh = {.home_there = true};

    if (r->status == 0 || r->timed_out || j->recreated || plan_find(&j->plan, STEP_CREATE) < j->plan.n ||
        !podman_damaged(r->err, r->err_len)) {
        on_podman(user, r);
        return;
    }
    /* A container that a power cut has broken: made again from its image. The home is not part of it. */
    log_error("persona %s: its container is broken and is made again from %s; what was installed in it is "
              "lost: %.300s",
              j->p->spec.id, j->p->spec.image, r->err);
    life_plan(j->op, &j->p->spec, &fresh, &j->plan);
    j->at = plan_find(&j->plan, STEP_CREATE);
    make_again(j);
}

enum step_result step_init(struct job *j)
{
    char name[CONTAINER_NAME_MAX];

    container_of(j, name);
    if (podman_init(&j->argv, &j->b->paths, name, &j->err) < 0)
        return STEP_FAILED;
    return step_podman(j, PODMAN_MS, on_init);
}

static void on_inspect(void *user, const struct child_result *r)
{
    struct job *j = user;
    struct persona *p = j->p;
    struct inspect now;
    bool ok =
        step_good(j, r, "cannot inspect the container") &&
        inspect_parse(r->out, r->out_len, &now, &j->err) == 0 &&
        inspect_check_persona(r->out, r->out_len, &j->b->paths, &p->spec, range_base(p->range), &j->err) == 0;
    char *mounts = ok ? mountinfo_read(now.pid, &j->err) : NULL;

    ok = mounts && inspect_check_persona_mounts(mounts, strlen(mounts), &j->b->paths, &p->spec, &j->err) == 0;
    free(mounts);
    if (ok)
        persona_runs(p, now.pid);
    job_step_done(j, ok);
}

enum step_result step_check(struct job *j)
{
    char name[CONTAINER_NAME_MAX];

    container_of(j, name);
    if (podman_inspect(&j->argv, &j->b->paths, name, &j->err) < 0)
        return STEP_FAILED;
    return step_podman(j, PODMAN_MS, on_inspect);
}

static void on_windows(void *user, bool ok)
{
    struct job *j = user;

    if (!ok)
        err_set(&j->err, ERR_SWAY, "persona %s: its window socket could not be set up", j->p->spec.id);
    job_step_done(j, ok);
}

enum step_result step_windows(struct job *j)
{
    if (!ui_up(j->b)) /* it gets its context when the compositor comes */
        return STEP_OK;
    ui_windows(j->p, on_windows, j);
    return STEP_WAITS;
}

enum step_result step_start(struct job *j)
{
    char name[CONTAINER_NAME_MAX];

    container_of(j, name);
    if (podman_start(&j->argv, &j->b->paths, name, &j->err) < 0)
        return STEP_FAILED;
    return step_podman(j, PODMAN_MS, on_podman);
}

static void on_stop(void *user, const struct child_result *r)
{
    struct job *j = user;

    /* What podman could not stop is killed by the next step. */
    if (r->status != 0)
        log_warn("persona %s: podman stop ended with status %d: %.200s", j->p->spec.id, r->status, r->err);
    job_step_done(j, true);
}

enum step_result step_stop(struct job *j)
{
    char name[CONTAINER_NAME_MAX];

    container_of(j, name);
    if (podman_stop(&j->argv, &j->b->paths, name, STOP_SECONDS, &j->err) < 0)
        return STEP_FAILED;
    return step_podman(j, HELPER_MS, on_stop);
}

enum step_result step_rm(struct job *j)
{
    char name[CONTAINER_NAME_MAX];

    container_of(j, name);
    if (podman_rm(&j->argv, &j->b->paths, name, &j->err) < 0)
        return STEP_FAILED;
    return step_podman(j, PODMAN_MS, on_podman);
}

static void on_helper(void *user, const struct child_result *r)
{
    struct job *j = user;

    if (r->status != 0 && !j->undoing)
        err_set(&j->err, r->timed_out ? ERR_TIMEOUT : ERR_SYSTEM, "persona %s: %s%s: %.200s", j->p->spec.id,
                step_name(j->plan.step[j->at].kind), r->timed_out ? " did not end in time" : "", r->err);
    job_step_done(j, r->status == 0);
}

static enum step_result helper(struct job *j, char *const *argv)
{
    struct child_options o;

    podman_helper(j->b, &o, argv);
    o.done = on_helper;
    o.user = j;
    return spawn(j, &o);
}

enum step_result step_sync(struct job *j)
{
    char *argv[] = {"sync", "-f", (char *)j->b->paths.persist, NULL};

    return helper(j, argv);
}

enum step_result step_wipe(struct job *j)
{
    char home[PATH_MAX];
    char *argv[] = {"rm", "-rf", "--", home, NULL};

    snprintf(home, sizeof home, "%s/home/%s", j->b->paths.persist, j->p->spec.id);
    return helper(j, argv);
}
