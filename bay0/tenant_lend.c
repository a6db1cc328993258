/* SPDX-License-Identifier: MIT
 * Lends personas' sockets to the tenant that answers there. The relay inside cannot know a caller by its
 * credentials, which its user namespace hides; it knows the socket that the caller came by. */
#include "tenant_life.h"

#include "fsutil.h"
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { WORD_MAX = sizeof "add " + NAME_ID_MAX };

static bool answers_ai(const struct tenant_run *t)
{
    return strcmp(t->row->socket, TENANT_AI_SOCKET) == 0;
}

/* One packet (docs/contracts.md, System tenant); never waits. fd -1: none goes with it. */
static void say(const struct tenant_run *t, const char *verb, const char *id, int fd)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.room = {0}};
    char word[WORD_MAX + 1];
    struct iovec io = {.iov_base = word, .iov_len = (size_t)snprintf(word, sizeof word, "%s %s", verb, id)};
    struct msghdr m = {.msg_iov = &io, .msg_iovlen = 1};

    if (t->channel < 0)
        return;
    if (fd >= 0) {
        struct cmsghdr *h;

        m.msg_control = control.room;
        m.msg_controllen = sizeof control.room;
        h = CMSG_FIRSTHDR(&m);
        h->cmsg_level = SOL_SOCKET;
        h->cmsg_type = SCM_RIGHTS;
        h->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(h), &fd, sizeof fd);
    }
    /* A relay that has ended is told again when the next one is on its way. */
    if (sendmsg(t->channel, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EPIPE && errno != ECONNRESET)
        log_warn("%s could not be told of persona %s: %s", t->row->name, id, strerror(errno));
}

static void say_all(struct bay0 *b, const char *verb, const struct persona *p, int fd)
{
    for (size_t i = 0; b->tenants && i < b->tenants->table.n; i++)
        if (answers_ai(&b->tenants->t[i]))
            say(&b->tenants->t[i], verb, p->spec.id, fd);
}

void tenants_lend(const struct persona *p)
{
    if (p->ai >= 0)
        say_all(p->bay0, "add", p, p->ai);
}

void tenants_unlend(const struct persona *p)
{
    if (p->ai >= 0)
        say_all(p->bay0, "del", p, -1);
}

int tenant_channel(struct tenant_run *t, struct err *e)
{
    int pair[2];

    fs_close(&t->channel);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return err_set(e, ERR_SYSTEM, "cannot make a channel to %s: %s", t->row->name, strerror(errno));
    t->channel = pair[0];
    for (size_t i = 0; answers_ai(t) && i < PERSONAS_MAX; i++) {
        const struct persona *p = &t->b->persona[i];

        if (p->used && p->spec.ai && p->ai >= 0)
            say(t, "add", p->spec.id, p->ai);
    }
    return pair[1];
}
