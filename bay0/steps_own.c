/* SPDX-License-Identifier: MIT
 * The steps of a persona's operations that bay0 does by itself, and the table of all steps. */
#include "steps.h"

#include "core/profile.h"
#include "crash.h"
#include "focus_run.h"
#include "fsutil.h"
#include "keep_files.h"
#include "ledger.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOME_MODE = 0700, HOMES_MODE = 0711, THAW_MS = 2000, KILL_MS = 10000 };

/* On disk it has the owner that programs inside have: the mount is id-mapped. It gets its name when all is
 * done, or a power cut could leave one that is root's. */
static int home_make(const char *path, const char *unnamed, uint32_t user)
{
    struct stat st;

    if (lstat(path, &st) == 0) {
        errno = ENOTDIR;
        return S_ISDIR(st.st_mode) ? 0 : -1;
    }
    if (errno != ENOENT || (mkdir(unnamed, HOME_MODE) < 0 && errno != EEXIST))
        return -1;
    crash_point("a home without an owner");
    return chown(unnamed, user, user) < 0 ? -1 : rename(unnamed, path);
}

enum step_result step_home(struct job *j)
{
    uint32_t user = profile_get(j->p->spec.profile)->user;
    char path[PATH_MAX], unnamed[PATH_MAX];

    snprintf(path, sizeof path, "%s/home", j->b->paths.persist);
    if (fs_mkdir(path, HOMES_MODE, geteuid(), getegid()) == 0) {
        snprintf(unnamed, sizeof unnamed, "%s/home/.new", j->b->paths.persist);
        snprintf(path, sizeof path, "%s/home/%s", j->b->paths.persist, j->p->spec.id);
        if (home_make(path, unnamed, user) == 0)
            return STEP_OK;
    }
    err_set(&j->err, errno == ENOSPC ? ERR_DISK_FULL : ERR_SYSTEM, "cannot make %s: %s", path,
            strerror(errno));
    return STEP_FAILED;
}

enum step_result step_unhome(struct job *j)
{
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%s/home/%s", j->b->paths.persist, j->p->spec.id);
    if (rmdir(path) < 0 && errno != ENOENT && errno != ENOTEMPTY)
        log_warn("cannot remove %s: %s", path, strerror(errno));
    return STEP_OK;
}

enum step_result step_sockets(struct job *j)
{
    return persona_sockets_open(j->p, &j->err) < 0 ? STEP_FAILED : STEP_OK;
}

enum step_result step_unsockets(struct job *j)
{
    persona_sockets_close(j->p);
    return STEP_OK;
}

enum step_result step_cgroup(struct job *j)
{
    return persona_cgroup_open(j->p, &j->err) < 0 ? STEP_FAILED : STEP_OK;
}

enum step_result step_uncgroup(struct job *j)
{
    persona_cgroup_close(j->p);
    return STEP_OK;
}

static void unfreeze(struct job *j)
{
    struct err e;

    if (cgroup_freeze(j->b->cgroups, j->p->cgroup, false, &e) < 0)
        log_error("persona %s: %s", j->p->spec.id, e.message);
}

static void on_thaw_late(void *user)
{
    struct job *j = user;

    j->timer = NULL;
    log_warn("persona %s did not thaw within %d ms; what does not end is killed", j->p->spec.id, THAW_MS);
    job_step_done(j, true);
}

static enum step_result wait_for_kernel(struct job *j, uint64_t ms, loop_timer_fn *late)
{
    j->timer = loop_timer(j->b->loop, ms, late, j);
    if (j->timer)
        return STEP_WAITS;
    err_set(&j->err, ERR_NO_MEMORY, "persona %s: no timer: %s", j->p->spec.id, strerror(errno));
    return STEP_FAILED;
}

enum step_result step_thaw(struct job *j)
{
    if (!j->p->watch)
        return STEP_OK;
    cgroup_state(j->b->cgroups, j->p->cgroup, &j->p->kernel);
    unfreeze(j);
    return j->p->kernel.frozen ? wait_for_kernel(j, THAW_MS, on_thaw_late) : STEP_OK;
}

static void on_kill_late(void *user)
{
    struct job *j = user;

    j->timer = NULL;
    err_set(j->undoing ? NULL : &j->err, ERR_TIMEOUT, "persona %s: its processes did not end within %d ms",
            j->p->spec.id, KILL_MS);
    job_step_done(j, false);
}

enum step_result step_kill(struct job *j)
{
    struct err e;

    if (!j->p->watch)
        return STEP_OK;
    cgroup_state(j->b->cgroups, j->p->cgroup, &j->p->kernel);
    if (!j->p->kernel.populated) {
        unfreeze(j);
        return STEP_OK;
    }
    if (cgroup_kill(j->b->cgroups, j->p->cgroup, &e) < 0) {
        log_error("persona %s: %s", j->p->spec.id, e.message);
        if (!j->undoing)
            j->err = e;
        return STEP_FAILED;
    }
    if (j->op != OP_CLEAR && j->op != OP_PREPARE) /* nothing of it ran */
        ledger_persona(j->b, "killed", j->p->spec.id);
    return wait_for_kernel(j, KILL_MS, on_kill_late);
}

void job_kernel_changed(struct job *j)
{
    enum step_kind kind = job_step(j);

    if (!j->timer) /* the step under way does not wait for the kernel */
        return;
    if (kind == STEP_THAW && !j->p->kernel.frozen)
        job_step_done(j, true);
    else if (kind == STEP_KILL && !j->p->kernel.populated) {
        unfreeze(j);
        job_step_done(j, true);
    }
}

/* Going down, bay0 closes the registry at last without waiting for jobs. */
static bool has_store(const struct job *j, struct err *e)
{
    if (!j->b->store)
        err_set(e, ERR_STORE, "persona %s: the registry is closed", j->p->spec.id);
    return j->b->store != NULL;
}

/* The copy comes first and goes first: bay0 removes one without a row when it starts, and writes one that is
 * missing. */
enum step_result step_register(struct job *j)
{
    struct persona *p = j->p;
    struct err e;

    if (!has_store(j, &j->err) || store_range_next(j->b->store, &p->range, &j->err) < 0 ||
        keep_write(j->b, &p->spec, p->range, &j->err) < 0)
        return STEP_FAILED;
    if (store_add(j->b->store, &p->spec, p->range, j->journal, &j->err) < 0) {
        if (j->err.code != ERR_EXISTS && keep_remove(j->b, p->spec.id, &e) < 0)
            log_warn("%s", e.message);
        return STEP_FAILED;
    }
    j->journal = 0;
    return STEP_OK;
}

enum step_result step_unregister(struct job *j)
{
    struct persona *p = j->p;
    struct err e;

    if (!has_store(j, &j->err) || keep_remove(j->b, p->spec.id, &j->err) < 0)
        return STEP_FAILED;
    if (store_remove(j->b->store, p->spec.id, j->journal, &j->err) < 0) {
        if (keep_write(j->b, &p->spec, p->range, &e) < 0)
            log_warn("%s", e.message);
        return STEP_FAILED;
    }
    j->journal = 0;
    return STEP_OK;
}

enum step_result step_limits(struct job *j)
{
    return persona_limits(j->p, &j->next, &j->err) < 0 ? STEP_FAILED : STEP_OK;
}

enum step_result step_unlimits(struct job *j)
{
    struct err e;

    if (persona_limits(j->p, &j->p->spec, &e) < 0)
        log_error("persona %s: undoing: %s", j->p->spec.id, e.message);
    return STEP_OK;
}

/* The registry has the last word: bay0 writes the copy anew at start where the two differ. */
enum step_result step_redeclare(struct job *j)
{
    struct persona *p = j->p;
    struct err e;

    if (!has_store(j, &j->err))
        return STEP_FAILED;
    if (keep_write(j->b, &j->next, p->range, &j->err) == 0 &&
        store_declare(j->b->store, &j->next, j->journal, &j->err) == 0) {
        j->journal = 0;
        return STEP_OK;
    }
    if (keep_write(j->b, &p->spec, p->range, &e) < 0)
        log_warn("%s", e.message);
    return STEP_FAILED;
}

/* Rules in sway for an id that is gone match nothing; the context ends with its close fd, which goes with the
 * sockets. */
static enum step_result step_unwindows(struct job *j)
{
    if (j->p->wayland_close >= 0)
        close(j->p->wayland_close);
    j->p->wayland_close = -1;
    return STEP_OK;
}

step_fn *const step_table[STEP_COUNT] = {
    [STEP_IMAGE] = step_image,
    [STEP_HOME] = step_home,
    [STEP_UNHOME] = step_unhome,
    [STEP_SOCKETS] = step_sockets,
    [STEP_CGROUP] = step_cgroup,
    [STEP_CREATE] = step_create,
    [STEP_INIT] = step_init,
    [STEP_CHECK] = step_check,
    [STEP_FIREWALL] = step_firewall,
    [STEP_WINDOWS] = step_windows,
    [STEP_START] = step_start,
    [STEP_THAW] = step_thaw,
    [STEP_STOP] = step_stop,
    [STEP_KILL] = step_kill,
    [STEP_RM] = step_rm,
    [STEP_UNSOCKETS] = step_unsockets,
    [STEP_UNCGROUP] = step_uncgroup,
    [STEP_UNWINDOWS] = step_unwindows,
    [STEP_WIPE] = step_wipe,
    [STEP_SYNC] = step_sync,
    [STEP_REGISTER] = step_register,
    [STEP_UNREGISTER] = step_unregister,
    [STEP_LIMITS] = step_limits,
    [STEP_UNLIMITS] = step_unlimits,
    [STEP_REDECLARE] = step_redeclare,
};
