/* SPDX-License-Identifier: MIT
 * A connection of bay0's own to sway's socket, for what cannot wait for a swaymsg to be started. sway-ipc(7).
 */
#include "sway_ipc.h"

#include "core/swayhead.h"
#include "fsutil.h"
#include "log.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { COMMAND_MAX = 1024, ANSWER_MAX = 512 };

struct sway_ipc {
    struct loop_source *source;
    int fd;
    bool lost;
    char head[SWAY_HEAD]; /* of the answer that is coming in */
    size_t head_n;
    uint32_t left; /* bytes of it to come */
    char text[ANSWER_MAX];
    size_t text_n; /* its beginning; what does not fit is passed over */
};

static void lose(struct sway_ipc *i)
{
    loop_remove(i->source);
    i->source = NULL;
    i->lost = true;
    fs_close(&i->fd);
}

static void answered(struct sway_ipc *i)
{
    i->text[i->text_n] = '\0';
    if (!strstr(i->text, "\"success\": true") && !strstr(i->text, "\"success\":true"))
        log_warn("sway did not carry out a command: %.200s", i->text);
    i->head_n = i->text_n = 0;
}

/* Takes one byte after the other: answers are short, and this way no boundary is special. */
static void take(struct sway_ipc *i, char byte)
{
    uint32_t type;

    if (i->head_n < SWAY_HEAD) {
        i->head[i->head_n++] = byte;
        if (i->head_n < SWAY_HEAD)
            return;
        sway_head_read(i->head, &i->left, &type);
    } else {
        i->left--;
        if (i->text_n < ANSWER_MAX - 1)
            i->text[i->text_n++] = byte;
    }
    if (i->left == 0)
        answered(i);
}

static void on_readable(void *user, uint32_t events)
{
    struct sway_ipc *i = user;
    char bytes[1024];
    ssize_t n = recv(i->fd, bytes, sizeof bytes, MSG_DONTWAIT);

    (void)events;
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        lose(i); /* the events end as well, and there it is said */
        return;
    }
    for (ssize_t k = 0; k < n; k++)
        take(i, bytes[k]);
}

struct sway_ipc *sway_ipc_open(struct loop *l, const char *path)
{
    struct sway_ipc *i = calloc(1, sizeof *i);

    if (!i)
        return NULL;
    i->fd = fs_connect(path);
    if (i->fd >= 0)
        i->source = loop_add(l, i->fd, EPOLLIN, on_readable, i);
    if (i->source)
        return i;
    fs_close(&i->fd);
    free(i);
    return NULL;
}

void sway_ipc_close(struct sway_ipc *i)
{
    if (!i)
        return;
    lose(i);
    free(i);
}

bool sway_ipc_run(struct sway_ipc *i, const char *command)
{
    char message[SWAY_HEAD + COMMAND_MAX + 1];
    size_t len = strlen(command), size = SWAY_HEAD + len;

    if (!i || i->lost || len > COMMAND_MAX)
        return false;
    sway_head_write(message, (uint32_t)len, SWAY_RUN_COMMAND);
    (void)snprintf(message + SWAY_HEAD, COMMAND_MAX + 1, "%s", command);
    if (send(i->fd, message, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size)
        return true;
    log_warn("sway does not take commands: %s", strerror(errno));
    lose(i);
    return false;
}
