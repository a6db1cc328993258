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

enum { CPU_PERIOD_USEC = 100000, WEIGHT_DEFAULT = 100 };

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

static void cpu_text(char *out, size_t size, uint32_t cpus_milli)
{
    if (cpus_milli == 0)
        (void)snprintf(out, size, "max %d\n", CPU_PERIOD_USEC);
    else
        (void)snprintf(out, size, "%" PRIu64 " %d\n", (uint64_t)cpus_milli * (CPU_PERIOD_USEC / 1000),
                       CPU_PERIOD_USEC);
}

static void number_text(char *out, size_t size, uint64_t n)
{
    if (n == 0)
        (void)snprintf(out, size, "max\n");
    else
        (void)snprintf(out, size, "%" PRIu64 "\n", n);
}

int cgroup_limit(int tree, const char *name, const struct limits *l, struct err *e)
{
    char memory[32], pids[32], cpu[48], weight[16], cores[CORES_TEXT + 2];

    if (!cgroup_name_ok(name))
        return cgroup_refuse_name(name, e);
    number_text(memory, sizeof memory, l->memory);
    number_text(pids, sizeof pids, l->pids);
    cpu_text(cpu, sizeof cpu, l->cpus_milli);
    (void)snprintf(weight, sizeof weight, "%u\n", l->weight ? l->weight : (unsigned)WEIGHT_DEFAULT);
    (void)snprintf(cores, sizeof cores, "%s\n", l->cores); /* an empty line: inherit */
    if (set_limit(tree, name, "memory.max", memory, e) < 0 ||
        set_limit(tree, name, "memory.swap.max", "0\n", e) < 0 ||
        set_limit(tree, name, "cpu.max", cpu, e) < 0 || set_limit(tree, name, "cpu.weight", weight, e) < 0 ||
        set_limit(tree, name, "pids.max", pids, e) < 0)
        return -1;
    return set_limit(tree, name, "cpuset.cpus", cores, e);
}

int cgroup_limit_io(int tree, const char *name, const char *disk, uint64_t bytes, struct err *e)
{
    char n[32], text[128];

    number_text(n, sizeof n, bytes);
    n[strcspn(n, "\n")] = '\0';
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
    char text[48];

    cpu_text(text, sizeof text, on ? CGROUP_THROTTLED_MILLI : cpus_milli);
    if (cgroup_write(tree, name, "cpu.max", text) < 0)
        return err_set(e, ERR_SYSTEM, "cannot throttle %s: cpu.max: %s", name, strerror(errno));
    return 0;
}
