/* SPDX-License-Identifier: MIT
 * Attempts on what has a name: files, devices, sockets. */
#include "spine-cli/probe.h"

#include "core/name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_MS = 3000 };

/* Opening is enough to know; nothing is ever written. */
static int try_write(const char *path, char what[PROBE_WHAT_MAX])
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return errno;
    close(fd);
    snprintf(what, PROBE_WHAT_MAX, "%s is open for writing", path);
    return 0;
}

/* For a program that runs: it is always busy. */
static int try_replace(const char *path, char what[PROBE_WHAT_MAX])
{
    if (access(path, W_OK) < 0)
        return errno;
    snprintf(what, PROBE_WHAT_MAX, "%s may be written", path);
    return 0;
}

static int open_for_reading(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* What is hidden behind /dev/null opens, and is empty. */
static int try_read(const char *path, char what[PROBE_WHAT_MAX])
{
    int fd = open_for_reading(path);
    ssize_t n;
    int saved;
    char byte;

    if (fd < 0)
        return errno;
    n = read(fd, &byte, 1);
    saved = n < 0 ? errno : EPERM;
    close(fd);
    if (n <= 0)
        return saved;
    snprintf(what, PROBE_WHAT_MAX, "%s was read", path);
    return 0;
}

static int try_see(const char *pattern, char what[PROBE_WHAT_MAX])
{
    glob_t found = {0};
    int rc = glob(pattern, GLOB_NOSORT, NULL, &found) == 0 ? 0 : ENOENT;

    if (rc == 0)
        snprintf(what, PROBE_WHAT_MAX, "%s is there", found.gl_pathv[0]);
    globfree(&found);
    return rc;
}

/* Tries what the pattern names until one of them gives a descriptor; done says what that means. */
static int try_each(const char *pattern, int (*get)(const char *path), const char *done,
                    char what[PROBE_WHAT_MAX])
{
    glob_t found = {0};
    int rc = ENOENT;

    if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc && rc != 0; i++) {
            int fd = get(found.gl_pathv[i]);

            rc = fd < 0 ? errno : 0;
            if (fd < 0)
                continue;
            close(fd);
            snprintf(what, PROBE_WHAT_MAX, "%s %s", found.gl_pathv[i], done);
        }
    globfree(&found);
    return rc;
}

static int try_device(const char *pattern, char what[PROBE_WHAT_MAX])
{
    return try_each(pattern, open_for_reading, "was opened", what);
}

static int try_group(const char *path, char what[PROBE_WHAT_MAX])
{
    if (mkdir(path, 0755) < 0)
        return errno;
    rmdir(path);
    snprintf(what, PROBE_WHAT_MAX, "%s was made", path);
    return 0;
}

static int try_node(const char *path, char what[PROBE_WHAT_MAX])
{
    enum { INPUT_MAJOR = 13, EVENT0 = 64 };

    if (mknod(path, S_IFCHR | 0600, (dev_t)(INPUT_MAJOR << 8 | EVENT0)) < 0)
        return errno;
    unlink(path);
    snprintf(what, PROBE_WHAT_MAX, "a node of /dev/input/event0 was made");
    return 0;
}

static int try_suid(const char *path, char what[PROBE_WHAT_MAX])
{
    struct statvfs fs;

    if (statvfs(path, &fs) < 0)
        return errno;
    if ((fs.f_flag & (ST_NOSUID | ST_NODEV)) == (ST_NOSUID | ST_NODEV))
        return EPERM;
    snprintf(what, PROBE_WHAT_MAX, "%s is mounted without nosuid,nodev", path);
    return 0;
}

static int connect_to(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), saved;

    if (fd < 0)
        return -1;
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    if (connect(fd, (const struct sockaddr *)&a, sizeof a) == 0)
        return fd;
    saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static int try_socket(const char *pattern, char what[PROBE_WHAT_MAX])
{
    return try_each(pattern, connect_to, "takes a connection", what);
}

/* The Spine's programs must not be seen: a persona has its own table of processes. */
static int try_process(const char *name, char what[PROBE_WHAT_MAX])
{
    DIR *proc = opendir("/proc");
    struct dirent *d;
    int rc = ENOENT;

    if (!proc)
        return errno;
    while (rc != 0 && (d = readdir(proc))) {
        char path[300], comm[32] = "";
        ssize_t n = -1;
        int fd;

        if (d->d_name[0] < '1' || d->d_name[0] > '9')
            continue;
        snprintf(path, sizeof path, "/proc/%s/comm", d->d_name);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
            n = read(fd, comm, sizeof comm - 1);
            close(fd);
        }
        comm[n > 0 ? n - 1 : 0] = '\0';
        if (strcmp(comm, name) == 0) {
            snprintf(what, PROBE_WHAT_MAX, "%s is process %.20s", name, d->d_name);
            rc = 0;
        }
    }
    closedir(proc);
    return rc;
}

/* Is the user 0 in here the user 0 of the Spine? user_namespaces(7). */
static int try_root(const char *path, char what[PROBE_WHAT_MAX])
{
    char map[128] = "", *at;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, map, sizeof map - 1) : -1;

    if (fd >= 0)
        close(fd);
    if (n > 0)
        strtoul(map, &at, 10); /* the first id inside; the one outside comes next */
    if (n <= 0 || strtoul(at, NULL, 10) != 0)
        return EPERM;
    snprintf(what, PROBE_WHAT_MAX, "its root is the Spine's root");
    return 0;
}

/* Asks for a verb that is the Spine's; what it would be done to does not exist. */
static int try_verb(const char *request, char what[PROBE_WHAT_MAX])
{
    char answer[512] = "";
    int fd = connect_to("/run/spine/bay0.sock");
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ssize_t n;

    if (fd < 0)
        return errno;
    n = send(fd, request, strlen(request), MSG_NOSIGNAL);
    if (n == (ssize_t)strlen(request) && poll(&p, 1, ANSWER_MS) == 1) {
        n = recv(fd, answer, sizeof answer - 1, 0);
        answer[n > 0 ? n : 0] = '\0';
    }
    close(fd);
    if (strstr(answer, "\"not-allowed\""))
        return EPERM;
    snprintf(what, PROBE_WHAT_MAX, "bay0 said: %.100s", *answer ? answer : "nothing");
    return 0;
}

#define ASK(cmd, args) "{\"id\":1,\"cmd\":\"" cmd "\",\"args\":{" args "}}\n"
#define NOBODY         "\"id\":\"" NAME_DOCTOR "\""

const struct probe probe_files[] = {
    {"be the Spine's root", try_root, "/proc/self/uid_map"},
    {"see the Spine's processes", try_process, "bay0"},
    {"see /persist", try_see, "/persist"},
    {"change the program that the Spine lends it", try_replace, "/usr/local/bin/spine"},
    {"give programs in its home another user's rights", try_suid, "/home/persona"},
    {"write to /proc/sysrq-trigger", try_write, "/proc/sysrq-trigger"},
    {"write to /proc/sys/kernel/core_pattern", try_write, "/proc/sys/kernel/core_pattern"},
    {"write to /proc/sys/vm/drop_caches", try_write, "/proc/sys/vm/drop_caches"},
    {"read /proc/kcore", try_read, "/proc/kcore"},
    {"write to /sys/power/state", try_write, "/sys/power/state"},
    {"write to /sys/kernel/uevent_seqnum", try_replace, "/sys/kernel/uevent_seqnum"},
    {"make a control group", try_group, "/sys/fs/cgroup/spine-probe"},
    {"raise its own limits", try_write, "/sys/fs/cgroup/pids.max"},
    {"open /dev/input", try_device, "/dev/input/event*"},
    {"open a display card", try_device, "/dev/dri/card*"},
    {"open a disk", try_device, "/dev/[svn][dv][a-m]*"},
    {"open /dev/mem", try_device, "/dev/mem"},
    {"write to the kernel's log", try_write, "/dev/kmsg"},
    {"make a device", try_node, "/tmp/.spine-probe"},
    {"reach the compositor itself", try_socket, "/run/spine/ui/wayland-*"},
    {"command the compositor", try_socket, "/run/spine/ui/sway*.sock"},
    {"reach the sound server without a grant", try_socket, "/run/pipewire-*"},
    {"reach the sound server itself", try_socket, "/run/spine/audio/pipewire-*"},
    {"reach ai-core without a grant", try_socket, "/run/ai.sock"},
    {"reach ai-core itself", try_socket, "/run/spine/ai/*.sock"},
    {"reach the seat", try_socket, "/run/seatd.sock"},
    {"reach another persona's sockets", try_socket, "/run/spine/persona/*/*"},
    {"ask bay0 for its log", try_verb, ASK("logs", "\"lines\":1")},
    {"ask bay0 for its events", try_verb, ASK("subscribe", "")},
    {"ask bay0 to stop a persona", try_verb, ASK("persona.stop", NOBODY)},
    {"ask bay0 to bring a persona to the front", try_verb, ASK("persona.focus", NOBODY)},
    {"ask bay0 to run a program in a persona", try_verb,
     ASK("persona.exec", NOBODY ",\"detach\":true,\"command\":[\"true\"]")},
    {NULL, NULL, NULL},
};
