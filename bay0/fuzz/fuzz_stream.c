/* SPDX-License-Identifier: MIT
 * Fuzz target: the output of a child, written in pieces of any size, kept within its bound from the front or
 * the end, and cut into lines; compared with the same done in one go. */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ALL_MAX = 3 * CHILD_OUTPUT_MAX };

static struct loop *loop;
static char all[ALL_MAX], lines[ALL_MAX + 1];
static size_t all_n, lines_n;

static void must(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void on_line(void *user, const char *line, size_t len)
{
    (void)user;
    must(len <= CHILD_LINE_MAX && line[len] == '\0' && lines_n + len + 1 <= sizeof lines);
    memcpy(lines + lines_n, line, len);
    lines_n += len;
    lines[lines_n++] = '\n';
}

static void on_end(void *owner)
{
    *(bool *)owner = true;
}

static void feed(int fd, const uint8_t *data, size_t len)
{
    while (len > 0 && all_n + len <= ALL_MAX) {
        ssize_t n = write(fd, data, len);

        must(n > 0 || errno == EAGAIN);
        if (n > 0) {
            memcpy(all + all_n, data, (size_t)n);
            all_n += (size_t)n;
            data += n;
            len -= (size_t)n;
        }
        if (len > 0)
            loop_turn(loop, 0);
    }
}

/* A few bytes become many. */
static void flood(int fd, const uint8_t *data, size_t len, size_t times)
{
    static uint8_t block[65536];
    size_t n = 0;

    for (; times > 0 && n + len <= sizeof block; times--, n += len)
        memcpy(block + n, data, len);
    feed(fd, block, n);
}

/* The lines that `all` should give: cut at CHILD_LINE_MAX, the last one also without a newline. */
static void lines_right(void)
{
    size_t at = 0;

    for (size_t from = 0; from < all_n;) {
        const char *end = memchr(all + from, '\n', all_n - from);
        size_t len = end ? (size_t)(end - all) - from : all_n - from;
        size_t kept = len < CHILD_LINE_MAX ? len : CHILD_LINE_MAX;

        must(at + kept + 1 <= lines_n && memcmp(lines + at, all + from, kept) == 0 &&
             lines[at + kept] == '\n');
        at += kept + 1;
        from += len + (end ? 1 : 0);
    }
    must(at == lines_n);
}

static void kept_right(const struct stream *s)
{
    const char *text = stream_text(s);

    must(s->kept_len <= CHILD_OUTPUT_MAX && s->kept_len <= all_n);
    must(s->truncated == (all_n > CHILD_OUTPUT_MAX));
    if (!s->truncated)
        must(s->kept_len == all_n);
    must(memcmp(text, s->tail ? all + all_n - s->kept_len : all, s->kept_len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct stream s;
    bool ended = false;
    int ends[2];

    if (!loop)
        loop = loop_create();
    if (size < 2)
        return 0;
    must(loop && pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
    all_n = lines_n = 0;
    stream_init(&s);
    s.keep = data[0] & 1;
    s.tail = data[0] & 2;
    s.on_line = data[0] & 4 ? on_line : NULL;
    must(stream_open(&s, loop, ends[0], on_end, &ended) == 0);
    for (size_t at = 1; at + 2 < size;) {
        size_t len = data[at] < size - at - 2 ? data[at] : size - at - 2, times = data[at + 1];

        flood(ends[1], data + at + 2, len, 1 + times * times / 16);
        if (times % 3 == 0)
            loop_turn(loop, 0);
        at += 2 + (len ? len : 1);
    }
    close(ends[1]);
    if (data[0] & 8)
        stream_drain(&s);
    for (int i = 0; i < 1000 && !ended && s.fd >= 0; i++)
        loop_turn(loop, 0);
    must(ended || s.fd < 0);
    if (s.keep)
        kept_right(&s);
    if (s.on_line)
        lines_right();
    stream_finish(&s);
    return 0;
}
