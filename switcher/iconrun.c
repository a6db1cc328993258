/* SPDX-License-Identifier: MIT
 * Feeds spine-icon and reads what it makes of the files. */
#include "switcher/iconrun.h"

#include "switcher/client.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "spine-icon"

enum { HEAD = 4 };

struct iconrun {
    struct client *client;
    unsigned side;
    iconrun_fn fn;
    void (*done)(void *data);
    void *data;
    struct icon_file *files;
    size_t n, at; /* the file under way */
    unsigned broken;
    struct client_timer timer;
    /* The helper; pid 0: none. */
    pid_t pid;
    int in, out; /* our ends of its pipes */
    struct client_watch *in_watch, *out_watch;
    size_t sent, got;  /* of the head and the file, of the answer */
    uint32_t *picture; /* the answer's, after its first byte */
};

/* It was told to end in a way that cannot be put off, so the wait is short. */
static void end_helper(struct iconrun *r)
{
    client_watch_remove(r->in_watch);
    client_watch_remove(r->out_watch);
    r->in_watch = r->out_watch = NULL;
    if (r->pid == 0)
        return;
    close(r->in);
    close(r->out);
    kill(r->pid, SIGKILL);
    while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    r->pid = 0;
}

void iconrun_cancel(struct iconrun *r)
{
    if (!r)
        return;
    end_helper(r);
    client_timer_stop(r->client, &r->timer);
    for (size_t i = 0; i < r->n; i++)
        free(r->files[i].data);
    free(r->files);
    free(r->picture);
    free(r);
}

/* Beside this program, unless the environment says where. */
static bool find_program(char path[PATH_MAX])
{
    const char *given = getenv("SPINE_ICON");
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - sizeof PROGRAM - 1);
    char *slash;

    if (given && *given == '/' && strlen(given) < PATH_MAX) {
        memcpy(path, given, strlen(given) + 1);
        return true;
    }
    if (n <= 0)
        return false;
    path[n] = '\0';
    slash = strrchr(path, '/');
    if (!slash)
        return false;
    memcpy(slash + 1, PROGRAM, sizeof PROGRAM);
    return true;
}

static int spawn(struct iconrun *r, int in, int out)
{
    char path[PATH_MAX], side[8], *argv[] = {path, side, NULL}, *no_environment[] = {NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t signals;
    int rc = -1;

    if (!find_program(path))
        return -1;
    snprintf(side, sizeof side, "%u", r->side);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    rc = posix_spawn(&r->pid, path, &files, &attributes, argv, no_environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (rc) {
        client_log("cannot run %s: %s", path, strerror(rc));
        r->pid = 0;
    }
    return rc ? -1 : 0;
}

static void on_in(void *data, int fd, uint32_t events);
static void on_out(void *data, int fd, uint32_t events);

static int start_helper(struct iconrun *r)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    bool good = pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && spawn(r, in[0], out[1]) == 0;

    if (in[0] >= 0)
        close(in[0]);
    if (out[1] >= 0)
        close(out[1]);
    if (!good) {
        if (in[1] >= 0)
            close(in[1]);
        if (out[0] >= 0)
            close(out[0]);
        return -1;
    }
    r->in = in[1];
    r->out = out[0];
    fcntl(r->in, F_SETFL, O_NONBLOCK);
    fcntl(r->out, F_SETFL, O_NONBLOCK);
    r->out_watch = client_watch_add(r->client, r->out, EPOLLIN, on_out, r);
    if (r->out_watch)
        return 0;
    end_helper(r);
    return -1;
}

static void next_file(struct iconrun *r)
{
    r->sent = r->got = 0;
    while (r->at < r->n && !r->files[r->at].data)
        r->at++;
    if (r->at == r->n || r->broken == ICONRUN_BROKEN_MAX) {
        end_helper(r);
        client_timer_stop(r->client, &r->timer);
        r->done(r->data);
        return;
    }
    client_timer_start(r->client, &r->timer, ICONRUN_MS);
    if (r->pid == 0 && start_helper(r)) {
        r->broken = ICONRUN_BROKEN_MAX; /* the timer ends it */
        return;
    }
    client_watch_remove(r->in_watch);
    r->in_watch = client_watch_add(r->client, r->in, EPOLLOUT, on_in, r);
}

static void file_done(struct iconrun *r, uint32_t *picture)
{
    size_t index = r->at++;

    free(r->files[index].data);
    r->files[index].data = NULL;
    r->fn(r->data, index, picture);
    next_file(r);
}

static void file_failed(struct iconrun *r, const char *why)
{
    client_log("an icon of %zu bytes is left out: spine-icon %s", r->files[r->at].len, why);
    r->broken++;
    end_helper(r);
    file_done(r, NULL);
}

static void on_time(void *data)
{
    struct iconrun *r = data;

    if (r->at < r->n && r->pid != 0)
        file_failed(r, "takes too long");
    else
        next_file(r);
}

static void on_in(void *data, int fd, uint32_t events)
{
    struct iconrun *r = data;
    const struct icon_file *f = &r->files[r->at];
    const unsigned char head[HEAD] = {f->len & 255, f->len >> 8 & 255, f->len >> 16 & 255,
                                      f->len >> 24 & 255};
    ssize_t n = r->sent < HEAD ? write(fd, head + r->sent, HEAD - r->sent)
                               : write(fd, f->data + r->sent - HEAD, f->len + HEAD - r->sent);

    (void)events;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n < 0) {
        file_failed(r, "ended");
        return;
    }
    r->sent += (size_t)n;
    if (r->sent == f->len + HEAD) {
        client_watch_remove(r->in_watch);
        r->in_watch = NULL;
    }
}

static void on_out(void *data, int fd, uint32_t events)
{
    struct iconrun *r = data;
    size_t size = (size_t)r->side * r->side * sizeof *r->picture;
    unsigned char good = 0;
    uint32_t *picture;
    ssize_t n;

    (void)events;
    n = r->got == 0 ? read(fd, &good, 1) : read(fd, (char *)r->picture + r->got - 1, size + 1 - r->got);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0 || r->sent < r->files[r->at].len + HEAD) {
        file_failed(r, n <= 0 ? "ended" : "answers before it was asked");
        return;
    }
    if (r->got == 0 && !good) {
        file_done(r, NULL); /* it has looked and says no */
        return;
    }
    r->got += (size_t)n;
    if (r->got < size + 1)
        return;
    picture = malloc(size);
    if (picture)
        memcpy(picture, r->picture, size);
    file_done(r, picture);
}

struct iconrun *iconrun_start(struct client *c, unsigned side, const struct icon_file *files, size_t n,
                              iconrun_fn fn, void (*done)(void *data), void *data)
{
    struct iconrun *r = calloc(1, sizeof *r);

    if (r) {
        *r = (struct iconrun){.client = c, .side = side, .n = n, .fn = fn, .done = done, .data = data};
        r->timer.fn = on_time;
        r->timer.data = r;
        r->files = calloc(n ? n : 1, sizeof *files);
        r->picture = malloc((size_t)side * side * sizeof *r->picture);
    }
    if (!r || !r->files || !r->picture) {
        for (size_t i = 0; i < n; i++)
            free(files[i].data);
        if (r)
            r->n = 0;
        iconrun_cancel(r);
        return NULL;
    }
    memcpy(r->files, files, n * sizeof *files);
    client_timer_start(c, &r->timer, 0); /* begins from the loop */
    return r;
}
