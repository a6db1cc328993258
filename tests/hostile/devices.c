/* SPDX-License-Identifier: MIT
 * Attacks on devices: those that are there, those that a persona makes, and what terminals can be told. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/tiocl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const char *const places[] = {"/home/persona/.hostile-node", "/tmp/.hostile-node", "/dev/hostile-node",
                                     "/dev/shm/.hostile-node", "/run/hostile-node"};

/* "b 254:0" where something can be written: made, and then opened. */
static int try_node(const char *which, char what[WHAT_MAX])
{
    unsigned major = 0, minor = 0;
    int rc = EPERM;
    char type = 0;

    if (sscanf(which, "%c %u:%u", &type, &major, &minor) != 3)
        return EINVAL;
    for (size_t i = 0; i < sizeof places / sizeof *places && rc != 0; i++) {
        unlink(places[i]);
        if (mknod(places[i], (type == 'b' ? S_IFBLK : S_IFCHR) | 0600, makedev(major, minor)) < 0) {
            rc = errno == ENOENT ? rc : errno;
            continue;
        }
        snprintf(what, WHAT_MAX, "%s was made", places[i]);
        unlink(places[i]);
        rc = 0;
    }
    return rc;
}

/* The test has left a device node there: does it open? */
static int try_open(const char *path, char what[WHAT_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return errno;
    close(fd);
    snprintf(what, WHAT_MAX, "%s opens", path);
    return 0;
}

static int try_each(const char *pattern, char what[WHAT_MAX])
{
    glob_t found = {0};
    int rc = ENOENT;

    if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc && rc != 0; i++)
            rc = try_open(found.gl_pathv[i], what);
    globfree(&found);
    return rc;
}

/* What is printed to the Spine's console goes to a terminal of its own instead. */
static int try_console(const char *arg, char what[WHAT_MAX])
{
    int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), peer, off = 0, rc;

    (void)arg;
    if (fd < 0 || ioctl(fd, TIOCSPTLCK, &off) < 0)
        return errno;
    peer = ioctl(fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    rc = peer < 0 ? errno : judge(ioctl(peer, TIOCCONS), what);
    close(fd);
    return rc;
}

static int try_console_words(const char *arg, char what[WHAT_MAX])
{
    int fd = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK), rc = 0;
    char order = TIOCL_SETVESABLANK;

    (void)arg;
    if (fd < 0)
        return errno;
    if (ioctl(fd, TIOCLINUX, &order) < 0)
        rc = errno;
    close(fd);
    if (rc == 0)
        snprintf(what, WHAT_MAX, "/dev/console is the Spine's own terminal");
    return rc;
}

const struct attack attacks_devices[] = {
    {"make-disk", try_node, "b 254:0"},
    {"make-loop", try_node, "b 7:0"},
    {"make-mem", try_node, "c 1:1"},
    {"make-kmsg", try_node, "c 1:11"},
    {"make-input", try_node, "c 13:64"},
    {"make-card", try_node, "c 226:0"},
    {"make-render", try_node, "c 226:128"},
    {"make-tty", try_node, "c 4:0"},
    {"make-watchdog", try_node, "c 10:130"},
    {"make-kvm", try_node, "c 10:232"},
    {"node-in-home-disk", try_open, "/home/persona/node-disk"},
    {"node-in-home-mem", try_open, "/home/persona/node-mem"},
    {"open-mem", try_each, "/dev/[mkp]*em"},
    {"open-disk", try_each, "/dev/[vsnl][dvo][a-z0-9o]*"},
    {"open-input", try_each, "/dev/input/*"},
    {"open-card", try_each, "/dev/dri/*"},
    {"open-sound", try_each, "/dev/snd/*"},
    {"open-fuse", try_each, "/dev/fuse"},
    {"open-tun", try_each, "/dev/net/tun"},
    {"open-userfaultfd", try_each, "/dev/userfaultfd"},
    {"open-watchdog", try_each, "/dev/watchdog*"},
    {"console-steal", try_console, ""},
    {"console-order", try_console_words, ""},
    {NULL, NULL, NULL},
};
