/* SPDX-License-Identifier: MIT
 * Reads the machine's memory, its CPUs and the number of the disk below /persist. */
#include "machine.h"

#include "fsutil.h"
#include "log.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>

/* A partition has no limits: the disk that it is a part of has. */
static void find_disk(struct bay0 *b)
{
    char path[128];
    struct stat st;

    if (stat(b->paths.persist, &st) < 0 || major(st.st_dev) == 0) /* in memory, or of several disks */
        return;
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/partition", major(st.st_dev), minor(st.st_dev));
    if (stat(path, &(struct stat){0}) == 0)
        snprintf(path, sizeof path, "/sys/dev/block/%u:%u/../dev", major(st.st_dev), minor(st.st_dev));
    else
        snprintf(path, sizeof path, "/sys/dev/block/%u:%u/dev", major(st.st_dev), minor(st.st_dev));
    if (fs_read(AT_FDCWD, path, b->disk, sizeof b->disk) <= 0)
        b->disk[0] = '\0';
    b->disk[strcspn(b->disk, "\n")] = '\0';
}

void machine_look(struct bay0 *b)
{
    struct machine *m = &b->machine;
    struct sysinfo info;

    if (sysinfo(&info) == 0)
        m->memory = (uint64_t)info.totalram * info.mem_unit;
    if (cgroup_cores(b->cgroups, m->cores, sizeof m->cores) < 0 &&
        fs_read(AT_FDCWD, "/sys/devices/system/cpu/online", m->cores, sizeof m->cores) < 0)
        m->cores[0] = '\0';
    m->cores[strcspn(m->cores, "\n")] = '\0';
    find_disk(b);
    log_info("this machine: %llu MiB, CPUs %s, disk of /persist %s", (unsigned long long)(m->memory >> 20),
             m->cores[0] ? m->cores : "not known", b->disk[0] ? b->disk : "not known");
}
