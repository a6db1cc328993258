/* SPDX-License-Identifier: MIT
 * The personas that are declared: finding them, their sockets, their cgroup, their row in `ps`. */
#include "persona.h"

#include "conmon.h"
#include "core/container.h"
#include "core/limits.h"
#include "core/profile.h"
#include "exec.h"
#include "focus_run.h"
#include "fsutil.h"
#include "grant.h"
#include "log.h"
#include "ops.h"
#include "pressure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOCKET_MODE = 0600, RUN_DIR_MODE = 0711, FILE_MODE = 0644 };

struct persona *persona_find(struct bay0 *b, const char *id)
{
    for (size_t i = 0; i < PERSONAS_MAX; i++)
        if (b->persona[i].used && strcmp(b->persona[i].spec.id, id) == 0)
            return &b->persona[i];
    return NULL;
}

struct persona *persona_new(struct bay0 *b, const struct persona_spec *spec, uint32_t range, struct err *e)
{
    for (size_t i = 0; i < PERSONAS_MAX; i++) {
        struct persona *p = &b->persona[i];

        if (p->used)
            continue;
        memset(p, 0, sizeof *p);
        p->used = true;
        p->bay0 = b;
        p->spec = *spec;
        p->range = range;
        p->meter = (struct cgroup_meter){-1, -1};
        p->wayland = p->wayland_close = p->pipewire = p->ai = -1;
        snprintf(p->cgroup, sizeof p->cgroup, "personas/%s", spec->id);
        return p;
    }
    err_set(e, ERR_LIMIT, "cannot add persona %s: there are %d already, which is the limit", spec->id,
            PERSONAS_MAX);
    err_hint(e, "remove one with `spine persona rm`");
    return NULL;
}

void persona_drop(struct persona *p)
{
    loop_timer_cancel(p->timer);
    p->timer = NULL;
    persona_runs(p, 0);
    persona_cgroup_close(p);
    persona_sockets_close(p);
    free(p->asked);
    p->asked = NULL;
    p->used = false;
}

bool persona_home_there(const struct persona *p)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/home/%s", p->bay0->paths.persist, p->spec.id);
    return access(path, F_OK) == 0;
}

uint32_t persona_owner(const struct persona *p)
{
    return range_base(p->range) + profile_get(p->spec.profile)->user;
}

int persona_listen(const struct persona *p, const char *name, int backlog, struct err *e)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/persona/%s/%s", p->bay0->paths.run, p->spec.id, name);
    return server_listen(path, SOCKET_MODE, persona_owner(p), persona_owner(p), backlog, e);
}

/* One that is there stays: it may be mounted. */
static int write_files(const struct persona *p, struct err *e)
{
    char path[PATH_MAX], text[PERSONA_FILE_MAX];

    for (size_t i = 0; i < PERSONA_FILES; i++) {
        const struct persona_file *f = &persona_files[i];

        if (!persona_has_file(&p->spec, f))
            continue;
        snprintf(path, sizeof path, "%s/persona/%s/%s", p->bay0->paths.run, p->spec.id, f->name);
        persona_file_text(f, &p->spec, text);
        if (access(path, F_OK) < 0 && fs_replace(path, text, strlen(text), FILE_MODE) < 0)
            return err_set(e, ERR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
    }
    return 0;
}

int persona_sockets_open(struct persona *p, struct err *e)
{
    char dir[PATH_MAX];
    int fd;

    snprintf(dir, sizeof dir, "%s/persona/%s", p->bay0->paths.run, p->spec.id);
    if (fs_mkdir(dir, RUN_DIR_MODE, geteuid(), getegid()) < 0)
        return err_set(e, ERR_SYSTEM, "cannot make %s: %s", dir, strerror(errno));
    if (write_files(p, e) < 0)
        return -1;
    if (!p->control) {
        fd = persona_listen(p, "bay0.sock", PERSONA_BACKLOG, e);
        if (fd < 0)
            return -1;
        p->control = server_create(p->bay0->loop, fd, p->spec.id, ops_handle, p->bay0, e);
        if (!p->control)
            return -1;
    }
    if (p->wayland < 0)
        p->wayland = persona_listen(p, "wayland-0", PERSONA_BACKLOG, e);
    return p->wayland < 0 ? -1 : grants_open(p, e);
}

void persona_sockets_remove(const struct bay0 *b, const char *id)
{
    static const char *const names[] = {"/bay0.sock", "/wayland-0", "/pipewire-0", "/ai.sock", ""};
    char path[PATH_MAX];

    for (size_t i = 0; i < PERSONA_FILES; i++) {
        snprintf(path, sizeof path, "%s/persona/%s/%s" FS_NEW, b->paths.run, id, persona_files[i].name);
        unlink(path); /* of a bay0 that was killed */
        path[strlen(path) - strlen(FS_NEW)] = '\0';
        unlink(path);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/persona/%s%s", b->paths.run, id, names[i]);
        if (names[i][0] ? unlink(path) : rmdir(path))
            continue; /* it may never have been there */
    }
}

void persona_sockets_close(struct persona *p)
{
    server_destroy(p->control);
    p->control = NULL;
    grants_close(p);
    fs_close(&p->wayland);
    fs_close(&p->wayland_close);
    persona_sockets_remove(p->bay0, p->spec.id);
}

static void on_kernel(void *user, const struct cgroup_state *now)
{
    struct persona *p = user;
    /* As things are, not what has changed: p->kernel is also read elsewhere, and may have been news there. */
    p->kernel = *now;
    focus_run(p->bay0, now->frozen ? FE_FROZEN : FE_THAWED, p->spec.id);
    if (!now->frozen)
        exec_awake(p);
    if (p->job)
        job_kernel_changed(p->job);
    else if (!now->populated)
        ops_persona_empty(p);
}

static void on_conmon_gone(void *user)
{
    struct persona *p = user;
    struct err e;

    cgroup_state(p->bay0->cgroups, p->cgroup, &p->kernel);
    if (!p->kernel.populated)
        return; /* they went together */
    log_warn("persona %s: its conmon died, and its terminal with it: it is killed", p->spec.id);
    if (cgroup_kill(p->bay0->cgroups, p->cgroup, &e) < 0)
        log_error("%s", e.message);
}

void persona_runs(struct persona *p, int32_t pid)
{
    p->pid = pid;
    conmon_unwatch(p->conmon);
    p->conmon = pid > 0 ? conmon_watch(p->bay0->loop, pid, on_conmon_gone, p) : NULL;
    if (pid > 0 && !p->conmon)
        log_warn("persona %s: its conmon cannot be watched: %s", p->spec.id, strerror(errno));
}

int persona_watch(struct persona *p, struct err *e)
{
    int tree = p->bay0->cgroups;

    if (p->watch)
        return 0;
    cgroup_state(tree, p->cgroup, &p->kernel);
    p->watch = cgroup_watch(p->bay0->loop, tree, p->cgroup, on_kernel, p);
    if (p->watch) {
        cgroup_meter_open(tree, p->cgroup, &p->meter);
        pressure_open(p);
        return 0;
    }
    return err_set(e, ERR_SYSTEM, "cannot watch the cgroup of persona %s: %s", p->spec.id, strerror(errno));
}

int persona_speed(struct persona *p, struct err *e)
{
    struct limits l;

    limits_persona(&p->spec, &p->bay0->machine, &l);
    return cgroup_throttle(p->bay0->cgroups, p->cgroup, p->slow_rest || pressure_holds(p), l.cpus_milli, e);
}

void persona_limits_now(const struct persona *p, const struct persona_spec *spec, struct limits *out)
{
    limits_persona(spec, &p->bay0->machine, out);
    if (p->slow_rest || pressure_holds(p))
        out->cpus_milli = CGROUP_THROTTLED_MILLI;
}

int persona_limits(struct persona *p, const struct persona_spec *spec, struct err *e)
{
    struct bay0 *b = p->bay0;
    struct limits l;
    struct err why;

    persona_limits_now(p, spec, &l);
    if (cgroup_limit(b->cgroups, p->cgroup, &l, e) < 0)
        return -1;
    if (cgroup_limit_io(b->cgroups, p->cgroup, b->disk, l.io, &why) < 0) {
        snprintf(p->last_error, sizeof p->last_error, "--io is not enforced here: %.200s", why.message);
        log_warn("persona %s: %s", p->spec.id, p->last_error);
    }
    return 0;
}

int persona_cgroup_open(struct persona *p, struct err *e)
{
    int tree = p->bay0->cgroups;

    p->slow_rest = false;
    if (cgroup_make(tree, p->cgroup, e) < 0 || persona_limits(p, &p->spec, e) < 0 ||
        cgroup_freeze(tree, p->cgroup, false, e) < 0)
        return -1;
    return persona_watch(p, e);
}

void persona_cgroup_close(struct persona *p)
{
    struct err e;

    pressure_close(p);
    cgroup_unwatch(p->watch);
    p->watch = NULL;
    cgroup_meter_close(&p->meter);
    p->slow_rest = false;
    p->kernel = (struct cgroup_state){0};
    if (p->bay0->cgroups >= 0 && cgroup_remove(p->bay0->cgroups, p->cgroup, &e) < 0)
        log_warn("%s", e.message);
}

enum life_action persona_event(struct persona *p, enum life_event ev, struct err *e)
{
    const struct life_cell *cell = &life_table[p->life][ev];

    if (cell->action == LIFE_REFUSE) {
        err_set(e, cell->error, "persona %s is %s", p->spec.id, life_state_name(p->life));
        return cell->action;
    }
    if (cell->next != p->life) {
        if (strcmp(life_state_name(p->life), life_state_name(cell->next)) != 0)
            log_info("persona %s: %s -> %s", p->spec.id, life_state_name(p->life),
                     life_state_name(cell->next));
        p->life = cell->next;
        p->attention = p->attention && p->life == LIFE_RUNNING;
        persona_changed(p->bay0, p->spec.id);
    }
    return cell->action;
}

void persona_changed(struct bay0 *b, const char *id)
{
    struct persona *p = persona_find(b, id);

    server_publish_new(p ? json_pack("{s:s, s:o}", "event", "persona", "persona", persona_row(p, true))
                         : json_pack("{s:s, s:s}", "event", "persona-removed", "id", id));
}

json_t *persona_row(struct persona *p, bool declared)
{
    struct bay0 *b = p->bay0;
    const struct focus_persona *f = focus_find(&b->focus, p->spec.id);
    struct cgroup_usage use = {0};
    char cgroup[PATH_MAX];
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:o*}", "id", p->spec.id, "image", p->spec.image,
                            "network", spec_network_name(p->spec.network), "background",
                            spec_background_name(p->spec.background), "gpu", p->spec.gpu, "audio",
                            p->spec.audio, "declaration", declared ? spec_to_json(&p->spec) : NULL);

    if (!row)
        return NULL;
    if (p->watch)
        cgroup_meter_read(&p->meter, &use);
    snprintf(cgroup, sizeof cgroup, "%s/%s", b->opt.cgroup, p->cgroup);
    json_object_set_new_nocheck(row, "memory", json_integer((json_int_t)use.memory));
    json_object_set_new_nocheck(row, "cpu_usec", json_integer((json_int_t)use.cpu_usec));
    json_object_set_new_nocheck(row, "state", json_string(life_state_name(p->life)));
    json_object_set_new_nocheck(row, "ready", json_boolean(p->life == LIFE_READY));
    json_object_set_new_nocheck(row, "focus", json_boolean(strcmp(b->focus.front, p->spec.id) == 0));
    json_object_set_new_nocheck(row, "frozen", json_boolean(p->watch && p->kernel.frozen));
    json_object_set_new_nocheck(row, "throttled",
                                json_boolean((f && f->fz == FZ_THROTTLED) || pressure_holds(p)));
    json_object_set_new_nocheck(row, "oom_kills", json_integer((json_int_t)p->oom_kills));
    json_object_set_new_nocheck(row, "freeze_failed", json_boolean(f && f->fallback));
    json_object_set_new_nocheck(row, "attention", json_boolean(p->attention));
    json_object_set_new_nocheck(row, "microphone", json_boolean(p->spec.microphone));
    json_object_set_new_nocheck(row, "used", json_integer(f ? (json_int_t)f->used_at : 0));
    json_object_set_new_nocheck(row, "pid", json_integer(p->life == LIFE_RUNNING ? p->pid : 0));
    json_object_set_new_nocheck(row, "cgroup", json_string(cgroup));
    if (p->last_error[0])
        json_object_set_new_nocheck(row, "error", json_string(p->last_error));
    return row;
}

json_t *persona_rows(struct bay0 *b, bool declared)
{
    json_t *list = json_array();
    const struct persona *last = NULL;

    /* Selection in id order: the slots are few and stay unsorted. */
    for (;;) {
        struct persona *next = NULL;

        for (size_t i = 0; i < PERSONAS_MAX; i++) {
            struct persona *p = &b->persona[i];

            if (p->used && (!last || strcmp(p->spec.id, last->spec.id) > 0) &&
                (!next || strcmp(p->spec.id, next->spec.id) < 0))
                next = p;
        }
        if (!next)
            return json_pack("{s:o}", "personas", list);
        json_array_append_new(list, persona_row(next, declared));
        last = next;
    }
}
