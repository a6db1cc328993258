/* SPDX-License-Identifier: MIT
 * Hearing of a change of cgroup.events at once, without polling. */
#include "cgroup.h"
#include "fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

struct cgroup_watch {
    struct loop_source *source;
    struct loop_timer *first;
    int tree, events;
    char name[CGROUP_NAME_MAX + 1];
    cgroup_watch_fn *fn;
    void *user;
    struct cgroup_state told;
    bool ever;
};

/* The last thing its callers do: fn may end the watch. */
static void watch_tell(struct cgroup_watch *w)
{
    struct cgroup_state now;
    char text[512];

    /* Reading this very fd is what makes the kernel report the next change. */
    if (fs_read_fd(w->events, text, sizeof text) < 0) {
        loop_remove(w->source); /* a removed group would report for ever */
        w->source = NULL;
    }
    cgroup_state(w->tree, w->name, &now);
    if (w->ever && now.exists == w->told.exists && now.populated == w->told.populated &&
        now.frozen == w->told.frozen && now.freeze_asked == w->told.freeze_asked)
        return;
    w->ever = true;
    w->told = now;
    w->fn(w->user, &now);
}

static void watch_event(void *user, uint32_t events)
{
    (void)events;
    watch_tell(user);
}

static void watch_first(void *user)
{
    struct cgroup_watch *w = user;

    w->first = NULL;
    watch_tell(w);
}

struct cgroup_watch *cgroup_watch(struct loop *l, int tree, const char *name, cgroup_watch_fn *fn, void *user)
{
    char path[PATH_MAX];
    struct cgroup_watch *w;

    if (strlen(name) > CGROUP_NAME_MAX ||
        (size_t)snprintf(path, sizeof path, "%s/cgroup.events", name) >= sizeof path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->tree = tree;
    w->fn = fn;
    w->user = user;
    memcpy(w->name, name, strlen(name) + 1);
    w->events = fs_open(tree, path, O_RDONLY, 0);
    if (w->events >= 0)
        w->source = loop_add(l, w->events, EPOLLPRI, watch_event, w);
    if (w->source)
        w->first = loop_timer(l, 0, watch_first, w);
    if (!w->first) {
        int saved = errno;

        cgroup_unwatch(w);
        errno = saved;
        return NULL;
    }
    return w;
}

void cgroup_unwatch(struct cgroup_watch *w)
{
    if (!w)
        return;
    loop_remove(w->source);
    loop_timer_cancel(w->first);
    fs_close(&w->events);
    free(w);
}
