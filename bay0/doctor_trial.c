/* SPDX-License-Identifier: MIT
 * The throw-away persona: made like any other from the smallest image, tried from inside, removed in every
 * case. Its removal is in the journal before anything of it exists, so that a start of bay0 finishes what a
 * crash left. */
#include "doctor_visit.h"

#include "core/inspect.h"
#include "core/profile.h"
#include "core/reconcile.h"
#include "fsutil.h"
#include "log.h"
#include "logs.h"
#include "mountinfo_read.h"
#include "persona.h"
#include "podman_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIAL  "throw-away persona"
#define ADVICE "`spine logs` has more; until this works nobody knows whether personas are held"

/* All commands but the removal share TRIAL_MS; removing has its own bounds. */
enum { TRIAL_MS = 70000, RM_MS = 30000, WIPE_MS = 10000, TRIAL_MEMORY = 128 << 20, TRIAL_PIDS = 64 };

enum stage { IMAGES, CREATE, INIT, CHECK, START, PROBE, RM, WIPE, SYNC, STAGES };

struct trial {
    struct visit *visit;
    struct bay0 *b;
    enum stage stage;
    struct persona p; /* never in bay0's table: nobody else can name it */
    int64_t entry;    /* in the journal, 0: none */
    uint64_t deadline;
    bool left; /* something of it is still there */
    struct argv argv;
};

static const char *const stage_names[STAGES] = {"podman image ls",
                                                "podman create",
                                                "podman init",
                                                "podman inspect",
                                                "podman start",
                                                "podman exec",
                                                "podman rm",
                                                "rm",
                                                "sync"};

static void next(struct trial *t, enum stage stage);

static void tell_failure(struct trial *t, const char *what, const char *why)
{
    health_tell(&t->visit->to, HEALTH_WRONG, TRIAL, ADVICE, "%s: %.300s", what, why);
}

static void trial_end(struct trial *t)
{
    struct visit *v = t->visit;
    struct bay0 *b = t->b;

    b->trial = false;
    free(t);
    visit_part_done(v);
}

/* What needs no program to be taken away, and the entry in the journal when nothing is left. */
static void clear(struct trial *t)
{
    struct bay0 *b = t->b;
    char container[CONTAINER_NAME_MAX];
    struct err e;

    persona_sockets_close(&t->p);
    if (b->cgroups >= 0 && cgroup_remove(b->cgroups, t->p.cgroup, &e) < 0) {
        t->left = true;
        log_error("%s", e.message);
    }
    persona_container(t->p.spec.id, container);
    logs_forget(b, container);
    if (t->left)
        health_tell(&t->visit->to, HEALTH_WRONG, TRIAL,
                    "a reboot removes it; `spine logs` says why it could not be", "something of it is left");
    else if (t->entry && b->store && store_commit(b->store, t->entry, &e) < 0)
        log_error("the journal could not be closed: %s", e.message);
    trial_end(t);
}

static int make_home(const struct trial *t, struct err *e)
{
    uint32_t user = profile_get(t->p.spec.profile)->user;
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/home/%s", t->b->paths.persist, t->p.spec.id);
    if ((mkdir(path, 0700) == 0 || errno == EEXIST) && lchown(path, user, user) == 0)
        return 0;
    return err_set(e, ERR_SYSTEM, "cannot make %s: %s", path, strerror(errno));
}

static int make_group(const struct trial *t, struct err *e)
{
    const struct limits limits = {.memory = TRIAL_MEMORY, .pids = TRIAL_PIDS, .cores = ""};

    return cgroup_make(t->b->cgroups, t->p.cgroup, e) < 0 ||
                   cgroup_limit(t->b->cgroups, t->p.cgroup, &limits, e) < 0
               ? -1
               : 0;
}

/* The journal comes first. */
static int prepare(struct trial *t, struct err *e)
{
    struct store *s = t->b->store;
    struct store_tenant row;

    if (store_tenant(s, t->p.spec.id, &row, e) < 0 ||
        store_stage(s, OP_RM, t->p.spec.id, RECONCILE_WIPE, &t->entry, e) < 0)
        return -1;
    t->p.range = row.range;
    return make_home(t, e) < 0 || persona_sockets_open(&t->p, e) < 0 || make_group(t, e) < 0 ? -1 : 0;
}

static void on_images(struct trial *t, const struct child_result *r)
{
    struct err e;

    if (r->truncated || !health_smallest_image(r->out, r->out_len, t->p.spec.image, sizeof t->p.spec.image)) {
        health_tell(&t->visit->to, HEALTH_NOTE, TRIAL, "",
                    "there is no image to make it from: nothing was tried");
        trial_end(t);
        return;
    }
    if (prepare(t, &e) < 0) {
        tell_failure(t, "it could not be prepared", e.message);
        next(t, t->entry ? RM : STAGES);
        return;
    }
    next(t, CREATE);
}

/* What was made is what was asked for, id-mapped home and all: the same look that every persona gets. */
static void on_inspect(struct trial *t, const struct child_result *r)
{
    const struct paths *paths = &t->b->paths;
    struct inspect now;
    struct err e;
    bool ok = inspect_parse(r->out, r->out_len, &now, &e) == 0 &&
              inspect_check_persona(r->out, r->out_len, paths, &t->p.spec, range_base(t->p.range), &e) == 0;
    char *mounts = ok ? mountinfo_read(now.pid, &e) : NULL;

    ok = mounts && inspect_check_persona_mounts(mounts, strlen(mounts), paths, &t->p.spec, &e) == 0;
    free(mounts);
    if (ok)
        health_tell(&t->visit->to, HEALTH_OK, "id-mapped mounts", "",
                    "a persona gets what was declared for it");
    else
        tell_failure(t, "it is not what was asked for", e.message);
    next(t, ok ? START : RM);
}

static void on_stage(void *user, const struct child_result *r)
{
    struct trial *t = user;
    struct err e;

    if (r->status != 0) {
        if (r->timed_out)
            err_set(&e, ERR_TIMEOUT, "%s did not end in time", stage_names[t->stage]);
        else
            podman_failure(r->status, r->err, r->err_len, stage_names[t->stage], &e);
        t->left = t->left || t->stage >= RM;
        tell_failure(t, "it could not be tried or removed", e.message);
        next(t, t->stage == IMAGES ? STAGES : t->stage < RM ? RM : t->stage + 1);
        return;
    }
    if (t->stage == IMAGES) {
        on_images(t, r);
    } else if (t->stage == CHECK) {
        on_inspect(t, r);
    } else {
        if (t->stage == PROBE)
            health_probe(&t->visit->to, r->out, r->out_len);
        next(t, t->stage + 1);
    }
}

/* The command of a stage. -1 with *e. */
static int command(struct trial *t, enum stage stage, struct err *e)
{
    static const char *const words[] = {"/usr/local/bin/spine", "probe", NULL};
    const struct exec_request exec = {.words = words};
    const struct paths *paths = &t->b->paths;
    char container[CONTAINER_NAME_MAX];

    persona_container(t->p.spec.id, container);
    switch (stage) {
    case IMAGES:
        return podman_images(&t->argv, paths, e);
    case CREATE:
        return podman_create_probe(&t->argv, paths, &t->p.spec, range_base(t->p.range), words[0], e);
    case INIT:
        return podman_init(&t->argv, paths, container, e);
    case CHECK:
        return podman_inspect(&t->argv, paths, container, e);
    case START:
        return podman_start(&t->argv, paths, container, e);
    case PROBE:
        return podman_exec(&t->argv, paths, &t->p.spec, &exec, e);
    case RM:
        return podman_rm(&t->argv, paths, container, e);
    case WIPE:
        argv_init(&t->argv);
        argv_push(&t->argv, "rm");
        argv_push(&t->argv, "-rf");
        argv_push(&t->argv, "--");
        argv_pushf(&t->argv, "%s/home/%s", paths->persist, t->p.spec.id);
        return argv_done(&t->argv);
    case SYNC: /* the journal must not say that it is gone before it is */
        argv_init(&t->argv);
        argv_push(&t->argv, "sync");
        argv_push(&t->argv, "-f");
        argv_push(&t->argv, paths->persist);
        return argv_done(&t->argv);
    case STAGES:
        break;
    }
    return -1;
}

static void next(struct trial *t, enum stage stage)
{
    uint64_t now = loop_now();
    uint32_t ms = stage == RM         ? RM_MS
                  : stage > RM        ? WIPE_MS
                  : now < t->deadline ? (uint32_t)(t->deadline - now)
                                      : 0;
    struct err e = {0};

    if (stage < RM && (ms == 0 || t->b->power)) {
        tell_failure(t, stage_names[stage], t->b->power ? "the Spine goes down" : "no time is left for it");
        stage = t->entry ? RM : STAGES;
        ms = RM_MS;
    }
    t->stage = stage;
    if (stage == STAGES) {
        clear(t);
        return;
    }
    server_progress(t->visit->client, t->visit->request, stage_names[stage], (int)(100 * stage / STAGES),
                    TRIAL);
    if (command(t, stage, &e) == 0 && podman_run(t->b, &t->argv, ms, on_stage, t, &e))
        return;
    t->left = t->left || stage >= RM;
    tell_failure(t, stage_names[stage], e.message);
    next(t, stage == IMAGES ? STAGES : stage < RM ? RM : stage + 1);
}

void doctor_trial(struct visit *v)
{
    struct bay0 *b = v->b;
    const char *why = !b->store        ? "there is no registry to note it in"
                      : !b->reconciled ? "podman has not said yet what it has from before"
                      : b->cgroups < 0 ? "there are no control groups"
                      : b->trial       ? "another check-up tries it right now"
                                       : NULL;
    struct trial *t = why ? NULL : calloc(1, sizeof *t);

    if (!t) {
        health_tell(&v->to, HEALTH_NOTE, TRIAL, "", "not tried: %s", why ? why : "no memory");
        return;
    }
    *t = (struct trial){.visit = v, .b = b, .deadline = loop_now() + TRIAL_MS};
    t->p = (struct persona){.bay0 = b, .wayland = -1, .wayland_close = -1, .pipewire = -1, .ai = -1};
    t->p.spec = (struct persona_spec){.id = NAME_DOCTOR,
                                      .profile = PROFILE_DESKTOP,
                                      .network = NETWORK_NONE,
                                      .background = BACKGROUND_RUN,
                                      .command_words = 2,
                                      .command = "probe\0wait"};
    snprintf(t->p.spec.colour, sizeof t->p.spec.colour, "#808080");
    snprintf(t->p.cgroup, sizeof t->p.cgroup, "personas/%s", t->p.spec.id);
    b->trial = true;
    v->waiting++;
    next(t, IMAGES);
}

void doctor_clear(struct bay0 *b)
{
    struct persona left = {.bay0 = b, .wayland = -1, .wayland_close = -1, .pipewire = -1, .ai = -1};
    char container[CONTAINER_NAME_MAX];

    snprintf(left.spec.id, sizeof left.spec.id, "%s", NAME_DOCTOR);
    persona_sockets_close(&left);
    persona_container(left.spec.id, container);
    logs_forget(b, container);
}
