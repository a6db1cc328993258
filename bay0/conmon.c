/* SPDX-License-Identifier: MIT
 * Hearing of the end of a container's conmon by a pidfd. */
#include "conmon.h"

#include "child.h"
#include "fsutil.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

struct conmon {
    struct loop_source *source;
    struct loop_timer *gone; /* it was gone when it was looked for */
    int pidfd;
    conmon_gone_fn *fn;
    void *user;
};

/* The last thing its callers do. */
static void tell(struct conmon *c)
{
    loop_remove(c->source);
    c->source = NULL;
    c->fn(c->user);
}

static void on_end(void *user, uint32_t events)
{
    (void)events;
    tell(user);
}

static void on_gone(void *user)
{
    struct conmon *c = user;

    c->gone = NULL;
    tell(c);
}

/* Its pidfd, or -1; ESRCH: it is gone. Whoever has lost its parent is given to a reaper: init, or bay0. */
static int open_parent(int32_t pid)
{
    int32_t parent, again;
    uint64_t start;
    int fd;

    if (child_stat(pid, &parent, &start) < 0 || parent <= 1 || parent == getpid()) {
        errno = ESRCH;
        return -1;
    }
    fd = (int)syscall(SYS_pidfd_open, parent, 0);
    /* It is the one that is meant if it still is the parent now. */
    if (fd >= 0 && (child_stat(pid, &again, &start) < 0 || again != parent)) {
        errno = ESRCH;
        fs_close(&fd);
    }
    return fd;
}

struct conmon *conmon_watch(struct loop *l, int32_t pid, conmon_gone_fn *fn, void *user)
{
    struct conmon *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->fn = fn;
    c->user = user;
    c->pidfd = open_parent(pid);
    if (c->pidfd >= 0)
        c->source = loop_add(l, c->pidfd, EPOLLIN, on_end, c);
    else if (errno == ESRCH)
        c->gone = loop_timer(l, 0, on_gone, c);
    if (c->source || c->gone)
        return c;
    conmon_unwatch(c);
    return NULL;
}

void conmon_unwatch(struct conmon *c)
{
    int saved = errno;

    if (!c)
        return;
    loop_remove(c->source);
    loop_timer_cancel(c->gone);
    fs_close(&c->pidfd);
    free(c);
    errno = saved;
}
