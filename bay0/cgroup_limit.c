/* SPDX-License-Identifier: MIT
 * Control groups: what they may use, and what they hold. */
#include "cgroup_file.h"

#include "fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* 0 also when the file is not there (controller missing), as long as the group itself is. */
static int set_limit(int tree, const char *name, const char *file, const char *text, struct err *e)
{
    char shown[NAME_MAX];

    if (cgroup_write(tree, name, file, text) == 0)
        return 0;
    if (errno == ENOENT && faccessat(tree, name, F_OK, 0) == 0)
        return 0;
    (void)snprintf(shown, sizeof shown, "%.*s", (int)strcspn(text, "\n"), text);
    return err_set(e, ERR_SYSTEM, "cannot set %s of %s to '%s': %s", file, name, shown, strerror(errno));
}

int cgroup_limit(int tree, const char *name, const struct limits *l, struct err *e)
{
    struct limit_text want;
    char line[sizeof want.text + 1];

    if (!cgroup_name_ok(name))
        return cgroup_refuse_name(name, e);
    for (size_t i = 0; limits_text(l, i, &want); i++) {
        (void)snprintf(line, sizeof line, "%s\n", want.text);
        if (set_limit(tree, name, want.file, line, e) < 0)
            return -1;
    }
    return 0;
}

void cgroup_differs(int tree, const char *name, const struct limits *l, cgroup_differs_fn *fn, void *user)
{
    struct limit_text want;
    char kernel[CORES_TEXT];

    for (size_t i = 0; limits_text(l, i, &want); i++) {
        if (cgroup_read(tree, name, want.file, kernel, sizeof kernel) < 0)
            continue; /* its controller is missing: said at start, and by the doctor */
        kernel[strcspn(kernel, "\n")] = '\0';
        if (!limits_same(&want, kernel))
            fn(user, want.file, kernel, want.text);
    }
}

int cgroup_limit_io(int tree, const char *name, const char *disk, uint64_t bytes, struct err *e)
{
    char n[32] = "max", text[128];

    if (bytes)
        (void)snprintf(n, sizeof n, "%" PRIu64, bytes);
    (void)snprintf(text, sizeof text, "%s rbps=%s wbps=%s\n", disk, n, n);
    errno = ENODEV;
    if ((disk[0] && cgroup_write(tree, name, "io.max", text) == 0) || bytes == 0)
        return 0;
    return err_set(e, ERR_SYSTEM, "io.max of %s for the disk %s: %s", name, disk[0] ? disk : "of /persist",
                   strerror(errno));
}

uint64_t cgroup_held(int tree, const char *name)
{
    static const char *const kinds[] = {"anon", "shmem", "file_dirty", "file_writeback"};
    char text[8192];
    uint64_t n = 0;

    if (cgroup_read(tree, name, "memory.stat", text, sizeof text) < 0)
        return 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        n += cgroup_value(text, kinds[i]);
    return n;
}

int cgroup_cores(int tree, char *out, size_t size)
{
    return fs_read(tree, "cpuset.cpus.effective", out, size) > 0 ? 0 : -1;
}

int cgroup_throttle(int tree, const char *name, bool on, uint32_t cpus_milli, struct err *e)
{
    const struct limits l = {.cpus_milli = on ? CGROUP_THROTTLED_MILLI : cpus_milli};
    struct limit_text want;
    char line[sizeof want.text + 1];
    size_t i = 0;

    while (limits_text(&l, i, &want) && strcmp(want.file, "cpu.max") != 0)
        i++;
    (void)snprintf(line, sizeof line, "%s\n", want.text);
    if (cgroup_write(tree, name, "cpu.max", line) < 0)
        return err_set(e, ERR_SYSTEM, "cannot throttle %s: cpu.max: %s", name, strerror(errno));
    return 0;
}
