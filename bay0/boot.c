/* SPDX-License-Identifier: MIT
 * The way up: registry, what podman and the kernel still have, sockets, services, tenants, autostart. */
#include "boot.h"

#include "accounts.h"
#include "apparmor.h"
#include "doctor.h"
#include "focus_run.h"
#include "fsutil.h"
#include "keep_files.h"
#include "ledger.h"
#include "log.h"
#include "logs.h"
#include "machine.h"
#include "ops.h"
#include "pid1.h"
#include "podman_run.h"
#include "reconcile_run.h"
#include "resume.h"
#include "service.h"
#include "tenant.h"
#include "ui.h"
#include "umbilical.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOG_BYTES = 1 << 20, CONTROL_BACKLOG = 64 };

/* What was being unpacked when the power went is of no use to anybody. It is moved aside, since podman is
 * wanted soon, and removed meanwhile. */
static void clear_tmp(struct bay0 *b)
{
    char from[PATH_MAX], to[PATH_MAX];
    char *argv[] = {"rm", "-rf", "--", to, NULL};
    struct child_options o;

    snprintf(from, sizeof from, "%s/tmp", b->paths.persist);
    snprintf(to, sizeof to, "%s/tmp.old", b->paths.persist);
    if (rename(from, to) < 0 && errno == ENOENT)
        return; /* the first start */
    podman_helper(b, &o, argv);
    o.timeout_ms = 0; /* nobody waits for it */
    if (!child_spawn(b->loop, &o))
        log_warn("cannot remove %s: %s", to, strerror(errno));
}

static void make_dirs(struct bay0 *b)
{
    static const struct {
        const char *name;
        mode_t mode;
        /* containers and tmp: a container's first process passes through them as a user that owns nothing
         * there */
    } dirs[] = {{"", 0755},          {"/home", 0711},  {"/containers", 0711}, {"/ai/models", 0755},
                {"/transfer", 0700}, {"/audit", 0700}, {"/log", 0750},        {"/tmp", 0711}};
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++) {
        snprintf(path, sizeof path, "%s%s", b->paths.persist, dirs[i].name);
        if (fs_mkdir(path, dirs[i].mode, geteuid(), getegid()) < 0)
            log_error("cannot make %s: %s", path, strerror(errno));
    }
    if (fs_mkdir(b->paths.run, 0755, geteuid(), getegid()) < 0)
        log_error("cannot make %s: %s", b->paths.run, strerror(errno));
    snprintf(path, sizeof path, "%s/podman", b->paths.run); /* podman's HOME: nothing is found there */
    if (fs_mkdir(path, 0700, geteuid(), getegid()) < 0)
        log_error("cannot make %s: %s", path, strerror(errno));
    logs_path(b, "bay0", path, sizeof path);
    if (log_file_set(path, LOG_BYTES) < 0)
        log_warn("no log file %s: %s", path, strerror(errno));
    logs_open(b);
}

static void open_cgroups(struct bay0 *b)
{
    struct limits_group group[LIMITS_GROUPS];
    struct err e;

    b->cgroups = cgroup_tree_open(b->opt.cgroup, &e);
    if (b->cgroups < 0) {
        log_error("%s", e.message);
        return;
    }
    /* podman must not run in the root group, nor in one that has limits or is frozen (design 4.5). */
    if (cgroup_make(b->cgroups, "podman", &e) < 0 || cgroup_make(b->cgroups, "bay0", &e) < 0)
        log_error("%s", e.message);
    b->cgroup_podman = cgroup_open(b->cgroups, "podman");
    if (b->opt.init && cgroup_enter(b->cgroups, "bay0", &e) < 0)
        log_error("%s", e.message);
    machine_look(b);
    limits_groups(&b->machine, group);
    for (size_t i = 0; i < LIMITS_GROUPS; i++) {
        if (cgroup_make(b->cgroups, group[i].name, &e) < 0 ||
            cgroup_limit(b->cgroups, group[i].name, &group[i].limits, &e) < 0)
            log_error("%s", e.message);
        if (group[i].lends)
            cgroup_lend(b->cgroups, group[i].name);
    }
}

static void on_row(void *user, const struct store_row *row)
{
    struct bay0 *b = user;
    struct err e;
    struct persona *p = persona_new(b, &row->spec, row->range, &e);

    if (!p) {
        log_error("%s", e.message);
        return;
    }
    p->life = LIFE_STOPPED;
    p->wanted = row->wanted;
    focus_run_added(b, p);
}

static void open_store(struct bay0 *b)
{
    char path[PATH_MAX], rebuild[8];
    struct err e;

    snprintf(path, sizeof path, "%s/personas.db", b->paths.persist);
    b->store = store_open(path, &b->salvaged, &e);
    b->rebuild =
        b->store && store_get(b->store, STORE_REBUILD, rebuild, sizeof rebuild, &e) == 0 && rebuild[0];
    if (b->rebuild)
        keep_restore(b);
    if (!b->store || store_personas(b->store, on_row, b, &e) < 0)
        log_error("%s", e.message);
    else
        keep_sync(b);
    if (b->store && store_get(b->store, STORE_FRONT, b->front_before, sizeof b->front_before, &e) < 0)
        log_warn("who was in front is not known: %s", e.message);
    if (b->salvaged)
        log_error("the registry %s was broken; it was moved aside and a new one begun", path);
}

static int open_control(struct bay0 *b)
{
    char path[PATH_MAX];
    struct err e;
    int fd;

    snprintf(path, sizeof path, "%s/bay0.sock", b->paths.run);
    fd = server_listen(path, 0660, geteuid(), b->opt.init ? GID_SPINE : getegid(), CONTROL_BACKLOG, &e);
    if (fd >= 0)
        b->server = server_create(b->loop, fd, NULL, ops_handle, b, &e);
    if (!b->server)
        log_error("%s", e.message);
    return b->server ? 0 : -1;
}

static void on_reconciled(struct bay0 *b)
{
    static const char ready[] = "spine: ready\n"; /* the console's contract: docs/contracts.md */

    if (b->power)
        return;
    if (!b->server && open_control(b) == 0 && write(STDERR_FILENO, ready, sizeof ready - 1) < 0)
        log_warn("the console does not take a line: %s", strerror(errno));
    if (!b->reconciled)
        return;
    logs_prune(b);
    umbilical_prune(b);
    tenants_start(b);
}

/* Log, ledger and what waits between personas, each in its folder. */
static void open_records(struct bay0 *b)
{
    make_dirs(b);
    ledger_open(b);
    umbilical_open(b);
    server_on_refused(ops_refused, b);
}

static void on_apparmor(struct bay0 *b)
{
    if (!b->power)
        reconcile_run(b, on_reconciled);
}

void boot_run(struct bay0 *b)
{
    struct err e;

    if (b->power) /* told to go down while /persist was looked for */
        return;
    clear_tmp(b);
    open_records(b);
    if (b->disbelief.code != ERR_NONE) /* not before: now the log has a file */
        log_error(
            "what the program before has handed over is not used: %s; starting as if it had been killed",
            b->disbelief.message);
    doctor_clear(b);
    open_cgroups(b);
    if (b->opt.init)
        pid1_seed(b);
    if (b->opt.ui)
        focus_run_flag(b, FE_SWAY, "", false); /* until it answers */
    open_store(b);
    if (ui_create(b) < 0 || services_create(b) < 0)
        log_error("no memory for the services");
    else {
        services_end_strays(b);
        services_start(b);
    }
    if (tenants_create(b, &e) < 0)
        log_error("%s", e.message);
    apparmor_load(b, on_apparmor);
}

/* The same without what is done once in a boot, and without asking podman: nothing was under way. */
void boot_resume(struct bay0 *b, const struct handover *h)
{
    struct err e;

    open_records(b);
    apparmor_again(b);
    open_cgroups(b);
    open_store(b);
    b->handover = h;
    if (ui_create(b) < 0 || services_create(b) < 0)
        log_error("no memory for the services");
    if (tenants_create(b, &e) < 0)
        log_error("%s", e.message);
    else
        tenants_close_unknown(b, h);
    resume_run(b, h);
    if (b->opt.init)
        pid1_devices(b);
    b->handover = NULL;
}
