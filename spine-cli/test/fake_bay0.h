/* SPDX-License-Identifier: MIT
 * A bay0 for tests: a child that listens on a socket of its own, checks one request and plays an answer. */
#ifndef SPINE_CLI_TEST_FAKE_BAY0_H
#define SPINE_CLI_TEST_FAKE_BAY0_H

#include "tests/t.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct fake {
    char dir[64], path[96];
    pid_t pid;
};

/* Runs in the child after the request was read; fds are the three that came with it, or -1. */
typedef void fake_fn(int client, const int fds[3]);

struct fake_script {
    const char *request; /* the line that must come, without newline */
    const char *const
        *pieces;   /* sent one after the other with a pause between; NULL-terminated; may be NULL */
    fake_fn *then; /* may be NULL */
};

static inline void fake_send(int client, const char *text)
{
    size_t len = strlen(text);

    while (len > 0) {
        ssize_t n = send(client, text, len, MSG_NOSIGNAL);

        if (n <= 0)
            _exit(1);
        text += n;
        len -= (size_t)n;
    }
}

/* Reads up to the newline; the descriptors must come with the first bytes. */
static inline void fake_read(int client, char *line, size_t size, int fds[3])
{
    size_t len = 0;

    fds[0] = fds[1] = fds[2] = -1;
    while (len + 1 < size && (len == 0 || line[len - 1] != '\n')) {
        char control[CMSG_SPACE(3 * sizeof(int))];
        struct iovec part = {line + len, size - 1 - len};
        struct msghdr m = {
            .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        ssize_t n = recvmsg(client, &m, 0);
        struct cmsghdr *h = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

        if (n <= 0)
            _exit(1);
        if (h && h->cmsg_len <= CMSG_LEN(3 * sizeof(int)))
            memcpy(fds, CMSG_DATA(h), h->cmsg_len - CMSG_LEN(0));
        len += (size_t)n;
    }
    line[len ? len - 1 : 0] = '\0';
}

static inline void fake_serve(int listener, const struct fake_script *s)
{
    static char line[70000];
    int fds[3], client = accept(listener, NULL, NULL);

    fake_read(client, line, sizeof line, fds);
    if (strcmp(line, s->request) != 0) {
        fprintf(stderr, "# the request was %s\n", line);
        fake_send(
            client,
            "{\"id\":1,\"ok\":false,\"error\":{\"code\":\"internal\",\"message\":\"wrong request\"}}\n");
        _exit(1);
    }
    for (const char *const *p = s->pieces; p && *p; p++) {
        fake_send(client, *p);
        poll(NULL, 0, 10);
    }
    if (s->then)
        s->then(client, fds);
    _exit(0);
}

static inline void fake_start(struct fake *f, const struct fake_script *s)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strcpy(f->dir, "/tmp/spine-test-XXXXXX");
    if (!mkdtemp(f->dir))
        abort();
    snprintf(f->path, sizeof f->path, "%s/bay0.sock", f->dir);
    strcpy(a.sun_path, f->path);
    if (bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 1))
        abort();
    fflush(NULL);
    f->pid = fork();
    if (f->pid == 0) {
        alarm(20); /* a test that went wrong must not leave it behind */
        fake_serve(fd, s);
    }
    close(fd);
}

/* True when it got what it expected. */
static inline bool fake_end(struct fake *f)
{
    int status = -1;

    waitpid(f->pid, &status, 0);
    unlink(f->path);
    rmdir(f->dir);
    return status == 0;
}

#endif
