/* SPDX-License-Identifier: MIT
 * The logs in /persist/log: the end of one, who follows one, and the older generation. conmon begins a
 * container's log anew when it is full and forgets what was there; a second link (".0") holds it, and becomes
 * ".1" when that has happened. inotify(7). */
#include "logs.h"

#include "core/logline.h"
#include "fsutil.h"
#include "log.h"
#include "logs_follow.h"
#include "tenant.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* With its JSON around it an answer stays below PROTO_REPLY_MAX: lines are short, but not all. */
enum { TAIL_BYTES = 192 * 1024, ANSWER_BYTES = 384 * 1024, LINE_OVERHEAD = 96, FOLLOWERS_MAX = 16 };
enum { EVENTS_PER_TURN = 16, REST = IN_CREATE | IN_MOVED_TO | IN_ONLYDIR, BUSY = REST | IN_MODIFY };

struct logs {
    struct bay0 *b;
    int fd;
    char dir[PATH_MAX / 2];
    struct loop_source *source;
    struct follower *follower[FOLLOWERS_MAX];
    size_t n;
};

void logs_path(const struct bay0 *b, const char *container, char *out, size_t size)
{
    snprintf(out, size, "%s/log/%s.log", b->paths.persist, container);
}

/* Is it a container's log, "persona-work.log"? */
static bool is_containers(const char *name)
{
    size_t len = strlen(name);

    return len > 4 && len < NAME_MAX - 2 && strcmp(name + len - 4, ".log") == 0 &&
           strcmp(name, "bay0.log") != 0;
}

static void keep_generation(struct logs *l, const char *name)
{
    char log[PATH_MAX - 4], link_now[PATH_MAX], older[PATH_MAX];
    struct stat a, c;
    bool linked;

    snprintf(log, sizeof log, "%s/%s", l->dir, name);
    snprintf(link_now, sizeof link_now, "%s.0", log);
    snprintf(older, sizeof older, "%s.1", log);
    if (lstat(log, &a) < 0 || !S_ISREG(a.st_mode))
        return;
    linked = lstat(link_now, &c) == 0;
    if (linked && a.st_ino == c.st_ino)
        return;
    if ((linked && rename(link_now, older) < 0) || link(log, link_now) < 0)
        (void)unlink(link_now); /* what cannot be kept must not pile up */
}

/* What was begun anew unseen. */
static void keep_all(struct logs *l)
{
    DIR *d = opendir(l->dir);
    const struct dirent *e;

    while (d && (e = readdir(d)))
        if (is_containers(e->d_name))
            keep_generation(l, e->d_name);
    if (d)
        closedir(d);
}

static void go_all(struct logs *l)
{
    for (size_t i = 0; i < l->n; i++)
        follower_go(l->follower[i]);
}

static void on_change(void *user, uint32_t events)
{
    struct logs *l = user;
    char text[EVENTS_PER_TURN * (sizeof(struct inotify_event) + NAME_MAX + 1)]
        __attribute__((aligned(__alignof__(struct inotify_event))));
    ssize_t n = read(l->fd, text, sizeof text);

    (void)events;
    for (ssize_t at = 0; at + (ssize_t)sizeof(struct inotify_event) <= n;) {
        const struct inotify_event *e = (const struct inotify_event *)(const void *)(text + at);

        if (e->mask & IN_Q_OVERFLOW)
            keep_all(l);
        if (e->len > 0 && (e->mask & (IN_CREATE | IN_MOVED_TO)) && is_containers(e->name))
            keep_generation(l, e->name);
        at += (ssize_t)(sizeof *e + e->len);
    }
    go_all(l);
}

static void look_for(struct logs *l, uint32_t mask)
{
    if (inotify_add_watch(l->fd, l->dir, mask) < 0)
        log_warn("cannot watch %s: %s", l->dir, strerror(errno));
}

void logs_open(struct bay0 *b)
{
    struct logs *l = calloc(1, sizeof *l);

    if (!l)
        return;
    l->b = b;
    snprintf(l->dir, sizeof l->dir, "%s/log", b->paths.persist);
    l->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    l->source = l->fd >= 0 ? loop_add(b->loop, l->fd, EPOLLIN, on_change, l) : NULL;
    if (!l->source) {
        log_warn("the logs cannot be watched: %s", strerror(errno));
        fs_close(&l->fd);
        free(l);
        return;
    }
    b->logs = l;
    look_for(l, REST);
    keep_all(l);
}

/* The end of the file at path into text, before the `have` bytes that are at the end of text already. Returns
 * how many there are then. */
static size_t read_tail(const char *path, char *text, size_t have)
{
    size_t room = TAIL_BYTES - have;
    int fd = fs_open(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW, 0);
    struct stat st;
    ssize_t n = -1;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        size_t want = (size_t)st.st_size < room ? (size_t)st.st_size : room;

        n = pread(fd, text + room - want, want, st.st_size - (off_t)want);
        if (n >= 0 && (size_t)n < want) /* it was begun anew this very moment */
            memmove(text + room - (size_t)n, text + room - want, (size_t)n);
    }
    fs_close(&fd);
    return have + (n > 0 ? (size_t)n : 0);
}

/* As many of the last lines as fit into an answer. */
static json_t *rows_of(const char *text, size_t len, const char *source)
{
    json_t *rows = json_array();
    size_t end = len, total = 0, bytes = 0;

    while (end > 0 && total < len) { /* from the end, to know what fits */
        size_t start = logline_last(text, end, 1), cost = 2 * (end - start) + LINE_OVERHEAD;

        if (bytes + cost > ANSWER_BYTES)
            break;
        bytes += cost;
        total = len - start;
        end = start;
    }
    for (size_t at = end; rows && at < len;) {
        bool whole;
        size_t n = logline_record(text + at, len - at, &whole);

        json_array_append_new(rows, logline_json(text + at, n, source));
        at += n;
    }
    return rows;
}

static void answer_end(struct bay0 *b, const struct call *c, const char *container, const char *source)
{
    char path[PATH_MAX], older[PATH_MAX];
    char *text = malloc(TAIL_BYTES);
    size_t len, from;
    json_t *result;
    struct err e;

    logs_path(b, container, path, sizeof path);
    snprintf(older, sizeof older, "%.*s.1", (int)sizeof older - 3, path);
    if (!text || access(path, F_OK) < 0) {
        err_set(&e, ERR_SYSTEM, "cannot read the log %s: %s", path, strerror(errno));
        err_hint(&e, "it is made when there is something to write");
        server_answer_err(c->client, c->request->id, &e);
        free(text);
        return;
    }
    len = read_tail(path, text, 0);
    len = read_tail(older, text, len);
    from = TAIL_BYTES - len;
    from += logline_last(text + from, len, c->request->lines ? c->request->lines : PROTO_LOG_LINES);
    result = json_pack("{s:o}", "lines", rows_of(text + from, TAIL_BYTES - from, source));
    server_answer_ok(c->client, c->request->id, result);
    json_decref(result);
    free(text);
}

static void remove_at(struct logs *l, size_t i)
{
    follower_free(l->follower[i]);
    l->follower[i] = l->follower[--l->n];
    if (l->n == 0)
        look_for(l, REST);
}

static void follow(struct bay0 *b, const struct call *c, const char *container)
{
    struct logs *l = b->logs;
    struct follower *f = NULL;
    struct err e;

    for (size_t i = 0; l && i < l->n; i++)
        if (follower_client(l->follower[i]) == c->client) {
            err_set(&e, ERR_BUSY, "cannot follow the log: this connection follows one already");
            err_hint(&e, "use a connection for each");
            server_answer_err(c->client, c->request->id, &e);
            return;
        }
    if (!l)
        err_set(&e, ERR_SYSTEM, "cannot follow the log: the directory of the logs cannot be watched");
    else if (l->n == FOLLOWERS_MAX)
        err_set(&e, ERR_LIMIT, "cannot follow the log: %d are followed already", FOLLOWERS_MAX);
    else
        f = follower_new(b, container, c->client, c->request->id,
                         c->request->lines ? c->request->lines : PROTO_LOG_LINES, &e);
    if (!f) {
        server_answer_err(c->client, c->request->id, &e);
        return;
    }
    if (l->n == 0)
        look_for(l, BUSY);
    l->follower[l->n++] = f;
    follower_go(f);
}

void logs_close(struct bay0 *b)
{
    struct logs *l = b->logs;

    if (!l)
        return;
    b->logs = NULL;
    for (size_t i = 0; i < l->n; i++)
        follower_free(l->follower[i]);
    loop_remove(l->source);
    fs_close(&l->fd);
    free(l);
}

static bool is_tenant(struct bay0 *b, const char *name)
{
    json_t *rows = json_array();
    bool found;

    if (b->tenants)
        tenant_rows(b, name, rows);
    found = json_array_size(rows) > 0;
    json_decref(rows);
    return found;
}

void logs_answer(struct bay0 *b, struct call *c)
{
    const char *id = c->request->target;
    char container[CONTAINER_NAME_MAX] = "bay0";
    struct err e;

    if (id[0] && persona_find(b, id)) {
        persona_container(id, container);
    } else if (id[0] && is_tenant(b, id)) {
        tenant_container(id, container);
    } else if (id[0]) {
        err_set(&e, ERR_NO_PERSONA, "there is no persona %s", id);
        server_answer_err(c->client, c->request->id, &e);
        return;
    }
    if (c->request->follow)
        follow(b, c, container);
    else
        answer_end(b, c, container, id[0] ? id : "bay0");
}

void logs_client_gone(struct bay0 *b, client_ref c)
{
    struct logs *l = b->logs;

    for (size_t i = l ? l->n : 0; i-- > 0;)
        if (follower_client(l->follower[i]) == c)
            remove_at(l, i);
}

void logs_forget(struct bay0 *b, const char *container)
{
    static const char *const generations[] = {"", ".0", ".1"};
    struct logs *l = b->logs;

    for (size_t i = 0; i < sizeof generations / sizeof generations[0]; i++) {
        char path[PATH_MAX];
        size_t len;

        logs_path(b, container, path, sizeof path - 3);
        len = strlen(path);
        snprintf(path + len, sizeof path - len, "%s", generations[i]);
        if (unlink(path) < 0 && errno != ENOENT)
            log_warn("cannot remove %s: %s", path, strerror(errno));
    }
    for (size_t i = l ? l->n : 0; i-- > 0;)
        if (follower_is_of(l->follower[i], container)) {
            follower_answer(l->follower[i]);
            remove_at(l, i);
        }
}

void logs_prune(struct bay0 *b)
{
    static const char stem[] = "persona-";
    char dir[PATH_MAX];
    const struct dirent *e;
    DIR *d;

    /* A registry that is new may not know everybody yet. */
    if (!b->store || b->salvaged)
        return;
    snprintf(dir, sizeof dir, "%s/log", b->paths.persist);
    d = opendir(dir);
    while (d && (e = readdir(d))) {
        const char *id = e->d_name + sizeof stem - 1, *end = strstr(e->d_name, ".log");
        char container[CONTAINER_NAME_MAX], name[NAME_ID_MAX + 1];

        if (strncmp(e->d_name, stem, sizeof stem - 1) != 0 || !end || end < id || end - id > NAME_ID_MAX)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(end - id), id);
        if (!name_id_ok(name) || persona_find(b, name))
            continue;
        persona_container(name, container);
        logs_forget(b, container);
    }
    if (d)
        closedir(d);
}
