/* SPDX-License-Identifier: MIT
 * Runs the rows of core/services under supervision: order, readiness, back-off, give-up, orderly end. */
#include "service.h"

#include "accounts.h"
#include "core/buf.h"
#include "fsutil.h"
#include "log.h"
#include "pid1.h"
#include "service_life.h"
#include "service_ready.h"
#include "sound.h"
#include "tenant.h"
#include "ui.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BASE_ENV = 2 };

static bool is_up(const struct service *s)
{
    return s->row->ready == READY_EXIT ? s->done : s->sup.state == SUP_UP;
}

/* The start that somebody asked for has come to its end. */
static void answer(struct service *s, int status)
{
    client_ref asked = s->asked;
    json_t *result;
    struct err e;

    s->asked = 0;
    if (!asked)
        return;
    if (is_up(s)) {
        result = json_pack("{s:s, s:b}", "name", s->row->name, "up", true);
        server_answer_ok(asked, s->request, result);
        json_decref(result);
        return;
    }
    err_set(&e, ERR_SYSTEM, "%s ended with status %d instead of coming up", s->row->name, status);
    err_hint(&e, "`spine logs` has its last words");
    server_answer_err(asked, s->request, &e);
}

/* What cannot come up any more because this one has ended. */
static void answer_those_behind(struct services *all, enum service_id id, int status)
{
    for (size_t i = 0; i < SERVICE_COUNT; i++) {
        enum service_id on = (enum service_id)i;

        while (on != id && on != service_rows_table[on].after)
            on = service_rows_table[on].after;
        if (on == id)
            answer(&all->s[i], status);
    }
}

/* Starts what waited for others to come up. */
static void start_ready_ones(struct bay0 *b)
{
    struct services *all = b->services;

    for (size_t i = 0; i < SERVICE_COUNT; i++) {
        struct service *s = &all->s[i];
        struct service *after = &all->s[s->row->after];
        bool free_to_go = after == s || !after->wanted || is_up(after);

        if (s->row->needs_interface && s->wanted && free_to_go && !all->interface[0]) {
            s->wanted = pid1_interface(all->interface, sizeof all->interface);
            if (!s->wanted)
                log_info("no wired interface: no uplink");
        }
        if (s->wanted && !s->done && s->sup.state == SUP_DOWN && free_to_go && !all->stopped)
            service_feed(s, SUP_EV_START);
    }
}

static void on_ready(void *user)
{
    struct service *s = user;

    ready_cancel(s->ready);
    s->ready = NULL;
    service_feed(s, SUP_EV_READY);
    answer(s, 0);
    if (s->id == SERVICE_SETTLE)
        pid1_devices(s->b);
    if (s->id == SERVICE_SWAY)
        ui_sway_started(s->b);
    if (s->id == SERVICE_PIPEWIRE)
        sound_server(s->b, true);
    start_ready_ones(s->b);
}

static void stop_next(struct services *all);

void service_ended(void *user, const struct child_result *r)
{
    struct service *s = user;
    struct services *all = s->b->services;

    s->child = NULL;
    ready_cancel(s->ready);
    s->ready = NULL;
    if (s->id == SERVICE_SWAY)
        ui_sway_gone(s->b);
    if (s->id == SERVICE_PIPEWIRE)
        sound_server(s->b, false);
    if (s->row->ready == READY_EXIT && (r->status == 0 || s->row->may_fail) && !all->stopped) {
        s->done = true;
        log_info("%s: done%s", s->row->name, r->status ? ", but not well; going on" : "");
        service_feed(s, SUP_EV_STOP);
        service_feed(s, SUP_EV_EXIT);
        on_ready(s);
        return;
    }
    if (!all->stopped)
        log_warn("%s ended with status %d", s->row->name, r->status);
    service_feed(s, SUP_EV_EXIT);
    if (all->stopped) {
        stop_next(all);
        return;
    }
    answer_those_behind(all, s->id, r->status);
    for (size_t i = 0; i < SERVICE_COUNT; i++)
        if (all->s[i].row->follows && all->s[i].row->after == s->id)
            service_feed(&all->s[i], SUP_EV_STOP);
    start_ready_ones(s->b); /* one that was stopped may go on with what it follows */
}

static char *word(struct service *s, size_t *n, const char *text)
{
    struct buf out;
    char *at = s->text[*n];

    buf_init(&out, at, SERVICE_WORD_MAX);
    if (service_expand(text, &s->b->services->words, &out) < 0)
        return NULL;
    (*n)++;
    return at;
}

/* A directory that the account owns, and no stale file where the readiness is to show. */
static int prepare(struct service *s, size_t *n)
{
    enum account who = (enum account)s->row->account;
    const char *text;

    if (s->row->dir) {
        text = word(s, n, s->row->dir);
        if (!text || (mkdir(text, 0700) < 0 && errno != EEXIST))
            return -1;
        /* seen by swaymsg of root and by personas' mounts; nobody else has a way in */
        if (s->b->opt.init && chown(text, account_uid(who), (gid_t)account_uid(who)) < 0)
            return -1;
        (*n)--;
    }
    if (s->row->ready == READY_PATH) {
        text = word(s, n, s->row->path);
        if (!text || (unlink(text) < 0 && errno != ENOENT))
            return -1;
        s->ready = ready_path(s->b->loop, text, on_ready, s);
        (*n)--;
        return s->ready ? 0 : -1;
    }
    return 0;
}

static int spawn(struct service *s)
{
    char *argv[SERVICE_WORDS_MAX + 1], *env[SERVICE_ENV_MAX + BASE_ENV + 2];
    struct child_options o;
    size_t n = 0, words = 0, vars = 0;
    char group[64];
    int fd3 = -1;
    struct err e;

    if (prepare(s, &n) < 0)
        return -1;
    while (words < SERVICE_WORDS_MAX && s->row->argv[words]) {
        argv[words] = word(s, &n, s->row->argv[words]);
        if (!argv[words++])
            return -1;
    }
    argv[words] = NULL;
    env[vars++] = (char *)"PATH=/usr/bin:/bin:/usr/sbin:/sbin";
    env[vars++] = (char *)"LANG=C.UTF-8";
    if (!s->b->opt.init && s->id == SERVICE_SWAY)
        env[vars++] = (char *)"WLR_BACKENDS=headless";
    for (size_t i = 0; i < SERVICE_ENV_MAX && s->row->env[i]; i++) {
        env[vars] = word(s, &n, s->row->env[i]);
        if (!env[vars++])
            return -1;
    }
    env[vars] = NULL;
    child_options_init(&o);
    o.argv = argv;
    o.env = env;
    o.stdout_fd = o.stderr_fd = -2;
    o.session = true;
    o.done = service_ended;
    o.user = s;
    if (s->row->ready == READY_FD) {
        s->ready = ready_fd(s->b->loop, &fd3, on_ready, s);
        o.fds[0] = fd3;
        o.fds_n = 1;
    }
    if (s->b->opt.init)
        account_apply((enum account)s->row->account, &o);
    snprintf(group, sizeof group, "ui/%s", s->row->name);
    if (s->b->cgroups >= 0 && cgroup_make(s->b->cgroups, group, &e) == 0)
        o.cgroup_fd = cgroup_open(s->b->cgroups, group);
    s->child = child_spawn(s->b->loop, &o);
    if (o.cgroup_fd >= 0)
        close(o.cgroup_fd);
    if (fd3 >= 0)
        close(fd3);
    return s->child ? 0 : -1;
}

static void on_timer(void *user)
{
    struct service *s = user;

    s->timer = NULL;
    service_feed(s, SUP_EV_TIMER);
}

void service_rearm(struct service *s)
{
    uint64_t now = loop_now(), at = s->sup.timer_at;

    loop_timer_cancel(s->timer);
    s->timer = at ? loop_timer(s->b->loop, at > now ? at - now : 0, on_timer, s) : NULL;
}

static void start_one(struct service *s)
{
    if (spawn(s) < 0) {
        log_error("%s could not be started: %s", s->row->name, strerror(errno));
        ready_cancel(s->ready);
        s->ready = NULL;
        service_feed(s, SUP_EV_EXIT);
        answer_those_behind(s->b->services, s->id, 127);
        return;
    }
    log_info("%s: started", s->row->name);
    if (s->row->ready == READY_SPAWNED)
        on_ready(s);
}

void service_changed(const char *name, enum sup_state state)
{
    server_publish_new(
        json_pack("{s:s, s:s, s:s}", "event", "service", "name", name, "state", sup_state_name(state)));
}

void service_feed(struct service *s, enum sup_event ev)
{
    enum sup_state was = s->sup.state;
    struct sup_decision d = sup_event(&s->sup, ev, loop_now());

    loop_timer_cancel(s->timer);
    s->timer = d.timer_ms ? loop_timer(s->b->loop, d.timer_ms, on_timer, s) : NULL;
    if (s->sup.state != was)
        service_changed(s->row->name, s->sup.state);
    switch (d.action) {
    case SUP_DO_SPAWN:
        start_one(s);
        break;
    case SUP_DO_TERM:
    case SUP_DO_KILL:
        if (s->child)
            child_kill(s->child, d.action == SUP_DO_TERM ? SIGTERM : SIGKILL);
        break;
    case SUP_DO_REPORT_GIVE_UP:
        log_error("%s keeps dying and is not started any more; `spine service start %s` tries again",
                  s->row->name, s->row->name);
        break;
    case SUP_DO_NOTHING:
    case SUP_DO_WAIT:
        break;
    }
}

/* A program that another package brings may not be in this Spine. */
static bool is_there(struct service *s)
{
    size_t n = 0;
    const char *program = word(s, &n, s->row->argv[0]);

    return !s->row->may_be_absent || (program && access(program, X_OK) == 0);
}

int services_create(struct bay0 *b)
{
    struct services *all = calloc(1, sizeof *all);

    if (!all)
        return -1;
    all->words = (struct service_words){b->paths.run, b->paths.share, b->paths.libexec, all->interface};
    for (size_t i = 0; i < SERVICE_COUNT; i++) {
        struct service *s = &all->s[i];

        s->b = b;
        s->id = (enum service_id)i;
        s->row = &service_rows_table[i];
        s->wanted = s->row->spine_only ? b->opt.init : b->opt.ui;
        sup_init(&s->sup);
    }
    b->services = all;
    for (size_t i = 0; i < SERVICE_COUNT; i++)
        all->s[i].wanted = all->s[i].wanted && is_there(&all->s[i]);
    return 0;
}

/* What it comes after first; those are then started again as at boot. */
static void revive(struct service *s)
{
    struct service *after = &s->b->services->s[s->row->after];

    if (after != s && after->wanted && !is_up(after)) {
        revive(after);
        service_feed(s, SUP_EV_STOP); /* down, so that it starts when the other is up */
    } else {
        service_feed(s, SUP_EV_START);
    }
}

bool service_ask(struct bay0 *b, const char *name, bool up, client_ref client, int64_t request)
{
    struct service *s = NULL;
    struct err e;

    for (size_t i = 0; i < SERVICE_COUNT; i++)
        if (strcmp(service_rows_table[i].name, name) == 0 && b->services->s[i].wanted)
            s = &b->services->s[i];
    if (!s)
        return false;
    if (!up) {
        err_set(&e, ERR_NOT_ALLOWED, "%s is a part of the Spine and is not stopped", name);
        err_hint(&e, "only system tenants can be stopped; `spine service status` tells which they are");
        server_answer_err(client, request, &e);
        return true;
    }
    if (s->asked) {
        err_set(&e, ERR_BUSY, "%s is being started already", name);
        server_answer_err(client, request, &e);
        return true;
    }
    s->asked = client;
    s->request = request;
    if (is_up(s))
        answer(s, 0);
    else
        revive(s);
    return true;
}

void services_start(struct bay0 *b)
{
    start_ready_ones(b);
}

static void stop_next(struct services *all)
{
    while (all->stopping > 0) {
        struct service *s = &all->s[all->stopping - 1];

        if (s->child) {
            if (s->sup.state != SUP_STOPPING)
                service_feed(s, SUP_EV_STOP);
            return;
        }
        service_feed(s, SUP_EV_STOP); /* ends a back-off too */
        all->stopping--;
    }
    all->stopped(all->stopped_user);
}

void services_stop(struct bay0 *b, services_done_fn *done, void *user)
{
    struct services *all = b->services;

    if (!all) { /* going down before they were made */
        done(user);
        return;
    }
    all->stopped = done;
    all->stopped_user = user;
    all->stopping = SERVICE_COUNT;
    stop_next(all);
}

const char *service_state(struct bay0 *b, size_t i)
{
    struct service *s = &b->services->s[i];

    return s->row->ready == READY_EXIT && s->done ? "up" : sup_state_name(s->sup.state);
}

bool service_up(struct bay0 *b, size_t i)
{
    return is_up(&b->services->s[i]);
}

bool service_wanted(struct bay0 *b, size_t i)
{
    return b->services->s[i].wanted;
}

json_t *service_rows(struct bay0 *b, const char *name)
{
    json_t *list = json_array();

    tenant_rows(b, name, list);
    for (size_t i = 0; i < SERVICE_COUNT; i++) {
        struct service *s = &b->services->s[i];

        if ((name[0] && strcmp(name, s->row->name) != 0) || !s->wanted)
            continue;
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:b, s:s, s:n, s:b, s:i}", "name", s->row->name, "kind",
                                        "spine", "up", is_up(s), "state", service_state(b, i), "socket",
                                        "socket_exists", false, "restarts", (int)s->sup.restarts));
    }
    if (name[0] && json_array_size(list) == 0) {
        json_decref(list);
        return NULL;
    }
    return json_pack("{s:o}", "services", list);
}
