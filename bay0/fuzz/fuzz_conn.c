/* SPDX-License-Identifier: MIT
 * Fuzz target: connections to a control socket. The input is a script of clients that send in pieces of any
 * size, with fds or without, read slowly, close half or all; every whole line must be answered exactly once,
 * in whole lines, and no fd may be left over. */
#include "server.h"

#include "fsutil.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CLIENTS = 3, WAITING_MAX = 256, IDLE_MAX = 500, IN_MAX = 65536 };

static struct loop *loop;
static int listening; /* the server's, for as long as this runs */
static struct sockaddr_un address;
static socklen_t address_len;

/* One client as it sees itself. */
struct peer {
    int fd;
    bool half;            /* it has said its last word */
    bool partial;         /* a line is begun */
    bool ended;           /* bay0 has closed */
    size_t lines, finals; /* sent, answered */
    size_t line_len, longest;
    char in[IN_MAX];
    size_t in_len;
};
static struct peer peers[CLIENTS];
static struct {
    client_ref client;
    int64_t id;
} waiting[WAITING_MAX];
static size_t waiting_n;
static bool later;

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void on_call(void *user, struct call *c)
{
    (void)user;
    for (size_t i = 0; i < SERVER_FDS_MAX; i++)
        if (c->fds[i] >= 0) {
            must(fcntl(c->fds[i], F_GETFD) == FD_CLOEXEC);
            if (i == 0)
                fs_close(&c->fds[i]); /* taken; the others are bay0's to close */
        }
    if (c->request->verb->id == VERB_SUBSCRIBE)
        server_subscribe(c->client);
    if (later && waiting_n < WAITING_MAX) {
        waiting[waiting_n].client = c->client;
        waiting[waiting_n++].id = c->request->id;
    } else {
        server_answer_ok(c->client, c->request->id, NULL);
    }
}

static void answer_one(size_t words)
{
    json_t *list, *result;

    if (waiting_n == 0)
        return;
    list = json_array();
    for (size_t i = 0; i < words; i++)
        json_array_append_new(list, json_string("a word of some length"));
    result = json_pack("{s:o}", "words", list);
    waiting_n--;
    server_progress(waiting[waiting_n].client, waiting[waiting_n].id, "step", 50, NULL);
    server_answer_ok(waiting[waiting_n].client, waiting[waiting_n].id, result);
    json_decref(result);
}

static void begin(void)
{
    struct err e = {0};

    listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    address.sun_family = AF_UNIX;
    address_len = sizeof address;
    loop = loop_create();
    log_level_set(LOG_LEVEL_ERROR);
    must(loop && listening >= 0 && bind(listening, (struct sockaddr *)&address, sizeof(sa_family_t)) == 0 &&
         listen(listening, 64) == 0 &&
         getsockname(listening, (struct sockaddr *)&address, &address_len) == 0 &&
         server_create(loop, listening, NULL, on_call, NULL, &e));
}

static void turn(size_t n)
{
    while (n-- > 0)
        loop_turn(loop, 0);
}

static void open_peer(struct peer *p)
{
    int small = 4096;

    memset(p, 0, sizeof *p);
    p->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    turn(1); /* the queue of the socket is not endless */
    must(p->fd >= 0 && connect(p->fd, (struct sockaddr *)&address, address_len) == 0);
    (void)setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
}

static void close_peer(struct peer *p)
{
    fs_close(&p->fd);
}

/* Counts what really went out. */
static void sent(struct peer *p, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        p->line_len++;
        if (p->line_len > p->longest)
            p->longest = p->line_len;
        if (data[i] == '\n') {
            p->lines++;
            p->line_len = 0;
        }
    }
    p->partial = p->line_len > 0;
}

static void put(struct peer *p, const uint8_t *data, size_t len, size_t fds_n)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(4 * sizeof(int))];
    } control = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = len};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    int fds[4] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, STDIN_FILENO};
    ssize_t n;

    if (p->fd < 0 || p->half || len == 0)
        return;
    if (fds_n > 0) {
        m.msg_control = &control;
        m.msg_controllen = CMSG_SPACE(fds_n * sizeof(int));
        control.align = (struct cmsghdr){
            .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(fds_n * sizeof(int))};
        memcpy(CMSG_DATA(&control.align), fds, fds_n * sizeof(int));
    }
    n = sendmsg(p->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0)
        sent(p, data, (size_t)n);
}

/* A whole line that came back is sound; the unfinished rest waits. */
static void take_lines(struct peer *p)
{
    char *at = p->in, *end;

    while ((end = memchr(at, '\n', p->in_len - (size_t)(at - p->in)))) {
        struct reply reply;
        struct err e = {0};

        must(proto_reply_parse(at, (size_t)(end - at), &reply, &e) == 0);
        p->finals += reply.kind == PROTO_KIND_OK || reply.kind == PROTO_KIND_FAIL;
        proto_reply_finish(&reply);
        at = end + 1;
    }
    p->in_len -= (size_t)(at - p->in);
    memmove(p->in, at, p->in_len);
}

static bool get(struct peer *p, size_t max)
{
    ssize_t n;

    if (p->fd < 0 || p->ended)
        return false;
    if (max > sizeof p->in - p->in_len)
        max = sizeof p->in - p->in_len;
    must(max > 0); /* bay0 says nothing as long as that here */
    n = recv(p->fd, p->in + p->in_len, max, MSG_DONTWAIT);
    p->ended = n == 0 || (n < 0 && errno != EAGAIN);
    if (n <= 0)
        return false;
    p->in_len += (size_t)n;
    take_lines(p);
    return true;
}

static void half_close(struct peer *p)
{
    if (p->fd >= 0)
        (void)shutdown(p->fd, SHUT_WR);
    p->half = true;
}

static void publish(size_t words)
{
    json_t *event = json_pack("{s:s, s:i}", "event", "test", "words", (int)words);

    server_publish(event);
    json_decref(event);
}

/* One instruction; returns how many bytes of data it used. */
static size_t act(struct peer **p, unsigned op, size_t arg, const uint8_t *data, size_t size)
{
    static const uint8_t hello[] = "{\"id\":7,\"cmd\":\"hello\"}\n";
    size_t len = arg + 1 < size ? arg + 1 : size;

    switch (op) {
    case 0:
        put(*p, data, len, 0);
        return len;
    case 1:
        for (size_t i = 0; i < len; i++) {
            put(*p, data + i, 1, 0);
            turn(1);
        }
        return len;
    case 2:
        put(*p, data, len, arg % 4 + 1);
        return len;
    case 3:
        turn(arg % 4 + 1);
        return 0;
    case 4:
        get(*p, 1 + arg * 64);
        return 0;
    case 5:
        put(*p, hello, arg % (sizeof hello - 1), arg % 3);
        turn(arg % 2);
        put(*p, hello + arg % (sizeof hello - 1), sizeof hello - 1 - arg % (sizeof hello - 1), 0);
        return 0;
    case 6:
        later = arg % 4 != 0;
        if (arg % 4 == 2)
            answer_one(arg * 4);
        return 0;
    default:
        *p = &peers[arg % CLIENTS];
        if (arg / CLIENTS % 4 == 1)
            half_close(*p);
        else if (arg / CLIENTS % 4 == 2)
            close_peer(*p);
        else if (arg / CLIENTS % 4 == 3)
            publish(arg);
        if ((*p)->fd < 0)
            open_peer(*p);
        return 0;
    }
}

/* One that ends in the middle of a line is told so. */
static size_t want(const struct peer *p)
{
    return p->lines + (p->half && p->partial ? 1 : 0);
}

static bool settled(const struct peer *p)
{
    return p->fd < 0 || p->ended || (p->finals == want(p) && p->in_len == 0);
}

/* Everything is answered and read: who stayed has as many answers as lines. */
static void finish(void)
{
    size_t idle = 0;

    later = false;
    while (idle < IDLE_MAX) {
        bool moved = waiting_n > 0, done = true;

        answer_one(1);
        loop_turn(loop, idle > 2 ? 1 : 0);
        for (size_t i = 0; i < CLIENTS; i++) {
            moved = get(&peers[i], IN_MAX / 2) || moved;
            done = done && settled(&peers[i]);
        }
        if (done && !moved)
            break;
        idle = moved ? 0 : idle + 1;
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        struct peer *p = &peers[i];

        must(settled(p) || p->longest >= PROTO_LINE_MAX);
        must(p->finals <= want(p) + 1);
        if (p->fd >= 0 && p->longest < PROTO_LINE_MAX) /* a line that is too long ends the connection */
            must(p->finals == want(p) && p->in_len == 0);
        close_peer(p);
    }
    for (size_t n = 0; n < IDLE_MAX && server_clients() > 0; n++)
        loop_turn(loop, 1);
    must(server_clients() == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct peer *p = &peers[0];
    int lowest, now;

    if (!loop)
        begin();
    lowest = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    close(lowest);
    waiting_n = 0;
    later = false;
    for (size_t i = 0; i < CLIENTS; i++)
        open_peer(&peers[i]);
    turn(2);
    for (size_t at = 0; at < size;) {
        unsigned op = data[at] & 7;
        size_t arg = data[at] >> 3;

        at++;
        at += act(&p, op, arg, data + at, size - at);
    }
    finish();
    now = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    must(now == lowest);
    close(now);
    return 0;
}
