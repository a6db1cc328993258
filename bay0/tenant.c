/* SPDX-License-Identifier: MIT
 * System tenants: their listening sockets, made and kept by bay0, and their containers under supervision. */
#include "tenant.h"

#include "core/inspect.h"
#include "core/supervise.h"
#include "fsutil.h"
#include "log.h"
#include "podman_run.h"
#include "service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOCKET_BACKLOG = 512, WAITS_MAX = 8 };

/* What is done, one after the other, to bring a tenant up. A container that is there already starts at INIT.
 */
enum phase {
    PHASE_NONE,
    PHASE_IMAGE,
    PHASE_PULL,
    PHASE_RM,
    PHASE_CREATE,
    PHASE_INIT,
    PHASE_CHECK,
    PHASE_START
};

struct waiter {
    client_ref client;
    int64_t request;
    bool up;
};

struct tenant_run {
    struct bay0 *b;
    const struct tenant *row;
    struct supervisor sup;
    enum phase phase;
    uint32_t range;
    bool container; /* made by us in this life of bay0 */
    bool may_pull;  /* a person asked for it */
    int listen;     /* its socket: never closed, so its inode never changes */
    char socket[PATH_MAX], cgroup[96];
    struct cgroup_watch *watch;
    struct cgroup_state kernel;
    struct child *child;
    struct loop_timer *timer;
    struct argv argv;
    struct waiter waits[WAITS_MAX];
    char error[ERR_MESSAGE_MAX];
};

struct tenants_run {
    struct tenants table;
    struct tenant_run t[TENANTS_MAX];
    tenants_done_fn *stopped;
    void *stopped_user;
};

static void feed(struct tenant_run *t, enum sup_event ev);
static void go(struct tenant_run *t, enum phase phase);

static void answer(struct tenant_run *t, bool up, const struct err *e)
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
    answer(t, true, e);
    /* An image that is not there does not come by trying again. */
    feed(t, e->code == ERR_NO_IMAGE ? SUP_EV_STOP : SUP_EV_EXIT);
    if (e->code == ERR_NO_IMAGE)
        feed(t, SUP_EV_EXIT);
}

static bool inspect_good(struct tenant_run *t, const struct child_result *r, struct err *e)
{
    return inspect_check_tenant(r->out, r->out_len, &t->b->paths, t->row, range_base(t->range), e) == 0;
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
        feed(t, t->kernel.populated ? SUP_EV_TIMER : SUP_EV_EXIT);
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
        feed(t, SUP_EV_READY);
        answer(t, true, NULL);
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

    t->phase = phase;
    if (phase_argv(t, phase, &e) < 0) {
        failed(t, &e);
        return;
    }
    podman_options(t->b, &o, &t->argv, phase == PHASE_PULL ? PODMAN_PULL_MS : PODMAN_MS);
    o.done = on_phase;
    o.user = t;
    if (phase == PHASE_INIT) { /* the socket goes in with exactly this command (design 4.3) */
        o.fds[0] = t->listen;
        o.fds_n = 1;
        o.listen_fds = true;
    }
    t->child = child_spawn(t->b->loop, &o);
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
    if (!ended || t->phase != PHASE_NONE)
        return;
    if (t->sup.state == SUP_UP)
        log_warn("%s ended; its socket stays and waiting clients are served by the next one", t->row->name);
    feed(t, SUP_EV_EXIT);
}

static int cgroup_ready(struct tenant_run *t, struct err *e)
{
    struct cgroup_limits limits = {.memory = t->row->memory, .pids = t->row->pids, .cores = ""};
    struct bay0 *b = t->b;

    if (cgroup_make(b->cgroups, t->cgroup, e) < 0 || cgroup_limit(b->cgroups, t->cgroup, &limits, e) < 0)
        return -1;
    if (!t->watch)
        t->watch = cgroup_watch(b->loop, b->cgroups, t->cgroup, on_kernel, t);
    return t->watch
               ? 0
               : err_set(e, ERR_SYSTEM, "cannot watch the cgroup of %s: %s", t->row->name, strerror(errno));
}

static void on_timer(void *user)
{
    struct tenant_run *t = user;

    t->timer = NULL;
    feed(t, SUP_EV_TIMER);
}

static void spawn(struct tenant_run *t)
{
    struct err e;

    if (cgroup_ready(t, &e) < 0)
        failed(t, &e);
    else
        go(t, t->container ? PHASE_INIT : PHASE_IMAGE);
}

static void on_stop_command(void *user, const struct child_result *r)
{
    struct tenant_run *t = user;

    t->child = NULL;
    if (r->status != 0)
        log_warn("%s: podman stop: status %d: %.200s", t->row->name, r->status, r->err);
    if (!t->kernel.populated)
        feed(t, SUP_EV_EXIT);
}

static void terminate(struct tenant_run *t, bool force)
{
    char name[CONTAINER_NAME_MAX];
    struct err e;

    if (t->phase != PHASE_NONE) /* on its way up: on_phase sees that it is to stop */
        return;
    if (!t->kernel.populated) {
        feed(t, SUP_EV_EXIT);
        return;
    }
    tenant_container(t->row->name, name);
    if (force || t->child || podman_stop(&t->argv, &t->b->paths, name, 3, &e) < 0) {
        if (cgroup_kill(t->b->cgroups, t->cgroup, &e) < 0)
            log_error("%s: %s", t->row->name, e.message);
        return;
    }
    t->child = podman_run(t->b, &t->argv, PODMAN_MS, on_stop_command, t, &e);
    if (!t->child)
        terminate(t, true);
}

static void look_stopped(struct tenants_run *all)
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

static void feed(struct tenant_run *t, enum sup_event ev)
{
    enum sup_state was = t->sup.state;
    struct sup_decision d = sup_event(&t->sup, ev, loop_now());
    struct err e;

    loop_timer_cancel(t->timer);
    t->timer = d.timer_ms ? loop_timer(t->b->loop, d.timer_ms, on_timer, t) : NULL;
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
        answer(t, true, &e);
        break;
    case SUP_DO_NOTHING:
    case SUP_DO_WAIT:
        break;
    }
    if (t->sup.state == SUP_DOWN && was != SUP_DOWN)
        answer(t, false, NULL);
    look_stopped(t->b->tenants);
}

static int make_socket(struct tenant_run *t, struct err *e)
{
    char dir[PATH_MAX];

    snprintf(t->socket, sizeof t->socket, "%s/%s", t->b->paths.run, t->row->socket);
    snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(t->socket, '/') - t->socket), t->socket);
    /* Everybody may write to the socket, but nobody reaches it: its directory is root's, and a persona sees
     * it only by its own mount. */
    if (fs_mkdir(dir, 0700, geteuid(), getegid()) < 0)
        return err_set(e, ERR_SYSTEM, "cannot make %s: %s", dir, strerror(errno));
    t->listen = server_listen(t->socket, 0666, geteuid(), getegid(), SOCKET_BACKLOG, e);
    return t->listen < 0 ? -1 : 0;
}

/* A store drive brings the row for the images on it; the Spine's own file comes next; then the built-in
 * table. */
static void read_table(struct bay0 *b, struct tenants *table, char *text)
{
    static const char *const places[] = {"images/" TENANTS_FILE, TENANTS_FILE};
    char path[PATH_MAX];
    struct err e;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        ssize_t len;

        snprintf(path, sizeof path, "%s/%s", b->paths.share, places[i]);
        len = fs_read(AT_FDCWD, path, text, TENANTS_FILE_MAX);
        if (len >= 0 && tenants_parse(text, (size_t)len, table, &e) == 0)
            return;
        if (len >= 0)
            log_error("%s: %s", path, e.message);
    }
    tenants_default(table);
}

int tenants_create(struct bay0 *b, struct err *e)
{
    struct tenants_run *all = calloc(1, sizeof *all);
    char path[PATH_MAX];
    char *text = malloc(TENANTS_FILE_MAX);

    if (!all || !text) {
        free(all);
        free(text);
        return err_set(e, ERR_NO_MEMORY, "no memory for the tenants");
    }
    b->tenants = all;
    read_table(b, &all->table, text);
    free(text);
    for (size_t i = 0; i < all->table.n; i++) {
        struct tenant_run *t = &all->t[i];

        t->b = b;
        t->row = &all->table.row[i];
        t->listen = -1;
        sup_init(&t->sup);
        snprintf(t->cgroup, sizeof t->cgroup, "tenants/%s", t->row->name);
        snprintf(path, sizeof path, "%s/%s", b->paths.persist, t->row->models);
        if (fs_mkdir(path, 0755, geteuid(), getegid()) < 0)
            log_error("cannot make %s: %s", path, strerror(errno));
        if (make_socket(t, e) < 0)
            return -1;
        if (!b->store || store_tenant_range(b->store, t->row->name, &t->range, e) < 0)
            t->range = RANGE_COUNT - 1 -
                       (uint32_t)i; /* without a registry: from the other end, where no persona is yet */
    }
    return 0;
}

void tenants_start(struct bay0 *b)
{
    for (size_t i = 0; b->opt.tenants && i < b->tenants->table.n; i++)
        feed(&b->tenants->t[i], SUP_EV_START);
}

void tenant_ask(struct bay0 *b, const char *name, bool up, client_ref client, int64_t request)
{
    struct tenants_run *all = b->tenants;
    struct tenant_run *t = NULL;
    size_t slot = 0;
    struct err e;

    for (size_t i = 0; i < all->table.n; i++)
        if (strcmp(all->table.row[i].name, name) == 0)
            t = &all->t[i];
    if (!t) {
        err_set(&e, ERR_NO_SERVICE, "there is no system tenant %s", name);
        server_answer_err(client, request, &e);
        return;
    }
    while (slot < WAITS_MAX && t->waits[slot].client)
        slot++;
    if (slot == WAITS_MAX) {
        err_set(&e, ERR_BUSY, "too many requests wait for %s", name);
        server_answer_err(client, request, &e);
        return;
    }
    t->waits[slot] = (struct waiter){client, request, up};
    t->may_pull = up;
    if (up && t->sup.state == SUP_UP)
        answer(t, true, NULL);
    else if (!up && t->sup.state == SUP_DOWN)
        answer(t, false, NULL);
    else
        feed(t, up ? SUP_EV_START : SUP_EV_STOP);
}

void tenants_stop(struct bay0 *b, tenants_done_fn *done, void *user)
{
    struct tenants_run *all = b->tenants;

    all->stopped = done;
    all->stopped_user = user;
    for (size_t i = 0; i < all->table.n; i++)
        feed(&all->t[i], SUP_EV_STOP);
    look_stopped(all);
}

void tenant_rows(struct bay0 *b, const char *name, json_t *list)
{
    struct tenants_run *all = b->tenants;

    for (size_t i = 0; i < all->table.n; i++) {
        struct tenant_run *t = &all->t[i];
        struct stat st;

        if (name[0] && strcmp(name, t->row->name) != 0)
            continue;
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:b, s:s, s:s, s:b, s:i, s:s}", "name", t->row->name,
                                        "kind", "tenant", "up", t->sup.state == SUP_UP, "state",
                                        sup_state_name(t->sup.state), "socket", t->socket, "socket_exists",
                                        lstat(t->socket, &st) == 0 && S_ISSOCK(st.st_mode), "restarts",
                                        (int)t->sup.restarts, "error", t->error));
    }
}

size_t tenants_count(struct bay0 *b)
{
    return b->tenants->table.n;
}
