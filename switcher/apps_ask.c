/* SPDX-License-Identifier: MIT
 * One question to a persona: what programs it has. */
#include "switcher/apps_ask.h"

#include "core/proto.h"
#include "switcher/client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define DEFAULT_SOCKET "/run/spine/bay0.sock"
#define SPINE          "/usr/local/bin/spine" /* as bay0 mounts it into every persona */

enum { REQUEST_ID = 1, ANSWER_MAX = 8192, SAID_MAX = 400, BAD_MAX = 16 /* lines; then it is no list */ };

struct apps_ask {
    struct client *client;
    const struct apps_ask_hooks *hooks;
    void *data;
    struct client_timer timer;
    int bay0, pipe;
    struct client_watch *bay0_watch, *pipe_watch;
    size_t programs, bad, total;
    bool answered;
    int status;
    size_t line_len, answer_len;
    char answer[ANSWER_MAX];
    char line[APPLIST_LINE_MAX];
};

void apps_ask_cancel(struct apps_ask *a)
{
    if (!a)
        return;
    client_watch_remove(a->bay0_watch);
    client_watch_remove(a->pipe_watch);
    client_timer_stop(a->client, &a->timer);
    if (a->bay0 >= 0)
        close(a->bay0);
    if (a->pipe >= 0)
        close(a->pipe);
    free(a);
}

static void end(struct apps_ask *a, const char *error)
{
    const struct apps_ask_hooks *hooks = a->hooks;
    void *data = a->data;
    char said[SAID_MAX];

    snprintf(said, sizeof said, "%s", error ? error : "");
    apps_ask_cancel(a);
    hooks->end(data, error ? said : NULL);
}

static void on_time(void *data)
{
    end(data, "the persona did not say in time what programs it has");
}

/* True when nothing more is to be read. */
static bool take_line(struct apps_ask *a, const char *line, size_t len)
{
    struct applist_line l;
    enum applist_kind kind = applist_parse(line, len, &l);

    if (kind == APPLIST_PROGRAM) {
        a->hooks->program(a->data, &l);
        a->programs++;
    } else if (kind == APPLIST_BAD) {
        client_log("a line of %zu bytes in the list of programs is wrong and left out", len);
        a->bad++;
    }
    applist_line_finish(&l);
    return kind == APPLIST_END || a->programs == APPLIST_MAX || a->bad == BAD_MAX;
}

/* Both the lines and the answer are there. */
static void settle(struct apps_ask *a)
{
    char said[SAID_MAX];

    if (a->pipe_watch || !a->answered)
        return;
    snprintf(said, sizeof said, "`spine apps` ended with status %d inside the persona", a->status);
    end(a, a->programs || a->status == 0 ? NULL : said);
}

/* One read a turn, so that the overlay stays awake to keys. */
static void on_pipe(void *data, int fd, uint32_t events)
{
    struct apps_ask *a = data;
    ssize_t n = read(fd, a->line + a->line_len, sizeof a->line - a->line_len);
    const char *at = a->line, *newline;

    (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        client_watch_remove(a->pipe_watch);
        a->pipe_watch = NULL;
        settle(a);
        return;
    }
    a->line_len += (size_t)n;
    a->total += (size_t)n;
    while ((newline = memchr(at, '\n', (size_t)(a->line + a->line_len - at)))) {
        if (take_line(a, at, (size_t)(newline - at))) {
            end(a, a->programs || a->bad < BAD_MAX ? NULL : "the persona's list of programs makes no sense");
            return;
        }
        at = newline + 1;
    }
    a->line_len -= (size_t)(at - a->line);
    memmove(a->line, at, a->line_len);
    if (a->line_len == sizeof a->line || a->total > APPLIST_TOTAL_MAX)
        end(a, a->programs ? NULL : "the persona's list of programs is too long");
}

static void take_answer(struct apps_ask *a, size_t len)
{
    struct err e = {.code = ERR_NONE};
    char said[SAID_MAX];
    struct reply r;

    if (proto_reply_parse(a->answer, len, &r, &e)) {
        end(a, "bay0 gave no answer that can be read");
    } else if (r.kind == PROTO_KIND_FAIL) {
        snprintf(said, sizeof said, "%s", r.err.message);
        proto_reply_finish(&r);
        end(a, said);
    } else {
        a->answered = true;
        a->status = (int)json_integer_value(json_object_get(r.body, "status"));
        proto_reply_finish(&r);
        client_watch_remove(a->bay0_watch);
        a->bay0_watch = NULL;
        settle(a);
    }
}

static void on_bay0(void *data, int fd, uint32_t events)
{
    struct apps_ask *a = data;
    ssize_t n = recv(fd, a->answer + a->answer_len, sizeof a->answer - a->answer_len, 0);
    const char *newline;

    (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        end(a, a->programs ? NULL : "bay0 went away");
        return;
    }
    a->answer_len += (size_t)n;
    newline = memchr(a->answer, '\n', a->answer_len);
    if (newline)
        take_answer(a, (size_t)(newline - a->answer));
    else if (a->answer_len == sizeof a->answer)
        end(a, "bay0 gave no answer that can be read");
}

static int connect_bay0(void)
{
    const char *path = getenv("SPINE_SOCKET");
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd;

    path = path && *path ? path : DEFAULT_SOCKET;
    if (strlen(path) >= sizeof a.sun_path)
        return -1;
    memcpy(a.sun_path, path, strlen(path));
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* The line with the three descriptors that the program is to have. A fresh socket has room for so little. */
static bool send_request(int bay0, const char *line, int in, int out)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(3 * sizeof(int))];
    } control = {.space = {0}};
    struct iovec part = {.iov_base = (void *)(uintptr_t)line, .iov_len = strlen(line)};
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control.space,
                       .msg_controllen = sizeof control.space};
    const int fds[3] = {in, out, in};

    control.align.cmsg_level = SOL_SOCKET;
    control.align.cmsg_type = SCM_RIGHTS;
    control.align.cmsg_len = CMSG_LEN(sizeof fds);
    memcpy(CMSG_DATA(&control.align), fds, sizeof fds);
    return sendmsg(bay0, &m, MSG_NOSIGNAL) == (ssize_t)part.iov_len;
}

static const char *begin(struct apps_ask *a, const char *id)
{
    json_t *args = json_pack("{s:s, s:[s, s, s]}", "id", id, "command", SPINE, "apps", "--json");
    char *line = proto_request(REQUEST_ID, "persona.exec", args);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), ends[2] = {-1, -1};
    const char *why = NULL;

    json_decref(args);
    a->bay0 = connect_bay0();
    if (!line || null < 0 || pipe2(ends, O_CLOEXEC) || fcntl(ends[0], F_SETFL, O_NONBLOCK))
        why = "no pipe to be had";
    else if (a->bay0 < 0 || !send_request(a->bay0, line, null, ends[1]))
        why = "bay0 is away";
    a->pipe = ends[0];
    if (ends[1] >= 0)
        close(ends[1]);
    if (null >= 0)
        close(null);
    free(line);
    return why;
}

struct apps_ask *apps_ask_start(struct client *c, const char *id, const struct apps_ask_hooks *hooks,
                                void *data, const char **why)
{
    struct apps_ask *a = calloc(1, sizeof *a);

    *why = "out of memory";
    if (!a)
        return NULL;
    a->client = c;
    a->hooks = hooks;
    a->data = data;
    a->timer.fn = on_time;
    a->timer.data = a;
    a->bay0 = a->pipe = -1;
    *why = begin(a, id);
    if (!*why) {
        a->bay0_watch = client_watch_add(c, a->bay0, EPOLLIN, on_bay0, a);
        a->pipe_watch = client_watch_add(c, a->pipe, EPOLLIN, on_pipe, a);
        if (!a->bay0_watch || !a->pipe_watch)
            *why = "out of memory";
    }
    if (*why) {
        apps_ask_cancel(a);
        return NULL;
    }
    client_timer_start(c, &a->timer, APPS_ASK_MS);
    return a;
}
