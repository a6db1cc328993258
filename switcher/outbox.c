/* SPDX-License-Identifier: MIT
 * Lines on their way to bay0: a queue of bounded length. */
#include "switcher/outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct message {
    size_t len, sent;
    int fds[OUTBOX_FDS];
    unsigned nfds;
    char text[];
};

static void message_free(struct message *m)
{
    for (unsigned i = 0; i < m->nfds; i++)
        close(m->fds[i]);
    free(m);
}

int outbox_add(struct outbox *o, const char *text, size_t len, const int *fds, unsigned nfds)
{
    struct message *m = o->count < OUTBOX_MAX && nfds <= OUTBOX_FDS ? calloc(1, sizeof(*m) + len + 1) : NULL;

    if (!m)
        return -1;
    memcpy(m->text, text, len);
    m->text[len] = '\n';
    m->len = len + 1;
    for (; m->nfds < nfds; m->nfds++) {
        m->fds[m->nfds] = fcntl(fds[m->nfds], F_DUPFD_CLOEXEC, 3);
        if (m->fds[m->nfds] < 0) {
            message_free(m);
            return -1;
        }
    }
    o->of[o->count++] = m;
    return 0;
}

static ssize_t send_some(int fd, const struct message *m)
{
    char control[CMSG_SPACE(sizeof(m->fds))];
    struct iovec v = {(void *)(uintptr_t)(m->text + m->sent), m->len - m->sent};
    struct msghdr h = {.msg_iov = &v, .msg_iovlen = 1};

    if (m->nfds > 0 && m->sent == 0) {
        struct cmsghdr *cm;

        memset(control, 0, sizeof(control));
        h.msg_control = control;
        h.msg_controllen = CMSG_SPACE(m->nfds * sizeof(int));
        cm = CMSG_FIRSTHDR(&h);
        if (cm) {
            cm->cmsg_level = SOL_SOCKET;
            cm->cmsg_type = SCM_RIGHTS;
            cm->cmsg_len = CMSG_LEN(m->nfds * sizeof(int));
            memcpy(CMSG_DATA(cm), m->fds, m->nfds * sizeof(int));
        }
    }
    return sendmsg(fd, &h, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int outbox_send(struct outbox *o, int fd)
{
    while (o->count > 0) {
        struct message *m = o->of[0];
        ssize_t n = send_some(fd, m);

        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? 1 : -1;
        m->sent += (size_t)n;
        if (m->sent < m->len)
            continue;
        o->count--;
        for (unsigned i = 0; i < o->count; i++)
            o->of[i] = o->of[i + 1];
        message_free(m);
    }
    return 0;
}

void outbox_clear(struct outbox *o)
{
    while (o->count > 0)
        message_free(o->of[--o->count]);
}
