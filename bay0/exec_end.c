/* SPDX-License-Identifier: MIT
 * Ending a program inside a persona whose caller has gone. A program that hides its mark harms its own
 * persona only. pidfd_open(2), proc_pid_environ(5). */
#include "exec_end.h"

#include "fsutil.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ENVIRON_MAX = 65536 };

struct hunt {
    char want[64]; /* "SPINE_EXEC=7" */
    int signo;
    size_t found;
};

static bool marked(int32_t pid, const char *want)
{
    static char text[ENVIRON_MAX];
    char path[64];
    ssize_t n;

    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    n = fs_read(AT_FDCWD, path, text, sizeof text);
    for (ssize_t at = 0; at < n; at += (ssize_t)strlen(text + at) + 1)
        if (strcmp(text + at, want) == 0)
            return true;
    return false;
}

/* The pidfd comes first: what is looked at and what is signalled are then the same process. */
static void look(void *user, int32_t pid)
{
    struct hunt *h = user;
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);

    if (fd < 0)
        return;
    if (marked(pid, h->want) && syscall(SYS_pidfd_send_signal, fd, h->signo, NULL, 0) == 0)
        h->found++;
    close(fd);
}

size_t exec_end(const struct persona *p, uint64_t mark, int signo)
{
    struct hunt h = {.signo = signo};

    snprintf(h.want, sizeof h.want, EXEC_MARK "=%llu", (unsigned long long)mark);
    cgroup_pids(p->bay0->cgroups, p->cgroup, look, &h);
    return h.found;
}
