/* SPDX-License-Identifier: MIT
 * At start: what podman and the kernel still have is compared with the registry (core/reconcile) and put
 * right. */
#include "reconcile_run.h"

#include "crash.h"
#include "focus_run.h"
#include "keep_files.h"
#include "log.h"
#include "ops.h"
#include "persona.h"
#include "podman_run.h"
#include "rebuild.h"
#include "reconcile_look.h"
#include "tenant.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PS_MS = 60000, AGAIN_MS = 5000, KILL_MS = 10000 };

struct sweep {
    struct bay0 *b;
    reconcile_done_fn *done;
    bool told; /* done was called because podman did not answer */
    struct look look;
    struct fixes fixes;
    size_t at;
    char failed[RECONCILE_IDS_MAX][NAME_ID_MAX + 1]; /* ids whose later steps are left out */
    size_t failed_n;
    struct argv argv;
    struct cgroup_watch *watch; /* FIX_KILL waits for it */
    struct loop_timer *timer;   /* FIX_KILL's bound, or until podman is asked again */
};

static void next(struct sweep *s);

static void finish(struct sweep *s)
{
    struct bay0 *b = s->b;
    reconcile_done_fn *done = s->done;

    if (s->fixes.partial)
        log_warn("there was more to put right than fits; the rest waits for the next start");
    free(s);
    b->reconciled = true;
    done(b);
}

static void fix_failed(struct sweep *s, const char *why)
{
    const struct fix *f = &s->fixes.f[s->at];

    log_error("putting right: %s %s%s: %s", fix_name(f->kind), f->id, f->container ? f->container : "", why);
    if (f->id[0] && s->failed_n < RECONCILE_IDS_MAX)
        snprintf(s->failed[s->failed_n++], sizeof s->failed[0], "%s", f->id);
}

static bool left_out(const struct sweep *s, const char *id)
{
    for (size_t i = 0; i < s->failed_n; i++)
        if (strcmp(s->failed[i], id) == 0)
            return true;
    return false;
}

static void on_child(void *user, const struct child_result *r)
{
    struct sweep *s = user;
    const struct fix *f = &s->fixes.f[s->at];
    struct persona *p = persona_find(s->b, f->id);

    if (r->status != 0)
        fix_failed(s, r->err);
    else if (f->kind == FIX_RM && p)
        p->container = false;
    s->at++;
    next(s);
}

/* true: it runs, on_child goes on. */
static bool run(struct sweep *s, char *const *argv, bool podman)
{
    struct child_options o;

    if (podman)
        podman_options(s->b, &o, &s->argv, PODMAN_MS);
    else
        podman_helper(s->b, &o, argv);
    o.done = on_child;
    o.user = s;
    if (child_spawn(s->b->loop, &o))
        return true;
    fix_failed(s, strerror(errno));
    return false;
}

static void killed(struct sweep *s, const char *why)
{
    struct err e;
    char group[96];

    snprintf(group, sizeof group, "personas/%s", s->fixes.f[s->at].id);
    cgroup_unwatch(s->watch);
    s->watch = NULL;
    loop_timer_cancel(s->timer);
    s->timer = NULL;
    if (why)
        fix_failed(s, why);
    else if (cgroup_freeze(s->b->cgroups, group, false, &e) < 0)
        fix_failed(s, e.message);
    s->at++;
    next(s);
}

static void on_kill_late(void *user)
{
    struct sweep *s = user;

    s->timer = NULL;
    killed(s, "its processes do not end");
}

static void on_kill_state(void *user, const struct cgroup_state *now)
{
    if (!now->populated)
        killed(user, NULL);
}

static bool do_kill(struct sweep *s, const char *group)
{
    struct err e;

    if (cgroup_kill(s->b->cgroups, group, &e) < 0) {
        fix_failed(s, e.message);
        return false;
    }
    s->watch = cgroup_watch(s->b->loop, s->b->cgroups, group, on_kill_state, s);
    s->timer = loop_timer(s->b->loop, KILL_MS, on_kill_late, s);
    if (s->watch && s->timer)
        return true;
    fix_failed(s, strerror(errno));
    cgroup_unwatch(s->watch);
    s->watch = NULL;
    loop_timer_cancel(s->timer);
    s->timer = NULL;
    return false;
}

static void adopt(struct sweep *s, const struct fix *f)
{
    struct persona *p = persona_find(s->b, f->id);
    struct err e;

    if (!p || persona_sockets_open(p, &e) < 0 || persona_cgroup_open(p, &e) < 0) {
        fix_failed(s, p ? e.message : "not in the registry");
        return;
    }
    log_info("persona %s ran on while bay0 was away", f->id);
    p->life = LIFE_RUNNING;
    persona_runs(p, f->pid);
    focus_run(s->b, FE_STARTED, f->id);
}

static int unhome(struct sweep *s, const char *id)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/home/%s", s->b->paths.persist, id);
    return rmdir(path) < 0 && errno != ENOENT && errno != ENOTEMPTY ? -1 : 0;
}

/* Steps that bay0 does by itself. -1 with *e. */
static int do_own(struct sweep *s, const struct fix *f, const char *group, struct err *e)
{
    struct persona *p = persona_find(s->b, f->id);

    switch (f->kind) {
    case FIX_THAW:
        return cgroup_freeze(s->b->cgroups, group, false, e);
    case FIX_UNCGROUP:
        return cgroup_remove(s->b->cgroups, group, e);
    case FIX_UNSOCKETS:
        persona_sockets_remove(s->b, f->id);
        return 0;
    case FIX_UNHOME:
        return unhome(s, f->id) < 0 ? err_set(e, ERR_SYSTEM, "%s", strerror(errno)) : 0;
    case FIX_UNREGISTER:
        if (keep_remove(s->b, f->id, e) < 0 || store_remove(s->b->store, f->id, 0, e) < 0)
            return -1;
        if (p) {
            focus_run(s->b, FE_REMOVED, p->spec.id);
            persona_drop(p);
        }
        return 0;
    case FIX_UNWANT:
        return store_wanted(s->b->store, f->id, false, 0, e);
    case FIX_UNWANT_TENANT:
        tenant_unwanted(s->b, f->id);
        return store_tenant_wanted(s->b->store, f->id, false, 0, e);
    case FIX_COMMIT:
        return store_commit(s->b->store, f->entry, e);
    case FIX_ADOPT:
        adopt(s, f);
        return 0;
    case FIX_START:
        if (p)
            ops_autostart(p);
        return 0;
    case FIX_KILL:
    case FIX_STOP:
    case FIX_RM:
    case FIX_WIPE:
    case FIX_SYNC:
    case FIX_COUNT:
        break;
    }
    return err_set(e, ERR_INTERNAL, "no such step");
}

/* true: something was begun that will call next. */
static bool do_fix(struct sweep *s, const struct fix *f)
{
    const struct paths *paths = &s->b->paths;
    char group[96], home[PATH_MAX], own[CONTAINER_NAME_MAX];
    char *sync_argv[] = {"sync", "-f", (char *)paths->persist, NULL};
    char *wipe_argv[] = {"rm", "-rf", "--", home, NULL};
    struct err e;

    snprintf(group, sizeof group, "personas/%s", f->id);
    snprintf(home, sizeof home, "%s/home/%s", paths->persist, f->id);
    persona_container(f->id, own);
    if (f->kind == FIX_KILL)
        return do_kill(s, group);
    if (f->kind == FIX_WIPE)
        return run(s, wipe_argv, false);
    if (f->kind == FIX_SYNC)
        return run(s, sync_argv, false);
    if (f->kind == FIX_STOP)
        return podman_stop(&s->argv, paths, f->container, 1, &e) == 0 && run(s, NULL, true);
    if (f->kind == FIX_RM)
        return podman_rm(&s->argv, paths, f->container ? f->container : own, &e) == 0 && run(s, NULL, true);
    if (do_own(s, f, group, &e) < 0)
        fix_failed(s, e.message);
    return false;
}

static void next(struct sweep *s)
{
    /* Going down: what is left is put right at the next start. */
    while (s->at < s->fixes.n && !s->b->power) {
        const struct fix *f = &s->fixes.f[s->at];

        if (!left_out(s, f->id)) {
            log_info("putting right: %s %s%s", fix_name(f->kind), f->id, f->container ? f->container : "");
            crash_point(fix_name(f->kind));
            if (do_fix(s, f))
                return;
        }
        s->at++;
    }
    finish(s);
}

static void ask(void *user);

/* Without podman's word nothing is touched, since nobody knows which containers there are. But what runs,
 * runs on. */
static void ask_later(struct sweep *s)
{
    char group[96];
    struct err e;

    for (size_t i = 0; i < s->look.found.cgroups_n; i++) {
        const struct found_cgroup *c = &s->look.found.cgroups[i];

        snprintf(group, sizeof group, "personas/%s", c->id);
        if ((c->frozen || c->freeze_asked) && cgroup_freeze(s->b->cgroups, group, false, &e) < 0)
            log_error("%s", e.message);
    }
    if (s->b->power) {
        finish(s);
        return;
    }
    s->timer = loop_timer(s->b->loop, AGAIN_MS, ask, s);
    if (!s->timer)
        log_error("podman is not asked again: %s", strerror(errno));
    if (!s->told)
        s->done(s->b);
    s->told = true;
}

/* Everybody is known who can be known: now it is compared. */
static void compare(void *user, bool all_known)
{
    struct sweep *s = user;

    look_rows(&s->look);
    s->look.found.keep_strangers = !all_known;
    reconcile(&s->look.found, &s->fixes);
    next(s);
}

static void on_ps(void *user, const struct child_result *r)
{
    struct sweep *s = user;
    struct bay0 *b = s->b;
    struct err e;

    look_kernel(&s->look, b);
    if (r->status != 0 || r->truncated) {
        log_error("cannot ask podman what it has: status %d%s: %.300s", r->status,
                  r->timed_out     ? " (time-out)"
                  : r->status == 0 ? " (too long)"
                                   : "",
                  r->err);
        ask_later(s);
        return;
    }
    if (look_podman(&s->look, r->out, r->out_len, &e) < 0) {
        log_error("%s", e.message);
        ask_later(s);
        return;
    }
    look_journal(&s->look);
    rebuild_run(b, &s->look.found, compare, s);
}

static void ask(void *user)
{
    struct sweep *s = user;
    struct err e;

    s->timer = NULL;
    if (podman_ps(&s->argv, &s->b->paths, &e) == 0 && podman_run(s->b, &s->argv, PS_MS, on_ps, s, &e))
        return;
    on_ps(s, &(const struct child_result){
                 .status = 127, .out = "", .err = e.message, .err_len = strlen(e.message)});
}

void reconcile_run(struct bay0 *b, reconcile_done_fn *done)
{
    struct sweep *s = calloc(1, sizeof *s);

    if (!s) {
        log_error("no memory to put things right");
        done(b);
        return;
    }
    s->b = b;
    s->done = done;
    ask(s);
}
