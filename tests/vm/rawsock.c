/* SPDX-License-Identifier: MIT
 * Sends standard input to a Unix socket as it is and prints what comes back: for requests that spine(1) would
 * not send. Usage: rawsock SOCKET. Ends when the other side closes; status 1 after 60 s of silence. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unixsock.h"

enum { SILENCE_MS = 60000, CHUNK = 65536 };

/* False when there is nothing more to send: the input ended, or nobody takes it any more. */
static int pass_on(int fd)
{
    static char text[CHUNK];
    static size_t at, len;
    ssize_t n;

    if (at == len) {
        n = read(STDIN_FILENO, text, sizeof text);
        at = 0;
        len = n > 0 ? (size_t)n : 0;
        if (n <= 0)
            return 0;
    }
    n = send(fd, text + at, len - at, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    at += (size_t)n;
    return 1;
}

int main(int argc, char **argv)
{
    static char text[CHUNK];
    int fd = argc == 2 ? unix_connect(argv[1]) : -1;
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};

    if (fd < 0) {
        perror("rawsock");
        return 2;
    }
    while (poll(&p, 1, SILENCE_MS) > 0) {
        ssize_t n;

        if (p.revents & POLLOUT && !pass_on(fd)) {
            p.events = POLLIN;
            (void)shutdown(fd, SHUT_WR);
        }
        if (!(p.revents & (POLLIN | POLLHUP | POLLERR)))
            continue;
        n = read(fd, text, sizeof text);
        if (n <= 0)
            return 0;
        if (fwrite(text, 1, (size_t)n, stdout) != (size_t)n || fflush(stdout))
            return 2;
    }
    return 1;
}
