/* SPDX-License-Identifier: MIT
 * Hearing of what happens in a control group: a process that the kernel ended for lack of memory, and
 * pressure. Kernel: Documentation/accounting/psi.rst. */
#include "cgroup_file.h"

#include "fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

struct cgroup_notice {
    struct loop_source *source;
    int fd;
    bool trigger; /* the kernel resets it by itself */
    cgroup_notice_fn *fn;
    void *user;
};

static void end(struct cgroup_notice *n)
{
    loop_remove(n->source); /* a removed group would report for ever */
    n->source = NULL;
}

static void on_event(void *user, uint32_t events)
{
    struct cgroup_notice *n = user;
    char text[512];

    /* Reading this very fd is what makes the kernel report the next change; of a trigger, an error says that
     * the group is gone. */
    if (n->trigger ? (events & EPOLLERR) != 0 : fs_read_fd(n->fd, text, sizeof text) < 0)
        end(n);
    else
        n->fn(n->user);
}

static struct cgroup_notice *notice(struct loop *l, int tree, const char *name, const char *file,
                                    const char *trigger, cgroup_notice_fn *fn, void *user)
{
    struct cgroup_notice *n;
    char path[PATH_MAX];
    size_t len = trigger ? strlen(trigger) + 1 : 0; /* with its NUL, as the kernel wants it */

    if (!cgroup_name_ok(name) || (size_t)snprintf(path, sizeof path, "%s/%s", name, file) >= sizeof path) {
        errno = EINVAL;
        return NULL;
    }
    n = calloc(1, sizeof *n);
    if (!n)
        return NULL;
    n->trigger = trigger != NULL;
    n->fn = fn;
    n->user = user;
    n->fd = fs_open(tree, path, trigger ? O_RDWR : O_RDONLY, 0);
    if (n->fd >= 0 && (!trigger || write(n->fd, trigger, len) == (ssize_t)len))
        n->source = loop_add(l, n->fd, EPOLLPRI, on_event, n);
    if (!n->source) {
        int saved = errno;

        cgroup_unnotice(n);
        errno = saved;
        return NULL;
    }
    return n;
}

struct cgroup_notice *cgroup_notice_oom(struct loop *l, int tree, const char *name, cgroup_notice_fn *fn,
                                        void *user)
{
    return notice(l, tree, name, "memory.events", NULL, fn, user);
}

struct cgroup_notice *cgroup_notice_pressure(struct loop *l, int tree, const char *name, const char *resource,
                                             const char *trigger, cgroup_notice_fn *fn, void *user)
{
    char file[32];

    (void)snprintf(file, sizeof file, "%s.pressure", resource);
    return notice(l, tree, name, file, trigger, fn, user);
}

void cgroup_unnotice(struct cgroup_notice *n)
{
    if (!n)
        return;
    loop_remove(n->source);
    fs_close(&n->fd);
    free(n);
}

uint64_t cgroup_oom_kills(int tree, const char *name)
{
    char text[512];

    return cgroup_read(tree, name, "memory.events", text, sizeof text) > 0 ? cgroup_value(text, "oom_kill")
                                                                           : 0;
}

int cgroup_pressure(int tree, const char *name, const char *resource, char *out, size_t size)
{
    char file[32];

    (void)snprintf(file, sizeof file, "%s.pressure", resource);
    return cgroup_read(tree, name, file, out, size) > 0 ? 0 : -1;
}
