/* SPDX-License-Identifier: MIT
 * Following one log for one client. The follower reads the file at its client's pace: who does not read costs
 * an open file and nothing else. */
#include "logs_follow.h"

#include "core/logline.h"
#include "fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One turn takes at most TURN_BYTES, and the next one comes after PAUSE_MS: a flood is told, but not at any
 * price. */
enum {
    CHUNK = 16 * 1024,
    TURN_BYTES = 64 * 1024,
    PAUSE_MS = 20,
    UNREAD_MAX = 64 * 1024,
    BACK_MAX = 192 * 1024
};

struct follower {
    struct bay0 *b;
    client_ref client;
    int64_t request;
    char container[CONTAINER_NAME_MAX];
    char path[PATH_MAX], older[PATH_MAX];
    int fd; /* of the generation that is read, -1: there is none yet */
    ino_t inode;
    off_t at;
    struct loop_timer *timer; /* goes on after a pause */
    bool slow;                /* waits for its client to read */
};

static const char *source_of(const struct follower *f)
{
    const char *dash = strchr(f->container, '-');

    return dash ? dash + 1 : f->container;
}

/* False when the client has enough for now. */
static bool send_row(struct follower *f, json_t *row)
{
    size_t unread;

    if (!row)
        return true;
    json_object_set_new(row, "event", json_string("log"));
    unread = server_tell(f->client, row);
    json_decref(row);
    f->slow = unread > UNREAD_MAX;
    return !f->slow;
}

static void send_note(struct follower *f, const char *text)
{
    send_row(f, json_pack("{s:s, s:s, s:s, s:s}", "time", "", "level", "warning", "source", "spine",
                          "message", text));
}

static void close_generation(struct follower *f)
{
    fs_close(&f->fd);
    f->at = 0;
}

/* The newest generation from its beginning. False: there is none. */
static bool open_generation(struct follower *f)
{
    struct stat st;

    f->fd = fs_open(AT_FDCWD, f->path, O_RDONLY | O_NOFOLLOW, 0);
    f->at = 0;
    if (f->fd < 0)
        return false;
    if (fstat(f->fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        close_generation(f);
        return false;
    }
    f->inode = st.st_ino;
    return true;
}

/* Where the last n lines begin. */
static void go_back(struct follower *f, uint32_t n)
{
    char *text = malloc(BACK_MAX);
    struct stat st;
    off_t from;
    ssize_t got;

    if (!text || fstat(f->fd, &st) < 0) {
        free(text);
        return;
    }
    from = st.st_size > BACK_MAX ? st.st_size - BACK_MAX : 0;
    got = pread(f->fd, text, BACK_MAX, from);
    if (got > 0)
        f->at = from + (off_t)logline_last(text, (size_t)got, n);
    free(text);
}

/* Sends the whole records of a chunk; returns how much of it is through. A chunk that is full and has no end
 * of a record, or the rest of a file that gets no more, is one. */
static size_t send_lines(struct follower *f, const char *text, size_t len, bool all)
{
    size_t at = 0;

    while (at < len) {
        bool whole;
        size_t n = logline_record(text + at, len - at, &whole);

        if (!whole && !all && (at > 0 || len < CHUNK))
            break;
        at += n;
        if (!send_row(f, logline_json(text + at - n, n, source_of(f))))
            break;
    }
    return at;
}

/* All of this generation is read. True when a newer one is there, which is open then. */
static bool next_generation(struct follower *f)
{
    struct stat now, before;
    ino_t was = f->inode;

    if (lstat(f->path, &now) < 0)
        return false;
    if (now.st_ino == f->inode) {
        if (fstat(f->fd, &now) < 0 || now.st_size >= f->at)
            return false;
        f->at = 0; /* it was cut */
        return true;
    }
    close_generation(f);
    if (lstat(f->older, &before) < 0 || before.st_ino != was)
        send_note(f, "lines are left out here: the log grew faster than it was read");
    return open_generation(f);
}

/* True when more may be there at once. */
static bool step(struct follower *f, char *text)
{
    ssize_t n = pread(f->fd, text, CHUNK, f->at);
    size_t through = n > 0 ? send_lines(f, text, (size_t)n, false) : 0;
    struct stat now;

    f->at += (off_t)through;
    if (f->slow)
        return false;
    if (through > 0)
        return true;
    /* The end, with or without half a line: that one is whole when the file gets no more. */
    if (n > 0 && lstat(f->path, &now) == 0 && now.st_ino != f->inode)
        send_lines(f, text, (size_t)n, true);
    return next_generation(f);
}

static void on_timer(void *user)
{
    struct follower *f = user;

    f->timer = NULL;
    follower_go(f);
}

static void on_drained(void *user)
{
    struct follower *f = user;

    if (!f->slow || f->timer)
        return;
    f->slow = false;
    f->timer = loop_timer(f->b->loop, 0, on_timer, f); /* not from inside of the client's own sending */
}

void follower_go(struct follower *f)
{
    char text[CHUNK];

    if (f->timer || f->slow || (f->fd < 0 && !open_generation(f)))
        return;
    for (size_t done = 0; done < TURN_BYTES; done += CHUNK)
        if (f->fd < 0 || !step(f, text))
            return;
    f->timer = loop_timer(f->b->loop, PAUSE_MS, on_timer, f);
}

struct follower *follower_new(struct bay0 *b, const char *container, client_ref client, int64_t request,
                              uint32_t n, struct err *e)
{
    struct follower *f = calloc(1, sizeof *f);

    if (!f) {
        err_set(e, ERR_NO_MEMORY, "no memory to follow a log");
        return NULL;
    }
    f->b = b;
    f->client = client;
    f->request = request;
    snprintf(f->container, sizeof f->container, "%s", container);
    logs_path(b, container, f->path, sizeof f->path - 3);
    snprintf(f->older, sizeof f->older, "%.*s.1", (int)sizeof f->older - 3, f->path);
    if (open_generation(f))
        go_back(f, n);
    server_on_drained(client, on_drained, f);
    return f;
}

void follower_free(struct follower *f)
{
    server_on_drained(f->client, NULL, NULL);
    loop_timer_cancel(f->timer);
    fs_close(&f->fd);
    free(f);
}

client_ref follower_client(const struct follower *f)
{
    return f->client;
}

bool follower_is_of(const struct follower *f, const char *container)
{
    return strcmp(f->container, container) == 0;
}

void follower_answer(struct follower *f)
{
    server_answer_ok(f->client, f->request, NULL);
}
