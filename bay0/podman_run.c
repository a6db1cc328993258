/* SPDX-License-Identifier: MIT
 * Runs one podman command: its own cgroup, its own environment, bounded in time. */
#include "podman_run.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

enum { ROOM_MIN = 1024 * 1024 };

void podman_options(struct bay0 *b, struct child_options *o, const struct argv *argv, uint32_t timeout_ms)
{
    child_options_init(o);
    o->argv = argv->word;
    o->env = b->podman_env.word;
    o->cgroup_fd = b->cgroup_podman;
    o->no_reserve = podman_mounts(argv);
    o->session = true; /* a time-out ends podman's own children too */
    /* Else it would go on beside the next bay0, which has looked at what podman has. */
    o->dies_too = timeout_ms > 0;
    o->timeout_ms = timeout_ms > b->opt.podman_ms && b->opt.podman_ms > 0 ? b->opt.podman_ms : timeout_ms;
}

void podman_helper(struct bay0 *b, struct child_options *o, char *const *argv)
{
    child_options_init(o);
    o->argv = argv;
    o->env = b->podman_env.word;
    o->timeout_ms = PODMAN_MS;
}

int podman_spawn_error(struct bay0 *b, const char *what, struct err *e)
{
    if (errno == ENOENT)
        return err_set(e, ERR_NO_PODMAN, "%s: %s is not there", what, b->paths.podman);
    return err_set(e, ERR_SYSTEM, "%s: %s could not be started: %s", what, b->paths.podman, strerror(errno));
}

struct child *podman_run(struct bay0 *b, const struct argv *argv, uint32_t timeout_ms, child_done_fn *done,
                         void *user, struct err *e)
{
    struct child_options o;
    struct child *c;

    podman_options(b, &o, argv, timeout_ms);
    o.done = done;
    o.user = user;
    c = child_spawn(b->loop, &o);
    if (!c)
        podman_spawn_error(b, argv->n > 1 ? argv->word[1] : "podman", e);
    return c;
}

void podman_look_at_disk(const struct bay0 *b, struct err *e)
{
    struct statvfs fs;

    /* f_bavail: what a container may use; the last blocks are root's. */
    if (e->code != ERR_PODMAN || statvfs(b->paths.persist, &fs) < 0 ||
        (fs.f_bavail * fs.f_frsize >= ROOM_MIN && fs.f_favail > 0))
        return;
    e->code = ERR_DISK_FULL;
    err_hint(e, "%s", err_default_hint(ERR_DISK_FULL));
}
