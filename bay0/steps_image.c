/* SPDX-License-Identifier: MIT
 * The step that brings the image: looks for it, pulls it with progress, and clears up after a pull that
 * failed. */
#include "steps.h"

#include "fsutil.h"
#include "log.h"
#include "podman_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void on_pulled(void *user, const struct child_result *r);

static void on_pull_line(void *user, const char *line, size_t len)
{
    struct job *j = user;

    if (pull_line(&j->pull, line, len))
        server_progress(j->client, j->request, j->pull.step, -1, j->pull.detail);
}

/* A pull unpacks in a directory of its own below /persist/tmp: podman leaves there what it has when it is
 * ended. */
static void scratch_of(const struct job *j, char *name, size_t size)
{
    snprintf(name, size, "pull-%s", j->p->spec.id);
}

static void scratch_path(const struct job *j, char *path, size_t size)
{
    char name[NAME_ID_MAX + 8];

    scratch_of(j, name, sizeof name);
    snprintf(path, size, "%s/tmp/%s", j->b->paths.persist, name);
}

static enum step_result pull(struct job *j)
{
    char path[PATH_MAX], name[NAME_ID_MAX + 8];
    struct child_options o;
    struct argv env;

    if (podman_pull(&j->argv, &j->b->paths, j->p->spec.image, &j->err) < 0)
        return STEP_FAILED;
    scratch_of(j, name, sizeof name);
    scratch_path(j, path, sizeof path);
    if (podman_environment(&env, &j->b->paths, name) < 0) {
        err_set(&j->err, ERR_INTERNAL, "the environment of podman does not fit");
        return STEP_FAILED;
    }
    if (fs_mkdir(path, 0711, geteuid(), getegid()) < 0) {
        err_set(&j->err, errno == ENOSPC ? ERR_DISK_FULL : ERR_SYSTEM, "cannot make %s: %s", path,
                strerror(errno));
        return STEP_FAILED;
    }
    podman_options(j->b, &o, &j->argv, PODMAN_PULL_MS);
    o.env = env.word;
    o.on_err_line = on_pull_line;
    o.done = on_pulled;
    o.user = j;
    j->child = child_spawn(j->b->loop, &o);
    if (j->child)
        return STEP_WAITS;
    podman_spawn_error(j->b, "cannot pull the image", &j->err);
    (void)rmdir(path);
    return STEP_FAILED;
}

/* An archive has no name of its own that the registry could keep: the image gets one made from the persona's
 * id. */
static void on_tagged(void *user, const struct child_result *r)
{
    struct job *j = user;
    job_step_done(j, step_good(j, r, "cannot name the image of the archive"));
}

static void on_swept(void *user, const struct child_result *r)
{
    struct job *j = user;

    if (r->status != 0)
        log_warn("persona %s: what is left of the pull stays until the next start: %.200s", j->p->spec.id,
                 r->err);
    job_step_done(j, false);
}

/* A pull failed: what it had so far goes away. */
static void sweep(struct job *j)
{
    char path[PATH_MAX];
    char *argv[] = {"rm", "-rf", "--", path, NULL};
    struct child_options o;

    scratch_path(j, path, sizeof path);
    podman_helper(j->b, &o, argv);
    o.done = on_swept;
    o.user = j;
    j->child = child_spawn(j->b->loop, &o);
    if (!j->child)
        job_step_done(j, false);
}

static void on_pulled(void *user, const struct child_result *r)
{
    struct job *j = user;
    char what[NAME_IMAGE_MAX + 32], id[65], path[PATH_MAX];

    snprintf(what, sizeof what, "cannot pull %s", j->p->spec.image);
    if (!step_good(j, r, what)) {
        if (j->err.code == ERR_PODMAN) { /* a cause that is not in the table: podman's words tell it */
            j->err.code = ERR_PULL;
            err_hint(&j->err, "%s", err_default_hint(ERR_PULL));
        }
        sweep(j);
        return;
    }
    scratch_path(j, path, sizeof path);
    (void)rmdir(path); /* podman has emptied it */
    if (!name_image_is_file(j->p->spec.image)) {
        job_step_done(j, true);
        return;
    }
    if (!pull_image_id(r->out, r->out_len, id)) {
        err_set(&j->err, ERR_PULL, "%s: podman did not say which image it is", what);
        job_step_done(j, false);
        return;
    }
    if (podman_tag(&j->argv, &j->b->paths, id, &j->p->spec, &j->err) < 0 ||
        step_podman(j, PODMAN_MS, on_tagged) != STEP_WAITS)
        job_step_done(j, false);
}

static void on_image_known(void *user, const struct child_result *r)
{
    struct job *j = user;
    enum step_result s;

    j->child = NULL;
    if (r->status == 0) {
        job_step_done(j, true);
        return;
    }
    if (r->status != 1) { /* 1 says "not there"; anything else is a fault of podman */
        step_good(j, r, "cannot look for the image");
        job_step_done(j, false);
        return;
    }
    s = pull(j);
    if (s != STEP_WAITS)
        job_step_done(j, s == STEP_OK);
}

enum step_result step_image(struct job *j)
{
    char image[NAME_IMAGE_MAX + 1];

    if (name_image_is_file(j->p->spec.image))
        return pull(j);
    persona_image(&j->p->spec, image);
    if (podman_image_exists(&j->argv, &j->b->paths, image, &j->err) < 0)
        return STEP_FAILED;
    return step_podman(j, PODMAN_MS, on_image_known);
}
