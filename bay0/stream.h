/* SPDX-License-Identifier: MIT
 * One output pipe of a child: read without blocking, kept within a bound, cut into lines. Used by child only.
 */
#ifndef BAY0_STREAM_H
#define BAY0_STREAM_H

#include "child.h"
#include "loop.h"

struct stream {
    int fd; /* owned; -1: closed or never opened */
    struct loop_source *source;
    char *kept; /* NULL until something came */
    size_t kept_len, kept_size;
    char *line;
    size_t line_len, line_size;
    bool keep, tail; /* keep anything; keep the end instead of the beginning */
    bool truncated;
    child_line_fn *on_line;
    void *user; /* of on_line */
    void (*on_end)(void *owner);
    void *owner;
};

void stream_init(struct stream *s);
/* Takes fd (a read end), also when it fails. on_end(owner) is called once at the end of file, from the loop;
 * it may finish the stream. 0 or -1 with errno. */
int stream_open(struct stream *s, struct loop *l, int fd, void (*on_end)(void *), void *owner);
/* Takes what is there now, bounded, without calling on_end. */
void stream_drain(struct stream *s);
void stream_close(struct stream *s);             /* hands over a last line without newline */
const char *stream_text(const struct stream *s); /* NUL-terminated, "" when nothing was kept */
void stream_finish(struct stream *s);            /* frees; calls nothing */

#endif
