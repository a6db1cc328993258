/* SPDX-License-Identifier: MIT
 * Sockets that bay0 hands over. */
#include "relay/passed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { ROOM_FDS = 4 }; /* more than may come, so that a wrong number is seen as such */

static int option(int fd, int name, int want)
{
    int value = 0;
    socklen_t len = sizeof value;

    if (getsockopt(fd, SOL_SOCKET, name, &value, &len) < 0)
        return -1;
    if (value != want) {
        errno = EPROTOTYPE;
        return -1;
    }
    return 0;
}

/* O_NONBLOCK belongs to the open file, so bay0's descriptor gets it too; bay0 opens its sockets so anyway. */
static int set_flags(int fd)
{
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -1;
    return fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

int passed_listener(int fd)
{
    if (option(fd, SO_DOMAIN, AF_UNIX) < 0 || option(fd, SO_TYPE, SOCK_STREAM) < 0 ||
        option(fd, SO_ACCEPTCONN, 1) < 0)
        return -1;
    return set_flags(fd);
}

int passed_control(int fd)
{
    struct sockaddr_un peer;
    socklen_t len = sizeof peer;
    int one = 1;

    if (option(fd, SO_DOMAIN, AF_UNIX) < 0 || option(fd, SO_TYPE, SOCK_SEQPACKET) < 0 ||
        getpeername(fd, (struct sockaddr *)&peer, &len) < 0)
        return -1;
    /* Every packet then says who sent it, also an empty one: that tells it from the end. */
    if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof one) < 0)
        return -1;
    return set_flags(fd);
}

/* Keeps the first descriptor of a message in *fd and closes the others; returns how many came. */
static unsigned take(struct msghdr *msg, int *fd)
{
    unsigned count = 0;

    for (struct cmsghdr *m = CMSG_FIRSTHDR(msg); m; m = CMSG_NXTHDR(msg, m)) {
        if (m->cmsg_level != SOL_SOCKET || m->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= m->cmsg_len; at += sizeof(int)) {
            int one;

            memcpy(&one, CMSG_DATA(m) + at, sizeof one);
            if (count++ == 0)
                *fd = one;
            else
                close(one);
        }
    }
    return count;
}

static const char *read_order(const struct msghdr *msg, struct control *c, const char *text, size_t len,
                              unsigned descriptors, int fd)
{
    const char *wrong;

    if (msg->msg_flags & MSG_TRUNC)
        return "it is too long";
    if (msg->msg_flags & MSG_CTRUNC)
        return "not all of its descriptors could be taken";
    wrong = control_parse(c, text, len, descriptors);
    if (!wrong && fd >= 0 && passed_listener(fd) < 0)
        return "its descriptor is no listening Unix stream socket";
    return wrong;
}

enum passed passed_receive(int fd, struct control *c, int *listener, const char **wrong)
{
    char text[CONTROL_MAX];
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(ROOM_FDS * sizeof(int))];
    } room;
    struct iovec part = {.iov_base = text, .iov_len = sizeof text};
    struct msghdr msg = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &room, .msg_controllen = sizeof room};
    ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    unsigned count;

    *listener = -1;
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? PASSED_NOTHING : PASSED_END;
    if (n == 0 && msg.msg_controllen == 0)
        return PASSED_END;
    count = take(&msg, listener);
    *wrong = read_order(&msg, c, text, (size_t)n, count, *listener);
    if (!*wrong)
        return PASSED_ORDER;
    if (*listener >= 0)
        close(*listener);
    *listener = -1;
    return PASSED_WRONG;
}
