/* SPDX-License-Identifier: MIT
 * Attacks on what has a name: the Spine's files, ways out of the home and the root. */
#include "hostile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_ROOM = 1024, DEPTH_MAX = 12 };

/* The first thing below dir that opens for writing. */
static int try_tree(const char *dir, unsigned depth, char what[WHAT_MAX])
{
    DIR *d = opendir(dir);
    struct dirent *e;
    int rc = EACCES;

    if (!d)
        return errno;
    while (rc != 0 && (e = readdir(d))) {
        char path[PATH_ROOM];
        struct stat st;
        int fd;

        if (e->d_name[0] == '.' || snprintf(path, sizeof path, "%s/%s", dir, e->d_name) >= (int)sizeof path ||
            lstat(path, &st) < 0)
            continue;
        if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX && try_tree(path, depth + 1, what) == 0)
            rc = 0;
        if (!S_ISREG(st.st_mode) || (fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK)) < 0)
            continue;
        close(fd);
        snprintf(what, WHAT_MAX, "%.150s opens for writing", path);
        rc = 0;
    }
    closedir(d);
    return rc;
}

static int try_walk(const char *dir, char what[WHAT_MAX])
{
    return try_tree(dir, 0, what);
}

static int try_open(const char *path, int flags, char what[WHAT_MAX])
{
    int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);

    if (fd < 0)
        return errno;
    close(fd);
    snprintf(what, WHAT_MAX, "%.150s opens", path);
    return 0;
}

static int try_write(const char *path, char what[WHAT_MAX])
{
    return try_open(path, O_WRONLY, what);
}

static int try_make(const char *path, char what[WHAT_MAX])
{
    int rc = try_open(path, O_WRONLY | O_CREAT | O_EXCL, what);

    if (rc == 0)
        unlink(path);
    return rc;
}

/* What is masked opens as /dev/null and is empty. */
static int try_read(const char *path, char what[WHAT_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), saved;
    char byte;
    ssize_t n;

    if (fd < 0)
        return errno;
    n = read(fd, &byte, 1);
    saved = n < 0 ? errno : ENODATA;
    close(fd);
    if (n < 1)
        return saved;
    snprintf(what, WHAT_MAX, "%.150s was read", path);
    return 0;
}

/* Whoever is never chosen by the out-of-memory killer has others die for it. */
static int try_oom(const char *score, char what[WHAT_MAX])
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC), rc;

    if (fd < 0)
        return errno;
    rc = write(fd, score, strlen(score)) < 0 ? errno : 0;
    close(fd);
    if (rc == 0)
        snprintf(what, WHAT_MAX, "its score is %s", score);
    return rc;
}

static int try_group(const char *path, char what[WHAT_MAX])
{
    if (mkdir(path, 0755) < 0)
        return errno;
    rmdir(path);
    snprintf(what, WHAT_MAX, "%s was made", path);
    return 0;
}

/* Is this the Spine's root, or does it hold anything of it? */
static int is_spine(const char *dir, char what[WHAT_MAX])
{
    static const char *const mine[] = {"usr/lib/spine/bay0", "persist/personas.db", "run/spine/ui",
                                       "usr/share/spine"};
    char path[PATH_ROOM];

    for (size_t i = 0; i < sizeof mine / sizeof *mine; i++) {
        snprintf(path, sizeof path, "%s/%s", dir, mine[i]);
        if (access(path, F_OK) == 0) {
            snprintf(what, WHAT_MAX, "%.150s is there", path);
            return 0;
        }
    }
    return ENOENT;
}

/* `..` from wherever it stands, and a path that does not end. */
static int try_dots(const char *from, char what[WHAT_MAX])
{
    char path[PATH_ROOM];
    size_t n = (size_t)snprintf(path, sizeof path, "%s", from);

    for (int i = 0; i < 40; i++)
        n += (size_t)snprintf(path + n, sizeof path - n, "/..");
    return is_spine(path, what);
}

/* A symbolic link in the home that wants to be followed to the Spine's files. */
static int try_link(const char *target, char what[WHAT_MAX])
{
    static const char at[] = "/home/persona/.hostile-link";
    int rc;

    unlink(at);
    if (symlink(target, at) < 0)
        return errno;
    rc = try_read(at, what);
    unlink(at);
    return rc;
}

/* chroot(2) does not move the working directory: from below it `..` knows no end. */
static int try_chroot(const char *arg, char what[WHAT_MAX])
{
    (void)arg;
    if (chdir("/tmp") < 0 || (mkdir(".hostile", 0700) < 0 && errno != EEXIST))
        return errno;
    if (chroot(".hostile") < 0)
        return errno;
    for (int i = 0; i < 40; i++)
        if (chdir("..") < 0)
            return errno;
    if (chroot(".") < 0)
        return errno;
    return is_spine("", what);
}

/* Of every process that is seen: whose root, working directory and open files lead out? */
static int try_proc(const char *arg, char what[WHAT_MAX])
{
    static const char *const ways[] = {"root", "cwd"};
    char path[64];

    (void)arg;
    for (int pid = 1; pid < 4096; pid++)
        for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
            snprintf(path, sizeof path, "/proc/%d/%s", pid, ways[i]);
            if (is_spine(path, what) == 0)
                return 0;
        }
    return ENOENT;
}

/* A file or folder that was left open by who started this. */
static int try_left_open(const char *arg, char what[WHAT_MAX])
{
    char path[64], at[PATH_ROOM];

    (void)arg;
    for (int fd = 0; fd < 1024; fd++) {
        ssize_t n;

        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        n = readlink(path, at, sizeof at - 1);
        at[n > 0 ? n : 0] = '\0';
        if (n <= 0 || strncmp(at, "pipe:", 5) == 0 || strncmp(at, "/dev/pts/", 9) == 0 ||
            strcmp(at, "/dev/null") == 0)
            continue;
        snprintf(what, WHAT_MAX, "descriptor %d is %.150s", fd, at);
        return 0;
    }
    return ENOENT;
}

static int try_environ(const char *word, char what[WHAT_MAX])
{
    char path[64], text[65536];

    for (int pid = 1; pid < 4096; pid++) {
        int fd;
        ssize_t n;

        snprintf(path, sizeof path, "/proc/%d/environ", pid);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        n = fd >= 0 ? read(fd, text, sizeof text) : -1;
        if (fd >= 0)
            close(fd);
        if (n > 0 && memmem(text, (size_t)n, word, strlen(word))) {
            snprintf(what, WHAT_MAX, "%s has %s", path, word);
            return 0;
        }
    }
    return ENOENT;
}

/* What the Spine has bound is moved away, so that something else lies there at the next look. */
static int try_swap(const char *path, char what[WHAT_MAX])
{
    char away[PATH_ROOM];
    int rc;

    snprintf(away, sizeof away, "%s.away", path);
    if (rename(path, away) < 0) {
        rc = errno;
        if (unlink(path) < 0 && rmdir(path) < 0)
            return rc;
    } else {
        rename(away, path);
    }
    snprintf(what, WHAT_MAX, "%s was moved or removed", path);
    return 0;
}

/* The test has left a setuid program in the home: does it become its owner? */
static int try_setuid(const char *path, char what[WHAT_MAX])
{
    char line[200], *end;
    FILE *p;
    long uid;

    snprintf(line, sizeof line, "%s whoami", path);
    p = popen(line, "r"); /* no shell in an image is no refusal of this: see the other profiles */
    if (!p || !fgets(line, sizeof line, p)) {
        if (p)
            pclose(p);
        return ENOEXEC;
    }
    pclose(p);
    uid = strtol(line, &end, 10);
    if (uid == (long)getuid())
        return EPERM;
    snprintf(what, WHAT_MAX, "it runs as %ld, not %d", uid, (int)getuid());
    return 0;
}

/* How much of the Spine's /run can be filled through the small files that every container has. */
static int try_fill(const char *path, char what[WHAT_MAX])
{
    static char block[1 << 20];
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    struct statfs fs;
    long n = 0;

    if (fd < 0)
        return errno;
    if (fstatfs(fd, &fs) == 0 && fs.f_type != TMPFS_MAGIC) {
        close(fd);
        return ENOTSUP; /* of the persona's own root */
    }
    while (n < 64 && write(fd, block, sizeof block) == sizeof block)
        n++;
    (void)!ftruncate(fd, 0);
    close(fd);
    if (n < 8)
        return ENOSPC;
    snprintf(what, WHAT_MAX, "%s took %ld MiB", path, n);
    return 0;
}

const struct attack attacks_files[] = {
    {"write-root", try_make, "/hostile"},
    {"write-usr", try_make, "/usr/local/bin/hostile"},
    {"write-proc-sys", try_walk, "/proc/sys"},
    {"write-sys", try_walk, "/sys"},
    {"write-cgroup", try_walk, "/sys/fs/cgroup"},
    {"make-cgroup", try_group, "/sys/fs/cgroup/hostile"},
    {"write-sysrq", try_write, "/proc/sysrq-trigger"},
    {"write-irq", try_walk, "/proc/irq"},
    {"write-spine-program", try_write, "/usr/local/bin/spine"},
    {"write-kmsg", try_write, "/dev/kmsg"},
    {"lower-oom-score", try_oom, "-900"},
    {"read-kcore", try_read, "/proc/kcore"},
    {"read-kmsg", try_read, "/proc/kmsg"},
    {"read-keys", try_read, "/proc/keys"},
    {"read-timers", try_read, "/proc/timer_list"},
    {"read-page-flags", try_read, "/proc/kpageflags"},
    {"read-debugfs", try_read, "/sys/kernel/debug/sched/debug"},
    {"read-tracefs", try_read, "/sys/kernel/tracing/trace"},
    {"read-firmware", try_read, "/sys/firmware/acpi/tables/FACP"},
    {"read-spine-environ", try_environ, "BAY0_"},
    {"read-podman-environ", try_environ, "CONTAINERS_CONF="},
    {"proc-root", try_proc, ""},
    {"left-open", try_left_open, ""},
    {"dots-home", try_dots, "/home/persona"},
    {"dots-cgroup", try_dots, "/sys/fs/cgroup"},
    {"link-registry", try_link, "/persist/personas.db"},
    {"link-other-home", try_link, "/persist/home/victim/secret"},
    {"link-audit", try_link, "../../../../../../../../../persist/audit/1.jsonl"},
    {"chroot-escape", try_chroot, ""},
    {"swap-home", try_swap, "/home/persona"},
    {"swap-control", try_swap, "/run/spine/bay0.sock"},
    {"swap-hosts", try_swap, "/etc/hosts"},
    {"swap-program", try_swap, "/usr/local/bin/spine"},
    {"fill-hosts", try_fill, "/etc/hosts"},
    {"fill-resolv-conf", try_fill, "/etc/resolv.conf"},
    {"fill-hostname", try_fill, "/etc/hostname"},
    {"fill-containerenv", try_fill, "/run/.containerenv"},
    {"setuid-in-home", try_setuid, "/home/persona/setuid"},
    {NULL, NULL, NULL},
};
