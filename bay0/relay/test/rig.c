/* SPDX-License-Identifier: MIT
 * Starts the relay on a socket of the test's own, and talks through it. */
#include "relay/test/rig.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ARGS = 40, GET_MS = 20000 };

static void need(bool ok, const char *what)
{
    if (ok)
        return;
    printf("Bail out! %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

int64_t rig_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void rig_sleep(int ms)
{
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

    nanosleep(&t, NULL);
}

static int free_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    need(bind(fd, (struct sockaddr *)&a, sizeof a) == 0 && getsockname(fd, (struct sockaddr *)&a, &len) == 0,
         "finding a port");
    close(fd);
    return ntohs(a.sin_port);
}

static struct sockaddr_un name_of(const struct rig *r)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    snprintf(a.sun_path, sizeof a.sun_path, "%s", r->socket);
    return a;
}

void rig_init(struct rig *r)
{
    struct sockaddr_un a;

    signal(SIGPIPE, SIG_IGN);
    *r = (struct rig){.port = free_port(), .control_fd = -1};
    snprintf(r->dir, sizeof r->dir, "/tmp/spine-relay-test-XXXXXX");
    need(mkdtemp(r->dir) != NULL, "making a folder");
    snprintf(r->socket, sizeof r->socket, "%s/ai.sock", r->dir);
    snprintf(r->file, sizeof r->file, "%s/note", r->dir);
    a = name_of(r);
    r->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    need(bind(r->listen_fd, (struct sockaddr *)&a, sizeof a) == 0 && listen(r->listen_fd, 512) == 0,
         "listening");
}

/* The relay lies four folders above the test program, in sbin. */
static void relay_path(char *path, size_t size, char *self)
{
    ssize_t n = readlink("/proc/self/exe", self, size - 1);

    need(n > 0, "finding the own program");
    self[n] = '\0';
    memcpy(path, self, (size_t)n + 1);
    for (int i = 0; i < 4; i++)
        *strrchr(path, '/') = '\0';
    strncat(path, "/sbin/spine-relay", size - strlen(path) - 1);
}

/* The listening socket lands on 3, the control socket on 4, and both survive exec, as bay0 and podman hand
 * them over. Nothing else is open above 2 then. */
static bool hand_over(const struct rig *r, int control)
{
    bool more = r->stray || r->steer;
    int high = r->steer ? fcntl(control, F_DUPFD_CLOEXEC, 10) : -1;

    if (r->listen_fd == 3 ? fcntl(3, F_SETFD, 0) < 0 : dup2(r->listen_fd, 3) < 0)
        return false;
    if (more && dup2(r->steer ? high : STDIN_FILENO, 4) < 0)
        return false;
    return syscall(SYS_close_range, more ? 5U : 4U, ~0U, 0U) == 0;
}

void rig_start(struct rig *r, const char *const *options, const char *const *cmd)
{
    static char self[4096], path[4096];
    char port[16], address[48];
    const char *server[] = {self, "serve", port, r->loads ? "0" : NULL, r->file, NULL};
    const char *argv[ARGS] = {path, "--connect", address};
    struct timeval patience = {.tv_sec = GET_MS / 1000};
    int n = 3, control[2] = {-1, -1};

    relay_path(path, sizeof path, self);
    snprintf(port, sizeof port, "%d", r->port);
    snprintf(address, sizeof address, "127.0.0.1:%d%s", r->port, r->loads ? "/health" : "");
    for (; options && *options; options++)
        argv[n++] = *options;
    if (r->steer) {
        argv[n++] = "--control";
        argv[n++] = "4";
        need(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) == 0 &&
                 setsockopt(control[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0,
             "a control socket");
        close(r->control_fd);
        r->control_fd = control[0];
    }
    argv[n++] = "--";
    for (const char *const *word = cmd ? cmd : server; *word; word++)
        argv[n++] = *word;
    r->relay = fork();
    need(r->relay >= 0, "fork");
    if (r->relay == 0) {
        if (!hand_over(r, control[1]) || (r->reaper && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0))
            _exit(99);
        execv(path, (char *const *)(uintptr_t)argv);
        perror(path);
        _exit(99);
    }
    close(control[1]);
}

void rig_tell(const struct rig *r, const void *text, size_t len, const int *fds, unsigned count)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(RIG_FDS * sizeof(int))];
    } room = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)text, .iov_len = len};
    struct msghdr msg = {.msg_iov = &part,
                         .msg_iovlen = 1,
                         .msg_control = &room,
                         .msg_controllen = count > 0 ? CMSG_SPACE(count * sizeof(int)) : 0};
    struct cmsghdr *m = CMSG_FIRSTHDR(&msg);
    bool sent;

    if (m) {
        m->cmsg_level = SOL_SOCKET;
        m->cmsg_type = SCM_RIGHTS;
        m->cmsg_len = CMSG_LEN(count * sizeof(int));
        memcpy(CMSG_DATA(m), fds, count * sizeof(int));
    }
    sent = sendmsg(r->control_fd, &msg, MSG_NOSIGNAL) == (ssize_t)len;
    if (!sent)
        kill(r->relay, SIGTERM);
    need(sent, "a packet for the relay");
}

int rig_wait(struct rig *r, int ms)
{
    int64_t until = rig_now() + ms;
    int status;

    for (;;) {
        pid_t pid = waitpid(r->relay, &status, WNOHANG);

        if (pid == r->relay) {
            r->relay = 0;
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        }
        if (rig_now() >= until)
            return -1;
        rig_sleep(5);
    }
}

void rig_finish(struct rig *r)
{
    if (r->relay > 0) {
        kill(r->relay, SIGTERM);
        if (rig_wait(r, 5000) == -1) {
            kill(r->relay, SIGKILL);
            waitpid(r->relay, NULL, 0);
        }
    }
    close(r->control_fd);
    close(r->listen_fd);
    unlink(r->socket);
    unlink(r->file);
    rmdir(r->dir);
}

int rig_connect(const struct rig *r)
{
    struct sockaddr_un a = name_of(r);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    need(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0, "connecting to the relay");
    return fd;
}

int rig_ask(const struct rig *r, const char *line)
{
    int fd = rig_connect(r);

    rig_put(fd, line, strlen(line));
    return fd;
}

void rig_put(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;

    while (n > 0) {
        ssize_t put = write(fd, p, n);

        if (put <= 0)
            return;
        p += put;
        n -= (size_t)put;
    }
}

ssize_t rig_get(int fd, void *bytes, size_t most)
{
    size_t have = 0;

    while (have < most) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        ssize_t n;

        if (poll(&p, 1, GET_MS) <= 0)
            return -1;
        n = read(fd, (char *)bytes + have, most - have);
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        have += (size_t)n;
    }
    return (ssize_t)have;
}

void rig_pattern(unsigned char *bytes, uint64_t from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)(((from + i) * UINT64_C(0x9e3779b97f4a7c15)) >> 40);
}

bool rig_get_pattern(int fd, uint64_t from, uint64_t n)
{
    static unsigned char got[1 << 18], want[1 << 18];

    while (n > 0) {
        size_t part = n < sizeof got ? (size_t)n : sizeof got;

        if (rig_get(fd, got, part) != (ssize_t)part)
            return false;
        rig_pattern(want, from, part);
        if (memcmp(got, want, part) != 0)
            return false;
        from += part;
        n -= part;
    }
    return true;
}

bool rig_noted(const struct rig *r, const char *text, int ms)
{
    int64_t until = rig_now() + ms;
    char got[64];

    do {
        int fd = open(r->file, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd >= 0 ? read(fd, got, sizeof got - 1) : -1;

        if (fd >= 0)
            close(fd);
        if (n > 0) {
            got[n] = '\0';
            return strcmp(got, text) == 0;
        }
        rig_sleep(5);
    } while (rig_now() < until);
    return false;
}

int rig_fds(const struct rig *r)
{
    char path[32];
    DIR *dir;
    int n = 0;

    snprintf(path, sizeof path, "/proc/%d/fd", (int)r->relay);
    dir = opendir(path);
    need(dir != NULL, path);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n - 2;
}

bool rig_settles(const struct rig *r, int fds, int ms)
{
    int64_t until = rig_now() + ms;

    while (rig_fds(r) != fds) {
        if (rig_now() >= until) {
            printf("# the relay has %d descriptors, not %d\n", rig_fds(r), fds);
            return false;
        }
        rig_sleep(5);
    }
    return true;
}

long rig_activity(const struct rig *r)
{
    char path[32], line[512];
    unsigned long user = 0, kernel = 0;
    long n = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/status", (int)r->relay);
    f = fopen(path, "re");
    need(f != NULL, path);
    while (fgets(line, sizeof line, f))
        if (strstr(line, "voluntary_ctxt_switches:"))
            n += atol(strchr(line, ':') + 1);
    fclose(f);
    snprintf(path, sizeof path, "/proc/%d/stat", (int)r->relay);
    f = fopen(path, "re");
    need(f && fgets(line, sizeof line, f), path);
    fclose(f);
    need(sscanf(strrchr(line, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                &kernel) == 2,
         path);
    return n + (long)(user + kernel);
}
