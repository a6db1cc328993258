/* SPDX-License-Identifier: MIT
 * Reads what the kernel says of a process's mounts. */
#include "mountinfo_read.h"

#include "fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOUNTINFO_MAX = 256 * 1024 };

char *mountinfo_read(int32_t pid, struct err *e)
{
    char path[64];
    char *text = malloc(MOUNTINFO_MAX);

    snprintf(path, sizeof path, "/proc/%d/mountinfo", (int)pid);
    if (text && fs_read(AT_FDCWD, path, text, MOUNTINFO_MAX) >= 0)
        return text;
    err_set(e, ERR_CHECK, "cannot read %s: %s", path, strerror(errno));
    free(text);
    return NULL;
}
