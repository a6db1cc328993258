/* SPDX-License-Identifier: MIT
 * `spine logs`: the end of bay0's log or of a persona's container log. */
#include "logs.h"

#include "fsutil.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOGS_BYTES = 24576, LOGS_LINES = 100 };

void logs_path(const struct bay0 *b, const char *container, char *out, size_t size)
{
    snprintf(out, size, "%s/log/%s.log", b->paths.persist, container);
}

/* The last n lines of text, by place. */
static const char *last_lines(const char *text, size_t len, uint32_t n)
{
    size_t at = len > 0 && text[len - 1] == '\n' ? len - 1 : len;

    while (at > 0 && (text[at - 1] != '\n' || --n > 0))
        at--;
    return text + at;
}

/* A byte that is not ASCII may be half a character at the cut, or no UTF-8 at all: JSON must stay JSON. */
static void printable(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)text[i] < ' ' && text[i] != '\n' && text[i] != '\t') ||
            (unsigned char)text[i] > '~')
            text[i] = '?';
}

void logs_answer(struct bay0 *b, struct call *c)
{
    char path[PATH_MAX], container[CONTAINER_NAME_MAX] = "bay0";
    static char text[LOGS_BYTES + 1];
    json_t *result;
    struct stat st;
    ssize_t n = -1;
    struct err e;
    int fd;

    if (c->request->target[0])
        persona_container(c->request->target, container);
    logs_path(b, container, path, sizeof path);
    fd = fs_open(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW, 0);
    if (fd >= 0 && fstat(fd, &st) == 0)
        n = pread(fd, text, LOGS_BYTES, st.st_size > LOGS_BYTES ? st.st_size - LOGS_BYTES : 0);
    if (fd < 0 || n < 0) {
        err_set(&e, ERR_SYSTEM, "cannot read the log %s: %s", path, strerror(errno));
        err_hint(&e, "it is made when there is something to write");
        server_answer_err(c->client, c->request->id, &e);
    } else {
        text[n] = '\0';
        printable(text, (size_t)n);
        result = json_pack("{s:s}", "text",
                           last_lines(text, (size_t)n, c->request->lines ? c->request->lines : LOGS_LINES));
        server_answer_ok(c->client, c->request->id, result);
        json_decref(result);
    }
    if (fd >= 0)
        close(fd);
}
