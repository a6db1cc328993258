/* SPDX-License-Identifier: MIT
 * Waiting for a service to say that it is ready. inotify(7). */
#include "service_ready.h"

#include "fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

struct ready_wait {
    struct loop_source *source;
    int fd;
    char path[PATH_MAX]; /* empty: a pipe */
    ready_fn *fn;
    void *user;
};

void ready_cancel(struct ready_wait *w)
{
    if (!w)
        return;
    loop_remove(w->source);
    if (w->fd >= 0)
        close(w->fd);
    free(w);
}

static void on_pipe(void *user, uint32_t events)
{
    struct ready_wait *w = user;
    char text[64];
    ssize_t n = read(w->fd, text, sizeof text);

    (void)events;
    if (n > 0 && memchr(text, '\n', (size_t)n)) {
        w->fn(w->user);
    } else if (n == 0) { /* it ended without a word: its end is reported by the child module */
        loop_remove(w->source);
        w->source = NULL;
    }
}

static void on_inotify(void *user, uint32_t events)
{
    struct ready_wait *w = user;
    char drop[4096];

    (void)events;
    if (read(w->fd, drop, sizeof drop) < 0 && errno != EAGAIN)
        return;
    if (access(w->path, F_OK) == 0)
        w->fn(w->user);
}

static struct ready_wait *wait_new(struct loop *l, int fd, loop_fd_fn *on, ready_fn *fn, void *user)
{
    struct ready_wait *w = calloc(1, sizeof *w);

    if (!w) {
        close(fd);
        return NULL;
    }
    w->fd = fd;
    w->fn = fn;
    w->user = user;
    w->source = loop_add(l, fd, EPOLLIN, on, w);
    if (!w->source) {
        ready_cancel(w);
        return NULL;
    }
    return w;
}

struct ready_wait *ready_fd(struct loop *l, int *child_fd, ready_fn *fn, void *user)
{
    int ends[2];
    struct ready_wait *w;

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return NULL;
    w = wait_new(l, ends[0], on_pipe, fn, user);
    if (!w)
        close(ends[1]);
    *child_fd = w ? ends[1] : -1;
    return w;
}

struct ready_wait *ready_path(struct loop *l, const char *path, ready_fn *fn, void *user)
{
    char dir[PATH_MAX];
    struct ready_wait *w;
    int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

    if (fd < 0)
        return NULL;
    snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(path, '/') - path), path);
    if (access(dir, F_OK) < 0 && fs_mkdir(dir, 0755, geteuid(), getegid()) < 0) {
        close(fd); /* there must be something to watch */
        return NULL;
    }
    if (inotify_add_watch(fd, dir, IN_CREATE | IN_MOVED_TO | IN_ATTRIB) < 0) {
        close(fd);
        return NULL;
    }
    w = wait_new(l, fd, on_inotify, fn, user);
    if (w)
        snprintf(w->path, sizeof w->path, "%s", path);
    return w;
}
