/* SPDX-License-Identifier: MIT
 * Dying on purpose; see crash.h. */
#include "crash.h"

#ifdef SPINE_CRASH_POINTS
#include "fsutil.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void note(const char *path, int flags, const char *text)
{
    int fd = fs_open(AT_FDCWD, path, O_WRONLY | O_CREAT | flags, 0600);

    if (fd >= 0)
        (void)fs_write_all(fd, text, strlen(text));
    fs_close(&fd);
}

void crash_point(const char *what)
{
    const char *path = getenv("SPINE_CRASH_FILE");
    char text[256], at[PATH_MAX];
    long left;

    if (!path || fs_read(AT_FDCWD, path, text, sizeof text) <= 0)
        return;
    left = strtol(text, NULL, 10) - 1;
    snprintf(text, sizeof text, "%ld\n", left);
    if (left > 0) {
        note(path, O_TRUNC, text);
        return;
    }
    (void)unlink(path);
    snprintf(at, sizeof at, "%s.at", path);
    snprintf(text, sizeof text, "%s\n", what);
    note(at, O_APPEND, text);
    (void)kill(getpid(), SIGKILL);
}
#endif
