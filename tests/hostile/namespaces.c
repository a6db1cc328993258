/* SPDX-License-Identifier: MIT
 * Attacks on the walls themselves: mounts, namespaces, control groups. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* From sys/mount.h, which clashes with linux/mount.h in Debian 12. */
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);
int unshare(int flags);
int setns(int fd, int type);

static int try_mount(const char *type, char what[WHAT_MAX])
{
    int rc = mount(strcmp(type, "ext4") == 0 ? "/dev/vdb" : "none", "/dev/shm", type, 0, NULL);
    int refused = judge(rc, what);

    if (rc == 0)
        umount2("/dev/shm", 2);
    return refused;
}

static int try_bind(const char *arg, char what[WHAT_MAX])
{
    (void)arg;
    return judge(mount("/proc", "/dev/shm", NULL, MS_BIND | MS_REC, NULL), what);
}

static int try_remount(const char *at, char what[WHAT_MAX])
{
    return judge(mount(NULL, at, NULL, MS_REMOUNT | MS_BIND, NULL), what);
}

static int try_propagate(const char *arg, char what[WHAT_MAX])
{
    (void)arg;
    return judge(mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL), what);
}

static int try_unmount(const char *at, char what[WHAT_MAX])
{
    return judge(umount2(at, 2), what);
}

static int try_pivot(const char *arg, char what[WHAT_MAX])
{
    (void)arg;
    return judge(syscall(SYS_pivot_root, "/", "/"), what);
}

static int try_fsopen(const char *type, char what[WHAT_MAX])
{
    return judge(syscall(SYS_fsopen, type, 0), what);
}

static int try_open_tree(const char *path, char what[WHAT_MAX])
{
    return judge(syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE), what);
}

static int try_attributes(const char *path, char what[WHAT_MAX])
{
    struct mount_attr none = {0};

    return judge(syscall(SYS_mount_setattr, AT_FDCWD, path, 0, &none, sizeof none), what);
}

static const struct {
    const char *name;
    int flag;
} kinds[] = {
    {"user", CLONE_NEWUSER}, {"mnt", CLONE_NEWNS},        {"net", CLONE_NEWNET}, {"pid", CLONE_NEWPID},
    {"ipc", CLONE_NEWIPC},   {"cgroup", CLONE_NEWCGROUP}, {"uts", CLONE_NEWUTS}, {"time", CLONE_NEWTIME},
};

static int flag_of(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].flag;
    return 0;
}

static int try_unshare(const char *kind, char what[WHAT_MAX])
{
    return judge(unshare(flag_of(kind)), what);
}

static int try_clone(const char *kind, char what[WHAT_MAX])
{
    long pid = syscall(SYS_clone, (unsigned long)flag_of(kind) | SIGCHLD, 0, 0, 0, 0);

    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid((pid_t)pid, NULL, 0);
    return judge(pid, what);
}

/* Its flags lie in memory, where the filter does not look. */
static int try_clone3(const char *kind, char what[WHAT_MAX])
{
    struct clone_args a = {.flags = (unsigned long)flag_of(kind), .exit_signal = SIGCHLD};
    long pid = syscall(SYS_clone3, &a, sizeof a);

    if (pid == 0)
        _exit(0);
    if (pid > 0)
        waitpid((pid_t)pid, NULL, 0);
    return judge(pid, what);
}

static int try_enter(const char *kind, char what[WHAT_MAX])
{
    char path[64];
    int fd, rc;

    snprintf(path, sizeof path, "/proc/1/ns/%s", kind);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    rc = judge(setns(fd, 0), what);
    close(fd);
    return rc;
}

static int try_group(const char *path, char what[WHAT_MAX])
{
    int fd = open(path, O_WRONLY | O_CLOEXEC), rc;

    if (fd < 0)
        return errno;
    rc = judge(write(fd, "0", 1), what);
    close(fd);
    return rc;
}

const struct attack attacks_namespaces[] = {
    {"mount-tmpfs", try_mount, "tmpfs"},
    {"mount-proc", try_mount, "proc"},
    {"mount-sysfs", try_mount, "sysfs"},
    {"mount-cgroup", try_mount, "cgroup2"},
    {"mount-disk", try_mount, "ext4"},
    {"mount-bind", try_bind, ""},
    {"mount-shared", try_propagate, ""},
    {"remount-root", try_remount, "/"},
    {"remount-sys", try_remount, "/sys"},
    {"remount-proc-sys", try_remount, "/proc/sys"},
    {"remount-hosts", try_remount, "/etc/hosts"},
    {"remount-home", try_remount, "/home/persona"},
    {"unmount-proc-sys", try_unmount, "/proc/sys"},
    {"unmount-kcore", try_unmount, "/proc/kcore"},
    {"pivot-root", try_pivot, ""},
    {"fsopen", try_fsopen, "tmpfs"},
    {"open-tree", try_open_tree, "/"},
    {"mount-setattr", try_attributes, "/"},
    {"unshare-user", try_unshare, "user"},
    {"unshare-mount", try_unshare, "mnt"},
    {"unshare-net", try_unshare, "net"},
    {"unshare-pid", try_unshare, "pid"},
    {"unshare-cgroup", try_unshare, "cgroup"},
    {"unshare-time", try_unshare, "time"},
    {"clone-user", try_clone, "user"},
    {"clone-net", try_clone, "net"},
    {"clone3-user", try_clone3, "user"},
    {"enter-net", try_enter, "net"},
    {"enter-mount", try_enter, "mnt"},
    {"enter-user", try_enter, "user"},
    {"join-cgroup", try_group, "/sys/fs/cgroup/cgroup.procs"},
    {"thaw-itself", try_group, "/sys/fs/cgroup/cgroup.freeze"},
    {"raise-memory", try_group, "/sys/fs/cgroup/memory.max"},
    {"kill-cgroup", try_group, "/sys/fs/cgroup/cgroup.kill"},
    {NULL, NULL, NULL},
};
