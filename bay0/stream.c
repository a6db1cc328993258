/* SPDX-License-Identifier: MIT
 * Bounded reading of a child's output: what is too much is read and forgotten, so that the child never waits.
 */
#include "stream.h"

#include "fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    CHUNK = 8192,
    CHUNKS_PER_TURN = 8, /* a flood must not keep the loop from the others */
    CHUNKS_AT_END = 160  /* more than the largest pipe holds (1 MiB) */
};

void stream_init(struct stream *s)
{
    *s = (struct stream){.fd = -1};
}

/* Makes room for len more bytes and a NUL, up to max + 1 bytes in all. False: no memory. */
static bool grow(char **text, size_t *size, size_t need, size_t max)
{
    size_t want = *size ? *size : 1024;
    char *more;

    if (need + 1 <= *size)
        return true;
    while (want < need + 1)
        want *= 2;
    if (want > max + 1)
        want = max + 1;
    more = realloc(*text, want);
    if (!more)
        return false;
    *text = more;
    *size = want;
    return true;
}

static void keep(struct stream *s, const char *data, size_t len)
{
    size_t room = CHILD_OUTPUT_MAX - s->kept_len;

    if (len > room) {
        s->truncated = true;
        if (s->tail && s->kept_len > 0) {
            /* Half at a time, so that a flood does not move the whole text for every chunk. */
            size_t drop = CHILD_OUTPUT_MAX / 2 < s->kept_len ? CHILD_OUTPUT_MAX / 2 : s->kept_len;

            memmove(s->kept, s->kept + drop, s->kept_len - drop);
            s->kept_len -= drop;
        } else {
            len = room;
        }
    }
    if (len == 0)
        return;
    if (!grow(&s->kept, &s->kept_size, s->kept_len + len, CHILD_OUTPUT_MAX)) {
        s->truncated = true;
        return;
    }
    memcpy(s->kept + s->kept_len, data, len);
    s->kept_len += len;
    s->kept[s->kept_len] = '\0';
}

static void line_out(struct stream *s)
{
    size_t len = s->line_len;

    s->line_len = 0;
    if (!s->on_line)
        return;
    if (s->line)
        s->line[len] = '\0';
    s->on_line(s->user, s->line ? s->line : "", len);
}

static void cut_lines(struct stream *s, const char *data, size_t len)
{
    while (len > 0 && s->on_line) {
        const char *end = memchr(data, '\n', len);
        size_t part = end ? (size_t)(end - data) : len;
        size_t take = part;

        if (take > CHILD_LINE_MAX - s->line_len)
            take = CHILD_LINE_MAX - s->line_len;
        if (take > 0 && grow(&s->line, &s->line_size, s->line_len + take, CHILD_LINE_MAX)) {
            memcpy(s->line + s->line_len, data, take);
            s->line_len += take;
        }
        if (!end)
            return;
        line_out(s);
        data += part + 1;
        len -= part + 1;
    }
}

/* 1: more may be there, 0: nothing now, -1: end of file. */
static int take(struct stream *s, unsigned chunks)
{
    char data[CHUNK];

    while (chunks > 0) {
        ssize_t got = read(s->fd, data, sizeof data);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return 0;
        if (got <= 0)
            return -1;
        chunks--;
        if (s->keep)
            keep(s, data, (size_t)got);
        cut_lines(s, data, (size_t)got);
    }
    return 1;
}

static void readable(void *user, uint32_t events)
{
    struct stream *s = user;

    (void)events;
    if (take(s, CHUNKS_PER_TURN) >= 0)
        return;
    stream_close(s);
    s->on_end(s->owner);
}

int stream_open(struct stream *s, struct loop *l, int fd, void (*on_end)(void *), void *owner)
{
    int flags = fcntl(fd, F_GETFL);

    s->fd = fd;
    s->on_end = on_end;
    s->owner = owner;
    if (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0)
        s->source = loop_add(l, fd, EPOLLIN, readable, s);
    if (s->source)
        return 0;
    fs_close(&s->fd);
    return -1;
}

void stream_drain(struct stream *s)
{
    if (s->fd >= 0 && take(s, CHUNKS_AT_END) < 0)
        stream_close(s);
}

void stream_close(struct stream *s)
{
    loop_remove(s->source);
    s->source = NULL;
    fs_close(&s->fd);
    if (s->line_len > 0)
        line_out(s);
}

const char *stream_text(const struct stream *s)
{
    return s->kept ? s->kept : "";
}

void stream_finish(struct stream *s)
{
    s->on_line = NULL;
    loop_remove(s->source);
    fs_close(&s->fd);
    free(s->kept);
    free(s->line);
    stream_init(s);
}
