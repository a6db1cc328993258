/* SPDX-License-Identifier: MIT
 * The umbilical: files that are none, sizes that are lies, names that lead out. What crosses in the end is
 * judged, not what was answered to the request. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTROL "/run/spine/bay0.sock"
#define SEND    "{\"id\":1,\"cmd\":\"transfer.send\",\"args\":{\"name\":\"%s\",\"to\":\"%s\"}}\n"

enum { ANSWER_MS = 60000, FDS_MAX = 2, LINE_MAX_BYTES = 1024 };

/* Asks with these descriptors and the name, which is JSON already; 0 when something answered. */
static int offer(const int *fds, size_t n, const char *name, const char *to, char *said, size_t size)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(FDS_MAX * sizeof(int))];
    } c = {.room = {0}};
    char line[LINE_MAX_BYTES];
    struct iovec v = {line, (size_t)snprintf(line, sizeof line, SEND, name, to)};
    struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
    int fd = unix_connect(CONTROL);
    long got;

    if (fd < 0)
        return -1;
    if (n) {
        m.msg_control = &c;
        m.msg_controllen = CMSG_SPACE(n * sizeof(int));
        c.head = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(n * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&c.head), fds, n * sizeof(int));
    }
    got = sendmsg(fd, &m, MSG_NOSIGNAL) < 0 ? -1 : read_within(fd, said, size, ANSWER_MS);
    close(fd);
    return got > 0 ? 0 : -1;
}

/* Refused by what it is, and not because the sender has asked too often. */
static int refused(const char *said, char what[WHAT_MAX])
{
    if (!strstr(said, "a minute are the most") &&
        (strstr(said, "\"bad-value\"") || strstr(said, "\"limit-reached\"") || strstr(said, "\"bad-id\"") ||
         strstr(said, "\"bad-request\"") || strstr(said, "\"no-such-persona\"")))
        return EPERM;
    snprintf(what, WHAT_MAX, "%.150s", said);
    return 0;
}

static int something(const char *kind)
{
    static const char path[] = "/tmp/hostile-sent";
    int fd, pair[2];

    (void)unlink(path);
    if (strcmp(kind, "fifo") == 0)
        return mkfifo(path, 0600) < 0 ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (strcmp(kind, "link") == 0)
        return symlink("/etc/passwd", path) < 0 ? -1 : open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (strcmp(kind, "socket") == 0)
        return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ? -1 : pair[0];
    if (strcmp(kind, "directory") == 0)
        return open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (strcmp(kind, "device") == 0)
        return open("/dev/zero", O_RDONLY | O_CLOEXEC);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (strcmp(kind, "hole") == 0 && fd >= 0 && ftruncate(fd, (off_t)1 << 40) < 0)
        return -1;
    if (strcmp(kind, "blind") == 0)
        return open(path, O_WRONLY | O_CLOEXEC);
    return fd;
}

static int try_kind(const char *arg, char what[WHAT_MAX])
{
    char said[LINE_MAX_BYTES] = "";
    int fd = something(arg);

    if (fd < 0)
        return errno;
    if (offer(&fd, 1, "x", "victim", said, sizeof said) < 0) {
        snprintf(what, WHAT_MAX, "bay0 does not answer");
        return 0;
    }
    return refused(said, what);
}

static int try_count(const char *arg, char what[WHAT_MAX])
{
    char said[LINE_MAX_BYTES] = "";
    int fds[FDS_MAX] = {something("file"), something("file")};

    if (offer(fds, (size_t)atoi(arg), "x", "victim", said, sizeof said) < 0)
        return EBADMSG; /* hung up on */
    return refused(said, what);
}

static int try_receiver(const char *arg, char what[WHAT_MAX])
{
    char said[LINE_MAX_BYTES] = "";
    int fd = something("file");

    if (offer(&fd, 1, "x", arg, said, sizeof said) < 0)
        return EBADMSG;
    return refused(said, what);
}

/* It may well cross: as what it is called then, it must be nothing but a name. */
static int try_name(const char *arg, char what[WHAT_MAX])
{
    char said[LINE_MAX_BYTES] = "", *name, *end;
    int fd = something("file");

    if (write(fd, "x", 1) != 1 || offer(&fd, 1, arg, "victim", said, sizeof said) < 0)
        return EBADMSG;
    name = strstr(said, "\"name\":");
    if (!name)
        return refused(said, what);
    name += strlen("\"name\":");
    name += strspn(name, " \"");
    end = strchr(name, '"');
    if (end)
        *end = '\0';
    if (end && end > name && name[0] != '.' && name[0] != '-' &&
        name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+=,@")] == '\0')
        return EPERM;
    snprintf(what, WHAT_MAX, "it is called %.150s", name);
    return 0;
}

const struct attack attacks_transfer[] = {
    {"transfer-fifo", try_kind, "fifo"},
    {"transfer-link", try_kind, "link"},
    {"transfer-socket", try_kind, "socket"},
    {"transfer-directory", try_kind, "directory"},
    {"transfer-device", try_kind, "device"},
    {"transfer-hole", try_kind, "hole"},
    {"transfer-write-only", try_kind, "blind"},
    {"transfer-nothing", try_count, "0"},
    {"transfer-two", try_count, "2"},
    {"transfer-to-path", try_receiver, "../victim"},
    {"transfer-to-self", try_receiver, "*"},
    {"transfer-name-up", try_name, "../../victim/.profile"},
    {"transfer-name-hidden", try_name, ".ssh"},
    {"transfer-name-option", try_name, "-rf"},
    {"transfer-name-shell", try_name, "$(reboot);`reboot`\\n&"},
    {"transfer-name-control", try_name, "a\\u001b]0;x\\u0007\\u202eb"},
    {NULL, NULL, NULL},
};
