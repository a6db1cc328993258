/* SPDX-License-Identifier: MIT
 * What the tests of the control sockets share: two servers, a handler that notes what it got, and clients. */
#ifndef BAY0_TEST_SERVER_KIT_H
#define BAY0_TEST_SERVER_KIT_H

#include "server.h"

#include "fsutil.h"
#include "tests/t.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct loop *loop;
static struct server *spine, *persona;
static char dir[] = "/tmp/spine-server-XXXXXX";
static char spine_path[64], persona_path[64];

static struct {
    int calls, gone;
    bool later;        /* do not answer: the test does */
    bool destroy;      /* the handler destroys the persona's server */
    size_t out;        /* answer with this much text */
    client_ref client; /* of the last call */
    int64_t id;
    uid_t uid;
    char persona[32];
    char fd_text[64]; /* first byte of each fd that came */
} seen;

static inline void on_gone(void *user, client_ref c)
{
    (void)user;
    seen.gone++;
    T_NAMED(!server_alive(c), "a client that is told to be gone is gone");
}

static inline void on_call(void *user, struct call *c)
{
    static char big[1 << 18];

    (void)user;
    seen.calls++;
    seen.client = c->client;
    seen.id = c->request->id;
    seen.uid = c->uid;
    snprintf(seen.persona, sizeof seen.persona, "%s", c->persona ? c->persona : "");
    seen.fd_text[0] = '\0';
    for (int i = 0; i < SERVER_FDS_MAX; i++) {
        char byte[2] = "-";

        if (c->fds[i] >= 0) {
            if (!(fcntl(c->fds[i], F_GETFD) & FD_CLOEXEC) || pread(c->fds[i], byte, 1, 0) != 1)
                byte[0] = '?';
        }
        strncat(seen.fd_text, byte, sizeof seen.fd_text - strlen(seen.fd_text) - 1);
    }
    if (seen.destroy) {
        server_destroy(persona);
        persona = NULL;
        return;
    }
    if (c->request->verb->id == VERB_SUBSCRIBE)
        server_subscribe(c->client);
    if (seen.later) {
        server_on_gone(c->client, on_gone, NULL);
        return;
    }
    if (seen.out) {
        json_t *result = json_object();

        memset(big, 'x', seen.out);
        json_object_set_new(result, "text", json_stringn(big, seen.out));
        server_answer_ok(c->client, c->request->id, result);
        json_decref(result);
        return;
    }
    server_answer_ok(c->client, c->request->id, NULL);
}

static inline void turn(int times)
{
    while (times-- > 0)
        loop_turn(loop, 2);
}

static inline int dial(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    snprintf(addr.sun_path, sizeof addr.sun_path, "%s", path);
    if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof addr) < 0) {
        fs_close(&fd);
        return -1;
    }
    return fd;
}

static inline void put(int fd, const char *text)
{
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* What comes within ms, up to size; *end: the connection was closed. */
static inline size_t get(int fd, char *out, size_t size, const char *until, uint64_t ms, bool *end)
{
    size_t len = 0;

    if (end)
        *end = false;
    out[0] = '\0';
    for (uint64_t stop = loop_now() + ms; loop_now() < stop && len < size - 1;) {
        ssize_t got = recv(fd, out + len, size - 1 - len, 0);

        if (got == 0 || (got < 0 && errno != EAGAIN)) {
            if (end)
                *end = true;
            break;
        }
        if (got > 0) {
            len += (size_t)got;
            out[len] = '\0';
            if (until && strstr(out, until))
                break;
        } else {
            loop_turn(loop, 2);
        }
    }
    return len;
}

static inline void expect(int fd, const char *want)
{
    char text[4096];

    get(fd, text, sizeof text, "\n", 2000, NULL);
    if (!strstr(text, want))
        printf("# got %s", text);
    T_NAMED(strstr(text, want) != NULL, want);
}

static inline bool closed(int fd)
{
    static char text[1 << 16];
    bool end = false;

    for (int i = 0; i < 100 && !end; i++)
        get(fd, text, sizeof text, NULL, 100, &end);
    return end;
}

static inline size_t count(const char *text, char c)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == c;
    return n;
}

static inline size_t open_fds(void)
{
    DIR *d = opendir("/proc/self/fd");
    size_t n = 0;

    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

static inline void start(void)
{
    struct err e = {0};

    spine = server_create(loop, server_listen(spine_path, 0660, 0, 0, 128, &e), NULL, on_call, NULL, &e);
    persona =
        server_create(loop, server_listen(persona_path, 0666, 0, 0, 128, &e), "work", on_call, NULL, &e);
    T(spine && persona);
}

static inline bool send_fds(int fd, const char *text, const int *fds, size_t n)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(32 * sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text)};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = CMSG_SPACE(n * sizeof(int))};
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);

    h->cmsg_level = SOL_SOCKET;
    h->cmsg_type = SCM_RIGHTS;
    h->cmsg_len = CMSG_LEN(n * sizeof(int));
    memcpy(CMSG_DATA(h), fds, n * sizeof(int));
    return sendmsg(fd, &m, MSG_NOSIGNAL) > 0;
}

static inline void kit_begin(void)
{
    T(mkdtemp(dir) != NULL);
    snprintf(spine_path, sizeof spine_path, "%s/bay0.sock", dir);
    snprintf(persona_path, sizeof persona_path, "%s/work.sock", dir);
    loop = loop_create();
    T(loop != NULL);
}

static inline void kit_end(void)
{
    server_destroy(spine);
    server_destroy(persona);
    loop_destroy(loop);
    unlink(spine_path);
    unlink(persona_path);
    T_INT(rmdir(dir), 0);
}

#endif
