/* SPDX-License-Identifier: MIT
 * One system tenant at run time: its container's way up and down under supervision. */
#include "tenant_life.h"

#include "core/inspect.h"
#include "fsutil.h"
#include "log.h"
#include "mountinfo_read.h"
#include "podman_run.h"
#include "service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void go(struct tenant_run *t, enum phase phase);

void tenant_answer(struct tenant_run *t, bool up, const struct err *e)
{
    for (size_t i = 0; i < WAITS_MAX; i++) {
        struct waiter *w = &t->waits[i];
        json_t *result;

        if (!w->client || (!e && w->up != up))
            continue;
        result = json_pack("{s:s, s:b}", "name", t->row->name, "up", up);
        if (e)
            server_answer_err(w->client, w->request, e);
        else
            server_answer_ok(w->client, w->request, result);
        json_decref(result);
        w->client = 0;
    }
}

static void failed(struct tenant_run *t, const struct err *e)
{
    log_error("%s: %s", t->row->name, e->message);
    snprintf(t->error, sizeof t->error, "%s", e->message);
    t->phase = PHASE_NONE;
    if (!t->to_stop)
        tenant_unstage(t);
    tenant_answer(t, true, e);
    /* An image that is not there does not come by trying again. */
    tenant_feed(t, e->code == ERR_NO_IMAGE ? SUP_EV_STOP : SUP_EV_EXIT);
    if (e->code == ERR_NO_IMAGE)
        tenant_feed(t, SUP_EV_EXIT);
}

static bool inspect_good(struct tenant_run *t, const struct child_result *r, struct err *e)
{
    struct inspect now;
    char *mounts;
    bool good;

    if (inspect_parse(r->out, r->out_len, &now, e) < 0 ||
        inspect_check_tenant(r->out, r->out_len, &t->b->paths, t->row, range_base(t->range), e) < 0)
        return false;
    mounts = mountinfo_read(now.pid, e);
    good = mounts && inspect_check_tenant_mounts(mounts, strlen(mounts), &t->b->paths, t->row, e) == 0;
    free(mounts);
    return good;
}

static void on_phase(void *user, const struct child_result *r)
{
    static const enum phase next[] = {
        [PHASE_IMAGE] = PHASE_RM,    [PHASE_PULL] = PHASE_RM,    [PHASE_RM] = PHASE_CREATE,
        [PHASE_CREATE] = PHASE_INIT, [PHASE_INIT] = PHASE_CHECK, [PHASE_CHECK] = PHASE_START,
    };
    struct tenant_run *t = user;
    enum phase phase = t->phase;
    struct err e;

    t->child = NULL;
    if (t->sup.state == SUP_STOPPING) { /* told to end while it was on its way up */
        t->phase = PHASE_NONE;
        tenant_feed(t, t->kernel.populated ? SUP_EV_TIMER : SUP_EV_EXIT);
        return;
    }
    if (phase == PHASE_IMAGE && r->status == 1) {
        if (t->may_pull) {
            go(t, PHASE_PULL);
            return;
        }
        err_set(&e, ERR_NO_IMAGE, "its image %s is not there", t->row->image);
        err_hint(&e, "`spine service start %s` pulls it", t->row->name);
        failed(t, &e);
        return;
    }
    if (r->status != 0) {
        if (phase == PHASE_INIT && t->container) /* not to be trusted any more: made again next time */
            t->container = false;
        podman_failure(r->status, r->err, r->err_len, "the tenant could not be started", &e);
        failed(t, &e);
        return;
    }
    if (phase == PHASE_CHECK && !inspect_good(t, r, &e)) {
        failed(t, &e);
        return;
    }
    if (phase == PHASE_CREATE)
        t->container = true;
    if (phase == PHASE_START) {
        t->phase = PHASE_NONE;
        t->error[0] = '\0';
        tenant_feed(t, SUP_EV_READY);
        if (!t->to_stop)
            tenant_settle(t, true);
        tenant_answer(t, true, NULL);
        /* Its end may have been told while podman was still on its way back. */
        cgroup_state(t->b->cgroups, t->cgroup, &t->kernel);
        if (!t->kernel.populated)
            tenant_feed(t, SUP_EV_EXIT);
        return;
    }
    go(t, next[phase]);
}

static int phase_argv(struct tenant_run *t, enum phase phase, struct err *e)
{
    const struct paths *p = &t->b->paths;
    char name[CONTAINER_NAME_MAX];

    tenant_container(t->row->name, name);
    switch (phase) {
    case PHASE_IMAGE:
        return podman_image_exists(&t->argv, p, t->row->image, e);
    case PHASE_PULL:
        return podman_pull(&t->argv, p, t->row->image, e);
    case PHASE_RM:
        return podman_rm(&t->argv, p, name, e);
    case PHASE_CREATE:
        return tenant_create(&t->argv, p, t->row, range_base(t->range), e);
    case PHASE_INIT:
        return podman_init(&t->argv, p, name, e);
    case PHASE_CHECK:
        return podman_inspect(&t->argv, p, name, e);
    case PHASE_START:
        return podman_start(&t->argv, p, name, e);
    case PHASE_NONE:
        break;
    }
    return err_set(e, ERR_INTERNAL, "tenant %s: no such phase", t->row->name);
}

static void go(struct tenant_run *t, enum phase phase)
{
    struct child_options o;
    struct err e;
    int theirs = -1;

    t->phase = phase;
    if (phase_argv(t, phase, &e) < 0) {
        failed(t, &e);
        return;
    }
    podman_options(t->b, &o, &t->argv, phase == PHASE_PULL ? PODMAN_PULL_MS : PODMAN_MS);
    o.done = on_phase;
    o.user = t;
    if (phase == PHASE_INIT) { /* socket and channel go in with exactly this command (design 4.3) */
        theirs = tenant_channel(t, &e);
        if (theirs < 0) {
            failed(t, &e);
            return;
        }
        o.fds[0] = t->listen;
        o.fds[1] = theirs;
        o.fds_n = 2;
        o.listen_fds = true;
    }
    t->child = child_spawn(t->b->loop, &o);
    fs_close(&theirs);
    if (!t->child) {
        podman_spawn_error(t->b, "the tenant could not be started", &e);
        failed(t, &e);
    }
}

static void on_kernel(void *user, const struct cgroup_state *now)
{
    struct tenant_run *t = user;
    bool ended = t->kernel.populated && !now->populated;

    t->kernel = *now;
    if (!ended || t->phase != PHASE_NONE ||
        t->stop) /* until podman has let go of it, it must not start again */
        return;
    if (t->sup.state == SUP_UP)
        log_warn("%s ended; its socket stays and waiting clients are served by the next one", t->row->name);
    tenant_feed(t, SUP_EV_EXIT);
}

int tenant_watch(struct tenant_run *t, struct err *e)
{
    if (!t->watch)
        t->watch = cgroup_watch(t->b->loop, t->b->cgroups, t->cgroup, on_kernel, t);
    return t->watch
               ? 0
               : err_set(e, ERR_SYSTEM, "cannot watch the cgroup of %s: %s", t->row->name, strerror(errno));
}

static int cgroup_ready(struct tenant_run *t, struct err *e)
{
    struct bay0 *b = t->b;
    struct limits limits;

    limits_tenant(t->row, &b->machine, &limits);
    if (cgroup_make(b->cgroups, t->cgroup, e) < 0 || cgroup_limit(b->cgroups, t->cgroup, &limits, e) < 0)
        return -1;
    return tenant_watch(t, e);
}

static void on_timer(void *user)
{
    struct tenant_run *t = user;

    t->timer = NULL;
    tenant_feed(t, SUP_EV_TIMER);
}

void tenant_rearm(struct tenant_run *t)
{
    uint64_t now = loop_now(), at = t->sup.timer_at;

    loop_timer_cancel(t->timer);
    t->timer = at ? loop_timer(t->b->loop, at > now ? at - now : 0, on_timer, t) : NULL;
}

static void spawn(struct tenant_run *t)
{
    struct err e;

    if ((t->listen < 0 && tenant_socket(t, &e) < 0) || cgroup_ready(t, &e) < 0)
        failed(t, &e);
    else
        go(t, t->container ? PHASE_INIT : PHASE_IMAGE);
}

static void on_stop_command(void *user, const struct child_result *r)
{
    struct tenant_run *t = user;

    t->stop = NULL;
    if (r->status != 0)
        log_warn("%s: podman stop: status %d: %.200s", t->row->name, r->status, r->err);
    if (t->sup.state == SUP_STOPPING && t->phase == PHASE_NONE && !t->kernel.populated)
        tenant_feed(t, SUP_EV_EXIT);
}

static void terminate(struct tenant_run *t, bool force)
{
    char name[CONTAINER_NAME_MAX];
    struct err e;

    if (t->phase != PHASE_NONE) /* on its way up: on_phase sees that it is to stop */
        return;
    if (!t->kernel.populated) {
        tenant_feed(t, SUP_EV_EXIT);
        return;
    }
    tenant_container(t->row->name, name);
    if (force || t->stop || podman_stop(&t->argv, &t->b->paths, name, 3, &e) < 0) {
        if (cgroup_kill(t->b->cgroups, t->cgroup, &e) < 0)
            log_error("%s: %s", t->row->name, e.message);
        return;
    }
    t->stop = podman_run(t->b, &t->argv, PODMAN_MS, on_stop_command, t, &e);
    if (!t->stop)
        terminate(t, true);
}

void tenants_look_stopped(struct tenants_run *all)
{
    for (size_t i = 0; i < all->table.n; i++)
        if (all->t[i].sup.state != SUP_DOWN && all->t[i].sup.state != SUP_GAVE_UP)
            return;
    if (all->stopped) {
        tenants_done_fn *done = all->stopped;

        all->stopped = NULL;
        done(all->stopped_user);
    }
}

void tenant_feed(struct tenant_run *t, enum sup_event ev)
{
    enum sup_state was = t->sup.state;
    struct sup_decision d = sup_event(&t->sup, ev, loop_now());
    struct err e;

    loop_timer_cancel(t->timer);
    /* On the way up each podman command has a time-out of its own, and a pull may take long. */
    t->timer =
        d.timer_ms && t->sup.state != SUP_STARTING ? loop_timer(t->b->loop, d.timer_ms, on_timer, t) : NULL;
    if (t->sup.state != was) {
        log_info("%s: %s -> %s", t->row->name, sup_state_name(was), sup_state_name(t->sup.state));
        service_changed(t->row->name, t->sup.state);
    }
    switch (d.action) {
    case SUP_DO_SPAWN:
        spawn(t);
        break;
    case SUP_DO_TERM:
        terminate(t, false);
        break;
    case SUP_DO_KILL:
        terminate(t, true);
        break;
    case SUP_DO_REPORT_GIVE_UP:
        err_set(&e, ERR_SYSTEM, "%s keeps dying and is not started any more", t->row->name);
        log_error("%s", e.message);
        if (!t->to_stop)
            tenant_unstage(t);
        tenant_answer(t, true, &e);
        break;
    case SUP_DO_NOTHING:
    case SUP_DO_WAIT:
        break;
    }
    if (t->sup.state == SUP_DOWN && was != SUP_DOWN) {
        if (t->to_stop)
            tenant_settle(t, false);
        else
            tenant_unstage(t);
    }
    if (was == SUP_STOPPING && t->sup.state != SUP_STOPPING) /* down, or told to start again meanwhile */
        tenant_answer(t, false, NULL);
    if (t->sup.state == SUP_DOWN && was != SUP_DOWN) {
        tenant_answer(t, false, NULL);
        err_set(&e, ERR_CANCELLED, "%s was told to stop before it was up", t->row->name);
        tenant_answer(t, true, &e);
    }
    tenants_look_stopped(t->b->tenants);
}
